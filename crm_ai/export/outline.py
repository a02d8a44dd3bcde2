"""What a report says, before it takes a form: chapters of sentences, charts and tables in one language."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crm_ai import analyses, i18n
from crm_ai.analyses import options, results
from crm_ai.analyses.options import Choice, Switch
from crm_ai.export import Section
from crm_ai.export.cells import card
from crm_ai.i18n import Translator


@dataclass(frozen=True)
class Chapter:
    """One result, in words and pictures."""

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
    def cards(self) -> list[tuple[str, str]]:
        """Heading and figure of each card."""
        result, found = self.section.result, results.metrics(self.section.result)
        currency = getattr(result, "currency", "")
        cards = self.module.CARDS.items()
        return [(i18n.heading(name, self.t), card(found.get(name), kind, currency)) for name, kind in cards]

    @property
    def findings(self) -> list[str]:
        return list(self.module.findings(self.section.result, self.t))

    @property
    def figures(self) -> dict[str, go.Figure]:
        return dict(self.module.figures(self.section.result, self.t))

    @property
    def tables(self) -> list[tuple[str, pd.DataFrame]]:
        """Title and rows of each table that has any."""
        words = getattr(self.module, "shown", None)
        found = words(self.section.result, self.t) if words else results.tables(self.section.result)
        return [(self.t(title), found[name]) for name, title in self.module.TABLES.items() if len(found.get(name, ()))]

    @property
    def basis(self) -> list[tuple[str, str]]:
        """What the result rests on: the data and the parameters."""
        head = [(i18n.heading(str(name), self.t), str(value)) for name, value in self.section.head.items()]
        values = options.to_json(options.parse(self.module.Params, self.section.params))
        described = options.options(self.module.Params)
        return head + [(self.t(described[name][0].label), self._value(name, value)) for name, value in values.items()]

    @property
    def reading(self) -> str:
        return self.t(self.module.READING)

    @property
    def terms(self) -> list[tuple[str, str]]:
        """Name and meaning of each metric and column."""
        return [(i18n.heading(name, self.t), self.t(text)) for name, text in self.module.TERMS.items()]

    def _value(self, name: str, value: Any) -> str:
        option = options.options(self.module.Params)[name][0]
        if isinstance(option, Choice):
            return self.t(option.options[value])
        if isinstance(option, Switch):
            return self.t("yes") if value else self.t("no")
        return self.t("automatic") if value in ("auto", "", None) else str(value)


def chapters(sections: Sequence[Section], language: str) -> list[Chapter]:
    t = i18n.translator(language)
    return [Chapter(section, t) for section in sections]
