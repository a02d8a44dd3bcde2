"""Which part of a dataset is looked at: days, countries, segments. It belongs to the recipe: each part has results.

A filter that a table cannot carry (no dates, nobody's country) leaves that table whole; ``usable`` tells beforehand.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from crm_ai.data import loading
from crm_ai.errors import BadParameter

if TYPE_CHECKING:
    from crm_ai.data.dataset import Dataset

MOST = 200
"""Values one filter may name."""
DATES = {"transactions": "ordered_at", "feedback": "created_at", "series": "time"}
PEOPLE = ("customers", "transactions")
"""Where a country of a customer may stand, in this order."""
Columns = Mapping[str, Collection[str]]
"""Table -> its columns."""


@dataclass(frozen=True)
class Filters:
    """All of them hold at once; an empty one holds always.

    Attributes:
        since, until: first and last day, ISO; orders and feedback outside are left out.
        country: names of countries as they stand in the data.
        segment: names of customer segments, see ``analyses.segments``; others are left out.
    """

    since: str = ""
    until: str = ""
    country: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()

    def to_json(self) -> dict[str, Any]:
        """What is set; {} where nothing is."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items() if v}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Filters":
        """The filters a document describes, checked.

        Raises:
            BadParameter: a filter is unknown, a day is none, or there are too many names.
        """
        try:
            since, until = (_day(document.get(name, "")) for name in ("since", "until"))
            country, segment = (_names(document.get(name, ())) for name in ("country", "segment"))
        except (TypeError, ValueError):
            raise BadParameter("These filters cannot be read: set them anew.") from None
        if set(document) - set(Filters.__dataclass_fields__):
            raise BadParameter("These filters cannot be read: set them anew.")
        if since and until and since > until:
            raise BadParameter("The first day lies after the last one: turn them round.")
        return Filters(since, until, country, segment)


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat() if text else ""


def _names(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list | tuple) or len(values) > MOST or not all(isinstance(v, str) for v in values):
        raise ValueError
    return tuple(sorted(set(values)))


# ---- what can be filtered --------------------------------------------------------------------------------------------


def usable(table: str, columns: Columns) -> set[str]:
    """Names of the filters that a table can carry."""
    here = columns.get(table, ())
    known = {"since", "until"} if DATES.get(table) in here else set()
    if "country" in here or ("customer_id" in here and _home(columns)):
        known.add("country")
    if "customer_id" in here and (has_segments(columns) or needs_people(columns)):
        known.add("segment")
    return known


def has_segments(columns: Columns) -> bool:
    """Whether the customers come with segments of their own."""
    return {"customer_id", "segment"} <= set(columns.get("customers", ()))


def needs_people(columns: Columns) -> bool:
    """Whether segments are those that orders give: ``where`` must be told who is in them."""
    orders = {"customer_id", "ordered_at", "amount"} <= set(columns.get("transactions", ()))
    return orders and not has_segments(columns)


def _home(columns: Columns) -> str | None:
    """The table that tells a customer's country."""
    return next((name for name in PEOPLE if {"customer_id", "country"} <= set(columns.get(name, ()))), None)


# ---- filtering -------------------------------------------------------------------------------------------------------


def where(data: "Dataset", filters: Filters, people: Collection[str] | None = None) -> "Dataset":
    """The part of a dataset that the filters let through; the engine leaves the other rows out.

    Args:
        people: customers of the segments asked for, where ``needs_people``.
    """
    columns = {name: table.columns for name, table in data.tables.items()}
    tables = {name: _part(name, data.tables, columns, filters, people) for name in data.tables}
    whole = tables.get("transactions") is data.tables.get("transactions")
    return replace(data, tables=tables, rolled=data.rolled if whole else None)


def _part(
    name: str, tables: Mapping[str, ir.Table], columns: Columns, filters: Filters, people: Collection[str] | None
) -> ir.Table:
    table, able = tables[name], usable(name, columns)
    if filters.since and "since" in able:
        table = table.filter(_moment(table[DATES[name]]) >= _midnight(filters.since))
    if filters.until and "until" in able:
        table = table.filter(_moment(table[DATES[name]]) < _midnight(filters.until, 1))
    if filters.country and "country" in able:
        table = _in_country(table, tables, columns, filters.country)
    if filters.segment and "segment" in able:
        table = _of(
            table,
            _segment(tables["customers"], filters.segment)
            if has_segments(columns)
            else _listed(people, table.get_backend()),
        )
    return table


def _in_country(
    table: ir.Table, tables: Mapping[str, ir.Table], columns: Columns, country: tuple[str, ...]
) -> ir.Table:
    if "country" in table.columns:
        return table.filter(table.country.cast("string").isin(country))
    home = tables[str(_home(columns))]
    return _of(table, _ids(home.filter(home.country.cast("string").isin(country))))


def _segment(customers: ir.Table, names: tuple[str, ...]) -> ir.Table:
    return _ids(customers.filter(customers.segment.cast("string").isin(names)))


def _listed(people: Collection[str] | None, backend: BaseBackend) -> ir.Table:
    """The named people as a table of the engine; Spark keeps no table that it has not been told of."""
    frame = pd.DataFrame({"person": pd.Series(sorted(people or ()), dtype="str")})
    if backend.name != "pyspark":
        return ibis.memtable(frame)
    return loading.create(backend, f"people_{secrets.token_hex(6)}", frame)


def _ids(table: ir.Table) -> ir.Table:
    return table.select(person=table.customer_id.cast("string")).distinct()


def _of(table: ir.Table, people: ir.Table) -> ir.Table:
    return table.semi_join(people, table.customer_id.cast("string") == people.person)


def _moment(column: ir.Column) -> ir.TimestampValue:
    return column.cast("timestamp")


def _midnight(day: str, later: int = 0) -> ir.TimestampScalar:
    return ibis.literal(pd.Timestamp(day) + pd.Timedelta(days=later))
