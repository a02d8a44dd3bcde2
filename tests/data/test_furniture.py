"""Totals, footers and repeated headings leave a table, and orders written once are filled down."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.data.sources import Source
from tests.data.files_made import csv_bytes, read, rejected, rows_of

HEAD = ["Order ID", "Order Date", "Customer", "Product", "Quantity"]
ORDERS = [[f"SO-{n // 2}", "2024-01-05", f"C{n}", f"Product {n}", str(n + 1)] for n in range(8)]


def of(folder: Path, rows: list[list[Any]]) -> Source:
    return read(folder, csv_bytes([HEAD, *rows]))


@pytest.mark.parametrize("label", ["Total", "Grand total:", "合计", " 总 计：", "小计", "Subtotal", "本页合计", "*"])
def test_a_row_of_totals_is_rejected_with_its_text(label: str, tmp_path: Path) -> None:
    source = of(tmp_path, [*ORDERS, [label, "", "", "", "36"]])
    assert rows_of(source) == ORDERS
    (number, reason, text), *others = rejected(source)
    assert (number, reason, others) == (9, "A totals row", [])
    assert text.startswith(label)
    assert text.endswith("36")


def test_totals_in_all_cells_are_known_by_their_sum(tmp_path: Path) -> None:
    source = read(
        tmp_path, csv_bytes([["Product", "Quantity"], *([f"p{n}", str(n)] for n in range(9)), ["Total", "36"]])
    )
    assert source.rows == 9
    source = read(
        tmp_path, csv_bytes([["Product", "Quantity"], *([f"p{n}", str(n)] for n in range(9)), ["Total", "37"]])
    )
    assert source.rows == 10  # a product of that name


@given(place=st.integers(0, 3), row=st.integers(0, 7))
@settings(max_examples=20)
def test_a_record_with_such_a_word_stays(place: int, row: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = [list(order) for order in ORDERS]
    rows[row][place] = "Total"
    assert rows_of(of(tmp_path_factory.mktemp("t"), rows)) == rows


def test_headings_of_every_page_and_ruled_lines_are_rejected(tmp_path: Path) -> None:
    source = of(tmp_path, [*ORDERS[:4], HEAD, ["---"] * 5, *ORDERS[4:]])
    assert rows_of(source) == ORDERS
    assert [reason for _, reason, _ in rejected(source)] == ["Headings repeated", "A ruled line"]


def test_only_the_end_has_footers(tmp_path: Path) -> None:
    note = ["Generated on 2024-04-01", "", "", "", ""]
    source = of(tmp_path, [*ORDERS[:4], note, *ORDERS[4:], note])
    assert source.rows == 9
    assert [reason for _, reason, _ in rejected(source)] == ["A footer"]


@given(lines=st.lists(st.integers(1, 4), min_size=2, max_size=6))
@settings(max_examples=15)
def test_orders_written_once_are_filled_down(lines: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = [[f"S{n}", "2024-01-05", f"C{n}", f"p{n}{i}", "1"] for n, size in enumerate(lines) for i in range(size)]
    once = [["", "", "", *row[3:]] if row[3][-1] != "0" else row for row in whole]
    assert rows_of(of(tmp_path_factory.mktemp("t"), once)) == whole


def test_sums_of_an_order_stay_on_its_first_line(tmp_path: Path) -> None:
    rows = [[*HEAD, "Order amount"], ["S1", "2024-01-05", "C1", "a", "1", "30"], ["", "", "", "b", "2", ""],
            ["S2", "2024-01-06", "C2", "c", "3", "40"]]  # fmt: skip
    assert [row[5] for row in rows_of(read(tmp_path, csv_bytes(rows)))] == ["30", None, "40"]


def test_a_number_that_is_just_missing_is_not_filled(tmp_path: Path) -> None:
    rows = [list(order) for order in ORDERS]
    rows[3][0] = ""
    assert rows_of(of(tmp_path, rows))[3][0] is None
