"""The charts of the baskets."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.analyses.baskets import network
from crm_ai.analyses.baskets.wording import SURE, strongest
from crm_ai.i18n import Translator, number, percent

if TYPE_CHECKING:
    from crm_ai.analyses.baskets import Result

DOTS = 3_000
BARS = 10
CELLS = 10
NODES = 16
WIDTH = 18
SCALE = "Viridis"


def figures(result: "Result", t: Translator = str) -> dict[str, go.Figure]:
    """Two charts of the baskets always; those of the rules where there are any."""
    found = {}
    if len(result.rules):
        found["rules"] = _rules(result.rules, t)
        found["strongest"] = _strongest(result.rules, t)
    pairs = result.pairs
    standing = pairs[pairs["q_value"] < SURE]
    if len(pairs):
        found["network"] = _network(standing if len(standing) else pairs, t)
        found["heatmap"] = _heatmap(pairs, t)
    return found | {"items": _items(result, t), "sizes": _sizes(result, t)}


def _rules(rules: pd.DataFrame, t: Translator) -> go.Figure:
    """Support by confidence, coloured by lift; of too many rules those with the highest lift."""
    shown = rules.head(DOTS)
    dots = go.Scattergl(
        x=shown["support"].to_numpy(np.float32),
        y=shown["confidence"].to_numpy(np.float32),
        mode="markers",
        text=_arrows(shown),
        customdata=shown["antecedents"].to_numpy(object)[:, None],
        marker={
            "color": np.log10(shown["lift"].to_numpy()).astype(np.float32),
            "colorscale": SCALE,
            "colorbar": _lift_bar(shown["lift"], t),
            "size": 7,
            "opacity": 0.75,
        },
        hovertemplate="%{text}<br>%{x:.2%} · %{y:.0%}<extra></extra>",
    )
    title = t("Rules by support, confidence and lift")
    axes = {"xaxis_tickformat": ".2~%", "yaxis_tickformat": ".0%"}
    return charts.figure(title, t("Support"), t("Confidence"), dots, hovermode="closest", **axes)


def _strongest(rules: pd.DataFrame, t: Translator) -> go.Figure:
    """The rules that stand with the highest lift, no item twice; where none stands, those with the highest lift."""
    standing = strongest(rules, BARS)
    shown = (pd.DataFrame(standing) if standing else rules.head(BARS)).sort_values("lift")
    bars = go.Bar(
        x=shown["lift"].to_numpy(np.float32),
        y=np.arange(len(shown)),
        orientation="h",
        text=[number(lift, 1) for lift in shown["lift"]],
        hovertext=_arrows(shown),
        hoverinfo="text",
        customdata=shown["antecedents"].to_numpy(object)[:, None],
    )
    names = [
        f"{_short(a)}<br>→ {_short(c, WIDTH - 2)}"
        for a, c in zip(shown["antecedents"], shown["consequents"], strict=True)
    ]
    axis = {"tickmode": "array", "tickvals": np.arange(len(shown)), "ticktext": names}
    chart = charts.figure(t("Strongest rules"), t("Lift"), "", bars, height=max(300, 42 * len(shown) + 110))
    return chart.update_yaxes(**axis)


def _network(pairs: pd.DataFrame, t: Translator) -> go.Figure:
    """Items on a circle, the pairs most often above chance as lines; their names have room outside."""
    nodes, links = network.graph(pairs, NODES)
    at = network.circle(len(nodes))
    ends = np.full((len(links), 3, 2), np.nan)
    ends[:, :2] = at[links]
    x, y = ends.reshape(-1, 2).T
    lines = go.Scatter(x=x, y=y, mode="lines", line={"color": charts.GREY, "width": 1.5}, opacity=0.6, hoverinfo="skip")
    degree = np.bincount(links.ravel(), minlength=len(nodes))
    dots = go.Scatter(
        x=at[:, 0],
        y=at[:, 1],
        mode="markers+text",
        text=[f" {_short(node, 16)} " for node in nodes],
        textposition=["middle right" if right else "middle left" for right in at[:, 0] >= 0],
        textfont={"size": 11},
        hovertext=[charts.plain(node) for node in nodes],
        hoverinfo="text",
        customdata=np.array(nodes, dtype=object)[:, None],
        marker={"size": 8 + 2 * np.minimum(degree, 6), "color": charts.PALETTE[0]},
        cliponaxis=False,
    )
    hidden = {"visible": False, "fixedrange": True}
    chart = charts.figure(t("What goes with what"), "", "", lines, dots, showlegend=False, height=440)
    chart.update_layout(xaxis=hidden | {"range": [-2.9, 2.9]}, yaxis=hidden | {"range": [-1.15, 1.15]})
    return chart.update_layout(margin={"l": 8, "r": 8}, hovermode="closest")


def _heatmap(pairs: pd.DataFrame, t: Translator) -> go.Figure:
    """Lift of pairs among the items most often bought together; pairs in empty cells were too rare to count."""
    nodes, links = network.graph(pairs, CELLS)
    lift = np.full((len(nodes), len(nodes)), np.nan)
    inside = pairs["left"].isin(nodes) & pairs["right"].isin(nodes)
    lift[links[:, 0], links[:, 1]] = lift[links[:, 1], links[:, 0]] = pairs.loc[inside, "lift"]
    cells = go.Heatmap(
        z=np.log10(lift).astype(np.float32),
        x=np.arange(len(nodes)),
        y=np.arange(len(nodes)),
        colorscale=SCALE,
        colorbar=_lift_bar(pairs.loc[inside, "lift"], t),
        text=[[number(value, 1) for value in row] for row in lift],
        hovertext=[[f"{charts.plain(a)}<br>{charts.plain(b)}" for b in nodes] for a in nodes],
        hovertemplate="%{hovertext}<br>%{text}<extra></extra>",
        xgap=1,
        ygap=1,
    )
    names = [_short(node, 16) for node in nodes]
    axis = {"tickmode": "array", "tickvals": np.arange(len(nodes)), "ticktext": names, "tickfont": {"size": 10}}
    chart = charts.figure(t("How far pairs are from chance"), "", "", cells, height=440)
    chart.update_layout(yaxis={**axis, "showgrid": False, "zeroline": False, "autorange": "reversed"})
    return chart.update_layout(xaxis={**axis, "showgrid": False, "zeroline": False, "tickangle": -90})


def _items(result: "Result", t: Translator) -> go.Figure:
    """The items that most baskets hold."""
    shown = result.itemsets[result.itemsets["size"] == 1].head(BARS).iloc[::-1]
    bars = go.Bar(
        x=shown["support"].to_numpy(np.float32),
        y=np.arange(len(shown)),
        orientation="h",
        text=[percent(share) for share in shown["support"]],
        hovertext=[charts.plain(item) for item in shown["items"]],
        hoverinfo="text",
        customdata=shown["items"].to_numpy(object)[:, None],
    )
    axis = {"tickmode": "array", "tickvals": np.arange(len(shown)), "ticktext": [_short(n, 24) for n in shown["items"]]}
    chart = charts.figure(t("Most often bought"), t("Share of baskets"), "", bars, xaxis_tickformat=".0~%")
    return chart.update_yaxes(**axis)


def _sizes(result: "Result", t: Translator) -> go.Figure:
    sizes = result.sizes
    chart = charts.bar(t("Items in a basket"), sizes["items"].tolist(), sizes["baskets"], t("Items"), t("Baskets"))
    return chart.update_xaxes(tickangle=0, tickfont={"size": 10})


def _lift_bar(lift: pd.Series, t: Translator) -> dict[str, object]:
    """A colour bar in lifts for colours that are logarithms."""
    low, high = np.log10(lift.min()), np.log10(lift.max())
    ticks = np.linspace(low, high, 5) if high > low else np.array([low])
    return {
        "title": {"text": t("Lift")},
        "tickvals": ticks,
        "ticktext": [number(float(tick), 1) for tick in 10**ticks],
        "thickness": 12,
    }


def _arrows(rules: pd.DataFrame) -> list[str]:
    sides = zip(rules["antecedents"], rules["consequents"], rules["lift"], rules["count"], strict=True)
    return [f"{charts.plain(a)}<br>→ {charts.plain(c)}<br>{number(lift)}x · {count:,}" for a, c, lift, count in sides]


def _short(text: str, width: int = WIDTH) -> str:
    """Text that fits a narrow screen, its middle left out: names often differ at their end.

    A Chinese character is as wide as two Latin ones.
    """
    wide = np.cumsum([2 if ord(sign) > 0x2E80 else 1 for sign in text])
    if not len(wide) or wide[-1] <= width:
        return charts.plain(text)
    half = (width - 1) // 2
    head = int(np.searchsorted(wide, width - 1 - half, side="right"))
    tail = int(np.searchsorted(wide, wide[-1] - half, side="left")) + 1
    return charts.plain(f"{text[:head].rstrip()}…{text[tail:].lstrip()}")
