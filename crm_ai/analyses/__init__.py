"""One module a question; ALL lists them by name, and everything else is derived.

The contract each module keeps, in this order (tests/test_every_analysis.py holds all of them to it):

    docstring   the first line is the question it answers (shown to people); then the source of the method
    TITLE ICON  for the navigation (ICON is a Streamlit material icon)
    NEEDS       alternatives, each {table: columns it cannot do without}; one of them must be there
    CARDS       {metric: "number" | "percent" | "money" | "score"}, shown as cards, in this order
    TABLES      {table of the Result: title}, shown in this order
    DRILL       {figure: (table, column)}: a selected point's customdata[0] filters the table by the column
    READING     how to read the page, a few plain sentences
    TERMS       {metric or column: what it means}, help beside cards and columns
    METHODS     {name: estimator factory}, where methods can be chosen
    Params      frozen dataclass, see options.py; defaults work on any data
    Result      frozen dataclass, see results.py
    asked_table(params) -> table its parameters ask for, "" where the data decide; only where NEEDS alone do not say it
    features(data) -> DataFrame or dict of them: the engine's part
    run(data, params=Params(), progress=silent) -> Result: pure and repeatable; raises only CrmError
    figures(result, t=str) -> {name: Figure}
    findings(result, t=str) -> [sentence]
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from crm_ai.data.dataset import Dataset, Shaped
from crm_ai.errors import MissingColumns, UnknownName

ALL = ("overview", "segments", "purchases", "forecast", "baskets", "anomalies", "feedback", "quality")

EVERY_TABLE = "*"
"""Asked for by what looks at all tables."""

Needs = tuple[Mapping[str, tuple[str, ...]], ...]


class Analysis(Protocol):
    """What a module of this package offers."""

    __doc__: str | None
    TITLE: str
    ICON: str
    NEEDS: Needs
    CARDS: Mapping[str, str]
    TABLES: Mapping[str, str]
    DRILL: Mapping[str, tuple[str, str]]
    READING: str
    TERMS: Mapping[str, str]
    Params: type
    Result: type
    features: Callable[..., Any]
    run: Callable[..., Any]
    figures: Callable[..., dict[str, Any]]
    findings: Callable[..., list[str]]


@dataclass(frozen=True)
class Lack:
    """The columns that are missing for one way to run an analysis."""

    table: str
    columns: tuple[str, ...]


def load(name: str) -> Analysis:
    """The module of an analysis, imported when it is first wanted.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in ALL:
        raise UnknownName("There is no analysis {name}: use one of {known}.", name=name, known=list(ALL))
    return import_module(f"crm_ai.analyses.{name}")  # type: ignore[return-value]


def question(name: str) -> str:
    """The question an analysis answers: the first line of its module."""
    return (load(name).__doc__ or "").strip().splitlines()[0]


def looked_at(name: str, params: Any, columns: Mapping[str, Collection[str]]) -> list[str]:
    """The tables an analysis looks at: the first way of ``NEEDS`` that is complete, or the one its parameters ask for.

    Args:
        params: its Params.
        columns: table -> its columns.
    """
    module = load(name)
    asked = module.asked_table(params) if hasattr(module, "asked_table") else ""
    if asked == EVERY_TABLE:
        return list(columns)
    ways = [
        way for way in module.NEEDS if all(set(names) <= set(columns.get(table, ())) for table, names in way.items())
    ]
    return list(next((way for way in ways if asked in way), next(iter(ways), {})))


def lacks(needs: Needs, data: Shaped) -> list[Lack]:
    """What is missing for the alternative that lacks least; empty where one is complete."""
    return min((_missing(need, data) for need in needs), key=lambda lack: sum(len(x.columns) for x in lack))


def require(needs: Needs, data: Dataset) -> None:
    """Stop with a sentence where the data lack the columns.

    Raises:
        MissingColumns: no alternative is complete.
    """
    missing = lacks(needs, data)
    if missing:
        raise MissingColumns(
            "This needs the columns {columns} in the table {table}: map them on the data page.",
            columns=list(missing[0].columns),
            table=missing[0].table,
        )


def people(data: Dataset, table: str) -> int | None:
    """How many customers stand behind a table; None where it does not say whose its rows are."""
    return int(data.value(data.tables[table].customer_id.nunique())) if data.has(table, "customer_id") else None


def _missing(need: Mapping[str, tuple[str, ...]], data: Shaped) -> list[Lack]:
    absent = [Lack(table, tuple(c for c in columns if not data.has(table, c))) for table, columns in need.items()]
    return [lack for lack in absent if lack.columns]
