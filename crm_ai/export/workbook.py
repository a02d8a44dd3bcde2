"""A report as an XLSX workbook: the findings, then the charts (native where that is possible), then a sheet a table."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import plotly.graph_objects as go

from crm_ai import charts, i18n
from crm_ai.errors import MissingExtra
from crm_ai.export import Section, images
from crm_ai.export.native import BAR, COLUMN, LINE, PIE, SCATTER, Native, Series, native
from crm_ai.export.outline import Chapter, chapters
from crm_ai.export.sheets import MOST_TEXT, add_table, book_of, sheet_name
from crm_ai.i18n import Translator

SIZE = {"width": 760, "height": 400}
ROWS_OF_A_CHART = 22


def report(sections: Sequence[Section], title: str, language: str) -> bytes:
    """Results as one workbook."""
    found = chapters(sections, language)
    return book_of(lambda book: _fill(book, found, title, i18n.translator(language)))


def _fill(book: Any, found: Sequence[Chapter], title: str, t: Translator) -> None:
    names: set[str] = set()
    summary = book.add_worksheet(sheet_name(t("Findings"), names))
    _summary(book, summary, found, title)
    for chapter in found:
        _charts(book, chapter, names, t)
        for heading, frame in chapter.tables:
            add_table(book, f"{chapter.title} {heading}" if len(found) > 1 else heading, frame, t, names)


def _summary(book: Any, sheet: Any, found: Sequence[Chapter], title: str) -> None:
    large, bold = book.add_format({"bold": True, "font_size": 16}), book.add_format({"bold": True, "font_size": 12})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 100)
    lines: list[tuple[str, str, Any]] = [(title, "", large)]
    for chapter in found:
        lines += [("", "", wrapped), (chapter.title, chapter.question, bold)]
        lines += [("", sentence, wrapped) for sentence in chapter.findings]
        lines += [(name, value, wrapped) for name, value in [*chapter.cards, *chapter.basis]]
    for row, (left, right, form) in enumerate(lines):
        sheet.write_string(row, 0, left[:MOST_TEXT], form)
        sheet.write_string(row, 1, right[:MOST_TEXT], wrapped)


def _charts(book: Any, chapter: Chapter, names: set[str], t: Translator) -> None:
    """A sheet of charts, and one with the numbers of those that stay editable."""
    figures = list(chapter.figures.values())
    known = [native(figure) for figure in figures]
    sheet = book.add_worksheet(sheet_name(f"{chapter.title} {t('Charts')}", names))
    drawn = _pictures([figure for figure, numbers in zip(figures, known, strict=True) if numbers is None])
    numbers_sheet = book.add_worksheet(sheet_name(f"{chapter.title} {t('Chart data')}", names))
    row = column = 0
    for numbers in known:
        if numbers is not None:
            sheet.insert_chart(row, 0, _chart(book, numbers_sheet, column, numbers), {"object_position": 2})
            column += len(numbers.series) * 2 + 2
        elif (picture := next(drawn)) is not None:
            sheet.insert_image(row, 0, "chart.png", {"image_data": BytesIO(picture), "x_scale": 0.42, "y_scale": 0.42})
        else:
            sheet.write_string(row, 0, t("This chart needs Chromium to be drawn."))
        row += ROWS_OF_A_CHART


def _pictures(figures: Sequence[go.Figure]) -> Iterator[bytes | None]:
    """PNG of each figure, or None for each where there is no Chromium."""
    try:
        return iter(images.pictures(figures, "png") if figures else [])
    except MissingExtra:
        return iter([None] * len(figures))


def _chart(book: Any, sheet: Any, column: int, numbers: Native) -> Any:
    """A native chart; its numbers go to ``sheet`` from ``column`` on."""
    joined = numbers.kind == SCATTER and all(series.joined for series in numbers.series)
    subtype = {"subtype": "stacked"} if numbers.stacked else {"subtype": "straight"} if joined else {}
    chart = book.add_chart({"type": numbers.kind} | subtype)
    sheet.write_string(0, column, numbers.title)
    for row, name in enumerate(numbers.categories, 2):
        sheet.write_string(row, column, name[:MOST_TEXT])
    for place, series in enumerate(numbers.series):
        cells = _numbers(sheet, column, column + 2 * place + 2, series)
        chart.add_series(cells | _look(numbers.kind, charts.PALETTE[place % len(charts.PALETTE)], series.joined))
    chart.set_title({"name": numbers.title, "overlay": False, "name_font": {"size": 13}})
    _axes(chart, numbers)
    chart.set_legend({"none": True} if len(numbers.series) < 2 and numbers.kind != PIE else {"position": "bottom"})
    chart.set_size(SIZE)
    return chart


def _axes(chart: Any, numbers: Native) -> None:
    """Titles of both axes; in a bar chart Excel, too, calls the one of the categories x."""
    names = (numbers.y_title, numbers.x_title) if numbers.kind == BAR else (numbers.x_title, numbers.y_title)
    chart.set_x_axis({"name": names[0]})
    chart.set_y_axis({"name": names[1]} | ({"num_format": "0%"} if numbers.percent else {}))


def _numbers(sheet: Any, names: int, values: int, series: Series) -> dict[str, Any]:
    """Write a series into the column ``values``; its categories stand in ``names``, its own places one to the left."""
    sheet.write_string(1, values, series.name)
    for row, value in enumerate(series.values, 2):
        if value is not None:
            sheet.write_number(row, values, value)
    if series.x is not None:
        names = values - 1
        sheet.write_column(2, names, series.x)
    name, last = sheet.get_name(), max(2, len(series.values) + 1)
    return {
        "name": [name, 1, values],
        "categories": [name, 2, names, last, names],
        "values": [name, 2, values, last, values],
    }


def _look(kind: str, color: str, joined: bool) -> dict[str, Any]:
    if kind in (BAR, COLUMN):
        return {"fill": {"color": color}, "gap": 60}
    if kind == LINE or (kind == SCATTER and joined):
        return {"line": {"color": color, "width": 2}}
    if kind == SCATTER:
        return {"marker": {"type": "circle", "size": 5, "fill": {"color": color}, "border": {"none": True}}}
    return {}
