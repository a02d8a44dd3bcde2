"""The charts of the anomalies."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.analyses.anomalies import wording
from crm_ai.analyses.anomalies.judge import TIMED
from crm_ai.i18n import Translator

if TYPE_CHECKING:
    from crm_ai.analyses.anomalies import Result

SHOWN, TIMELINES, LABEL_WIDTH = 15, 4, 18


def figures(result: "Result", t: Translator = str) -> dict[str, go.Figure]:
    """Values against expectations or each other, the strongest flags, and how the rest lies to the bound."""
    found = _timelines(result, t) if result.unit in TIMED else _clouds(result, t)
    found["strengths"] = _strengths(result, t)
    found["most_unusual"] = _most_unusual(result, t)
    if result.unit in TIMED and len(result.flags):
        found["by_month"] = _by_month(result, t)
    return found


def _timelines(result: "Result", t: Translator) -> dict[str, go.Figure]:
    """One chart a measure, or a series; those with the strongest flags first."""
    parts = result.points.groupby(["series_id", "measure"], sort=False)
    charts_of = [_timeline(table, str(key[0]), str(key[1]), t) for key, table in list(parts)[:TIMELINES]]
    return {f"timeline_{k}": chart for k, chart in enumerate(charts_of, 1)}


def _timeline(table: pd.DataFrame, series: str, name: str, t: Translator) -> go.Figure:
    what = wording.measure(name, t) if not series else f"{series}"
    chart = charts.figure(t("{measure}: actual and expected").format(measure=what), "", "", hovermode="closest")
    times = charts.thin(table["time"].to_numpy())
    if "high" in table:
        charts.band(chart, times, charts.thin(table["low"]), charts.thin(table["high"]), t("Still usual"))
    expected = {"color": charts.GREY, "dash": "dot", "width": 1.5}
    actual = {"color": charts.PALETTE[0], "width": 1.2}
    chart.add_scatter(x=times, y=charts.thin(table["expected"]), mode="lines", name=t("Expected"), line=expected)
    chart.add_scatter(x=times, y=charts.thin(table["value"]), mode="lines", name=t("Actual"), line=actual)
    flagged = table[table["kind"] != ""]
    for kinds, text, color in (
        (["high"], t("Higher than usual"), charts.BAD),
        (["low", "none"], t("Lower than usual"), charts.PALETTE[1]),
        (["combination"], t("Unusual combination"), charts.PALETTE[4]),
    ):
        part = flagged[flagged["kind"].isin(kinds)].head(charts.MOST_POINTS)
        if len(part):
            mark = {"size": 8, "color": color}
            x, y = part["time"].to_numpy(), part["value"].to_numpy()
            chart.add_scatter(x=x, y=y, mode="markers", name=text, marker=mark)
    return chart.update_xaxes(nticks=6)


def _clouds(result: "Result", t: Translator) -> dict[str, go.Figure]:
    """The first measure against each of the others, or against chance where it is alone."""
    first, *others = result.measures["measure"]
    if not others:
        return {}
    return {f"cloud_{k}": _cloud(result, first, other, t) for k, other in enumerate(others, 1)}


def _cloud(result: "Result", x: str, y: str, t: Translator) -> go.Figure:
    """Logarithmic axes where all is positive."""
    table = result.points
    groups = {
        name: pd.DataFrame({"x": part[x], "y": part[y], "label": part["id"]})
        for name, part in ((t("Usual"), table[~table["flagged"]]), (t("Flagged"), table[table["flagged"]]))
    }
    names = [wording.measure(name, t) for name in (x, y)]
    chart = charts.scatter(t("{first} and {second}").format(first=names[0], second=names[1]), groups, *names)
    chart.update_traces(marker={"color": charts.PALETTE[0], "opacity": 0.35}, selector=0)
    chart.update_traces(marker={"color": charts.BAD, "opacity": 0.8}, selector=1)
    for axis, name in (("xaxis", x), ("yaxis", y)):
        if (table[name] > 0).all():
            chart.update_layout({axis: {"type": "log", "dtick": 1}})
    return chart


def _strengths(result: "Result", t: Translator) -> go.Figure:
    """All rows by how near they are to the bound; the last bar holds all beyond."""
    table = result.strengths
    color = np.where(table["strength"] > 1, charts.BAD, charts.PALETTE[0])
    bars = go.Bar(x=table["strength"].to_numpy(), y=table["rows"].to_numpy(), marker={"color": color})
    title = t("How near to the bound (flagged beyond 1)")
    chart = charts.figure(title, t("Strength"), t("Rows"), bars, bargap=0.05)
    chart.add_vline(x=1.0, line={"dash": "dash", "color": charts.GREY})
    return chart.update_yaxes(type="log", dtick=1)


def _most_unusual(result: "Result", t: Translator) -> go.Figure:
    table = result.flags.drop_duplicates("label").head(SHOWN)
    labels = table["label"].tolist()
    chart = charts.bar(t("Most unusual"), labels, table["strength"], t("Strength"), horizontal=True)
    high = (table["kind"] == "high").to_numpy()[::-1]
    chart.update_traces(marker={"color": np.where(high, charts.BAD, charts.PALETTE[1])})
    whole = [charts.plain(label) for label in labels]
    short = [text if len(text) <= LABEL_WIDTH else "…" + text[1 - LABEL_WIDTH :] for text in labels]
    return chart.update_yaxes(tickmode="array", tickvals=whole, ticktext=[charts.plain(text) for text in short])


def _by_month(result: "Result", t: Translator) -> go.Figure:
    """Flags a month, over the whole span."""
    months = result.points["time"].dt.to_period("M")
    every = pd.period_range(months.min(), months.max(), freq="M")
    high = result.flags["kind"] == "high"
    groups = {
        name: result.flags.loc[mask, "time"].dt.to_period("M").value_counts().reindex(every, fill_value=0)
        for name, mask in ((t("Higher than usual"), high), (t("Lower or unusual"), ~high))
    }
    chart = charts.grouped(t("Flags by month"), [str(month) for month in every], groups, "", t("Flags"))
    for trace, color in zip(chart.data, (charts.BAD, charts.PALETTE[1]), strict=True):
        trace.marker.color = color
    return chart.update_layout(barmode="stack").update_xaxes(nticks=6, tickangle=0)
