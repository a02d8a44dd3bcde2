"""Treated sources: nobody's data are left in them, and what belongs together still does."""

import json
import random
from dataclasses import replace
from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.data.files import large
from crm_ai.data.privacy import KEEP, MASK, PSEUDONYMISE, REMOVE, find, key_id, record, suggestion, treat
from crm_ai.data.privacy.treatments import pseudonym
from crm_ai.errors import BadParameter
from crm_ai.settings import settings
from tests.data import people
from tests.data.files_made import read
from tests.data.people import KEY, cells, column, source

OTHER_KEY = b"another key"
RNG = random.Random(11)
N = 200
PHONES = [people.mobile(RNG) for _ in range(N)]
MAILS = [people.email(RNG) for _ in range(N)]
CARDS = [people.bank_card(RNG) for _ in range(N)]
IDS = [people.id_card(RNG) for _ in range(N)]
NAMES = (people.CHINESE * N)[:N]
NOTES = [
    f"请打电话{phone}或写信给{mail}" if n % 3 else "好评"
    for n, (phone, mail) in enumerate(zip(PHONES, MAILS, strict=True))
]
TABLE: dict[str, list[object]] = {
    "手机": list(PHONES),
    "E-mail": list(MAILS),
    "card": list(CARDS),
    "身份证": list(IDS),
    "姓名": list(NAMES),
    "note": list(NOTES),
    "amount": list(range(N)),
}
SECRETS = [*PHONES, *MAILS, *CARDS, *IDS]


@pytest.fixture
def shop(tmp_path):
    broken = [f"1,{PHONES[0]},{MAILS[1]},too,many", f"{CARDS[2]};{IDS[3]}"]
    return source(tmp_path / "in", TABLE, broken)


def chosen(of, treatment=None):
    return {item.heading: treatment or suggestion(item.kind) for item in find(of)}


@pytest.mark.parametrize("treatment", [MASK, PSEUDONYMISE, REMOVE])
def test_no_value_is_left_anywhere(treatment, shop, tmp_path):
    treated = treat(shop, chosen(shop, treatment), KEY, tmp_path / "out")
    left = "\n".join(str(cell) for path in (treated.raw, treated.rejected) for row in cells(path) for cell in row)
    assert [secret for secret in SECRETS if secret in left] == []
    assert all(name not in left for name in NAMES)
    assert find(treated) == () or treatment == MASK


def test_what_is_not_chosen_stays_as_it_was(shop, tmp_path):
    treated = treat(shop, {"手机": MASK, "note": KEEP}, KEY, tmp_path)
    assert column(treated, "amount") == TABLE["amount"]
    assert column(treated, "note") == NOTES
    assert column(treated, "手机") == [f"{phone[:3]}****{phone[-4:]}" for phone in PHONES]
    assert (treated.columns, treated.rows, treated.sha256) == (shop.columns, shop.rows, shop.sha256)
    assert treated.raw != shop.raw
    assert shop.raw.exists()


def test_keeping_everything_is_the_same_source(shop, tmp_path):
    assert treat(shop, {"手机": KEEP}, KEY, tmp_path) is shop
    assert treat(shop, {}, KEY, tmp_path) is shop


def test_a_removed_column_is_gone(shop, tmp_path):
    treated = treat(shop, {"手机": REMOVE}, KEY, tmp_path)
    assert treated.columns == tuple(heading for heading in shop.columns if heading != "手机")
    assert len(cells(treated.raw)[0]) == len(treated.columns) + 1


def test_equal_values_stay_equal_across_sources_and_forms(tmp_path):
    one = source(tmp_path / "a", {"email": ["Anna@Example.com ", "b@c.de", "b@c.de", None]})
    two = source(tmp_path / "b", {"who": ["b@c.de", "ANNA@example.com"], "n": [1, 2]})
    first, second = (
        treat(made, {heading: PSEUDONYMISE}, KEY, tmp_path) for made, heading in ((one, "email"), (two, "who"))
    )
    anna, ben, again, nobody = column(first, "email")
    assert (anna, ben, again, nobody) == (column(second, "who")[1], column(second, "who")[0], ben, None)
    assert anna != ben


