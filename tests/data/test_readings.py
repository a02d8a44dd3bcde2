"""Each reading gives the value a person would read, or nothing."""

from datetime import datetime
from functools import cache
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends import BaseBackend

from crm_ai.data.contents import number_of
from crm_ai.data.dates import dates_of
from crm_ai.data.readings import read
from crm_ai.errors import BadParameter


@cache
def _connection() -> BaseBackend:
    return ibis.duckdb.connect()


def values(texts: list[Any], reading: str) -> list[Any]:
    """The texts, or numbers, as the engine reads them."""
    frame = pd.DataFrame(
        {"n": range(len(texts)), "raw": pd.array(texts, dtype="str") if isinstance(texts[0], str) else texts}
    )
    table = _connection().create_table("raw", ibis.memtable(frame), overwrite=True)
    found = table.order_by("n").select(value=read(table.raw, reading)).to_pandas()["value"]
    return [None if pd.isna(value) else value for value in found]


def moments(texts: list[Any], reading: str) -> list[str | None]:
    return [None if value is None else str(value) for value in values(texts, reading)]


NUMBERS = {
    "1,234.50": 1234.5, "￥12": 12, "¥1,000": 1000, "$1,000.5": 1000.5, "€ 5": 5, "5 €": 5, "(12.5)": -12.5,
        "12-": -12, "-3": -3, "−5": -5,
    "-$5.00": -5, "$-5": -5, "12%": 0.12, "１，２３４．５": 1234.5, "12元": 12, "1 234": 1234, "1'000": 1000,
        "US$ 3": 3, "CNY 8.5": 8.5, ".5": 0.5,
    "1e3": 1000, "+7": 7, "abc": None, "": None, "nan": None, "inf": None, "3-4": None, "--": None, "$": None,
        "85123A": None, "2024-01-02": None,
}  # fmt: skip


def test_numbers_as_people_write_them() -> None:
    assert values(list(NUMBERS), "number") == list(NUMBERS.values())


def test_the_sample_reads_numbers_as_the_engine_does() -> None:
    plain = {text: value for text, value in NUMBERS.items() if "%" not in text}
    assert [number_of(text) for text in plain] == list(plain.values())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20))
def test_a_number_written_with_separators_comes_back(numbers: list[Any]) -> None:
    swapped = [f"{number:,}".translate(str.maketrans(",.", ".,")) for number in numbers]
    assert values([f"{number:,}" for number in numbers], "number") == pytest.approx(
        [float(number) for number in numbers]
    )
    assert values(swapped, "number_comma") == pytest.approx([float(number) for number in numbers])


def test_identifiers_lose_the_decimals_a_workbook_gave_them() -> None:
    assert values(["17850.0", " x ", "12.50", "007", ""], "id") == ["17850", "x", "12.50", "007", None]
    assert values([17850.0, None], "id") == ["17850", None]


def test_flags_in_two_languages() -> None:
    assert values(["Yes", "否", "TRUE", "0", "maybe", " 是 ", ""], "flag") == [
        True,
        False,
        True,
        False,
        None,
        True,
        None,
    ]


def test_a_status_tells_a_cancelled_order() -> None:
    gone = ["Cancelled", "已取消", "交易关闭", "refunded", "Closed Lost", "退款成功"]
    kept = ["交易成功", "Not cancelled", "未退款", "Closed Won", "Delivered", "unfulfilled"]
    assert values(gone + kept, "status") == [True] * len(gone) + [False] * len(kept)


def test_a_prefix_and_any_value() -> None:
    assert values(["C123", "c1", "536365", ""], "prefix:C") == [True, True, False, None]
    assert values(["2024-01-01", ""], "filled") == [True, False]


