"""Charts of the forecast: fan, test on the past, errors, models, coverage, pattern of the season."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts

NAMES = {
    "auto": "Best by test",
    "seasonal_naive": "Repeat last season",
    "ets": "Exponential smoothing",
    "theta": "Theta",
    "arima": "ARIMA",
    "linear": "Linear",
    "polynomial": "Polynomial",
    "svr": "Support vectors",
    "mean": "Mean",
}
CYCLES = {"weekday": "Day of the week", "month": "Month", "hour": "Hour", "season": "Place in the season"}
OWN = {"Total", "All others"}
"""Series that we named ourselves, and translate."""
MOST_PAST = 400


def figures(result: Any, t: Callable[[str], str] = str) -> dict[str, go.Figure]:
    """Charts by name; those that need a test or a season are absent without one."""
    found = {"forecast": _fan(result, result.shown[0], t)}
    if len(result.shown) > 1:
        found["series"] = _multiples(result, t)
    if len(result.backtest):
        found |= {"backtest": _past(result, t), "models": _models(result, t)}
        found |= {"steps": _steps(result, t), "coverage": _coverage(result, t)}
    if len(result.rhythm):
        found["rhythm"] = _rhythm(result, t)
    return found


def title_of(series: str, t: Callable[[str], str]) -> str:
    """A series' name; our own names in the reader's language."""
    return t(series) if series in OWN else series


def _recent(result: Any, series: str) -> pd.DataFrame:
    """The end of a history, long enough to see what the forecast continues."""
    past = result.history[result.history["series_id"] == series]
    return past.tail(min(MOST_PAST, max(104, 6 * result.horizon)))


def _fan(result: Any, series: str, t: Callable[[str], str]) -> go.Figure:
    past, ahead = _recent(result, series), result.forecast[result.forecast["series_id"] == series]
    title = t("Forecast: {series}").format(series=_short(title_of(series, t), 30))
    chart = charts.figure(title, "", t("Value"), hovermode="x")
    return _add_fan(chart, past, ahead, t)


def _add_fan(chart: go.Figure, past: pd.DataFrame, ahead: pd.DataFrame, t: Callable[[str], str]) -> go.Figure:
    """Bands, history, and the forecast joined to it."""
    last = past.tail(1)
    x = np.concatenate([last["time"].to_numpy(), ahead["time"].to_numpy()])

    def joined(column: str) -> np.ndarray:
        return np.concatenate([last["value"].to_numpy(), ahead[column].to_numpy()])

    charts.band(chart, x, joined("lo_95"), joined("hi_95"), t("95 % interval"), charts.PALETTE[1], 0.15)
    charts.band(chart, x, joined("lo_80"), joined("hi_80"), t("80 % interval"), charts.PALETTE[1], 0.3)
    chart.add_scatter(
        x=past["time"].to_numpy(), y=past["value"].to_numpy(), name=t("History"), line={"color": charts.PALETTE[0]}
    )
    return chart.add_scatter(x=x, y=joined("mean"), name=t("Forecast"), line={"color": charts.PALETTE[1]})


def _multiples(result: Any, t: Callable[[str], str]) -> go.Figure:
    """The other series, one under the other, each on its own scale."""
    from plotly.subplots import make_subplots

    others = result.shown[1:]
    names = [charts.plain(_short(title_of(series, t), 34)) for series in others]
    chart = make_subplots(rows=len(others), cols=1, subplot_titles=names, vertical_spacing=0.28 / len(others))
    for place, series in enumerate(others, start=1):
        ahead = result.forecast[result.forecast["series_id"] == series]
        part = _add_fan(go.Figure(), _recent(result, series), ahead, t)
        chart.add_traces([trace.update(showlegend=False) for trace in part.data], rows=place, cols=1)
    layout = charts.figure(t("Forecasts of the other series")).layout
    chart.update_layout(title=layout.title, font=layout.font, margin={"l": 56, "r": 16, "t": 84, "b": 48})
    return chart.update_layout(height=120 + 200 * len(others), dragmode=False, uirevision="keep")


def _past(result: Any, t: Callable[[str], str]) -> go.Figure:
    """What was forecast from past cutoffs, beside what came."""
    own = result.backtest[result.backtest["series_id"] == result.shown[0]]
    if own.empty:
        own = result.backtest[result.backtest["series_id"] == result.backtest["series_id"].iloc[0]]
    series, past = own["series_id"].iloc[0], _recent(result, own["series_id"].iloc[0])
    past = past[past["time"] >= own["cutoff"].min()]
    title = t("Test on the past: {series}").format(series=_short(title_of(series, t), 24))
    chart = charts.figure(title, "", t("Value"), hovermode="closest")
    chart.add_scatter(
        x=past["time"].to_numpy(), y=past["value"].to_numpy(), name=t("What came"), line={"color": charts.GREY}
    )
    for place, (cutoff, part) in enumerate(_apart(own, result.horizon)):
        color = charts.PALETTE[1 + place % 4]
        charts.band(chart, part["time"], part["lo_80"], part["hi_80"], str(cutoff)[:10], color, 0.2)
        name = t("From {cutoff}").format(cutoff=str(cutoff)[:10])
        chart.add_scatter(x=part["time"].to_numpy(), y=part["mean"].to_numpy(), name=name, line={"color": color})
        chart.data[-2].showlegend = False
    return chart


def _apart(own: pd.DataFrame, horizon: int) -> list[tuple[Any, pd.DataFrame]]:
    """The last cutoffs whose forecasts do not overlap, at most four, oldest first."""
    chosen: list[tuple[Any, pd.DataFrame]] = []
    for cutoff, part in reversed(list(own.groupby("cutoff"))):
        if len(chosen) < 4 and (not chosen or part["time"].max() <= chosen[-1][0]):
            chosen.append((cutoff, part))
    return chosen[::-1]


def _models(result: Any, t: Callable[[str], str]) -> go.Figure:
    """Errors of the models, the simple forecast in grey."""
    means = result.models.groupby("model")["mase"].mean().dropna().sort_values()
    colors = [{"auto": charts.GOOD, "seasonal_naive": charts.GREY}.get(str(n), charts.PALETTE[0]) for n in means.index]
    names = [t(NAMES[str(name)]) for name in means.index]
    chart = charts.bar(t("Error of each model"), names, means.to_numpy(), t("Error (small is good)"), horizontal=True)
    custom = np.asarray(means.index, dtype=object)[::-1, None]
    return chart.update_traces(marker_color=colors[::-1], customdata=custom)


def _steps(result: Any, t: Callable[[str], str]) -> go.Figure:
    lines = {t("Forecast"): result.steps["error"], t("Repeat last season"): result.steps["naive_error"]}
    x, y = t("Periods ahead"), t("Error (small is good)")
    return charts.line(t("Error by steps ahead"), result.steps["step"], lines, x, y)


def _coverage(result: Any, t: Callable[[str], str]) -> go.Figure:
    """How often the intervals held, by step, beside how often they should."""
    steps = result.steps
    chart = charts.figure(
        t("How often the intervals held"), t("Periods ahead"), t("Share inside"), yaxis_tickformat=".0%"
    )
    for level, color in (("80", charts.PALETTE[0]), ("95", charts.PALETTE[1])):
        held = steps[f"coverage_{level}"].to_numpy()
        name = t("{level} % interval").format(level=level)
        chart.add_scatter(x=steps["step"].to_numpy(), y=held, name=name, mode="lines+markers", line={"color": color})
        chart.add_hline(y=int(level) / 100, line={"dash": "dash", "color": color, "width": 1})
    low = min(0.5, float(steps["coverage_80"].min()))
    return chart.update_layout(yaxis_range=[max(0.0, low - 0.05), 1.03])


def _rhythm(result: Any, t: Callable[[str], str]) -> go.Figure:
    """The longest pattern first seen: bars around the usual level."""
    cycles = list(dict.fromkeys(result.rhythm["cycle"]))
    parts = {cycle: result.rhythm[result.rhythm["cycle"] == cycle] for cycle in cycles}
    chart = charts.figure(t("Pattern of the season"), "", t("Share of the usual level"), yaxis_tickformat=".0%")
    for cycle, part in parts.items():
        names = [charts.plain(t(place)) for place in part["place"]]
        chart.add_bar(x=names, y=part["ratio"].to_numpy(), name=t(CYCLES[cycle]))
    chart.add_hline(y=1, line={"dash": "dash", "color": charts.GREY, "width": 1})
    return chart.update_layout(xaxis_type="category", showlegend=len(parts) > 1)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
