"""The charts of the report."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.analyses.quality import words
from crm_ai.i18n import Translator

if TYPE_CHECKING:
    from crm_ai.analyses.quality import Result

COLUMNS_SHOWN = (8, 25)
RULES_SHOWN, SPELLINGS_SHOWN = 12, 10
GOOD_FROM, FAIR_FROM = 0.95, 0.8
WIDEST = 26


def figures(result: "Result", t: Translator = str) -> dict[str, go.Figure]:
    """Scores and columns always; months, rules, outliers and spellings where there are any."""
    found = {"scores": _scores(result, t), "filled": _filled(result, t)}
    if len(result.by_month):
        found["by_month"] = _by_month(result, t)
    if (result.rules["found"] > 0).any():
        found["taken_out"] = _taken_out(result, t)
    if (result.outliers["n"] > 0).any():
        found["outliers"] = _outliers(result, t)
    if len(result.near_duplicates):
        found["spellings"] = _spellings(result, t)
    return found


def _scores(result: "Result", t: Translator) -> go.Figure:
    """Green from 95 %, orange from 80 %, red below."""
    table = result.dimensions.dropna(subset="score")
    labels = [words.dimension(name, t) for name in table["dimension"]]
    values = table["score"].to_numpy()
    chart = charts.bar(t("Score of each dimension"), labels, values, horizontal=True)
    return _percent(_coloured(chart, values), values)


def _filled(result: "Result", t: Translator) -> go.Figure:
    """Columns with empty values, and some others so that they have a measure."""
    table = result.columns.sort_values("filled_share", kind="stable")
    table = table.head(int(np.clip((table["filled_share"] < 1).sum(), *COLUMNS_SHOWN)))
    values = table["filled_share"].to_numpy()
    chart = charts.bar(t("Filled values, worst column first"), _columns(table, t), values, horizontal=True)
    custom = np.array([words.column(name, t) for name in table["column"]], dtype=object)[:, None]
    return _percent(_coloured(chart, values).update_traces(customdata=custom[::-1]), values)


def _by_month(result: "Result", t: Translator) -> go.Figure:
    """A colour a table; months in which days are missing are hatched."""
    order = pd.date_range(result.by_month["month"].min(), result.by_month["month"].max(), freq="MS")
    bars = []
    for name, rows in result.by_month.groupby("table", sort=False):
        hatched = np.where(rows["missing_days"] > 0, "/", "")
        months = rows["month"].dt.strftime("%Y-%m").to_numpy()
        marker = {"pattern": {"shape": hatched, "solidity": 0.5}}
        bars.append(go.Bar(x=months, y=rows["rows"].to_numpy(), name=words.table(str(name), t), marker=marker))
    title = t("Rows by month") if result.gaps.empty else t("Rows by month; hatched: days are missing")
    axis: dict[str, Any] = {"type": "category", "categoryorder": "array", "categoryarray": order.strftime("%Y-%m")}
    chart = charts.figure(title, "", t("Rows"), *bars, barmode="stack", showlegend=len(bars) > 1)
    return chart.update_xaxes(**axis, nticks=4, tickangle=0)


def _taken_out(result: "Result", t: Translator) -> go.Figure:
    """Rows a rule found; faded where they stayed."""
    table = result.rules.sort_values("found", ascending=False, kind="stable").head(RULES_SHOWN)
    table = table[table["found"] > 0]
    tables = [
        f" · {words.table(name, t)}" if twice else ""
        for name, twice in zip(table["table"], table["rule"].duplicated(keep=False), strict=True)
    ]
    labels = [f"{t(rule)}{place}" for rule, place in zip(table["rule"], tables, strict=True)]
    chart = charts.bar(
        t("What cleaning found; pale: nothing taken out"), labels, table["found"], t("Rows"), horizontal=True
    )
    stayed = np.where(table["taken_out"] > 0, 1.0, 0.45)
    return _cut(chart.update_traces(marker={"opacity": stayed[::-1]}), labels)


def _outliers(result: "Result", t: Translator) -> go.Figure:
    table = result.outliers[result.outliers["n"] > 0].sort_values("share", ascending=False, kind="stable")
    table = table.head(RULES_SHOWN)
    labels = _columns(table, t)
    groups = {t("of the values"): table["share"], t("of the total"): table["share_of_total"]}
    chart = charts.grouped(t("What lies far outside the usual"), labels, groups)
    return chart.update_yaxes(tickformat=".1~%")


def _spellings(result: "Result", t: Translator) -> go.Figure:
    table = result.near_duplicates.head(SPELLINGS_SHOWN)
    labels = table["value"].tolist()
    chart = charts.bar(t("Rows in another spelling"), labels, table["rows_elsewhere"], t("Rows"), horizontal=True)
    return _cut(chart, labels)


def _columns(table: pd.DataFrame, t: Translator) -> list[str]:
    """Columns by name, with their table where there are several."""
    several = table["table"].nunique() > 1
    pairs = zip(table["table"], table["column"], strict=True)
    return [f"{words.column(c, t)} · {words.table(name, t)}" if several else words.column(c, t) for name, c in pairs]


def _coloured(chart: go.Figure, values: np.ndarray) -> go.Figure:
    color = np.select([values >= GOOD_FROM, values >= FAIR_FROM], [charts.GOOD, charts.PALETTE[1]], charts.BAD)
    return chart.update_traces(marker={"color": color[::-1]})


def _percent(chart: go.Figure, values: np.ndarray) -> go.Figure:
    """Shares as percent, also beside the bars."""
    texts = [f"{100 * value:.1f} %" for value in values]
    chart.update_traces(text=texts[::-1], textposition="auto", hovertemplate="%{y}: %{x:.2%}<extra></extra>")
    return chart.update_xaxes(range=[0, 1.02], tickformat=".0%", dtick=0.5, tickangle=0, title_text="")


def _cut(chart: go.Figure, labels: list[str]) -> go.Figure:
    """Long labels cut to what a phone has room for; hovering shows the whole."""
    whole = [charts.plain(label) for label in labels]
    short = [charts.plain(label if len(label) <= WIDEST else label[: WIDEST - 1] + "…") for label in labels]
    return chart.update_yaxes(tickmode="array", tickvals=whole, ticktext=short)
