"""The charts of the segments."""

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.analyses.segments.names import OUTLIERS, feature, name
from crm_ai.i18n import Translator, heading, number
from crm_ai.methods.cluster_count import WEIGHTS, stretched

if TYPE_CHECKING:
    from crm_ai.analyses.segments import Result

MOST_POINTS, MOST_FEATURES = 4_000, 12
LABEL_WIDTH = 20
"""Letters a line of an axis label; Chinese letters count double."""


def figures(result: "Result", t: Translator = str) -> dict[str, go.Figure]:
    """Sizes, map, profile, and what the method and the data add."""
    found = {"sizes": _sizes(result, t), "map": _map(result, t), "profile": _profile(result, t)}
    if len(result.rfm_grid):
        found["rfm"] = _rfm(result, t)
    if len(result.criteria):
        found["criteria"] = _criteria(result, t)
    if len(result.merges):
        found["tree"] = _tree(result, t)
    if len(result.neighbours):
        found["neighbours"] = _neighbours(result, t)
    if len(result.concentration):
        found["concentration"] = _concentration(result, t)
    return {key: chart for key, chart in found.items() if chart is not None}


def label(result: "Result", segment: str, t: Translator, width: int = LABEL_WIDTH) -> str:
    """The name of a segment as chart text, broken into lines."""
    return _broken(name(result.parts, segment, t), width)


def _colour(result: "Result", segment: str) -> str:
    order = list(result.segments["segment"])
    if segment == OUTLIERS or order.index(segment) >= len(charts.PALETTE):
        return charts.GREY
    return charts.PALETTE[order.index(segment)]


def _sizes(result: "Result", t: Translator) -> go.Figure:
    """Share of customers beside share of revenue; the best segment on top."""
    table = result.segments[::-1]
    custom = np.array([t(code) for code in table["segment"]], dtype=object)[:, None]
    labels = [label(result, code, t) for code in table["segment"]]
    shares = {"share_of_revenue": charts.PALETTE[1], "share_of_customers": charts.PALETTE[0]}
    bars = [
        go.Bar(
            x=100 * table[column].to_numpy(float),
            y=labels,
            orientation="h",
            name=heading(column, t),
            marker={"color": colour},
            customdata=custom,
            hovertemplate="%{y}: %{x:.1f} %",
        )
        for column, colour in shares.items()
        if column in table
    ]
    title = t("How many customers, how much revenue") if "share_of_revenue" in table else t("How many customers")
    chart = charts.figure(title, t("Share in percent"), "", *bars)
    chart.update_layout(barmode="group", height=max(320, 54 * len(table) + 150), legend={"traceorder": "reversed"})
    return chart.update_yaxes(type="category").update_layout(
        legend_y=-60 / (chart.layout.height - 150), legend_yanchor="top"
    )


def _map(result: "Result", t: Translator) -> go.Figure | None:
    """A point a customer in the two telling columns; a sample of many."""
    if len(result.axes) < 2:
        return None
    across, up = result.axes
    points = result.customers
    if len(points) > MOST_POINTS:
        points = points.sample(MOST_POINTS, random_state=0)
    clouds = [_cloud(result, code, points[points["segment"] == code], t) for code in result.segments["segment"]]
    title = (
        t("The customers on a map") if len(points) == len(result.customers) else t("The customers on a map (sample)")
    )
    chart = charts.figure(title, feature(across, t), feature(up, t), *clouds, hovermode="closest")
    for column, axis in ((across, "xaxis"), (up, "yaxis")):
        if _wide(points[column]):
            chart.update_layout({f"{axis}_type": "log"})
    lines = sum(1 + trace.name.count("<br>") for trace in chart.data)
    height = 400 + 19 * lines
    return chart.update_layout(height=height, legend={"orientation": "v", "y": -95 / (height - 190), "yanchor": "top"})


