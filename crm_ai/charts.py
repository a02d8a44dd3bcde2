"""House style and the shared kinds of chart (graph_objects; numpy arrays in, aggregates only).

A chart never sets text colours or backgrounds: the viewer's theme does, light or dark.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

PALETTE = ("#3366CC", "#E8871E", "#2A9D8F", "#C8553D", "#7B5EA7", "#8AA936", "#D1669E", "#5B7083", "#B8912F", "#4FB0C6")
"""Ten colours that colour-blind people can tell apart."""
GREY = "#8A93A0"
GOOD, BAD = PALETTE[2], PALETTE[3]
FONT = "system-ui, Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
# no web font: Plotly measures a legend before one has loaded, and cuts it off
MOST_POINTS = 2_000
"""More points than a screen is wide say no more: lines are thinned, clouds are binned."""


def figure(title: str, x: str = "", y: str = "", *traces: Any, **layout: Any) -> go.Figure:
    """An empty or filled chart in house style."""
    chart = go.Figure(list(traces))
    chart.update_layout(
        title={"text": plain(title), "x": 0, "xref": "container", "xanchor": "left", "pad": {"l": 8}},
        font={"family": FONT},
        colorway=PALETTE,
        margin={"l": 56, "r": 16, "t": 56, "b": 48},
        height=380,
        legend={"orientation": "h", "y": -0.2, "x": 0},
        dragmode=False,
        uirevision="keep",
        xaxis={"title": {"text": plain(x)}, "automargin": True},
        yaxis={"title": {"text": plain(y)}, "automargin": True},
    )
    return chart.update_layout(**layout)


def line(title: str, x: Any, series: Mapping[str, Any], x_title: str = "", y_title: str = "") -> go.Figure:
    """Lines over a shared axis; thinned to what a screen can show."""
    traces = [go.Scatter(x=thin(x), y=thin(y), name=plain(name), mode="lines") for name, y in series.items()]
    return figure(title, x_title, y_title, *traces, showlegend=len(traces) > 1, hovermode="x unified")


def bar(
    title: str, labels: Sequence[Any], values: Any, x_title: str = "", y_title: str = "", horizontal: bool = False
) -> go.Figure:
    """Bars; ``customdata[0]`` is the label, so that a selection names it."""
    names = [plain(str(label)) for label in labels]
    numbers = np.asarray(values, dtype=float)
    custom = np.asarray([str(label) for label in labels], dtype=object)[:, None]
    if horizontal:
        trace = go.Bar(x=numbers[::-1], y=names[::-1], orientation="h", customdata=custom[::-1])
        return figure(title, x_title, y_title, trace, height=max(300, 28 * len(names) + 110), yaxis_type="category")
    return figure(title, x_title, y_title, go.Bar(x=names, y=numbers, customdata=custom), xaxis_type="category")


def grouped(
    title: str, labels: Sequence[Any], groups: Mapping[str, Any], x_title: str = "", y_title: str = ""
) -> go.Figure:
    """Bars side by side."""
    names = [plain(str(label)) for label in labels]
    traces = [go.Bar(x=names, y=np.asarray(y, dtype=float), name=plain(name)) for name, y in groups.items()]
    return figure(title, x_title, y_title, *traces, barmode="group", xaxis_type="category")


def scatter(title: str, groups: Mapping[str, pd.DataFrame], x_title: str = "", y_title: str = "") -> go.Figure:
    """A cloud a group; each frame has x, y and optionally label (hover text), size. Sampled when large."""
    share = min(1.0, 10 * MOST_POINTS / max(1, sum(map(len, groups.values()))))
    traces = [_cloud(name, frame.sample(frac=share, random_state=0)) for name, frame in groups.items()]
    return figure(title, x_title, y_title, *traces, hovermode="closest")


def _cloud(name: str, frame: pd.DataFrame) -> go.Scatter:
    size = frame["size"].to_numpy(np.float32) if "size" in frame else 6
    return go.Scatter(
        x=frame["x"].to_numpy(np.float32),
        y=frame["y"].to_numpy(np.float32),
        mode="markers",
        name=plain(name),
        marker={"size": size, "opacity": 0.6},
        text=[plain(str(label)) for label in frame["label"]] if "label" in frame else None,
        customdata=np.full((len(frame), 1), name, dtype=object),
    )


def band(
    chart: go.Figure, x: Any, low: Any, high: Any, name: str, color: str = PALETTE[0], opacity: float = 0.2
) -> go.Figure:
    """Add a shaded interval to a line chart."""
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "legendgroup": name}
    chart.add_scatter(x=np.asarray(x), y=np.asarray(high, dtype=float), showlegend=False, **edge)
    fill = f"rgba({int(color[1:3], 16)},{int(color[3:5], 16)},{int(color[5:7], 16)},{opacity})"
    return chart.add_scatter(
        x=np.asarray(x), y=np.asarray(low, dtype=float), fill="tonexty", fillcolor=fill, name=plain(name), **edge
    )


def heatmap(title: str, table: pd.DataFrame, x_title: str = "", y_title: str = "", text: bool = True) -> go.Figure:
    """Rows x columns as colours, with the numbers where there is room."""
    trace = go.Heatmap(
        z=table.to_numpy(np.float32),
        x=[plain(str(c)) for c in table.columns],
        y=[plain(str(i)) for i in table.index],
        colorscale="Blues",
        texttemplate="%{z:.2~f}" if text and table.size <= 400 else None,
    )
    return figure(title, x_title, y_title, trace, xaxis_type="category", yaxis_type="category")


def histogram(title: str, groups: Mapping[str, Any], x_title: str = "", y_title: str = "", bins: int = 40) -> go.Figure:
    """Counts per bin, binned here: the browser never sees the rows."""
    arrays = {name: np.asarray(values, dtype=float) for name, values in groups.items()}
    joined = np.concatenate([a[np.isfinite(a)] for a in arrays.values()]) if arrays else np.zeros(0)
    edges = np.histogram_bin_edges(joined, bins=bins) if len(joined) else np.array([0.0, 1.0])
    centres = (edges[:-1] + edges[1:]) / 2
    traces = [
        go.Bar(x=centres, y=np.histogram(a[np.isfinite(a)], edges)[0], width=np.diff(edges), name=plain(name))
        for name, a in arrays.items()
    ]
    return figure(title, x_title, y_title, *traces, barmode="overlay", bargap=0, showlegend=len(traces) > 1)


def diagonal(chart: go.Figure, name: str) -> go.Figure:
    """Add the dashed line from (0, 0) to (1, 1): chance, or perfect calibration."""
    return chart.add_scatter(
        x=np.array([0.0, 1.0]),
        y=np.array([0.0, 1.0]),
        mode="lines",
        name=plain(name),
        line={"dash": "dash", "color": GREY},
    )


def thin(values: Any, most: int = MOST_POINTS) -> np.ndarray:
    """Every n-th value, the last included, so that at most ``most`` remain."""
    array = np.asarray(values)
    if len(array) <= most:
        return array
    return array[np.linspace(0, len(array) - 1, most).round().astype(int)]


def plain(text: str) -> str:
    """Text of the data as text: Plotly reads a few HTML tags, so ``<`` and ``&`` are escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
