"""A Plotly figure as numbers that PowerPoint and Excel can draw by themselves, where that loses nothing."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

BAR, COLUMN, LINE, SCATTER, PIE = "bar", "column", "line", "scatter", "pie"
MOST_BARS, MOST_POINTS = 60, 2_000


@dataclass(frozen=True)
class Series:
    """A name, its values, and for a scatter the places on the x axis."""

    name: str
    values: list[float | None]
    x: list[float] | None = None
    joined: bool = True


@dataclass(frozen=True)
class Native:
    """A chart that can stay a chart."""

    kind: str
    title: str
    x_title: str
    y_title: str
    categories: list[str]
    series: list[Series]
    stacked: bool = False
    percent: bool = False


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
    return html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br\s*/?>", " ", str(value)))).strip()


def _pie(figure: go.Figure) -> Native | None:
    if len(figure.data) != 1 or figure.data[0].labels is None:
        return None
    trace = figure.data[0]
    return _named(figure, PIE, [text(label) for label in trace.labels], [Series("", _numbers(trace.values))])


def _bars(figure: go.Figure) -> Native | None:
    sides = {trace.orientation or "v" for trace in figure.data}
    if len(sides) > 1 or any(_coloured(t) or t.base is not None or t.x is None or t.y is None for t in figure.data):
        return None
    flat = sides == {"h"}
    axis = figure.layout.yaxis if flat else figure.layout.xaxis
    pairs = [(t.y, t.x) if flat else (t.x, t.y) for t in figure.data]
    categories, columns = _aligned(pairs, axis)
    if not 0 < len(categories) <= MOST_BARS:
        return None
    series = [Series(text(t.name or ""), values) for t, values in zip(figure.data, columns, strict=True)]
    return _named(figure, BAR if flat else COLUMN, categories, series, figure.layout.barmode in ("stack", "relative"))


def _lines(figure: go.Figure) -> Native | None:
    modes = [trace.mode or "lines" for trace in figure.data]
    odd = any(t.fill not in (None, "none") or t.x is None or t.y is None or _coloured(t) for t in figure.data)
    if odd or any("text" in mode for mode in modes) or sum(len(t.x) for t in figure.data) > MOST_POINTS:
        return None
    if all(_is_numeric(trace.x) for trace in figure.data):
        series = [_cloud(trace, "lines" in mode) for trace, mode in zip(figure.data, modes, strict=True)]
        return _named(figure, SCATTER, [], series)
    if not all("lines" in mode for mode in modes):
        return None
    categories, columns = _aligned([(t.x, t.y) for t in figure.data], figure.layout.xaxis)
    series = [Series(text(t.name or ""), values) for t, values in zip(figure.data, columns, strict=True)]
    return _named(figure, LINE, categories, series)


def _named(figure: go.Figure, kind: str, categories: list[str], series: list[Series], stacked: bool = False) -> Native:
    layout = figure.layout
    value_axis = layout.xaxis if kind == BAR else layout.yaxis
    title, x_title, y_title = (text(part.title.text or "") for part in (layout, layout.xaxis, layout.yaxis))
    return Native(kind, title, x_title, y_title, categories, series, stacked, "%" in (value_axis.tickformat or ""))


def _cloud(trace: Any, joined: bool) -> Series:
    x, y = np.asarray(trace.x, dtype=float), np.asarray(trace.y, dtype=float)
    known = np.isfinite(x) & np.isfinite(y)
    return Series(text(trace.name or ""), _numbers(y[known]), [float(v) for v in x[known]], joined)


def _aligned(pairs: Sequence[tuple[Any, Any]], axis: Any) -> tuple[list[str], list[list[float | None]]]:
    """Categories of all traces in order, and each trace's value at each of them."""
    labels = [_labels(places, axis) for places, _ in pairs]
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
    return [text(shown.get(place, f"{place:g}" if isinstance(place, float) else place)) for place in _list(places)]


def _numbers(values: Iterable[Any]) -> list[float | None]:
    array = np.asarray(list(values), dtype=float)
    return [round(float(v), 10) if np.isfinite(v) else None for v in array]


def _is_numeric(values: Any) -> bool:
    return np.issubdtype(np.asarray(values).dtype, np.number)


def _list(values: Any) -> list[Any]:
    found: list[Any] = np.asarray(values).tolist()
    return found


def _coloured(trace: Any) -> bool:
    """Whether points differ in colour or size: a native series has one of each."""
    marker = trace.marker
    many = (list, tuple, np.ndarray)
    return isinstance(marker.color, many) or isinstance(getattr(marker, "size", None), many)
