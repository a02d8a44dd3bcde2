"""A Plotly figure as numbers that PowerPoint and Excel can draw by themselves, where that loses nothing."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.export.cells import clean

BAR, COLUMN, LINE, SCATTER, PIE = "bar", "column", "line", "scatter", "pie"
MOST_BARS, MOST_POINTS = 60, 2_000


@dataclass(frozen=True)
class Series:
    """A name, its values, and for a scatter the places on the x axis.

    Attributes:
        joined: whether a line goes through its points.
        dashed: whether that line is broken.
        colors: one of the whole series, or one a value, as "#RRGGBB".
        listed: whether the legend names it.
    """

    name: str
    values: list[float | None]
    x: list[float] | None = None
    joined: bool = True
    dashed: bool = False
    colors: tuple[str, ...] = ()
    listed: bool = True


@dataclass(frozen=True)
class Native:
    """A chart that can stay a chart.

    Attributes:
        stacked, overlaid: how columns of several series stand: on or behind each other, not side by side.
        percent, x_percent: whether an axis shows shares: that of the values, that of the places of a scatter.
    """

    kind: str
    title: str
    x_title: str
    y_title: str
    categories: list[str]
    series: list[Series]
    stacked: bool = False
    percent: bool = False
    overlaid: bool = False
    x_percent: bool = False

    @property
    def legend(self) -> bool:
        return self.kind == PIE or sum(series.listed for series in self.series) > 1

    @property
    def whole(self) -> bool:
        """Whether the values are shares of one at most, so that the axis ends there."""
        return self.percent and all(v is None or v <= 1 for series in self.series for v in series.values)


def native(figure: go.Figure) -> Native | None:
    """The chart's numbers, or None where only a picture shows all of it (bands, heat maps, colours by value ...)."""
    traces, layout = list(figure.data), figure.layout
    if not traces or layout.shapes or layout.annotations or "log" in (layout.xaxis.type, layout.yaxis.type):
        return None
    if any(getattr(trace, "yaxis", None) not in (None, "y") for trace in traces):
        return None
    kinds = {trace.type for trace in traces}
    if kinds == {"pie"}:
        return _pie(figure)
    if kinds == {"bar"}:
        return _bars(figure)
    return _lines(figure) if kinds <= {"scatter", "scattergl"} else None


