"""The door of the exporters; each is imported when it is first wanted.

chart(figure, "png" | "svg" | "html")          one chart
table(frame, "csv" | "xlsx")                   one table, safe from spreadsheet formulas
report(sections, "pdf" | "pptx" | "xlsx" | "html")    findings, charts and tables of results
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crm_ai.errors import UnknownName

CHARTS = {"png": "images", "svg": "images", "html": "web"}
TABLES = {"csv": "sheets", "xlsx": "sheets"}
REPORTS = {"pdf": "pdf", "pptx": "slides", "xlsx": "workbook", "html": "web"}


@dataclass(frozen=True)
class Section:
    """One result in a report; ``head`` says what it rests on (dataset, version, rows ...)."""

    analysis: str
    result: Any
    params: Mapping[str, Any] = field(default_factory=dict)
    head: Mapping[str, Any] = field(default_factory=dict)


def chart(figure: go.Figure, kind: str, *, language: str = "en") -> bytes:
    """One chart as a file.

    Raises:
        UnknownName: no such format.
        MissingExtra: PNG and SVG need Chromium.
    """
    return _module(CHARTS, kind).chart(figure, kind, language)


def table(frame: pd.DataFrame, kind: str, *, title: str = "", language: str = "en") -> bytes:
    """One table as a file."""
    return _module(TABLES, kind).table(frame, kind, title, language)


def report(sections: Sequence[Section], kind: str, *, title: str, language: str = "en") -> bytes:
    """Results as one document."""
    return _module(REPORTS, kind).report(sections, title, language)


def _module(known: Mapping[str, str], kind: str) -> Any:
    if kind not in known:
        raise UnknownName("There is no format {name}: use one of {known}.", name=kind, known=list(known))
    return import_module(f"crm_ai.export.{known[kind]}")
