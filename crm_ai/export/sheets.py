"""CSV and XLSX: tables that open in a spreadsheet without becoming formulas or links."""

import datetime as dt
import math
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pandas as pd

from crm_ai import i18n
from crm_ai.export import cells
from crm_ai.i18n import Translator

MOST_ROWS = 1_048_575
"""Rows under the heading that a sheet can hold."""
MOST_TEXT = 32_767
FORMATS = {
    cells.PERCENT: "0.0%",
    cells.SMALL_NUMBER: "0.0E+00",
    cells.WHOLE: "#,##0",
    cells.NUMBER: "#,##0.0##",
    cells.DAY: "yyyy-mm-dd",
    cells.MOMENT: "yyyy-mm-dd hh:mm",
}
FIRST_DAY = dt.datetime(1900, 3, 1)
"""Before it, spreadsheets count days wrongly or not at all."""


def table(frame: pd.DataFrame, kind: str, title: str, language: str) -> bytes:
    """One table as ``csv`` or ``xlsx``, its headings in the language asked for."""
    t = i18n.translator(language)
    if kind == "csv":
        return _csv(frame, t)
    return book_of(lambda book: add_table(book, title or t("Table"), frame, t, set()))


def _csv(frame: pd.DataFrame, t: Translator) -> bytes:
    """UTF-8 with a mark, so that spreadsheets read Chinese; text that looks like a formula gets an apostrophe."""
    columns = [_csv_column(frame[name]) for name in frame.columns]
    safe = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    safe.columns = [cells.harmless(i18n.heading(str(name), t)) for name in frame.columns]
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig", "replace")


def _csv_column(values: pd.Series) -> pd.Series:
    kind = cells.kind(values)
    if kind == cells.TEXT:
        found = [cells.plain(value) for value in values]
        return pd.Series(
            [cells.harmless(v) if isinstance(v, str) else v for v in found], index=values.index, dtype=object
        )
    if kind in (cells.DAY, cells.MOMENT):
        return values.dt.strftime("%Y-%m-%d" if kind == cells.DAY else "%Y-%m-%d %H:%M:%S")
    return values


# ---- workbooks ---------------------------------------------------------------------------------------------------


def book_of(fill: Callable[[Any], None]) -> bytes:
    """The bytes of a workbook that ``fill`` has filled."""
    import xlsxwriter

    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        fill(book)
    return target.getvalue()


def add_sheet(book: Any, title: str, names: set[str]) -> Any:
    """An empty sheet that prints on A4, as wide as the page."""
    sheet = book.add_worksheet(sheet_name(title, names))
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    return sheet


def add_table(book: Any, title: str, frame: pd.DataFrame, t: Translator, names: set[str]) -> None:
    """Sheets of one table; a new one begins where a sheet is full."""
    for start in range(0, max(1, len(frame)), MOST_ROWS):
        sheet = add_sheet(book, title, names)
        sheet.repeat_rows(0)
        _write(book, sheet, frame.iloc[start : start + MOST_ROWS], t)


def _write(book: Any, sheet: Any, frame: pd.DataFrame, t: Translator) -> None:
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for place, name in enumerate(frame.columns):
        kind = cells.kind(frame[name])
        label = i18n.heading(str(name), t)
        sheet.write_string(0, place, label[:MOST_TEXT], bold)
        form = book.add_format({"num_format": FORMATS[kind]} if kind in FORMATS else {})
        for row, value in enumerate(frame[name].tolist(), 1):
            _cell(sheet, row, place, value, kind, form)
        sheet.set_column(place, place, _width(frame[name], label, kind, t))
    sheet.freeze_panes(1, 0)
    if len(frame.columns):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _cell(sheet: Any, row: int, place: int, value: Any, kind: str, form: Any) -> None:
    """One cell in its type: numbers and dates as such, everything else as text."""
    value = cells.plain(value)
    if value is None:
        return
    if kind in cells.NUMERIC and math.isfinite(value):
        sheet.write_number(row, place, value, form)
    elif kind == cells.FLAG:
        sheet.write_boolean(row, place, bool(value))
    elif kind in (cells.DAY, cells.MOMENT) and value >= FIRST_DAY:
        sheet.write_datetime(row, place, value, form)
    else:
        sheet.write_string(row, place, cells.written(value, kind)[:MOST_TEXT])


def _width(values: pd.Series, label: str, kind: str, t: Translator) -> int:
    longest = max((len(cells.written(value, kind, t)) for value in values.head(50)), default=0)
    return min(60, max(9, longest + 2, len(label) + 3))


def sheet_name(title: str, names: set[str]) -> str:
    """A name that spreadsheets allow and no other sheet has."""
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip(" '")[:31] or "1"
    found, number = clean, 2
    while found.lower() in names | {"history"}:
        found, number = f"{clean[: 31 - len(f' ({number})')]} ({number})", number + 1
    names.add(found.lower())
    return found