def _cloud(result: "Result", code: str, points: pd.DataFrame, t: Translator) -> go.Scatter:
    across, up = result.axes
    return go.Scatter(
        x=points[across].to_numpy(np.float32),
        y=points[up].to_numpy(np.float32),
        mode="markers",
        name=label(result, code, t, 40),
        marker={"size": 6, "opacity": 0.6, "color": _colour(result, code)},
        customdata=np.column_stack(
            [np.full(len(points), t(code), dtype=object), [charts.plain(c) for c in points["customer_id"]]]
        ),
        hovertemplate="%{customdata[1]}<br>%{x:,} · %{y:,}",
    )


def _wide(values: pd.Series) -> bool:
    """Whether a column spans decades, all above 0."""
    known = values.dropna()
    return len(known) > 0 and float(known.min()) > 0 and float(known.quantile(0.99)) > 30 * float(known.quantile(0.1))


def _profile(result: "Result", t: Translator) -> go.Figure:
    """Segments by columns, in standard deviations from the mean of all."""
    wide = result.profile.pivot_table(index="segment", columns="feature", values="value", sort=False)
    telling = wide.abs().max().sort_values(ascending=False, kind="stable").index[:MOST_FEATURES]
    wide = wide[[column for column in wide.columns if column in set(telling)]].iloc[::-1]
    few = wide.shape[1] <= 4
    grid = wide.set_axis([_broken(feature(column, t), 12 if few else 26) for column in wide.columns], axis=1)
    grid.index = [label(result, code, t) for code in wide.index]
    trace = go.Heatmap(
        z=grid.to_numpy(np.float32),
        x=list(grid.columns),
        y=list(grid.index),
        colorscale="RdBu",
        reversescale=True,
        zmid=0,
        zmin=-2,
        zmax=2,
        texttemplate="%{z:+.1f}" if grid.shape[1] <= 8 else None,
        colorbar={"thickness": 8, "x": 1.0, "xpad": 4},
    )
    chart = charts.figure(t("What sets the segments apart"), "", "", trace, height=max(320, 54 * len(grid) + 180))
    names = {"tickangle": 0} if few else {"tickangle": -90, "tickvals": list(grid.columns), "tickfont": {"size": 10}}
    return chart.update_xaxes(type="category", **names).update_yaxes(type="category")


