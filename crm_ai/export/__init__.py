"""The door of the exporters; each is imported when it is first wanted.

chart(figure, "png" | "svg" | "html")          one chart
table(frame, "csv" | "xlsx")                   one table, safe from spreadsheet formulas
report(sections, "pdf" | "pptx" | "xlsx" | "html" | "zip")    findings, charts and tables of results
write(outline, ...)                            the same of what is outlined already, as a board is

All of it may be called from any thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from crm_ai.errors import UnknownName

if TYPE_CHECKING:
    from crm_ai.export.outline import Outline

CHARTS = {"png": "images", "svg": "images", "html": "web"}
TABLES = {"csv": "sheets", "xlsx": "sheets"}
REPORTS = {"pdf": "pdf", "pptx": "slides", "xlsx": "workbook", "html": "web", "zip": "bundle"}


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
    """Results as one document, a chapter each."""
    from crm_ai.export.outline import outline

    _module(REPORTS, kind)
    return write(outline(sections, title, language), kind)


def write(found: "Outline", kind: str) -> bytes:
    """A report of an outline.

    Raises:
        UnknownName: no such format.
    """
    made: bytes = _module(REPORTS, kind).report(found)
    return made


def _module(known: Mapping[str, str], kind: str) -> Any:
    if kind not in known:
        raise UnknownName("There is no format {name}: use one of {known}.", name=kind, known=list(known))
    return import_module(f"crm_ai.export.{known[kind]}")
