"""Columns of personal data: found by what they hold, whatever they are called, and nothing else is."""

import random
from datetime import date

import pytest

from crm_ai.data.privacy import KINDS, Personal, find, suggestion
from crm_ai.data.privacy.columns import kind_of
from tests.conftest import shared
from tests.data import people
from tests.data.files_made import read

RNG = random.Random(3)
MADE = {
    "id_card": people.id_card,
    "bank_card": people.bank_card,
    "phone": people.phone,
    "email": people.email,
    "address": people.address,
    "ip": lambda rng: f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}",
}
HEADINGS = {
    "id_card": ("身份证号", "ID", "column_3"),
    "bank_card": ("银行卡号", "Card", "x"),
    "phone": ("Phone", "联系电话", "c4"),
    "email": ("E-Mail", "邮箱", "客户"),
    "address": ("Address", "收货地址", "Where"),
    "ip": ("IP", "client_ip", "c9"),
}


@pytest.mark.parametrize(("kind", "heading"), [(kind, heading) for kind in MADE for heading in HEADINGS[kind]])
def test_a_column_is_known_by_its_values(kind, heading):
    values = [MADE[kind](RNG) for _ in range(300)]
    if kind == "address" and heading == "Where":
        values = [f"浙江省杭州市西湖区文三路{n}号" for n in range(300)]
    found, share = kind_of(heading, values)
    assert found == kind
    assert share >= 0.9


@pytest.mark.parametrize("heading", ["姓名", "客户姓名", "收货人", "联系人", "客户名称", "名称", "买家", "c1"])
def test_chinese_names_are_known_by_their_surnames(heading):
    assert kind_of(heading, [name for name in people.CHINESE if len(name) <= 3 and name[:2] != "欧阳"] * 5)[0] == "name"


@pytest.mark.parametrize("heading", ["Name", "Customer Name", "full_name", "contact", "Buyer", "ShipName", "c2"])
def test_english_names_are_known(heading):
    assert kind_of(heading, people.ENGLISH * 5)[0] == "name"


def test_part_names_are_known_by_their_heading():
    assert kind_of("first_name", ["Ximena", "Tadeusz", "Lu", "bob"])[0] == "name"
    assert kind_of("姓名", ["张**", "李*", "欧阳**", "王先生"])[0] == "name"
    assert kind_of("买家昵称", ["tb123_小鱼", "快乐每一天", "cat99"])[0] == "name"


NOT = {
    "Order ID": [f"{110101199001010000 + 7 * n}" for n in range(300)],
    "订单号": [f"138{n:08}" for n in range(300)],
    "单号": [f"{13800000000 + n}" for n in range(300)],
    "transaction": [f"4{n * 7919 % 10**15:015}" for n in range(300)],
    "EAN": [f"690{n * 7919 % 10**10:010}" for n in range(300)],
    "SKU": [f"85{n:03}A" for n in range(300)],
    "StockCode": [f"{n * 7919 % 10**16:016}" for n in range(300)],
    "Amount": [f"{n * 97.13:,.2f}" for n in range(300)],
    "Date": [f"2024-{1 + n % 12:02}-{1 + n % 28:02} 12:30:45" for n in range(300)],
    "Epoch": [str(1_700_000_000_000 + n) for n in range(300)],
    "Quantity": [str(n % 9) for n in range(300)],
    "PhoneService": ["Yes", "No"] * 150,
    "Product name": people.PRODUCTS * 30,
    "Name": people.PRODUCTS * 30,
    "商品名称": people.FOODS * 20,
    "名称": people.FOODS * 20,
    "品类": people.FOODS * 20,
    "Customer": people.FIRMS * 30,
    "Customer name": people.FIRMS * 30,
    "客户": ["杭州某某有限公司", "张记商店", "王府井集团", "李宁公司"] * 50,
    "City": people.CITIES * 30,
    "收货地址": ["上海", "浙江省", "北京"] * 100,
    "Email Domain": ["example.com", "qq.com"] * 100,
    "Version": [f"{n % 5}.{n % 10}.{n}" for n in range(300)],
    "Birth year": [str(1950 + n % 50) for n in range(300)],
    "Country of birth": people.CITIES * 30,
    "Colour": ["Red", "Green", "Rose"] * 100,
    "customer_id": [f"C{n:05}" for n in range(300)],
    "Member": [f"{10_000 + n}" for n in range(300)],
}