def text(value: Any) -> str:
    """What Plotly shows as text: its few tags and escapes undone."""
    return clean(html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br\s*/?>", " ", str(value))))).strip()


def _pie(figure: go.Figure) -> Native | None:
    if len(figure.data) != 1 or figure.data[0].labels is None:
        return None
    trace = figure.data[0]
    labels = [text(label) for label in trace.labels]
    parts = Series("", _numbers(trace.values), colors=tuple(islice(cycle(charts.PALETTE), len(labels))))
    return _named(figure, PIE, labels, [parts])


def _bars(figure: go.Figure) -> Native | None:
    sides = {trace.orientation or "v" for trace in figure.data}
    if len(sides) > 1 or any(t.base is not None or t.x is None or t.y is None for t in figure.data):
        return None
    flat = sides == {"h"}
    axis = figure.layout.yaxis if flat else figure.layout.xaxis
    pairs = [(t.y, t.x) if flat else (t.x, t.y) for t in figure.data]
    categories, columns = _aligned(pairs, axis)
    colors = [_colors(t.marker.color, n, len(categories)) for n, t in enumerate(figure.data)]
    if not columns or len(categories) > MOST_BARS or not all(colors):
        return None
    step = -1 if flat and axis.autorange == "reversed" else 1  # both begin at the bottom
    named = zip(figure.data, columns, colors, strict=True)
    series = [
        Series(text(t.name or ""), values[::step], colors=color[::step], listed=t.showlegend is not False)
        for t, values, color in named
    ]
    found, mode = _named(figure, BAR if flat else COLUMN, categories[::step], series), figure.layout.barmode
    return replace(found, stacked=mode in ("stack", "relative"), overlaid=mode == "overlay")


def _lines(figure: go.Figure) -> Native | None:
    odd = any(t.fill not in (None, "none") or t.x is None or t.y is None or _varied(t) for t in figure.data)
    if odd or any("text" in _mode(t) for t in figure.data) or sum(len(t.x) for t in figure.data) > MOST_POINTS:
        return None
    if all(_is_numeric(trace.x) for trace in figure.data):
        return _named(figure, SCATTER, [], [_cloud(trace, n) for n, trace in enumerate(figure.data)])
    if not any("lines" in _mode(t) for t in figure.data):
        return None
    categories, columns = _aligned([(t.x, t.y) for t in figure.data], figure.layout.xaxis)
    if not columns:
        return None
    series = [_line(t, n, values) for n, (t, values) in enumerate(zip(figure.data, columns, strict=True))]
    return _named(figure, LINE, categories, series)


def _named(figure: go.Figure, kind: str, categories: list[str], series: list[Series]) -> Native:
    layout = figure.layout
    places, values = (layout.yaxis, layout.xaxis) if kind == BAR else (layout.xaxis, layout.yaxis)
    title, x_title, y_title = (text(part.title.text or "") for part in (layout, layout.xaxis, layout.yaxis))
    percent, x_percent = ("%" in (axis.tickformat or "") for axis in (values, places))
    return Native(kind, title, x_title, y_title, categories, series, percent=percent, x_percent=x_percent)


def _cloud(trace: Any, number: int) -> Series:
    x, y = np.asarray(trace.x, dtype=float), np.asarray(trace.y, dtype=float)
    known = np.isfinite(x) & np.isfinite(y)
    return replace(_line(trace, number, _numbers(y[known])), x=[float(v) for v in x[known]])


def _line(trace: Any, number: int, values: list[float | None]) -> Series:
    joined = "lines" in _mode(trace)
    color = (trace.line.color if joined else None) or trace.marker.color
    colors = _colors(color, number) or _colors(None, number)
    dashed, listed = trace.line.dash not in (None, "solid"), trace.showlegend is not False
    return Series(text(trace.name or ""), values, joined=joined, dashed=dashed, colors=colors, listed=listed)


def _mode(trace: Any) -> str:
    return trace.mode or "lines"


def _colors(color: Any, number: int, points: int = 1) -> tuple[str, ...]:
    """Those of a series, the usual one of the house where it has none; () where a native chart has none such."""
    if color is None:
        return (charts.PALETTE[number % len(charts.PALETTE)],)
    many = [color] if isinstance(color, str) else np.asarray(color).tolist()
    known = all(isinstance(each, str) and re.fullmatch("#[0-9A-Fa-f]{6}", each) for each in many)
    return tuple(many) if known and len(many) in (1, points) else ()


def _aligned(pairs: Sequence[tuple[Any, Any]], axis: Any) -> tuple[list[str], list[list[float | None]]]:
    """Categories of all traces in order, and each trace's value at each of them; none where a trace repeats one."""
    labels = [_labels(places, axis) for places, _ in pairs]
    if any(len(names) > len(set(names)) for names in labels):
        return [], []
    categories = list(dict.fromkeys(name for names in labels for name in names))
    columns = []
    for names, (_, values) in zip(labels, pairs, strict=True):
        found = dict(zip(names, _numbers(values), strict=True))
        columns.append([found.get(name) for name in categories])
    return categories, columns


def _labels(places: Any, axis: Any) -> list[str]:
    """Places on an axis in the words it shows there."""
    shown = {} if axis.ticktext is None else dict(zip(_list(axis.tickvals), axis.ticktext, strict=False))
    if np.issubdtype(np.asarray(places).dtype, np.datetime64):
        return [stamp.strftime("%Y-%m-%d") for stamp in pd.to_datetime(places)]
    return [text(shown.get(place, f"{place:.4g}" if isinstance(place, float) else place)) for place in _list(places)]


def _numbers(values: Iterable[Any]) -> list[float | None]:
    array = np.asarray(list(values), dtype=float)
    return [round(float(v), 10) if np.isfinite(v) else None for v in array]


def _is_numeric(values: Any) -> bool:
    return np.issubdtype(np.asarray(values).dtype, np.number)


def _list(values: Any) -> list[Any]:
    found: list[Any] = np.asarray(values).tolist()
    return found


def _varied(trace: Any) -> bool:
    """Whether points differ in colour or size: a native series of points has one of each."""
    many = (list, tuple, np.ndarray)
    return isinstance(trace.marker.color, many) or isinstance(getattr(trace.marker, "size", None), many)