def test_telephones_are_equal_whatever_their_punctuation_and_type(tmp_path):
    text = source(tmp_path / "a", {"phone": ["+86 138-1234-5678", "１３８１２３４５６７８", "13912345678"]})
    numbers = source(tmp_path / "b", {"mobile": [13812345678.0, 13912345678.0]})
    whole = source(tmp_path / "c", {"tel": [13812345678, 13912345678]})
    first, same, other = column(treat(text, {"phone": PSEUDONYMISE}, KEY, tmp_path), "phone")
    assert first == same != other
    assert column(treat(numbers, {"mobile": PSEUDONYMISE}, KEY, tmp_path), "mobile") == [first, other]
    assert column(treat(whole, {"tel": PSEUDONYMISE}, KEY, tmp_path), "tel") == [first, other]


def test_a_value_in_a_text_has_the_code_of_its_column(shop, tmp_path):
    treated = treat(shop, {"手机": PSEUDONYMISE, "note": PSEUDONYMISE}, KEY, tmp_path)
    codes, notes = column(treated, "手机"), column(treated, "note")
    assert notes[1] == f"请打电话{codes[1]}或写信给{pseudonym(MAILS[1], 'email', KEY)}"
    assert notes[0] == "好评"


@given(
    st.lists(st.sampled_from(SECRETS + NAMES), min_size=2, max_size=30),
    st.sampled_from(["email", "phone", "name", "id_card", "other"]),
)
def test_as_many_codes_as_values(values, kind):
    codes = [pseudonym(value, kind, KEY) for value in values]
    assert len(set(codes)) == len(set(values))
    assert all(len(code) == 18 and code.startswith("p_") for code in codes)
    assert not set(codes) & {pseudonym(value, kind, OTHER_KEY) for value in values}


def test_ids_of_any_column_can_be_replaced(tmp_path):
    made = source(tmp_path / "in", {"customer_id": [17850.0, 13047.0, 17850.0], "a-b": ["1-23", "12-3", "a"]})
    treated = treat(made, {"customer_id": PSEUDONYMISE, "a-b": PSEUDONYMISE}, KEY, tmp_path)
    assert len(set(column(treated, "customer_id"))) == 2
    assert len(set(column(treated, "a-b"))) == 3
    assert column(treated, "customer_id")[0] == pseudonym("17850", "other", KEY)


def test_equal_choices_and_key_give_equal_bytes_and_others_other_files(shop, tmp_path):
    wanted = chosen(shop, PSEUDONYMISE)
    first, second = (treat(shop, wanted, KEY, tmp_path / folder) for folder in ("a", "b"))
    assert first.raw.read_bytes() == second.raw.read_bytes()
    assert first.rejected.read_bytes() == second.rejected.read_bytes()
    names = {
        first.raw.name,
        treat(shop, wanted, OTHER_KEY, tmp_path / "a").raw.name,
        treat(shop, chosen(shop, MASK), KEY, tmp_path / "a").raw.name,
    }
    assert len(names) == 3
    assert sorted(path.suffix for path in (tmp_path / "b").iterdir()) == [".parquet", ".parquet"]


def test_rejected_records_keep_what_is_not_personal_where_that_can_be_told(shop, tmp_path):
    assert [row[3] for row in cells(treat(shop, {"手机": MASK, "E-mail": MASK}, KEY, tmp_path).rejected)] == [
        "1,***,***,too,many",
        f"****{CARDS[2][-4:]};{IDS[3][:3]}{'*' * 11}{IDS[3][-4:]}",
    ]


def test_rejected_records_are_emptied_where_it_cannot(shop, tmp_path):
    rows = cells(treat(shop, {"姓名": MASK}, KEY, tmp_path).rejected)
    assert [row[3] for row in rows] == ["", ""]
    assert [row[:3] for row in rows] == [row[:3] for row in cells(shop.rejected)]


def test_odd_cells_are_treated_like_any(tmp_path):
    huge = "x" * 100_000 + "13812345678" + "y " * 50_000
    texts = [
        None,
        "",
        " ",
        "13812345678",
        huge,
        "\x00 anna@example.com",
        "我叫张伟",
        '"; DROP TABLE x; --',
        "a\nb\r\nc 13812345678",
    ]
    made = source(
        tmp_path / "in",
        {
            "text": texts,
            "email": ["a@b.cn", "no", "", None, "x@y.z; a@b.c", "@", "A@B.CN", "ü@x.de", "b@c.de"],
            "n": list(range(9)),
        },
    )
    treated = treat(made, {"text": MASK, "email": MASK, "n": PSEUDONYMISE}, KEY, tmp_path)
    left = column(treated, "text")
    assert left[:4] == [None, "", " ", "138****5678"]
    assert left[4] == huge  # a letter stands before the digits
    assert left[5:8] == ["\x00 a***@example.com", "我叫张**", '"; DROP TABLE x; --']
    assert left[8] == "a\nb\r\nc 138****5678"
    assert column(treated, "email") == ["***", "***", "", None, "***", "***", "***", "***", "***"]
    assert len(set(column(treated, "n"))) == 9