@pytest.mark.parametrize("heading", NOT)
def test_a_column_that_is_nobody_is_left_alone(heading, tmp_path):
    assert kind_of(heading, NOT[heading]) == ("", 0.0)
    assert find(people.source(tmp_path, {heading: NOT[heading]})) == ()


def test_random_codes_are_not_cards_whatever_their_check_digits():
    codes = [f"62{RNG.randrange(10**17):017}" for _ in range(500)]
    assert kind_of("code", codes) == ("", 0.0)


def test_native_columns_are_read_as_text(tmp_path):
    numbers = [float(people.mobile(RNG)) for _ in range(60)]
    born = [date(1960 + n % 40, 1 + n % 12, 3) for n in range(60)]
    made = people.source(tmp_path, {"tel": numbers, "Birthday": born, "amount": [n / 7 for n in range(60)]})
    assert [(item.heading, item.kind, item.count) for item in find(made)] == [
        ("tel", "phone", 60),
        ("Birthday", "birth_date", 60),
    ]


def test_one_in_ten_thousand_texts_is_found_and_counted(tmp_path):
    texts = [f"very nice, number {n}" for n in range(20_000)]
    texts[777], texts[15_000] = "call me: 13812345678", "write to anna@example.com or 13812345678"
    (item,) = find(people.source(tmp_path, {"Comment": texts, "n": list(range(20_000))}))
    assert (item.heading, item.kind, item.count, set(item.inside)) == ("Comment", "text", 2, {"phone", "email"})
    assert item.share == 2 / 20_000
    assert item.examples == ("138****5678", "a***@example.com")


def test_a_column_that_is_hardly_ever_filled_is_looked_at(tmp_path):
    rare = [None] * 9_990 + [people.email(RNG) for _ in range(10)]
    (item,) = find(people.source(tmp_path, {"n": list(range(10_000)), "other": rare}))
    assert (item.kind, item.count, item.share) == ("email", 10, 1.0)


def test_empty_columns_and_tables_hold_nobody(tmp_path):
    assert find(people.source(tmp_path / "a", {"email": [None, None], "text": ["", " "]})) == ()
    assert kind_of("email", []) == ("", 0.0)


def test_headings_may_be_anything(tmp_path):
    odd = {'a "b".c': [people.email(RNG) for _ in range(9)], "x; DROP TABLE y": [people.mobile(RNG) for _ in range(9)]}
    assert [item.kind for item in find(people.source(tmp_path, odd))] == ["email", "phone"]


def test_examples_are_masked(tmp_path):
    values = {
        "phone": [people.mobile(RNG) for _ in range(50)],
        "name": people.CHINESE[:10] * 5,
        "mail": [people.email(RNG) for _ in range(50)],
    }
    for item in find(people.source(tmp_path, values)):
        assert item.examples
        assert not set(item.examples) & set(values[item.heading])


def test_what_was_found_goes_to_json_and_back(tmp_path):
    for item in find(people.source(tmp_path, {"note": ["mail anna@example.com now"] * 3})):
        assert Personal.from_json(item.to_json()) == item


def test_a_file_from_the_reader_is_searched(tmp_path):
    made = read(tmp_path, "订单,手机,备注\n1,13812345678,好\n2,13912345678,我叫张伟\n".encode("gb18030"))
    assert [(item.heading, item.kind) for item in find(made)] == [("手机", "phone"), ("备注", "text")]


def test_every_kind_has_a_suggestion_and_a_key_gets_a_code():
    assert {suggestion(kind) for kind in KINDS} == {"mask", "remove"}
    assert {suggestion(kind, identifies=True) for kind in KINDS} == {"pseudonymise"}


REAL = {
    "northwind/northwind.db": {
        "ContactName",
        "Address",
        "Phone",
        "Fax",
        "LastName",
        "FirstName",
        "BirthDate",
        "HomePhone",
    },
    "online_retail/online_retail_2010_2011.parquet": set(),
    "telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv": set(),
}


@pytest.mark.parametrize("path", REAL)
def test_real_files_hold_what_their_headings_say(path, tmp_path):
    from crm_ai.data.sources import read_source

    sources = read_source(shared(path), tmp_path)
    assert {item.heading for source in sources for item in find(source) if item.kind != "text"} == REAL[path]
