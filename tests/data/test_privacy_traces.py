"""Personal data inside texts: what is one, what only looks like one."""

import itertools
import random
import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.data.privacy import masked
from crm_ai.data.privacy.checksums import id_check, is_bank_card, is_id_card, is_old_id_card, luhn
from crm_ai.data.privacy.traces import HINT, traces, whole
from tests.data import people


def rows(text: str) -> list[list[str]]:
    """The lines of a table, and what stands between its bars."""
    return [[cell.strip().replace("\\n", "\n") for cell in line.split("|")] for line in text.strip().splitlines()]


seeds = st.integers(0, 10**9).map(random.Random)


def found(text: str) -> list[tuple[str, str]]:
    return [(text[trace.start : trace.end], trace.kind) for trace in traces(text)]


# ---- check digits ------------------------------------------------------------------------------------------------


def test_the_example_of_the_standard_has_its_check_character():
    assert id_check("11010519491231002") == "X"  # GB 11643-1999, annex
    assert is_id_card("11010519491231002X")
    assert is_id_card("440524188001010014") is False  # a right check character, and born before 1900


CARDS = "4111111111111111 | 5555555555554444 | 378282246310005 | 6011111111111117 | 3530111333300000 | 30569309025904"


@pytest.mark.parametrize("number", rows(CARDS)[0])
def test_the_test_numbers_of_the_card_schemes_are_cards(number):
    assert is_bank_card(number)


@given(seeds, st.integers(0, 17), st.integers(1, 9))
def test_one_changed_digit_makes_an_id_card_wrong(rng, place, step):
    card = people.id_card(rng)
    assert is_id_card(card)
    digit = card[place]
    other = str((int(digit) + step) % 10) if digit != "X" else str(step)
    assert not is_id_card(card[:place] + other + card[place + 1 :])


@given(seeds, st.data(), st.integers(1, 9))
def test_one_changed_digit_makes_a_bank_card_wrong(rng, data, step):
    card = people.bank_card(rng)
    assert is_bank_card(card)
    place = data.draw(st.integers(0, len(card) - 1))
    assert not is_bank_card(card[:place] + str((int(card[place]) + step) % 10) + card[place + 1 :])


@given(st.text("0123456789", min_size=1, max_size=25))
def test_luhn_agrees_with_the_sum_of_digits(body):
    assert luhn(people.with_luhn(body))


def test_an_old_id_card_has_a_region_and_a_day_of_birth():
    assert is_old_id_card("110105491231002")
    assert not is_old_id_card("110105491331002")
    assert not is_old_id_card("990105491231002")


# ---- in texts ----------------------------------------------------------------------------------------------------

MADE = {"id_card": people.id_card, "bank_card": people.bank_card, "phone": people.phone, "email": people.email}
AROUND = [
    ("联系我", "谢谢"),
    ("", ""),
    ("please use ", " for this."),
    ("我的号码是", "，请回电"),
    ("（", "）"),
    ("见下:", "。"),
    ("a, ", ", b"),
]


@given(seeds, st.sampled_from(sorted(MADE)), st.sampled_from(AROUND))
def test_what_is_personal_is_found_whatever_stands_beside_it(rng, kind, around):
    value = MADE[kind](rng)
    assert found(value.join(around)) == [(value, kind)]


@given(seeds, st.sampled_from(sorted(MADE)))
def test_full_width_digits_are_digits(rng, kind):
    value = MADE[kind](rng)
    wide = value.translate(str.maketrans("0123456789@", "０１２３４５６７８９＠"))
    assert found(f"号码{wide}。") == [(wide, kind)]


@given(
    st.lists(
        st.sampled_from(
            ["联系", " ", "13812345678", "a@b.cn", "我叫张伟", "，", "11010519491231002X", "x1", "-", "２"]
        ),
        max_size=12,
    )
)
def test_traces_lie_in_order_and_never_overlap_and_the_hint_lets_them_through(parts):
    text = "".join(parts)
    pieces = traces(text)
    assert all(one.end <= other.start for one, other in itertools.pairwise(pieces))
    if pieces:
        assert duckdb.execute("SELECT regexp_matches(?, ?)", [text, HINT]).fetchone() == (True,)


NOBODY = """
2024-01-05 12:30:45 | 2024年3月5日 | $1,234,567.89 | 1.234.567,89 € | 12345678.90 | 6901234567892
978-3-16-148410-0 | SKU-4111111111111111 | A13812345678 | 订单号：13812345678 | order no. 4111111111111111
运单 6222021234567890128 | ORD0013812345678 | 138123456789 | 4111111111111112 | 11010519491231002Y
version 1.2.3.4.5 | 10.0.19041.1288 | at 12:30:45 | std::vector<a::b> | 1/2/3/4/5/6/7 | user@home | @handle
a@b | price 100-200-300 | 550e8400-e29b-41d4-a716-446655440000 | Dear Customer, | Hi there, | Hello again!
Dear Sir or Madam, | 高兴的先生 | 我叫外卖 | 我叫了车 | 于是这位先生走了 | Mr Coffee Maker | 王者荣耀 | 我是学生
女士风衣 | 先生
"""