def _broken(text: str, width: int) -> str:
    """Text in lines of about this width, broken between words only; Chinese letters count double."""
    lines = [""]
    for word in re.findall(r"[^ 、，]+[ 、，]*", text):
        if lines[-1] and _width(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return "<br>".join(charts.plain(line.rstrip()) for line in lines)


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _rfm(result: "Result", t: Translator) -> go.Figure:
    """Mean revenue in each cell of recency and frequency scores; the number of customers as text."""
    grid = result.rfm_grid
    cells = {column: np.full((5, 5), np.nan) for column in ("mean_monetary", "customers")}
    for column, cell in cells.items():
        cell[grid["recency_score"].astype(int) - 1, grid["frequency_score"].astype(int) - 1] = grid[column]
    money = cells["mean_monetary"]
    trace = go.Heatmap(
        z=money.astype(np.float32),
        x=list("12345"),
        y=list("12345"),
        text=[[number(v, 0) if np.isfinite(v) else "" for v in row] for row in cells["customers"]],
        texttemplate="%{text}",
        colorscale="Blues",
        zmin=0,
        zmax=float(np.nanquantile(money, 0.95)),
        colorbar={"thickness": 8, "title": {"text": t("Mean revenue"), "side": "right"}},
        hovertemplate="R %{y} · F %{x}<br>%{z:,.0f} · %{text}",
    )
    title = t("Customers by recency and frequency")
    chart = charts.figure(title, t("Frequency score (5: most orders)"), t("Recency score (5: just now)"), trace)
    return chart.update_xaxes(type="category").update_yaxes(type="category")


def _criteria(result: "Result", t: Translator) -> go.Figure:
    """Each criterion stretched to 0 .. 1, so that 1 is the number of groups it likes best."""
    table = result.criteria
    columns = {key: np.sign(weight) for key, weight in WEIGHTS.items()} | {"gap": 1.0}
    lines = {heading(key, t): stretched(sign * table[key]) for key, sign in columns.items()}
    chart = charts.line(t("How many segments?"), table["k"], lines, t("Number of segments"), t("1: best"))
    chart.add_scatter(x=table["k"], y=table["score"], name=heading("score", t), mode="lines+markers", line={"width": 4})
    chart.data[-1].line.color = charts.GREY
    chart.add_vline(x=result.n_clusters, line={"dash": "dash", "color": charts.GREY})
    return chart.update_xaxes(dtick=1).update_layout(height=440, legend={"y": -0.25, "yanchor": "top"})


def _concentration(result: "Result", t: Translator) -> go.Figure:
    curve = result.concentration
    x, y = (100 * curve[column].to_numpy(float) for column in ("share_of_customers", "share_of_revenue"))
    chart = charts.figure(
        t("How concentrated is the revenue?"),
        t("Best customers, percent"),
        t("Share of revenue, percent"),
        go.Scatter(x=x, y=y, mode="lines", fill="tozeroy", name=t("Revenue")),
        go.Scatter(x=x, y=x, mode="lines", name=t("If all were equal"), line={"dash": "dash", "color": charts.GREY}),
    )
    return chart.update_layout(hovermode="x unified")


def _neighbours(result: "Result", t: Translator) -> go.Figure:
    """The sorted neighbour distances; the radius where they begin to rise."""
    chart = charts.line(
        t("Where density ends: neighbour distances"),
        result.neighbours["rank"],
        {t("Distance"): result.neighbours["distance"]},
        t("Customers, the most crowded first"),
        t("Distance to the neighbours"),
    )
    return chart.add_hline(y=result.radius, line={"dash": "dash", "color": charts.GREY})


def _tree(result: "Result", t: Translator) -> go.Figure:
    """The top of the tree of merges: an inverted U a merge, as high as the merged groups differ."""
    merges, leaves = result.merges, len(result.merges) + 1
    sizes = _leaf_sizes(merges, leaves)
    place = {leaf: float(n) for n, leaf in enumerate(_leaf_order(merges, leaves))}
    height = dict.fromkeys(range(leaves), 0.0)
    xs: list[float] = []
    ys: list[float] = []
    for node, (left, right, top) in enumerate(
        zip(merges["left"], merges["right"], merges["height"], strict=True), leaves
    ):
        xs += [place[left], place[left], place[right], place[right], np.nan]
        ys += [height[left], top, top, height[right], np.nan]
        place[node], height[node] = (place[left] + place[right]) / 2, float(top)
    chart = charts.figure(
        t("How groups merge into larger ones"),
        t("Customers at the start of each branch"),
        t("Difference at the merge"),
        go.Scatter(x=np.array(xs), y=np.array(ys), mode="lines", hoverinfo="skip"),
    )
    cut = _cut(merges["height"].to_numpy(float), result.n_clusters)
    chart.add_hline(y=cut, line={"dash": "dash", "color": charts.GREY})
    ticks = [number(sizes[leaf], 0) for leaf in _leaf_order(merges, leaves)]
    return chart.update_xaxes(tickvals=np.arange(leaves), ticktext=ticks, showgrid=False, range=[-0.5, leaves - 0.5])


def _cut(heights: np.ndarray, groups: int) -> float:
    """Between the merge that leaves these groups and the next one."""
    above = heights[::-1][max(groups - 2, 0)] if groups - 2 < len(heights) else 0.0
    below = heights[::-1][groups - 1] if groups - 1 < len(heights) else 0.0
    return float((above + below) / 2)


def _leaf_sizes(merges: pd.DataFrame, leaves: int) -> dict[int, float]:
    nodes = pd.concat(
        [
            merges[["left", "left_customers"]],
            merges[["right", "right_customers"]].set_axis(["left", "left_customers"], axis=1),
        ]
    )
    return {int(node): size for node, size in nodes.itertuples(index=False) if node < leaves}


def _leaf_order(merges: pd.DataFrame, leaves: int) -> list[int]:
    """Leaves from left to right, so that branches do not cross."""
    children = {
        leaves + n: (int(a), int(b)) for n, (a, b) in enumerate(zip(merges["left"], merges["right"], strict=True))
    }

    def under(node: int) -> list[int]:
        return [node] if node < leaves else [leaf for child in children[node] for leaf in under(child)]

    return under(leaves + len(merges) - 1)
