"""Customer tables and series as they are exported need no touch."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from crm_ai.data.schema import guess
from tests.data.shapes import DAY, Export, heads, values, written


def bank_churn() -> Export:
    rng = random.Random(30)
    headings = ["RowNumber", "CustomerId", "Surname", "CreditScore", "Geography", "Gender", "Age", "Tenure",
        "Balance", "NumOfProducts", "HasCrCard",
                "IsActiveMember", "EstimatedSalary", "Exited"]  # fmt: skip
    return headings, [[n + 1, 15634602 + n, "Hill", rng.randrange(400, 850), rng.choice(["France", "Spain"]),
        rng.choice(["Male", "Female"]), rng.randrange(18, 80),
                       rng.randrange(10), rng.random() * 1e5, 2, rng.randrange(2), rng.randrange(2), 101348.88,
                           int(rng.random() < 0.2)] for n in range(300)]  # fmt: skip


def telecom_zh() -> Export:
    rng = random.Random(31)
    headings = ["客户编号", "性别", "年龄", "套餐", "在网时长", "月消费金额", "投诉次数", "是否流失"]
    return headings, [[f"K{n:05d}", rng.choice("男女"), rng.randrange(18, 70), rng.choice(["畅享", "青春"]),
        rng.randrange(60), rng.random() * 200, rng.randrange(5),
                       rng.choice("是否否否")] for n in range(300)]  # fmt: skip


def shopify_customers() -> Export:
    rng = random.Random(32)
    headings = [
        "Customer ID",
        "First Name",
        "Last Name",
        "Email",
        "Accepts Email Marketing",
        "City",
        "Country Code",
        "Total Spent",
        "Total Orders",
        "Note",
        "Tags",
    ]
    return headings, [
        [
            6000 + n,
            "Ann",
            "Lee",
            f"a{n}@x.test",
            "yes",
            "Leeds",
            "GB",
            round(rng.random() * 300, 2),
            rng.randrange(9),
            "",
            "vip",
        ]
        for n in range(200)
    ]


def campaign_test() -> Export:
    rng = random.Random(33)
    headings = ["user_id", "test group", "converted", "total ads", "most ads day", "most ads hour"]
    return headings, [
        [1069124 + n, rng.choice(["ad", "ad", "psa"]), str(rng.random() < 0.05), rng.randrange(200), "Monday", 20]
        for n in range(400)
    ]


def card_customers() -> Export:
    rng = random.Random(34)
    headings = [
        "CLIENTNUM",
        "Attrition_Flag",
        "Customer_Age",
        "Gender",
        "Dependent_count",
        "Education_Level",
        "Income_Category",
        "Total_Trans_Amt",
        "Total_Trans_Ct",
    ]
    return headings, [[768805383 + n, rng.choice(["Existing Customer", "Attrited Customer"]), 45, "M", 3,
        "High School", "$60K - $80K", rng.randrange(900, 9000), 42]
                      for n in range(200)]  # fmt: skip


CUSTOMERS: dict[Callable[[], Export], dict[str, str]] = {
    bank_churn: {"customer_id": "CustomerId", "target": "Exited"},
    telecom_zh: {"customer_id": "客户编号", "target": "是否流失"},
    shopify_customers: {"customer_id": "Customer ID"},
    campaign_test: {"customer_id": "user_id", "target": "converted", "treatment": "test group"},
    card_customers: {"customer_id": "CLIENTNUM", "target": "Attrition_Flag"},
}  # fmt: skip


@pytest.mark.parametrize("export", CUSTOMERS, ids=lambda export: export.__name__)
def test_customer_tables_need_no_touch(export: Callable[[], Export], tmp_path: Path) -> None:
    source = written(tmp_path, *export())
    mapping = guess(source)
    assert mapping.table == "customers"
    found = heads(mapping)
    assert {name: found.get(name) for name in CUSTOMERS[export]} == CUSTOMERS[export]
    assert len(mapping.attributes) + len(mapping.columns) == len(source.columns)


# --- series ---------------------------------------------------------------------------------------------------------


def walmart() -> Export:
    rng = random.Random(40)
    headings = ["Store", "Dept", "Date", "Weekly_Sales", "IsHoliday"]
    return headings, [[store, dept, (DAY + timedelta(weeks=w)).date().isoformat(), round(rng.random() * 5e4, 2),
        "FALSE"]
                      for store in (1, 2) for dept in (1, 2, 3) for w in range(40)]  # fmt: skip


def store_items() -> Export:
    rng = random.Random(41)
    return ["date", "store", "item", "sales"], [[(DAY + timedelta(days=d)).date().isoformat(), store, item,
        rng.randrange(50)]
                                                for store in (1, 2) for item in (1, 2) for d in range(60)]  # fmt: skip


def daily_sales_zh() -> Export:
    rng = random.Random(42)
    return ["日期", "销售额"], [
        [(DAY + timedelta(days=d)).strftime("%Y/%m/%d"), f"{rng.randrange(1000, 9000):,}"] for d in range(120)
    ]


def m4_long() -> Export:
    rng = random.Random(43)
    return ["unique_id", "ds", "y"], [[f"W{s}", n, rng.random() * 1e4] for s in range(1, 6) for n in range(1, 80)]


def m4_melted() -> Export:
    rng = random.Random(44)
    return ["V1", "variable", "value"], [
        [f"W{s}", f"V{n + 1}", rng.random() * 1e4] for s in range(1, 6) for n in range(1, 80)
    ]


def months_by_region() -> Export:
    rng = random.Random(45)
    return ["月份", "地区", "品类", "销量"], [
        [f"2023-{m:02d}", r, c, rng.randrange(900)]
        for r in ("华东", "华南")
        for c in ("食品", "日化")
        for m in range(1, 13)
    ]


SERIES: dict[Callable[[], Export], tuple[dict[str, str], str]] = {
    walmart: ({"series_id": "Store", "time": "Date", "value": "Weekly_Sales"}, "2024-03-01"),
    store_items: ({"series_id": "store", "time": "date", "value": "sales"}, "2024-03-01"),
    daily_sales_zh: ({"time": "日期", "value": "销售额"}, "2024-03-01"),
    m4_long: ({"series_id": "unique_id", "time": "ds", "value": "y"}, "2000-01-03"),
    m4_melted: ({"series_id": "V1", "time": "variable", "value": "value"}, "2000-01-10"),
    months_by_region: ({"time": "月份", "value": "销量"}, "2023-01-01"),
}


@pytest.mark.parametrize("export", SERIES, ids=lambda export: export.__name__)
def test_series_need_no_touch_and_have_one_value_a_moment(export: Callable[[], Export], tmp_path: Path) -> None:
    expected, start = SERIES[export]
    source = written(tmp_path, *export())
    mapping = guess(source)
    assert mapping.table == "series"
    found = heads(mapping)
    assert {name: found.get(name) for name in expected} == expected
    times = values(source, mapping.columns["time"])
    assert str(min(times))[:10] == start
    names = values(source, mapping.columns["series_id"]) if "series_id" in found else [""] * len(times)
    assert len(set(zip(names, times, strict=True))) == len(times)
    assert all(isinstance(value, float) for value in values(source, mapping.columns["value"]))
