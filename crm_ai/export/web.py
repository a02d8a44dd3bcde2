"""HTML that needs no net: one file with plotly.js inside, once."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crm_ai import i18n
from crm_ai.export import Section, cells
from crm_ai.export.images import light
from crm_ai.export.native import text
from crm_ai.export.outline import Chapter, chapters
from crm_ai.i18n import Translator

MOST_ROWS = 50
PAGE = Path(__file__).with_name("page.html")


def chart(figure: go.Figure, kind: str, language: str) -> bytes:
    """One chart that can be zoomed and hovered."""
    return _page(text(figure.layout.title.text or ""), _figure(figure, "chart"), language)


def report(sections: Sequence[Section], title: str, language: str) -> bytes:
    """Results one below the other."""
    t = i18n.translator(language)
    parts = [_chapter(chapter, number, t) for number, chapter in enumerate(chapters(sections, language))]
    return _page(title, f"<h1>{escape(title)}</h1>{''.join(parts)}", language)


def _page(title: str, body: str, language: str) -> bytes:
    from plotly.offline import get_plotlyjs

    page = Template(PAGE.read_text("utf-8"))
    spoken = {"zh": "zh-CN"}.get(language, language)
    return page.substitute(language=spoken, title=escape(title), body=body, plotly=get_plotlyjs()).encode()


def _chapter(chapter: Chapter, number: int, t: Translator) -> str:
    figures = "".join(_figure(figure, f"{number}-{name}") for name, figure in chapter.figures.items())
    tables = "".join(_table(title, frame, t) for title, frame in chapter.tables)
    return (
        f"<section><h2>{escape(chapter.title)}</h2><p class='question'>{escape(chapter.question)}</p>"
        f"{_cards(chapter)}{_list(chapter.findings)}<div class='figures'>{figures}</div>{tables}"
        f"<details><summary>{escape(t('How to read this'))}</summary><p>{escape(chapter.reading)}</p>"
        f"{_pairs(chapter.terms)}</details>"
        f"<details><summary>{escape(t('What this rests on'))}</summary>{_pairs(chapter.basis)}</details></section>"
    )


def _cards(chapter: Chapter) -> str:
    cards = "".join(f"<div><span>{escape(n)}</span><b>{escape(v)}</b></div>" for n, v in chapter.cards)
    return f"<div class='cards'>{cards}</div>"


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in sentences)}</ul>"


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in pairs)}</dl>"


def _figure(figure: go.Figure, name: str) -> str:
    """The figure as data; a ``<`` inside it must not end the element."""
    data = json.dumps(json.loads(light(figure).to_json()), ensure_ascii=False).replace("<", "\\u003c")
    high = int(figure.layout.height or 420)
    return (
        f"<figure><div class='chart' id='{escape(name)}' style='height:{high}px'></div>"
        f"<script type='application/json'>{data}</script></figure>"
    )


def _table(title: str, frame: pd.DataFrame, t: Translator) -> str:
    kinds = {name: cells.kind(frame[name]) for name in frame.columns}
    heads = "".join(f"<th>{escape(i18n.heading(str(name), t))}</th>" for name in frame.columns)
    rows = "".join(_row(row, kinds, t) for row in frame.head(MOST_ROWS).to_dict("records"))
    note = t("The first {shown} of {rows} rows.").format(shown=MOST_ROWS, rows=i18n.number(len(frame)))
    more = f"<p class='note'>{escape(note)}</p>" if len(frame) > MOST_ROWS else ""
    return (
        f"<h3>{escape(title)}</h3><div class='table'><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>{more}"
    )


def _row(row: dict[Any, Any], kinds: dict[Any, str], t: Translator) -> str:
    found = []
    for name, value in row.items():
        right = " class='number'" if kinds[name] in cells.NUMERIC else ""
        found.append(f"<td{right}>{escape(cells.written(value, kinds[name], t))}</td>")
    return f"<tr>{''.join(found)}</tr>"
