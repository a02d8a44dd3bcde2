"""A report as an XLSX workbook: what it says, the charts (native where possible), a sheet a table, the methods."""

from io import BytesIO
from typing import Any

import plotly.graph_objects as go

from crm_ai.errors import MissingExtra
from crm_ai.export import images, notes
from crm_ai.export.cells import clean, harmless
from crm_ai.export.grid import letters
from crm_ai.export.native import BAR, COLUMN, LINE, PIE, SCATTER, Native, Series, native
from crm_ai.export.outline import Block, Chapter, Outline, Pairs
from crm_ai.export.sheets import MOST_TEXT, add_sheet, add_table, book_of
from crm_ai.i18n import Translator

SIZE = {"width": 760, "height": 400}
ROWS_OF_A_CHART = 22
LEFT, RIGHT = 38, 105
"""Letters of the two columns of text."""
HEIGHTS = {"head": 17, "title": 24}
SCALE = SIZE["width"] / (2 * images.WIDTH)

Rows = list[tuple[str, str, str]]
"""A look ("title", "head" or "") and the texts of two cells."""


def report(outline: Outline) -> bytes:
    """A workbook; text is written as text, never as formula or link."""
    return book_of(lambda book: _fill(book, outline))


def _fill(book: Any, outline: Outline) -> None:
    names: set[str] = set()
    t, several = outline.t, len(outline.chapters) > 1
    _lines(book, add_sheet(book, t("Findings"), names), _summary(outline))
    drawn = _drawn(outline)
    for chapter in outline.chapters:
        _charts(book, chapter, chapter.title if several else "", names, drawn, t)
        for block in chapter.blocks:
            if block.table is not None:
                add_table(book, f"{chapter.title} {block.title}" if several else block.title, block.table, t, names)
    _lines(book, add_sheet(book, t("Method and data"), names), _methods(outline))


# ---- text ------------------------------------------------------------------------------------------------------------


def _lines(book: Any, sheet: Any, rows: Rows) -> None:
    looks: dict[str, dict[str, Any]] = {
        "": {"text_wrap": True, "valign": "top"},
        "head": {"bold": True, "font_size": 12},
        "title": {"bold": True, "font_size": 16},
    }
    forms = {name: book.add_format(look) for name, look in looks.items()}
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, LEFT)
    sheet.set_column(1, 1, RIGHT)
    for row, (look, left, right) in enumerate(rows):
        sheet.write_string(row, 0, clean(left)[:MOST_TEXT], forms[look])
        sheet.write_string(row, 1, clean(right)[:MOST_TEXT], forms[""])
        sheet.set_row(row, HEIGHTS.get(look, 15) * max(_lines_of(right, RIGHT), 1 if look else _lines_of(left, LEFT)))


