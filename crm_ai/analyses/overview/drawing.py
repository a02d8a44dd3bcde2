"""The charts of the overview."""

from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.i18n import Translator

if TYPE_CHECKING:
    from crm_ai.analyses.overview import Result

CHANGES_SHOWN = 12
PARTS_SHOWN = 10
LABEL_WIDTH = 22


def figures(result: "Result", t: Translator = str) -> dict[str, go.Figure]:
    """Three to eight charts: what the data have columns for."""
    found = {"revenue": _revenue(result, t), "activity": _activity(result, t)}
    if len(result.top_products):
        found["top_products"] = _products(result, t)
    if len(result.changes):
        found["changes"] = _changes(result, t)
    if "new_customers" in result.by_month:
        found["new_and_returning"] = _new_and_returning(result, t)
    found["rhythm"] = _rhythm(result, t)
    return found | {part: _part(result, part, t) for part in result.parts["part"].unique()[:1]}


def _revenue(result: "Result", t: Translator) -> go.Figure:
    """Bars; months that the data do not cover are grey and named in the legend."""
    table = result.by_month
    months = _months(table)
    bars = [
        go.Bar(x=months[mask], y=table["revenue"].to_numpy()[mask], name=name, marker={"color": color})
        for mask, name, color in (
            (table["complete"].to_numpy(), t("Complete months"), charts.PALETTE[0]),
            (~table["complete"].to_numpy(), t("Not covered to its end"), charts.GREY),
        )
        if mask.any()
    ]
    chart = charts.figure(t("Revenue by month"), "", _with_currency(t("Revenue"), result), *bars, barmode="overlay")
    return _month_axis(chart.update_layout(showlegend=len(bars) > 1), months)


def _activity(result: "Result", t: Translator) -> go.Figure:
    """Lines over the complete months; the others are rings, as a line down to them would read as a fall."""
    table = result.by_month
    months, complete = _months(table), table["complete"].to_numpy()
    names = {name: text for name, text in (("orders", t("Orders")), ("customers", t("Customers"))) if name in table}
    traces: list[go.Scatter] = []
    for (column, name), color in zip(names.items(), charts.PALETTE, strict=False):
        values = table[column].to_numpy(float)
        whole, ring = np.where(complete, values, np.nan), {"symbol": "circle-open", "size": 9, "color": color}
        traces.append(go.Scatter(x=months, y=whole, name=name, mode="lines+markers", line={"color": color}))
        traces.append(go.Scatter(x=months[~complete], y=values[~complete], name=name, mode="markers", marker=ring))
        traces[-1].update(showlegend=False)
    title = t("Orders and customers by month") if len(names) > 1 else t("Orders by month")
    chart = charts.figure(title, "", "", *traces, showlegend=len(names) > 1)
    return _month_axis(chart.update_yaxes(rangemode="tozero"), months)


def _new_and_returning(result: "Result", t: Translator) -> go.Figure:
    table = result.by_month
    months, opacity = _months(table), np.where(table["complete"], 1.0, 0.5)
    bars = [
        go.Bar(x=months, y=table[column].to_numpy(), name=name, marker={"color": color, "opacity": opacity})
        for column, name, color in (
            ("returning_customers", t("Returning"), charts.PALETTE[0]),
            ("new_customers", t("New"), charts.PALETTE[1]),
        )
    ]
    chart = charts.figure(t("New and returning customers"), "", t("Customers"), *bars, barmode="stack")
    return _month_axis(chart, months)


def _products(result: "Result", t: Translator) -> go.Figure:
    table = result.top_products
    title, axis = t("Products with most revenue"), _with_currency(t("Revenue"), result)
    chart = charts.bar(title, table["product"].tolist(), table["revenue"], axis, horizontal=True)
    return _short_labels(chart, table["product"])


def _changes(result: "Result", t: Translator) -> go.Figure:
    """What rose and what fell most; pale where chance could explain it."""
    table = result.changes.head(CHANGES_SHOWN).sort_values("change")
    clear = (table["q_value"] < 0.05).to_numpy()
    chart = charts.bar(
        t("Change of revenue, {month} against {before}").format(month=result.month[:7], before=result.month_before[:7]),
        table["product"].tolist()[::-1],
        table["change"].to_numpy()[::-1],
        _with_currency(t("Change"), result),
        horizontal=True,
    )
    color = np.where(table["change"] > 0, charts.GOOD, charts.BAD)
    chart.update_traces(marker={"color": color, "opacity": np.where(clear, 1.0, 0.45)})
    return _short_labels(chart, table["product"])


def _rhythm(result: "Result", t: Translator) -> go.Figure:
    """Weekday x hour where orders have times, weekdays alone where they have none."""
    days = weekdays(t)
    table = result.rhythm.pivot_table(index="weekday", columns="hour", values="revenue", aggfunc="sum")
    if table.shape[1] == 1:
        sums = table.reindex(range(7)).iloc[:, 0].fillna(0.0)
        return charts.bar(t("Revenue by weekday"), days, sums, "", _with_currency(t("Revenue"), result))
    hours = range(int(table.columns.min()), int(table.columns.max()) + 1)
    table = table.reindex(index=range(7), columns=hours).set_axis(days)
    chart = charts.heatmap(t("Revenue by weekday and hour"), table, t("Hour"), text=False)
    return chart.update_yaxes(autorange="reversed").update_xaxes(nticks=8, tickangle=0)


def weekdays(t: Translator) -> list[str]:
    """Monday first."""
    return [t("Mon"), t("Tue"), t("Wed"), t("Thu"), t("Fri"), t("Sat"), t("Sun")]


def _part(result: "Result", part: str, t: Translator) -> go.Figure:
    table = result.parts[result.parts["part"] == part].head(PARTS_SHOWN)
    titles = {
        "country": t("Revenue by country"),
        "category": t("Revenue by category"),
        "channel": t("Revenue by channel"),
    }
    title = titles[part]
    axis = _with_currency(t("Revenue"), result)
    return _short_labels(
        charts.bar(title, table["name"].tolist(), table["revenue"], axis, horizontal=True), table["name"]
    )


def _months(table: pd.DataFrame) -> np.ndarray:
    return table["month"].dt.strftime("%Y-%m").to_numpy()


def _month_axis(chart: go.Figure, months: np.ndarray) -> go.Figure:
    """Months as names in their order: two traces would otherwise be put one after the other."""
    order: dict[str, Any] = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": months,
        "nticks": 4,  # a phone has room for no more
        "tickangle": 0,
    }
    return chart.update_xaxes(**order)


def _with_currency(text: str, result: "Result") -> str:
    return f"{text} ({result.currency})" if result.currency else text


def _short_labels(chart: go.Figure, names: pd.Series) -> go.Figure:
    """Names cut to what a phone has room for; the bars keep the whole name."""
    whole = [charts.plain(str(name)) for name in names]
    return chart.update_yaxes(tickmode="array", tickvals=whole, ticktext=[charts.plain(_cut(str(n))) for n in names])


def _cut(text: str) -> str:
    """At most LABEL_WIDTH columns wide; Chinese characters take two."""
    widths = np.cumsum([2 if east_asian_width(letter) in "WF" else 1 for letter in text])
    return text if not len(widths) or widths[-1] <= LABEL_WIDTH else text[: int((widths < LABEL_WIDTH).sum())] + "…"