@pytest.mark.parametrize("text", [*re.split(r" \| |\n", NOBODY.strip()), "Thanks\nAgain", "", " ", "\x00"])
def test_what_only_looks_personal_is_left_alone(text):
    assert found(text) == []


CALLED = r"""
我叫张伟明今年30岁 | 张伟明
您好，我叫欧阳娜娜。 | 欧阳娜娜
我是王先生，想退货 | 王
尊敬的李小龙先生： | 李小龙
收货人：赵强，电话 | 赵强
请联系李雷先生 | 李雷
My name is Anna Smith and | Anna Smith
my name's José. | José
Dear Mr. O'Neil, | O'Neil
Hi Peter,\nthe cup broke | Peter
It broke.\nBest regards,\nPeter Müller\n | Peter Müller
Sincerely, John Smith | John Smith
"""


@pytest.mark.parametrize(("text", "name"), rows(CALLED))
def test_a_name_is_found_where_the_text_says_that_it_is_one(text, name):
    assert (name, "name") in found(text)


FORMS = r"""
tel: 020 7946 0958 | 020 7946 0958 | phone
电话 075512345678 | 075512345678 | phone
13812345678vx同号 | 13812345678 | phone
call 06.12.34.56.78 | 06.12.34.56.78 | phone
6222 0212 3456 7890 12 | 6222 0212 3456 7890 12 | bank_card
4111-1111-1111-1111 | 4111-1111-1111-1111 | bank_card
身份证110105491231002 | 110105491231002 | id_card
from 192.168.1.10. | 192.168.1.10 | ip
2001:db8::ff00:42:8329 | 2001:db8::ff00:42:8329 | ip
"""


@pytest.mark.parametrize(("text", "piece", "kind"), rows(FORMS))
def test_forms_that_need_a_word_or_signs(text, piece, kind):
    assert found(text) == [(piece, kind)]


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text):
    assert all(0 <= trace.start < trace.end <= len(text) for trace in traces(text))


HUGE = {"1": 300_000, "1 ": 150_000, "a": 300_000, "a@": 150_000, "我叫": 100_000, "\nDear A": 40_000, "x@a.": 70_000}


@pytest.mark.parametrize("text", HUGE)
def test_a_huge_text_without_any_is_searched_in_one_go(text):
    assert traces(text * HUGE[text]) == []


def test_every_one_of_many_is_found():
    assert len(traces("13812345678，" * 20_000)) == 20_000


def test_of_random_numbers_that_begin_like_cards_one_in_ten_has_the_check_digit():
    rng = random.Random(5)
    taken = sum(whole(f"4{rng.randrange(10**15):015}") == "bank_card" for _ in range(2000))
    assert 150 < taken < 250


def test_precision_and_recall_of_made_texts():
    rng = random.Random(7)
    true = positive = hit = 0
    for _ in range(3000):
        kind = rng.choice([*MADE, "none"])
        decoy = rng.choice(
            [
                f"2024{rng.randrange(10**4):04}",
                f"ORD{rng.randrange(10**10):010}",
                f"{rng.random() * 1e6:,.2f}",
                f"690{rng.randrange(10**10):010}",
            ]
        )
        value = MADE[kind](rng) if kind != "none" else ""
        pieces = found(f"{rng.choice(['货到了', 'arrived '])}{decoy}，{value}。")
        true += kind != "none"
        positive += len(pieces)
        hit += (value, kind) in pieces
    assert hit / true >= 0.995
    assert hit / positive >= 0.995


# ---- masks -------------------------------------------------------------------------------------------------------


MASKS = r"""
13812345678 | phone | 138****5678
+86 138-1234-5678 | phone | 138****5678
13812345678.0 | phone | 138****5678
12345 | phone | ***
lena@example.com | email | l***@example.com
l@example.com | email | ***
no address | email | ***
a@b.c; d@e.f | email | ***
张三丰 | name | 张**
Lena Meyer | name | L**
11010519491231002X | id_card | 110***********002X
somebody | id_card | ***
4111 1111 1111 1111 | bank_card | ****1111
浙江省杭州市文三路1号 | address | 浙江省***
北京市朝阳区 | address | 北京市***
1 Main Street | address | ***
192.168.1.10 | ip | 192.168.*.*
2001:db8::1 | ip | 2001:0db8:*
1985-03-02 | birth_date | 1985
02.03.1985 | birth_date | 1985
03/02/85 | birth_date | ***
x | other | ***
"""


@pytest.mark.parametrize(("value", "kind", "left"), rows(MASKS))
def test_a_mask_leaves_what_is_readable(value, kind, left):
    assert masked(value, kind) == left


@given(seeds, st.sampled_from(sorted(MADE)))
def test_a_mask_leaves_nothing_that_could_be_found_again(rng, kind):
    value = MADE[kind](rng)
    left = masked(value, kind)
    assert value not in left
    assert traces(left) == [] or kind == "email"
    assert len(re.sub(r"\D", "", left)) <= 7 or kind == "email"
