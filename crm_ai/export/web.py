"""HTML that needs no net: one file with plotly.js inside, packed, once."""

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

import plotly.graph_objects as go

from crm_ai import i18n
from crm_ai.export import cells
from crm_ai.export.grid import grid
from crm_ai.export.images import untitled
from crm_ai.export.native import text
from crm_ai.export.notes import CODE, HEAD, ITEM, QUOTE, Line, Run
from crm_ai.export.outline import Block, Card, Chapter, Method, Outline
from crm_ai.i18n import Translator

MOST_ROWS = 50
PAGE = Path(__file__).with_name("page.html")
PARTS = {HEAD: "h4", QUOTE: "blockquote", CODE: "pre", ITEM: "li"}
NEWS = {None: "", True: " class='good'", False: " class='bad'"}


def chart(figure: go.Figure, kind: str, language: str) -> bytes:
    """One chart that can be zoomed and hovered."""
    return _page(text(figure.layout.title.text or ""), f"<main>{_figure(figure, 'chart')}</main>", language)


def report(outline: Outline) -> bytes:
    """Cover and contents, chapters one below the other, and the methods at the end."""
    t = outline.t
    parts = [_chapter(chapter, number, outline) for number, chapter in enumerate(outline.chapters)]
    body = f"{_cover(outline)}{_contents(outline)}<main>{''.join(parts)}{_methods(outline.methods, t)}</main>"
    return _page(outline.title, body, outline.language)


def _page(title: str, body: str, language: str) -> bytes:
    import plotly.io

    page, t = Template(PAGE.read_text("utf-8")), i18n.translator(language)
    looks = {name: plotly.io.templates[f"plotly_{name}"].to_plotly_json() for name in ("white", "dark")}
    return page.substitute(
        language={"zh": "zh-CN"}.get(language, language),
        title=escape(cells.clean(title)),
        body=cells.clean(body),
        plotly=_plotly(),
        looks=_json(looks),
        old=escape(t("This browser is too old to draw the charts: open the page in a newer one.")),
    ).encode()


@lru_cache
def _plotly() -> str:
    """plotly.js, packed: a browser unpacks it in a moment, and the file is less than half as large."""
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()


def _json(value: Any) -> str:
    """JSON inside an element, which a ``<`` in it must not end."""
    from plotly.utils import PlotlyJSONEncoder

    return json.dumps(value, cls=PlotlyJSONEncoder, ensure_ascii=False).replace("<", "\\u003c")


# ---- parts of the page -----------------------------------------------------------------------------------------------


def _cover(outline: Outline) -> str:
    subtitle = f"<p>{escape(outline.subtitle)}</p>" if outline.subtitle else ""
    facts = _pairs([*outline.facts, (outline.t("Report made"), outline.stamp)])
    return f"<header><h1>{escape(outline.title)}</h1>{subtitle}{facts}</header>"


def _contents(outline: Outline) -> str:
    """Chapters, or of a single one its blocks."""
    entries = [(f"c{number}", chapter.title) for number, chapter in enumerate(outline.chapters)]
    if len(entries) == 1:
        blocks = enumerate(outline.chapters[0].blocks)
        entries = [(f"c0-{number}", block.title) for number, block in blocks if block.title]
    entries.append(("methods", outline.t("Method and data")))
    links = "".join(f"<li><a href='#{place}'>{escape(name)}</a></li>" for place, name in entries)
    return f"<nav><h2>{escape(outline.t('Contents'))}</h2><ol>{links}</ol></nav>"


def _chapter(chapter: Chapter, number: int, outline: Outline) -> str:
    blocks = "".join(_block(block, f"c{number}-{place}", outline.t) for place, block in enumerate(chapter.blocks))
    title = f"<h2>{escape(chapter.title)}</h2>" if chapter.title != outline.title else ""
    lead = f"<p class='soft'>{escape(chapter.lead)}</p>" if chapter.lead else ""
    return f"<section id='c{number}'>{title}{lead}<div class='grid'>{blocks}</div></section>"