DATES = {
    "2024-03-05": "2024-03-05 00:00:00", "2024/3/5 0:00": "2024-03-05 00:00:00",
        "2024-03-05T10:20:30Z": "2024-03-05 10:20:30",
    "2024-03-05 10:20:30+08:00": "2024-03-05 10:20:30", "2024-03-05 10:20:30 UTC": "2024-03-05 10:20:30",
        "2024年3月5日": "2024-03-05 00:00:00",
    "2024年3月5日 10:20": "2024-03-05 10:20:00", "25-Mar-24": "2024-03-25 00:00:00",
        "25 March 2024": "2024-03-25 00:00:00",
    "Mar 25, 2024": "2024-03-25 00:00:00", "March 25th, 2024": "2024-03-25 00:00:00",
        "3/25/2024 3:20 PM": "2024-03-25 15:20:00",
    "25.03.2024": "2024-03-25 00:00:00", "20240325": "2024-03-25 00:00:00", "202403": "2024-03-01 00:00:00",
        "2024-03": "2024-03-01 00:00:00",
    "2024/3/5 下午 3:20:05": "2024-03-05 15:20:05", "Mon, 25 Mar 2024 10:00:00 +0000": "2024-03-25 10:00:00",
        "20240325102030": "2024-03-25 10:20:30",
    "2024-03-05 10:20:30.123456789": "2024-03-05 10:20:30.123456",
}  # fmt: skip


@pytest.mark.parametrize("text", DATES)
def test_a_date_in_any_usual_format_is_found_and_read(text: str) -> None:
    assert moments([text, "x"], dates_of([text]).reading) == [DATES[text], None]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)), min_size=1, max_size=20),
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S",
            "%d.%m.%Y %H:%M",
            "%Y年%m月%d日",
            "%d-%b-%y",
            "%B %d, %Y",
            "%Y%m%d",
            "%Y/%m/%d %I:%M:%S %p",
        ]
    ),
)
def test_dates_written_in_one_format_come_back(days: list[datetime], form: str) -> None:
    texts = [day.strftime(form) for day in days]
    expected = [str(pd.Timestamp(datetime.strptime(text, form))) for text in texts]
    assert moments(texts, dates_of(texts).reading) == expected


def test_day_or_month_first_is_decided_by_the_values() -> None:
    assert dates_of(["03/04/2024", "13/04/2024"]).reading == "date:%d/%m/%Y"
    assert dates_of(["03/04/2024", "03/14/2024"]).reading == "date:%m/%d/%Y"
    assert dates_of(["01/03/2024", "02/03/2024", "03/03/2024"]).undecided == "date:%m/%d/%Y"


@pytest.mark.parametrize(
    "texts", [["17850", "17851"], ["12.5"], ["7590-VHVEG"], ["1/2"], ["Paris"], ["10-2024-7"], ["31/31/2024"], [""], []]
)
def test_what_is_no_date_is_not_taken_for_one(texts: list[str]) -> None:
    assert dates_of(texts).reading == ""


def test_times_as_numbers() -> None:
    assert moments([44000.5], "excel_serial") == ["2020-06-18 12:00:00"]
    assert moments(["1700000000", "x", "9e99"], "epoch_s") == ["2023-11-14 22:13:20", None, None]
    assert moments([1700000000123], "epoch_ms") == ["2023-11-14 22:13:20"]


@pytest.mark.parametrize(("unit", "third"), [("H", "2000-01-01 02:00:00"), ("D", "2000-01-03 00:00:00"), ("W",
    "2000-01-17 00:00:00"),
                                             ("M", "2000-03-01 00:00:00"), ("Q", "2000-07-01 00:00:00"), ("Y",
                                                 "2002-01-01 00:00:00")])  # fmt: skip
def test_steps_count_from_the_first_days_of_2000(unit: str, third: str) -> None:
    assert moments(["3", "V3", "x"], f"step:{unit}") == [third, third, None]


@pytest.mark.parametrize("reading", ["", "nonsense", "step:X", "step"])
def test_an_unknown_reading_is_refused(reading: str) -> None:
    with pytest.raises(BadParameter):
        values(["1"], reading)
