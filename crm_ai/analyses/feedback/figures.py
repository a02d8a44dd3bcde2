"""The charts of the feedback analysis."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.i18n import Translator, heading
from crm_ai.text import aspects, language
from crm_ai.text.cloud import HEIGHT, WIDTH

if TYPE_CHECKING:
    from crm_ai.analyses.feedback import Result

METHODS = {
    "majority": "Always the more frequent side",
    "zero_label": "Without ratings",
    "learnt": "Learnt from ratings",
}
_LEGEND = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "traceorder": "normal"}
_LABEL = 24
"""Characters of a label that fit beside a chart on a phone."""


def figures(result: "Result", t: Translator = str) -> dict[str, go.Figure]:
    """languages, topics, and where there are dates, aspects, words, neighbours and ratings a chart of each."""
    made = {"languages": _languages(result, t)}
    if len(result.by_month) > 1:
        made["trend"] = _trend(result.by_month, t)
    if len(result.aspects):
        made["aspects"] = _aspects(result, t)
    made["topics"] = _topics(result, t)
    if len(result.cloud):
        made["cloud"] = _cloud(result.cloud, t)
    if len(result.neighbours):
        made["neighbours"] = _neighbours(result, t)
    if len(result.evaluation):
        made["accuracy"] = _accuracy(result.evaluation, t)
    return made


def _languages(result: "Result", t: Translator) -> go.Figure:
    table = result.languages.head(8)
    names = [t(language.NAMES.get(code, code)) for code in table["language"]]
    return _stacked(t("How customers feel, by language"), table, names, "language", t)


def _aspects(result: "Result", t: Translator) -> go.Figure:
    names = [t(aspects.NAMES[name]) for name in result.aspects["aspect"]]
    return _stacked(t("What is praised and complained about"), result.aspects, names, "aspect", t)


def _topics(result: "Result", t: Translator) -> go.Figure:
    table = result.topics.head(15)
    names = [f"{number} {_short(name)}" for number, name in zip(table["topic"], table["name"], strict=True)]
    return _stacked(t("Topics and how customers feel about them"), table, names, "topic", t)


def _stacked(title: str, table: pd.DataFrame, names: list[str], key: str, t: Translator) -> go.Figure:
    """Texts as bars parted into negative, unclear and positive; customdata[0] is the key."""
    n = table["texts"].to_numpy(float)
    parts = {
        t("Negative"): (n * table["share_negative"], charts.BAD),
        t("Unclear"): (n * (1 - table["share_negative"] - table["share_positive"]), charts.GREY),
        t("Positive"): (n * table["share_positive"], charts.GOOD),
    }
    labels = [charts.plain(f"{name} ({count:,.0f})") for name, count in zip(names, n, strict=True)]
    traces = [_part(name, labels, values, table, key, color) for name, (values, color) in parts.items()]
    return charts.figure(
        title,
        heading("texts", t),
        "",
        *traces,
        barmode="stack",
        height=max(260, 32 * len(names) + 150),
        margin={"l": 8, "r": 16, "t": 56, "b": 84},
        legend=_LEGEND,
        yaxis={"type": "category", "autorange": "reversed", "automargin": True},
    )


def _part(name: str, labels: list[str], values: Any, table: pd.DataFrame, key: str, color: str) -> go.Bar:
    counts = np.round(np.asarray(values, dtype=float))
    share = np.divide(counts, np.maximum(table["texts"].to_numpy(float), 1))
    return go.Bar(
        x=counts,
        y=labels,
        name=name,
        orientation="h",
        marker={"color": color},
        customdata=np.column_stack([table[key].to_numpy(dtype=object), share]),
        hovertemplate="%{x:,} (%{customdata[1]:.0%})",
    )


def _trend(months: pd.DataFrame, t: Translator) -> go.Figure:
    when = months["month"].to_numpy()
    chart = charts.figure(t("How the mood changes"), "", heading("share", t), hovermode="x unified", legend=_LEGEND)
    charts.band(
        chart, when, months["negative_low"], months["negative_high"], t("95 % range of negative"), charts.BAD, 0.18
    )
    for name, column, color in (
        (t("Negative"), "share_negative", charts.BAD),
        (t("Positive"), "share_positive", charts.GOOD),
    ):
        y = months[column].to_numpy(float)
        chart.add_scatter(x=when, y=y, name=name, mode="lines+markers", line={"color": color})
    ticks = {"dtick": "M1"} if len(months) <= 5 else {"nticks": 6}
    return chart.update_layout(
        yaxis={"tickformat": ".0%", "rangemode": "tozero"},
        xaxis={"tickformat": "%Y-%m", "hoverformat": "%Y-%m", "tickangle": 0, **ticks},
        margin={"l": 56, "r": 16, "t": 56, "b": 84},
    )


def _cloud(words: pd.DataFrame, t: Translator) -> go.Figure:
    """Outlines of the words, coloured by the mood of the texts that use them; unseen marks carry the hover."""
    marks = go.Scatter(
        x=words["x"].to_numpy(float),
        y=words["y"].to_numpy(float),
        mode="markers",
        marker={"size": 18, "opacity": 0, "color": charts.GREY},
        text=[charts.plain(word) for word in words["word"]],
        customdata=np.column_stack([words["word"].to_numpy(dtype=object), words["count"], words["score"]]),
        hovertemplate="<b>%{text}</b><br>"
        + heading("texts", t)
        + " %{customdata[1]:,}<br>"
        + heading("score", t)
        + " %{customdata[2]:.2f}<extra></extra>",
        showlegend=False,
    )
    hidden = {"visible": False, "fixedrange": True}
    shapes = [
        {
            "type": "path",
            "path": path,
            "fillcolor": _mood(score),
            "line": {"width": 0},
            "layer": "below",
            "fillrule": "nonzero",
        }
        for path, score in zip(words["path"], words["score"], strict=True)
    ]
    return charts.figure(
        t("Words customers use"),
        "",
        "",
        marks,
        shapes=shapes,
        height=440,
        margin={"l": 8, "r": 8, "t": 56, "b": 8},
        plot_bgcolor="rgba(0,0,0,0)",
        xaxis={**hidden, "range": [0, WIDTH], "constrain": "domain"},
        yaxis={**hidden, "range": [0, HEIGHT], "scaleanchor": "x", "constrain": "domain", "constraintoward": "top"},
        hovermode="closest",
    )


def _mood(score: float) -> str:
    return charts.GOOD if score >= 0.15 else charts.BAD if score <= -0.15 else charts.GREY


def _neighbours(result: "Result", t: Translator) -> go.Figure:
    table = result.neighbours
    title = t('Words in the company of "{word}"').format(word=result.word)
    chart = charts.bar(title, list(table["neighbour"]), table["similarity"], heading("similarity", t), horizontal=True)
    return chart.update_traces(hovertemplate="%{y}: %{x:.2f}<extra></extra>")


def _accuracy(table: pd.DataFrame, t: Translator) -> go.Figure:
    names = [charts.plain(t(METHODS[name])) for name in table["method"]]
    traces = [
        go.Bar(x=table[name].to_numpy(float), y=names, name=heading(name, t), orientation="h", texttemplate="%{x:.2f}")
        for name in ("accuracy", "macro_f1")
    ]
    return charts.figure(
        t("How right the sentiment is on rated texts"),
        "",
        "",
        *traces,
        barmode="group",
        height=130 + 70 * len(names),
        legend=_LEGEND,
        margin={"l": 8, "r": 16, "t": 56, "b": 64},
        xaxis={"range": [0, 1]},
        yaxis={"type": "category", "autorange": "reversed", "automargin": True},
    )


def _short(text: str) -> str:
    return text if len(text) <= _LABEL else text[: _LABEL - 1] + "…"