def _block(block: Block, name: str, t: Translator) -> str:
    parts = [
        f"<h3>{escape(block.title)}</h3>" if block.title else "",
        _cards(block.cards),
        _list(block.findings),
        _figure(untitled(block.figure), f"{name}-chart") if block.figure is not None else "",
        _table(block, t) if block.table is not None else "",
        f"<p class='problem'>{escape(block.problem)}</p>" if block.problem else "",
        _note(block.note),
    ]
    return f"<article id='{name}' class='w{block.width}'>{''.join(parts)}</article>"


def _cards(cards: Sequence[Card]) -> str:
    return f"<div class='cards'>{''.join(map(_card, cards))}</div>" if cards else ""


def _card(card: Card) -> str:
    delta = f"<i{NEWS[card.good]}>{escape(card.delta)}</i>" if card.delta else ""
    words = f"<span>{escape(card.label)}</span><b>{escape(card.text)}</b>{delta}"
    return f'<div title="{escape(card.help)}">{words}</div>'


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in sentences)}</ul>" if sentences else ""


def _note(lines: Iterable[Line]) -> str:
    found = []
    for is_item, group in groupby(lines, lambda line: line.kind == ITEM):
        inside = "".join(map(_line, group))
        found.append(f"<ul class='marked'>{inside}</ul>" if is_item else inside)
    return "".join(found)


def _line(line: Line) -> str:
    part, mark = PARTS.get(line.kind, "p"), f"<span>{escape(line.mark)}</span>" if line.mark else ""
    indent = f" style='margin-left:{line.level}rem'" if line.kind == ITEM and line.level else ""
    return f"<{part}{indent}>{mark}{''.join(map(_run, line.runs))}</{part}>"


def _run(run: Run) -> str:
    found = escape(run.text)
    for wanted, part in ((run.code, "code"), (run.italic, "em"), (run.bold, "strong")):
        found = f"<{part}>{found}</{part}>" if wanted else found
    return found


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in pairs)}</dl>"


def _methods(methods: Sequence[Method], t: Translator) -> str:
    found = "".join(_method(method, t) for method in methods)
    return f"<section id='methods'><h2>{escape(t('Method and data'))}</h2>{found}</section>" if found else ""


def _method(method: Method, t: Translator) -> str:
    rests = escape(t("What this rests on"))
    names = [f"{rests}: {escape(name)}" if len(method.bases) > 1 else rests for name, _ in method.bases]
    bases = "".join(f"<h4>{n}</h4>{_pairs(basis)}" for n, (_, basis) in zip(names, method.bases, strict=True))
    words = f"<p class='soft'>{escape(method.question)}</p><p>{escape(method.reading)}</p>"
    return f"<details open><summary>{escape(method.title)}</summary>{words}{_pairs(method.terms)}{bases}</details>"


def _figure(figure: go.Figure, name: str) -> str:
    """The figure as data; the page gives it its look, light or dark."""
    data = _json({"data": figure.to_plotly_json()["data"], "layout": _layout(figure)})
    high = int(figure.layout.height or 420)
    return (
        f"<figure><div class='chart' id='{escape(name)}' style='height:{high}px'></div>"
        f"<script type='application/json'>{data}</script></figure>"
    )


def _layout(figure: go.Figure) -> dict[str, Any]:
    """Without what the page decides."""
    return {
        name: value for name, value in figure.to_plotly_json()["layout"].items() if name not in ("template", "width")
    }


def _table(block: Block, t: Translator) -> str:
    assert block.table is not None
    found = grid(block.table, t, MOST_ROWS, longest=2_000)
    right = [" class='number'" if kind in cells.NUMERIC else "" for kind in found.kinds]
    heads = "".join(f"<th{r}>{escape(head)}</th>" for head, r in zip(found.heads, right, strict=True))
    rows = "".join(
        f"<tr>{''.join(f'<td{r}>{escape(cell)}</td>' for cell, r in zip(row, right, strict=True))}</tr>"
        for row in found.rows
    )
    note = f"<p class='soft'>{escape(found.note)}</p>" if found.note else ""
    return f"<div class='table'><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