def test_native_types_are_treated(tmp_path):
    made = source(tmp_path / "in", {"Birthday": [date(1985, 3, 2), date(1990, 1, 1), None], "ok": [True, False, None]})
    treated = treat(made, {"Birthday": MASK, "ok": PSEUDONYMISE}, KEY, tmp_path)
    assert column(treated, "Birthday") == ["1985", "1990", None]
    assert column(treated, "ok")[2] is None


@pytest.mark.parametrize("heading", ['a "b".c', "_x", "x; DROP TABLE y", "select", "a'b", "{0}", "手机 号"])
def test_headings_may_be_anything(heading, tmp_path):
    treated = treat(source(tmp_path / "in", {heading: ["13812345678"], "n": [1]}), {heading: MASK}, KEY, tmp_path)
    assert column(treated, heading) == ["138****5678"]
    assert treated.columns == (heading, "n")


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"nothing": MASK}, "no column nothing"),
        ({"n": "burn"}, "no treatment burn"),
        ({"n": REMOVE, "m": REMOVE}, "at least one"),
    ],
)
def test_a_choice_that_cannot_be_is_said(choices, said, tmp_path):
    with pytest.raises(BadParameter, match=said):
        treat(source(tmp_path / "in", {"n": [1], "m": [2]}), choices, KEY, tmp_path)


@pytest.mark.slow
def test_more_than_the_memory_streams_through(tmp_path, monkeypatch):
    """200 MB of text, and 150 MB for the engine."""
    made = source(tmp_path / "in", {"text": ["13812345678"], "n": [1]})
    text = "'call 138' || lpad(i::VARCHAR, 8, '0') || repeat(' nothing', 120) || i"
    rows = f"SELECT i + 1 AS _row, {text} AS text, i AS n FROM range(200_000) r(i)"
    duckdb.execute(f"COPY ({rows}) TO '{made.raw}' (ROW_GROUP_SIZE 4096)")
    made = replace(made, rows=200_000)
    monkeypatch.setenv("CRM_AI_MEMORY_LIMIT", "150MB")
    settings.cache_clear()
    try:
        (item,) = find(made)
        treated = treat(made, {"n": PSEUDONYMISE}, KEY, tmp_path, found=[item])
    finally:
        settings.cache_clear()
    assert item.count == 200_000
    assert duckdb.read_parquet(str(treated.raw)).aggregate("count(*), max(_row)").fetchone() == (200_000, 200_000)


def test_the_record_says_what_was_done_and_nothing_of_anybody(shop):
    found = find(shop)
    document = record(chosen(shop, PSEUDONYMISE) | {"姓名": MASK}, found, KEY)
    text = json.dumps(document, ensure_ascii=False)
    assert document["key"] == key_id(KEY) != key_id(OTHER_KEY)
    assert document["done"]["姓名"] == MASK
    assert {(item["heading"], item["kind"], item["count"]) for item in document["found"]} == {
        (i.heading, i.kind, i.count) for i in found
    }
    assert KEY.decode() not in text
    assert KEY.hex() not in text
    assert not [example for item in found for example in item.examples if example in text]
    assert [secret for secret in SECRETS if secret in text] == []


def test_what_was_found_and_not_chosen_is_recorded_as_kept(shop):
    document = record({"手机": MASK}, find(shop), KEY)
    assert document["done"]["E-mail"] == KEEP
    assert document["key"] is None


def test_a_large_text_that_was_left_in_place_is_treated_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "LARGE", 1)
    monkeypatch.setattr(large, "BLOCK", 400)
    lines = "\n".join(f"{n},2024-03-0{1 + n % 9},{phone},{n}.5" for n, phone in enumerate(PHONES * 10))
    made = read(tmp_path, f"order id,date,phone,amount\n{lines}\n".encode())
    assert made.text is not None
    (item,) = find(made)
    assert 0.8 * len(PHONES) * 10 < item.count < 1.2 * len(PHONES) * 10
    before = set(made.raw.parent.iterdir())
    treated = treat(made, {"phone": PSEUDONYMISE}, KEY, tmp_path / "out", found=[item])
    assert column(treated, "phone") == [pseudonym(phone, "phone", KEY) for phone in PHONES * 10]
    assert treated.text is None
    assert set(made.raw.parent.iterdir()) == before
