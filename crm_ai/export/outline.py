"""What a report says, before it takes a form: chapters of blocks and an appendix, in one language.

A result becomes a chapter (``outline``); a board makes its own chapters out of the same blocks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crm_ai import analyses, i18n
from crm_ai.analyses import options, results
from crm_ai.analyses.options import Choice, Switch
from crm_ai.export import Section
from crm_ai.export.cells import card
from crm_ai.export.native import text
from crm_ai.export.notes import Line
from crm_ai.i18n import Translator

MOST_TABLES = 3
"""Of an analysis, on slides."""
Pairs = tuple[tuple[str, str], ...]
"""Names and what is said of them."""


@dataclass(frozen=True)
class Card:
    """A figure as people read it, with the difference to the version before and whether that is good news."""

    label: str
    text: str
    delta: str = ""
    good: bool | None = None
    help: str = ""


@dataclass(frozen=True)
class Method:
    """How the numbers of an analysis came about: an entry of the appendix.

    Attributes:
        bases: what was computed with it: the name of that, and the data and parameters it rests on.
    """

    title: str
    question: str
    reading: str
    terms: Pairs
    bases: tuple[tuple[str, Pairs], ...] = ()


@dataclass(frozen=True)
class Block:
    """One thing of a report: cards, sentences, a chart, a table, a note, or why there is none of them.

    Attributes:
        width: columns of twelve it wants.
        method: how its numbers came about.
        basis: the data and the parameters they rest on.
        extra: too much for slides.
    """

    title: str = ""
    cards: tuple[Card, ...] = ()
    findings: tuple[str, ...] = ()
    figure: go.Figure | None = None
    table: pd.DataFrame | None = None
    note: tuple[Line, ...] = ()
    problem: str = ""
    width: int = 12
    method: Method | None = None
    basis: Pairs = ()
    extra: bool = False


@dataclass(frozen=True)
class Chapter:
    """Blocks below and beside each other; ``lead`` is the question they answer."""

    title: str
    lead: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Outline:
    """A report in one language.

    Attributes:
        subtitle: a line under the title.
        facts: what all of it rests on: data, version, filters; for the cover.
        made: when, UTC.
    """

    title: str
    language: str
    chapters: tuple[Chapter, ...] = ()
    methods: tuple[Method, ...] = ()
    facts: Pairs = ()
    subtitle: str = ""
    made: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))

    @property
    def t(self) -> Translator:
        return i18n.translator(self.language)

    @property
    def blocks(self) -> list[Block]:
        return [block for chapter in self.chapters for block in chapter.blocks]

    @property
    def stamp(self) -> str:
        """When it was made, for people."""
        return f"{self.made:%Y-%m-%d %H:%M} UTC"


def outline(sections: Sequence[Section], title: str, language: str) -> Outline:
    """Results as a report, a chapter each."""
    t = i18n.translator(language)
    told = [Told(section, t) for section in sections]
    names = [found.title for found in told]
    lead = " · ".join(dict.fromkeys(names)) if len(names) > 1 else "".join(found.question for found in told)
    chapters, methods = tuple(found.chapter for found in told), joined(found.method for found in told)
    cover = facts((section.head for section in sections), t)
    return Outline(title, language, chapters, methods, cover, lead)


@dataclass(frozen=True)
class Told:
    """One result, in words and pictures; without a result only how such a one comes about."""

    section: Section
    t: Translator

    @cached_property
    def module(self) -> Any:
        return analyses.load(self.section.analysis)

    @property
    def title(self) -> str:
        return self.t(self.module.TITLE)

    @property
    def question(self) -> str:
        return self.t(analyses.question(self.section.analysis))

    @property
    def chapter(self) -> Chapter:
        """Cards, findings, charts, tables."""
        t, method = self.t, self.method
        found = [Block(cards=self.cards), Block(t("Findings"), findings=self.findings)]
        figures = self.module.figures(self.section.result, t).values()
        found += [Block(text(figure.layout.title.text or ""), figure=figure, width=6) for figure in figures]
        found += [Block(title, table=frame, extra=n >= MOST_TABLES) for n, (title, frame) in enumerate(self.tables)]
        blocks = tuple(replace(block, method=method, basis=self.basis) for block in found)
        return Chapter(self.title, self.question, blocks)

    @property
    def cards(self) -> tuple[Card, ...]:
        result, found = self.section.result, results.metrics(self.section.result)
        currency, terms = getattr(result, "currency", ""), self.module.TERMS
        return tuple(
            Card(i18n.heading(name, self.t), card(found.get(name), kind, currency), help=self.t(terms.get(name, "")))
            for name, kind in self.module.CARDS.items()
        )

    @property
    def findings(self) -> tuple[str, ...]:
        return tuple(self.module.findings(self.section.result, self.t))

    @property
    def tables(self) -> list[tuple[str, pd.DataFrame]]:
        """Title and rows of each table that has any."""
        words = getattr(self.module, "shown", None)
        found = words(self.section.result, self.t) if words else results.tables(self.section.result)
        return [(self.t(title), found[name]) for name, title in self.module.TABLES.items() if len(found.get(name, ()))]

    @cached_property
    def basis(self) -> Pairs:
        """What the result rests on: the data and the parameters."""
        head = pairs(self.section.head, self.t)
        values = options.to_json(options.parse(self.module.Params, self.section.params))
        described = options.options(self.module.Params)
        return head + tuple((self.t(described[n][0].label), self._value(n, value)) for n, value in values.items())

    @cached_property
    def method(self) -> Method:
        """How to read it, and what the words mean."""
        terms = tuple((i18n.heading(name, self.t), self.t(meaning)) for name, meaning in self.module.TERMS.items())
        return Method(self.title, self.question, self.t(self.module.READING), terms, ((self.title, self.basis),))

    def _value(self, name: str, value: Any) -> str:
        option = options.options(self.module.Params)[name][0]
        if isinstance(option, Choice):
            return self.t(option.options[value])
        if isinstance(option, Switch):
            return self.t("yes") if value else self.t("no")
        return self.t("automatic") if value in ("auto", "", None) else str(value)


def joined(methods: Iterable[Method]) -> tuple[Method, ...]:
    """One entry an analysis, with all that rests on it; what rests on the same is named together."""
    found: dict[str, Method] = {}
    for method in methods:
        earlier = found.get(method.title)
        found[method.title] = replace(method, bases=_merged((*earlier.bases, *method.bases))) if earlier else method
    return tuple(found.values())


def pairs(head: Mapping[str, Any], t: Translator) -> Pairs:
    """What stands in a head, as people read it."""
    return tuple((i18n.heading(str(name), t), str(value)) for name, value in head.items())


def _merged(bases: Sequence[tuple[str, Pairs]]) -> tuple[tuple[str, Pairs], ...]:
    names: dict[Pairs, dict[str, None]] = {}
    for name, basis in bases:
        names.setdefault(basis, {})[name] = None
    return tuple((" · ".join(found), basis) for basis, found in names.items())


def facts(heads: Iterable[Mapping[str, Any]], t: Translator) -> Pairs:
    """The data of one head line by line, of several a line each."""
    found = list(dict.fromkeys(pairs(head, t) for head in heads if head))
    if len(found) < 2:
        return found[0] if found else ()
    return tuple((head[0][1], " · ".join(f"{name}: {value}" for name, value in head[1:])) for head in found)
