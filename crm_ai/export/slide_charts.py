"""Charts that can be edited in PowerPoint."""

import re
from collections.abc import Sequence
from typing import Any

from crm_ai.export.native import BAR, COLUMN, LINE, PIE, SCATTER, Native, Series

SOFT = "5B6675"
RULE = "D8DEE6"
Place = tuple[int, int, int, int]
"""Left, top, width and height in EMU."""


def add(slide: Any, numbers: Native, place: Place) -> None:
    """Put a chart on a slide; its title is the slide's."""
    from pptx.enum.chart import XL_LEGEND_POSITION
    from pptx.util import Pt

    chart = slide.shapes.add_chart(_kind(numbers), *place, _data(numbers)).chart
    chart.font.size = Pt(12)
    chart.has_title = False
    chart.has_legend = numbers.legend
    if chart.has_legend:
        chart.legend.position = XL_LEGEND_POSITION.BOTTOM
        chart.legend.include_in_layout = False
        _unlist(chart.legend, [n for n, series in enumerate(numbers.series) if not series.listed])
    if numbers.kind != PIE:
        _axes(chart, numbers)
    if numbers.kind in (BAR, COLUMN):
        chart.plots[0].gap_width = 50
        chart.plots[0].overlap = 100 if numbers.stacked or numbers.overlaid else -5
    for drawn, series in zip(chart.plots[0].series, numbers.series, strict=True):
        _paint(drawn, series, numbers.kind)


def _kind(numbers: Native) -> Any:
    from pptx.enum.chart import XL_CHART_TYPE as KIND

    joined = any(series.joined for series in numbers.series)
    return {
        BAR: KIND.BAR_STACKED if numbers.stacked else KIND.BAR_CLUSTERED,
        COLUMN: KIND.COLUMN_STACKED if numbers.stacked else KIND.COLUMN_CLUSTERED,
        LINE: KIND.LINE_MARKERS if not all(series.joined for series in numbers.series) else KIND.LINE,
        SCATTER: KIND.XY_SCATTER_LINES_NO_MARKERS if joined else KIND.XY_SCATTER,
        PIE: KIND.PIE,
    }[numbers.kind]


def _data(numbers: Native) -> Any:
    from pptx.chart.data import CategoryChartData, XyChartData

    if numbers.kind == SCATTER:
        cloud = XyChartData()
        for series in numbers.series:
            added = cloud.add_series(_text(series.name))
            for x, y in zip(series.x or (), series.values, strict=True):
                added.add_data_point(x, y)
        return cloud
    table = CategoryChartData()
    table.categories = [_text(name) for name in numbers.categories]
    for series in numbers.series:
        table.add_series(_text(series.name), series.values)
    return table


def _text(name: str) -> str:
    """A name that the sheet behind the chart takes for text: an unseen mark keeps it from being a formula or a link."""
    return f"\u200e{name}" if re.match(r"\{?=|\w+:", name) else name


def _axes(chart: Any, numbers: Native) -> None:
    titles = ((chart.category_axis, numbers.x_title), (chart.value_axis, numbers.y_title))
    if numbers.kind == BAR:
        titles = ((chart.category_axis, numbers.y_title), (chart.value_axis, numbers.x_title))
    for axis, title in titles:
        axis.has_title = bool(title)
        if title:
            axis.axis_title.text_frame.text = title
            _calm(axis.axis_title.text_frame.paragraphs[0].font)
        axis.format.line.color.rgb = shade(RULE)
    chart.category_axis.has_major_gridlines = False
    chart.value_axis.has_major_gridlines = True
    chart.value_axis.major_gridlines.format.line.color.rgb = shade(RULE)
    form = "0%" if numbers.percent else "#,##0.##" if _small(numbers) else "#,##0"
    chart.value_axis.tick_labels.number_format = form
    chart.value_axis.tick_labels.number_format_is_linked = False
    if numbers.whole:
        chart.value_axis.maximum_scale = 1
    if numbers.x_percent:
        chart.category_axis.tick_labels.number_format = "0%"
        chart.category_axis.tick_labels.number_format_is_linked = False
        chart.category_axis.maximum_scale = 1
    _below(chart.category_axis)


def _unlist(legend: Any, series: Sequence[int]) -> None:
    """Take series out of a legend; python-pptx has no word for it."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    for number in reversed(series):
        entry = f'<c:legendEntry {nsdecls("c")}><c:idx val="{number}"/><c:delete val="1"/></c:legendEntry>'
        legend._element.insert(1, parse_xml(entry))  # after the position


def _small(numbers: Native) -> bool:
    return max((abs(v) for series in numbers.series for v in series.values if v is not None), default=0) < 10


def _below(axis: Any) -> None:
    """Labels at the edge of the chart, not across bars that go below nought."""
    from pptx.enum.chart import XL_TICK_LABEL_POSITION

    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW


def _calm(font: Any) -> None:
    from pptx.util import Pt

    font.size, font.bold = Pt(12), False
    font.color.rgb = shade(SOFT)


def _paint(drawn: Any, series: Series, kind: str) -> None:
    if kind in (BAR, COLUMN, PIE):
        _fill(drawn.format, series.colors[0])
        drawn.invert_if_negative = False
        for place, color in enumerate(series.colors if len(series.colors) > 1 or kind == PIE else ()):
            _fill(drawn.points[place].format, color)
    elif kind in (LINE, SCATTER):
        _draw(drawn, series)


def _fill(form: Any, color: str) -> None:
    form.fill.solid()
    form.fill.fore_color.rgb = shade(color[1:])


def _draw(drawn: Any, series: Series) -> None:
    """A line, broken or whole, or points alone."""
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE
    from pptx.util import Pt

    color = shade(series.colors[0][1:])
    drawn.smooth = False
    if series.joined:
        drawn.format.line.color.rgb, drawn.format.line.width = color, Pt(2)
        drawn.marker.style = XL_MARKER_STYLE.NONE
        if series.dashed:
            drawn.format.line.dash_style = MSO_LINE.DASH
        return
    drawn.format.line.fill.background()
    drawn.marker.style, drawn.marker.size = XL_MARKER_STYLE.CIRCLE, 6
    _fill(drawn.marker.format, series.colors[0])
    drawn.marker.format.line.fill.background()


def shade(color: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(color)
