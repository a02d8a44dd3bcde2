"""PPTX: a slide of findings, a slide a chart (editable where PowerPoint has the kind), a slide a table."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pandas as pd

from crm_ai import charts, i18n
from crm_ai.errors import MissingExtra
from crm_ai.export import Section, cells, images
from crm_ai.export.native import BAR, COLUMN, LINE, PIE, SCATTER, Native, native
from crm_ai.export.outline import Chapter, chapters
from crm_ai.i18n import Translator

WIDE, HIGH = 12_192_000, 6_858_000
"""A slide of 16:9 in EMU."""
CM = 360_000
EDGE, TOP = int(1.3 * CM), int(3.1 * CM)
MOST_ROWS, MOST_COLUMNS, MOST_LETTERS, SHORT = 10, 7, 44, 12
INK, BLUE, SOFT = "1F2733", "2F5DB8", "5B6675"


def report(sections: Sequence[Section], title: str, language: str) -> bytes:
    """Results as slides."""
    from pptx import Presentation
    from pptx.util import Emu

    t = i18n.translator(language)
    deck = Presentation()
    deck.slide_width, deck.slide_height = Emu(WIDE), Emu(HIGH)
    found = chapters(sections, language)
    _cover(deck, title, [chapter.title for chapter in found])
    for chapter in found:
        _findings(deck, chapter)
        _figures(deck, chapter, t)
        for heading, frame in chapter.tables[:3]:
            _table(_slide(deck, f"{chapter.title}: {heading}"), frame, t)
        _reading(deck, chapter, t)
    target = BytesIO()
    deck.save(target)
    return target.getvalue()


def _slide(deck: Any, title: str) -> Any:
    """A slide with a title of its own, which outlines and screen readers find."""
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    place = slide.shapes.title
    place.left, place.top, place.width, place.height = EDGE, int(0.9 * CM), WIDE - 2 * EDGE, int(1.7 * CM)
    _say(place.text_frame, [title], 26, BLUE)
    return slide


def _cover(deck: Any, title: str, names: Sequence[str]) -> None:
    slide = _slide(deck, title)
    slide.shapes.title.top = int(HIGH * 0.36)
    if len(names) > 1:
        box = slide.shapes.add_textbox(EDGE, int(HIGH * 0.52), WIDE - 2 * EDGE, int(3 * CM))
        _say(box.text_frame, [" · ".join(names)], 18, SOFT)


def _findings(deck: Any, chapter: Chapter) -> None:
    slide = _slide(deck, chapter.title)
    box = slide.shapes.add_textbox(EDGE, int(2.5 * CM), WIDE - 2 * EDGE, int(1 * CM))
    _say(box.text_frame, [chapter.question], 14, SOFT)
    width = (WIDE - 2 * EDGE) // max(1, len(chapter.cards))
    for place, (name, value) in enumerate(chapter.cards):
        card = slide.shapes.add_textbox(EDGE + place * width, int(3.7 * CM), width, int(1.8 * CM))
        _say(card.text_frame, [name], 11, SOFT)
        _say(card.text_frame, [value], 20, INK, more=True)
    box = slide.shapes.add_textbox(EDGE, int(6.1 * CM), WIDE - 2 * EDGE, int(11 * CM))
    _say(box.text_frame, [f"• {sentence}" for sentence in chapter.findings], 15, INK)


def _figures(deck: Any, chapter: Chapter, t: Translator) -> None:
    figures = list(chapter.figures.values())
    known = [native(figure) for figure in figures]
    drawn, note = _drawn([figure for figure, numbers in zip(figures, known, strict=True) if numbers is None], t)
    for figure, numbers in zip(figures, known, strict=True):
        slide = _slide(deck, images.title(figure))
        place = (EDGE, TOP, WIDE - 2 * EDGE, HIGH - TOP - int(0.8 * CM))
        if numbers is not None:
            _chart(slide, numbers, place)
        elif note:
            _say(slide.shapes.add_textbox(*place).text_frame, [note], 14, SOFT)
        else:
            _picture(slide, next(drawn), place)


def _drawn(figures: Sequence[Any], t: Translator) -> tuple[Any, str]:
    """PNG of each figure without its title, or why there is none."""
    try:
        return iter(images.pictures([images.untitled(figure) for figure in figures], "png", 1100, 520)), ""
    except MissingExtra as error:
        return iter(()), error.text(t)


def _picture(slide: Any, picture: bytes, place: tuple[int, int, int, int]) -> None:
    """A picture as large as its place allows, in the middle."""
    left, top, width, height = place
    shape = slide.shapes.add_picture(BytesIO(picture), left, top, width=width)
    if shape.height > height:
        shape.width, shape.height = int(shape.width * height / shape.height), height
        shape.left = left + (width - shape.width) // 2


def _chart(slide: Any, numbers: Native, place: tuple[int, int, int, int]) -> None:
    """A chart that can be edited in PowerPoint."""
    from pptx.util import Pt

    chart = slide.shapes.add_chart(_kind(numbers), *place, _data(numbers)).chart
    chart.font.size = Pt(12)
    chart.has_title = False
    chart.has_legend = len(numbers.series) > 1 or numbers.kind == PIE
    if chart.has_legend:
        chart.legend.include_in_layout = False
    if numbers.kind != PIE:
        _axes(chart, numbers)
    for series, color in zip(chart.plots[0].series, charts.PALETTE * 9, strict=False):
        _paint(series, color[1:], numbers)


def _kind(numbers: Native) -> Any:
    from pptx.enum.chart import XL_CHART_TYPE as KIND

    joined = all(series.joined for series in numbers.series)
    return {
        BAR: KIND.BAR_STACKED if numbers.stacked else KIND.BAR_CLUSTERED,
        COLUMN: KIND.COLUMN_STACKED if numbers.stacked else KIND.COLUMN_CLUSTERED,
        LINE: KIND.LINE,
        SCATTER: KIND.XY_SCATTER_LINES_NO_MARKERS if joined else KIND.XY_SCATTER,
        PIE: KIND.PIE,
    }[numbers.kind]


def _data(numbers: Native) -> Any:
    from pptx.chart.data import CategoryChartData, XyChartData

    if numbers.kind == SCATTER:
        cloud = XyChartData()
        for series in numbers.series:
            added = cloud.add_series(series.name)
            for x, y in zip(series.x or (), series.values, strict=True):
                added.add_data_point(x, y)
        return cloud
    table = CategoryChartData()
    table.categories = numbers.categories
    for series in numbers.series:
        table.add_series(series.name, series.values)
    return table


def _axes(chart: Any, numbers: Native) -> None:
    flat = numbers.kind == BAR
    titles = ((chart.category_axis, numbers.x_title), (chart.value_axis, numbers.y_title))
    if flat:
        titles = ((chart.category_axis, numbers.y_title), (chart.value_axis, numbers.x_title))
    for axis, title in titles:
        axis.has_title = bool(title)
        if title:
            axis.axis_title.text_frame.text = title
    chart.value_axis.has_major_gridlines = True
    if numbers.percent:
        chart.value_axis.tick_labels.number_format = "0%"
        chart.value_axis.tick_labels.number_format_is_linked = False


def _paint(series: Any, color: str, numbers: Native) -> None:
    from pptx.dml.color import RGBColor

    shade = RGBColor.from_string(color)
    if numbers.kind in (BAR, COLUMN):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = shade
    elif numbers.kind == LINE:
        series.format.line.color.rgb = shade
        series.smooth = False
    elif numbers.kind == SCATTER:
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = shade


def _table(slide: Any, frame: pd.DataFrame, t: Translator) -> None:
    shown = frame.iloc[:MOST_ROWS, :MOST_COLUMNS]
    kinds = [cells.kind(frame[name]) for name in shown.columns]
    texts = [[_cut(cells.written(v, k, t)) for v in shown[n]] for n, k in zip(shown.columns, kinds, strict=True)]
    place = (EDGE, TOP, WIDE - 2 * EDGE, int(0.8 * CM) * (len(shown) + 1))
    grid = slide.shapes.add_table(len(shown) + 1, len(shown.columns), *place).table
    room = [width or SHORT for width in cells.widths(texts, kinds)]
    for column, (name, column_texts) in enumerate(zip(shown.columns, texts, strict=True)):
        grid.columns[column].width = int((WIDE - 2 * EDGE) * room[column] / sum(room))
        _say(grid.cell(0, column).text_frame, [_cut(i18n.heading(str(name), t))], 11, "FFFFFF")
        for row, words in enumerate(column_texts, 1):
            _say(grid.cell(row, column).text_frame, [words], 11, INK, right=kinds[column] in cells.NUMERIC)


def _cut(words: str) -> str:
    return words if len(words) <= MOST_LETTERS else words[: MOST_LETTERS - 1] + "…"


def _reading(deck: Any, chapter: Chapter, t: Translator) -> None:
    slide = _slide(deck, f"{chapter.title}: {t('How to read this')}")
    box = slide.shapes.add_textbox(EDGE, TOP, WIDE - 2 * EDGE, int(13 * CM))
    _say(box.text_frame, [chapter.reading], 14, INK)
    _say(box.text_frame, [f"{name}: {value}" for name, value in chapter.basis], 11, SOFT, more=True)


def _say(frame: Any, lines: Sequence[str], size: int, color: str, right: bool = False, more: bool = False) -> None:
    """Paragraphs of plain text; ``more`` adds them to what is there."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap = True
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 and not more else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.color.rgb = Pt(size), RGBColor.from_string(color)
        paragraph.space_after = Pt(size / 3)
