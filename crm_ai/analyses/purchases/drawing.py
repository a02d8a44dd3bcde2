"""The charts: how well the model ranks, whether its chances can be believed, and what it goes by."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.analyses.purchases import reasons
from crm_ai.methods import evaluation

if TYPE_CHECKING:
    from crm_ai.analyses.purchases import Result

POINTS = 400
TOP = 10


def figures(result: "Result", t: Callable[[str], str] = str) -> dict[str, go.Figure]:
    """gains, lift, calibration, drivers, scores, roc, precision_recall."""
    return {
        "gains": _gains(result, t),
        "lift": _lift(result, t),
        "calibration": _calibration(result, t),
        "drivers": _drivers(result, t),
        "scores": _scores(result, t),
        "roc": _roc(result, t),
        "precision_recall": _precision_recall(result, t),
    }


def _gains(result: "Result", t: Callable[[str], str]) -> go.Figure:
    chart = charts.figure(t("Who is reached"), t("Share of customers contacted"), t("Share of buyers reached"))
    if result.target != "purchase":
        chart.update_yaxes(title_text=t("Share of cases reached"))
    _curves(chart, result, t, evaluation.gains, "contacted", "reached")
    charts.diagonal(chart, t("At random"))
    return chart.update_xaxes(tickformat=".0%").update_yaxes(tickformat=".0%")


def _lift(result: "Result", t: Callable[[str], str]) -> go.Figure:
    found = evaluation.by_decile(result.holdout["actual"].to_numpy(), result.holdout["probability"].to_numpy())
    title, y = t("Each tenth against the average"), t("Times the average")
    chart = charts.bar(title, found["decile"].tolist(), found["lift"], t("Tenth of customers, best first"), y)
    rates = [f"{100 * rate:.1f} %" for rate in found["rate"]]
    chart.update_traces(text=rates, hovertemplate="%{x}: %{y:.2f} × (%{text})<extra></extra>", textposition="none")
    return chart.add_hline(y=1, line_dash="dash", line_color=charts.GREY)


def _calibration(result: "Result", t: Callable[[str], str]) -> go.Figure:
    """Predicted against real shares; grey bars say how many customers each point stands for."""
    bins = evaluation.reliability(result.holdout["actual"].to_numpy(), result.holdout["probability"].to_numpy())
    counts = go.Bar(
        x=(np.floor(bins["predicted"] * evaluation.BINS).clip(upper=evaluation.BINS - 1) + 0.5) / evaluation.BINS,
        y=bins["customers"],
        name=t("Customers"),
        yaxis="y2",
        opacity=0.25,
        marker_color=charts.GREY,
        width=0.9 / evaluation.BINS,
    )
    points = go.Scatter(
        x=bins["predicted"],
        y=bins["observed"],
        mode="lines+markers",
        name=t("Model"),
        marker={"size": 5 + 9 * np.sqrt(bins["customers"] / bins["customers"].max())},
    ).update(line_color=charts.PALETTE[0])
    chart = charts.figure(t("Can the chances be believed?"), t("Predicted chance"), t("Share that came true"))
    charts.diagonal(chart.add_trace(counts).add_trace(points), t("Perfect"))
    second = {"overlaying": "y", "side": "right", "showgrid": False, "rangemode": "tozero", "automargin": True}
    chart.update_layout(
        yaxis2={**second, "tickmode": "auto", "nticks": 5, "title": {"text": t("Customers")}}, margin_r=56
    )
    return chart.update_xaxes(range=[-0.03, 1.03], tickformat=".0%").update_yaxes(
        range=[0, 1.03], tickformat=".0%", selector={"side": None}
    )


def _drivers(result: "Result", t: Callable[[str], str]) -> go.Figure:
    """Bars at places, not at names: two long names may be shortened to the same."""
    top = result.drivers.head(TOP).iloc[::-1]
    names = [charts.plain(_short(reasons.feature(name, t))) for name in top["feature"]]
    spread = {"type": "data", "array": top["spread"].to_numpy(), "color": charts.GREY, "thickness": 1.5}
    places = np.arange(len(top))
    bars = go.Bar(x=top["importance"].to_numpy(), y=places, orientation="h", error_x=spread, hovertext=names)
    chart = charts.figure(t("What the model goes by"), t("Ranking lost when shuffled"), "", bars)
    chart.update_layout(height=max(300, 28 * len(top) + 110))
    return chart.update_yaxes(tickvals=places, ticktext=names)


def _scores(result: "Result", t: Callable[[str], str]) -> go.Figure:
    groups = {t("Customers"): result.scores["probability"]}
    chart = charts.histogram(t("Chances of all customers"), groups, t("Chance"), t("Customers"), 30)
    return chart.update_xaxes(tickformat=".0%")


def _roc(result: "Result", t: Callable[[str], str]) -> go.Figure:
    chart = charts.figure(t("ROC curve"), t("Share of the others taken too"), t("Share of cases found"))
    _curves(chart, result, t, evaluation.roc_curve, "false_positive_rate", "true_positive_rate")
    charts.diagonal(chart, t("Guessing"))
    return chart.update_xaxes(tickformat=".0%").update_yaxes(tickformat=".0%")


def _precision_recall(result: "Result", t: Callable[[str], str]) -> go.Figure:
    title = t("Precision and recall")
    chart = charts.figure(title, t("Share of cases found"), t("Share of hits among those picked"))
    _curves(chart, result, t, evaluation.precision_recall, "recall", "precision")
    level = np.full(2, result.base_rate)
    line = {"dash": "dash", "color": charts.GREY}
    chart.add_scatter(x=np.array([0.0, 1.0]), y=level, mode="lines", name=t("At random"), line=line)
    return chart.update_xaxes(tickformat=".0%").update_yaxes(tickformat=".0%", range=[0, 1.02])


def _curves(
    chart: go.Figure,
    result: "Result",
    t: Callable[[str], str],
    curve: Callable[[np.ndarray, np.ndarray], pd.DataFrame],
    x: str,
    y: str,
) -> None:
    """The model's curve, and the simple rule's beside it."""
    actual = result.holdout["actual"].to_numpy()
    for name, column, color in ((t("Model"), "probability", 0), (t("Simple rule"), "baseline", 1)):
        points = curve(actual, result.holdout[column].to_numpy())
        line = {"color": charts.PALETTE[color]}
        shown = (charts.thin(points[x], POINTS), charts.thin(points[y], POINTS))
        chart.add_scatter(x=shown[0], y=shown[1], mode="lines", name=name, line=line)


def _short(name: str, most: int = 26) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