def _lines_of(text: str, width: int) -> int:
    """Spreadsheets do not all grow a row with its text."""
    return min(25, sum(letters(line) // width + 1 for line in text.split("\n")))


def _summary(outline: Outline) -> Rows:
    rows: Rows = [("title", outline.title, ""), ("", "", outline.subtitle)]
    rows += _pairs((*outline.facts, (outline.t("Report made"), outline.stamp)))
    for chapter in outline.chapters:
        rows += [("", "", ""), ("head", chapter.title, chapter.lead)]
        for block in chapter.blocks:
            rows += _said(block)
    return rows


def _said(block: Block) -> Rows:
    """What a block says in words; its chart and its table have sheets of their own."""
    said = [*block.findings, *filter(None, (block.problem, notes.plain(block.note)))]
    rows: Rows = [("", card.label, " ".join(filter(None, (card.text, card.delta)))) for card in block.cards]
    return rows + [("", "" if number else block.title, sentence) for number, sentence in enumerate(said)]


def _methods(outline: Outline) -> Rows:
    rows: Rows = [("title", outline.t("Method and data"), "")]
    for method in outline.methods:
        rows += [("", "", ""), ("head", method.title, method.question), ("", "", method.reading), *_pairs(method.terms)]
        for name, basis in method.bases:
            rows += [("head", outline.t("What this rests on"), name), *_pairs(basis)]
    return rows


def _pairs(found: Pairs) -> Rows:
    return [("", name, value) for name, value in found]


# ---- charts ----------------------------------------------------------------------------------------------------------


def _drawn(outline: Outline) -> dict[int, bytes]:
    """PNG of the charts that Excel has not, by the id of their block; none without Chromium."""
    blocks = [block for block in outline.blocks if block.figure is not None and native(block.figure) is None]
    figures: list[go.Figure] = [titled(block) for block in blocks]
    try:
        drawn = images.pictures(figures, "png")
    except MissingExtra:
        return {}
    return {id(block): picture for block, picture in zip(blocks, drawn, strict=True) if picture is not None}


def _charts(book: Any, chapter: Chapter, title: str, names: set[str], drawn: dict[int, bytes], t: Translator) -> None:
    """A sheet of charts, and one with the numbers of those that stay editable."""
    blocks = [block for block in chapter.blocks if block.figure is not None]
    if not blocks:
        return
    sheet = add_sheet(book, f"{title} {t('Charts')}", names)
    sheet.hide_gridlines(2)
    numbers_sheet = add_sheet(book, f"{title} {t('Chart data')}", names)
    column = 0
    for place, block in enumerate(blocks):
        row, numbers, picture = place * ROWS_OF_A_CHART, native(titled(block)), drawn.get(id(block))
        if numbers is not None:
            sheet.insert_chart(row, 0, _chart(book, numbers_sheet, column, numbers), {"object_position": 2})
            column += len(numbers.series) * 2 + 2
        elif picture is not None:
            look = {"image_data": BytesIO(picture), "x_scale": SCALE, "y_scale": _shrunk(block), "description": ""}
            sheet.insert_image(row, 0, "chart.png", look)
        else:
            sheet.write_string(row, 0, f"{block.title}: {t('This chart needs Chromium to be drawn.')}"[:MOST_TEXT])


def _shrunk(block: Block) -> float:
    """A tall picture is pressed into the rows it has."""
    return min(SCALE, SIZE["height"] / (2 * images.height(block.figure, images.HEIGHT)))


def titled(block: Block) -> go.Figure:
    """The chart with the title of its block."""
    from crm_ai.charts import plain

    return go.Figure(block.figure).update_layout(title_text=plain(block.title)) if block.title else block.figure


def _chart(book: Any, sheet: Any, column: int, numbers: Native) -> Any:
    """A native chart; its numbers go to ``sheet`` from ``column`` on."""
    joined = numbers.kind == SCATTER and any(series.joined for series in numbers.series)
    subtype = {"subtype": "stacked"} if numbers.stacked else {"subtype": "straight"} if joined else {}
    chart = book.add_chart({"type": numbers.kind} | subtype)
    sheet.write_string(0, column, numbers.title[:MOST_TEXT])
    for row, name in enumerate(numbers.categories, 2):
        sheet.write_string(row, column, name[:MOST_TEXT])
    for place, series in enumerate(numbers.series):
        cells = _numbers(sheet, column, column + 2 * place + 2, series)
        chart.add_series(cells | _look(numbers, series))
    chart.set_title({"name": harmless(numbers.title), "overlay": False, "name_font": {"size": 13, "bold": False}})
    _axes(chart, numbers)
    unlisted = [place for place, series in enumerate(numbers.series) if not series.listed]
    legend = {"position": "bottom"} | ({"delete_series": unlisted} if unlisted else {})
    chart.set_legend(legend if numbers.legend else {"none": True})
    chart.set_size(SIZE)
    return chart


def _axes(chart: Any, numbers: Native) -> None:
    """Both axes; in a bar chart the values lie along x."""
    places: dict[str, Any] = {"label_position": "low", "major_gridlines": {"visible": False}}
    values: dict[str, Any] = {"major_gridlines": {"visible": True, "line": {"color": "#D8DEE6"}}}
    places |= {"num_format": "0%", "max": 1} if numbers.x_percent else {}
    values |= ({"num_format": "0%"} if numbers.percent else {}) | ({"max": 1} if numbers.whole else {})
    x, y = (values, places) if numbers.kind == BAR else (places, values)
    chart.set_x_axis(x | {"name": harmless(numbers.x_title), "name_font": {"bold": False}})
    chart.set_y_axis(y | {"name": harmless(numbers.y_title), "name_font": {"bold": False}})


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


def _look(numbers: Native, series: Series) -> dict[str, Any]:
    kind, color = numbers.kind, series.colors[0]
    if kind in (BAR, COLUMN, PIE):
        many = [{"fill": {"color": each}} for each in series.colors]
        points = {"points": many} if len(many) > 1 or kind == PIE else {}
        side = {"gap": 50, "overlap": 100 if numbers.stacked or numbers.overlaid else 0} if kind != PIE else {}
        return {"fill": {"color": color}} | points | side
    if series.joined and kind in (LINE, SCATTER):
        line = {"color": color, "width": 2} | ({"dash_type": "dash"} if series.dashed else {})
        return {"line": line, "marker": {"type": "none"}}
    marker = {"type": "circle", "size": 5, "fill": {"color": color}, "border": {"none": True}}
    return {"line": {"none": True}, "marker": marker}
