import datetime as dt
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai import charts, export
from crm_ai.export import sheets
from crm_ai.export.outline import Block, Chapter, Outline
from tests.export.conftest import report, section

FRAME = pd.DataFrame(
    {
        "customer_id": ["=cmd|' /C calc'!A0", "+44 20", "-1", "@x", "\tx", "\rx", "plain", None],
        "count": [1, 2, 3, 4, 5, 6, 7, 8],
        "revenue": [-1.5, np.nan, np.inf, 1e15, 0.1, 2.0, 3.0, 4.0],
        "support": [0.5] * 8,
        "first_day": pd.to_datetime(["2024-02-29"] * 7 + [None]),
        "last_order": pd.to_datetime(["2024-02-29 13:45"] * 8),
        "complete": [True, False] * 4,
    }
)


def opened(made: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(made))


def test_csv_has_a_mark_headings_and_no_formula():
    made = export.table(FRAME, "csv", language="en")
    assert made.startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(io.BytesIO(made))
    assert list(back)[:3] == ["Customer id", "Count", "Revenue"]
    assert back["Customer id"].tolist()[:4] == ["'=cmd|' /C calc'!A0", "'+44 20", "'-1", "'@x"]
    assert back["Customer id"].tolist()[6] == "plain"
    assert back["Revenue"].tolist()[0] == -1.5
    assert back["First day"].tolist()[0] == "2024-02-29"
    assert back["Last order"].tolist()[0] == "2024-02-29 13:45:00"


def test_csv_headings_are_in_the_language_of_the_reader():
    assert "支持度" in export.table(FRAME, "csv", language="zh").decode("utf-8-sig").splitlines()[0]


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=20))
def test_no_text_at_all_begins_like_a_formula_in_a_csv(texts):
    made = export.table(pd.DataFrame({"text": pd.Series(texts, dtype="object")}), "csv")
    back = pd.read_csv(io.StringIO(made.decode("utf-8-sig"), newline=""), keep_default_na=False, skip_blank_lines=False)
    assert not back["Text"].astype(str).str.startswith(sheets.cells.formulas.FORMULA).any()


def test_xlsx_keeps_types_and_makes_no_formula():
    sheet = opened(export.table(FRAME, "xlsx", title="Customers: [all]/new"))["Customers   all  new"]
    rows = list(sheet.iter_rows(min_row=2))
    assert not [cell for row in rows for cell in row if cell.data_type == "f" or cell.hyperlink]
    assert rows[0][0].value == "=cmd|' /C calc'!A0"
    assert [type(cell.value) for cell in rows[0][1:]] == [int, float, float, dt.datetime, dt.datetime, bool]
    assert rows[0][4].value == dt.datetime(2024, 2, 29)
    assert (rows[0][3].number_format, rows[0][4].number_format) == ("0.0%", "yyyy-mm-dd")
    assert (rows[1][2].value, rows[2][2].value, rows[7][4].value) == (None, "∞", None)
    assert sheet.freeze_panes == "A2"


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    book = opened(export.table(FRAME, "xlsx", title="History"))
    assert book.sheetnames == ["History (2)", "History (3)", "History (4)"]
    assert [sheet.max_row for sheet in book] == [4, 4, 3]
    assert book["History (3)"]["B2"].value == 4


def test_an_empty_table_keeps_its_headings():
    made = export.table(FRAME.head(0), "xlsx", title="Nothing")
    assert [cell.value for cell in next(opened(made)["Nothing"].iter_rows())][:2] == ["Customer id", "Count"]
    assert export.table(FRAME.head(0), "csv").decode("utf-8-sig").startswith("Customer id,Count")


def test_text_too_long_for_a_cell_is_cut_and_lists_become_text():
    frame = pd.DataFrame({"text": ["x" * 40_000], "items": [["a", "b"]]})
    row = next(opened(export.table(frame, "xlsx"))["Table"].iter_rows(min_row=2, values_only=True))
    assert (len(row[0]), row[1]) == (sheets.MOST_TEXT, "a, b")


@pytest.mark.parametrize("title", ["", "'", "a" * 50, "Q1/Q2", "\x00", "销售"])
def test_any_title_gives_a_sheet_that_opens(title):
    assert len(opened(export.table(FRAME, "xlsx", title=title)).sheetnames[0]) in range(1, 32)


def test_a_report_has_native_charts_with_the_numbers_of_the_figures(chromium):
    book = opened(report("xlsx"))
    sheet, data = book["Charts"], book["Chart data"]
    assert len(sheet._charts) == 3
    assert len(sheet._images) == 3
    assert {type(chart).__name__ for chart in sheet._charts} == {"BarChart"}
    sizes = section().result.sizes
    columns = {cell.value: cell.column for cell in data[1] if cell.value}
    place = columns["Items in a basket"]
    written = [(data.cell(row, place).value, data.cell(row, place + 2).value) for row in range(3, 3 + len(sizes))]
    assert written == list(zip(sizes["items"], sizes["baskets"], strict=True))


def test_the_axes_of_lying_bars_have_their_own_titles():
    figure = charts.bar("t", ["a", "b"], [1, 2], "Values", "Names", horizontal=True)
    made = export.write(Outline("x", "en", (Chapter("x", "", (Block("t", figure=figure),)),)), "xlsx")
    (chart,) = opened(made)["Charts"]._charts
    title = "".join(run.t for run in chart.y_axis.title.tx.rich.p[0].r)
    assert (title, chart.y_axis.axPos) == ("Values", "b")


def test_sheets_print_as_wide_as_the_page(chromium):
    for sheet in opened(report("xlsx")):
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)


def test_several_chapters_have_sheets_of_their_own(chromium):
    names = opened(report("xlsx", "en", 2)).sheetnames
    assert [name for name in names if "Charts" in name] == ["Baskets Charts", "Baskets Charts (2)"]
