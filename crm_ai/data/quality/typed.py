"""From raw tables and their mappings to one typed table, in which unreadable values are marked."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from crm_ai.data.schema import TABLES, Column, Mapping

SOURCE, ROW, KEY, UNREAD = "_source", "_row", "_key", "_unread_"
TYPES = {"id": "string", "text": "string", "number": "float64", "time": "timestamp", "flag": "boolean"}
WITH_KEY = ("transactions", "feedback")  # the tables whose rules compare whole rows
BULK, SHARE_OF_BULK = "_bulk_", 0.9
EPOCH = datetime(1970, 1, 1)
MAY_FAIL = ("number", "number_comma", "flag", "date", "excel_serial", "epoch_s", "epoch_ms", "step")
"""Readings that do not take every value."""


@dataclass(frozen=True)
class Facts:
    """What the rules must know of a whole table.

    Attributes:
        rows: of the typed table.
        filled: column -> rows with a value.
        unread: column -> rows whose value could not be read.
        bulk: time column -> moment before which nine tenths of the rows lie.
        today: when the data were taken in.
    """

    rows: int
    filled: Dictionary[str, int]
    unread: Dictionary[str, int]
    bulk: Dictionary[str, datetime]
    today: datetime


@ibis.udf.scalar.builtin(name="hash")
def _hash(value) -> dt.uint64:  # type: ignore[no-untyped-def]  # any type: a row is a struct of its own
    """DuckDB's hash of a whole row."""


def typed(raws: Sequence[ir.Table], mappings: Sequence[Mapping]) -> ir.Table:
    """One table of all sources: ``_source``, ``_row``, ``_key``, canonical columns, ``_unread_<column>``.

    Attributes of customers are not in it, see ``attributes.py``.
    """
    tables = [_typed(number, *pair) for number, pair in enumerate(zip(raws, mappings, strict=True))]
    if mappings[0].table == "customers" and not all("customer_id" in mapping.columns for mapping in mappings):
        tables = [_numbered(table, len(tables)) for table in tables]
    kinds = _kinds(tables)
    aligned = [_aligned(table, kinds) for table in tables]
    return reduce(lambda one, other: one.union(other), aligned)


def order(table: str, columns: Sequence[str]) -> list[str]:
    """The visible columns, canonical ones first."""
    shown = [name for name in columns if name not in (SOURCE, ROW, KEY) and not name.startswith(UNREAD)]
    canonical = [name for name in TABLES[table] if name in shown]
    return canonical + [name for name in shown if name not in canonical]


def _typed(number: int, raw: ir.Table, mapping: Mapping) -> ir.Table:
    kinds = TABLES[mapping.table]
    values = {name: _value(raw, column, kinds[name]) for name, column in mapping.columns.items()}
    read = {name: c for name, c in mapping.columns.items() if c.reading.partition(":")[0] in MAY_FAIL}
    unread = {UNREAD + name: _is_unread(raw, column, values[name]) for name, column in read.items()}
    constants = {name: ibis.literal(value) for name, value in mapping.constants.items()}
    key = {KEY: _key(raw)} if mapping.table in WITH_KEY else {}
    table = raw.select(
        **{SOURCE: ibis.literal(number, "int32"), ROW: raw[ROW]},
        **key,
        **values,
        **constants,
        **unread,
    )
    return _with_amount(table)


def _key(raw: ir.Table) -> ir.Value:
    return _hash(ibis.struct({f"c{n}": raw[name] for n, name in enumerate(raw.columns) if name != ROW}))


def _value(raw: ir.Table, column: Column, kind: str) -> ir.Value:
    value = column.value(raw)
    return value.cast(TYPES[kind]) if kind in TYPES and value.type() != dt.dtype(TYPES[kind]) else value


def _is_unread(raw: ir.Table, column: Column, value: ir.Value) -> ir.BooleanValue:
    """Something stands in the file, but it is not what the reading expects."""
    written = raw[column.heading].cast("string").strip()
    return value.isnull() & written.notnull() & (written != "")


def _numbered(table: ir.Table, sources: int) -> ir.Table:
    """Customers without an id are one a row."""
    number = table[ROW].cast("string")
    own = number if sources == 1 else table[SOURCE].cast("string") + ibis.literal("-") + number
    return table if "customer_id" in table.columns else table.mutate(customer_id=own)


def _kinds(tables: Sequence[ir.Table]) -> dict[str, dt.DataType]:
    """Column -> type; text where the sources do not agree."""
    kinds: dict[str, dt.DataType] = {}
    for table in tables:
        for name, kind in table.schema().items():
            nullable = kind.copy(nullable=True)
            kinds[name] = nullable if kinds.get(name, nullable) == nullable else dt.string
    return kinds


def _aligned(table: ir.Table, kinds: Dictionary[str, dt.DataType]) -> ir.Table:
    def column(name: str, kind: dt.DataType) -> ir.Value:
        if name in table.columns:
            return table[name].cast(kind)
        return ibis.literal(False) if name.startswith(UNREAD) else ibis.null(kind)

    return table.select(**{name: column(name, kind) for name, kind in kinds.items()})


def _with_amount(table: ir.Table) -> ir.Table:
    """The amount is mapped, or quantity times price, or the price of the one piece."""
    if "amount" in table.columns or "unit_price" not in table.columns:
        return table
    return table.mutate(amount=table.quantity * table.unit_price if "quantity" in table.columns else table.unit_price)


def counts(table: ir.Table) -> ir.Table:
    """One row: how often each column is filled or unread, and where the bulk of each time column ends."""
    filled = {name: table[name].sum() if name.startswith(UNREAD) else table[name].count() for name in table.columns}
    times = [name for name in ("ordered_at", "created_at") if name in table.columns]
    bulk = {f"{BULK}{name}": table[name].epoch_seconds().quantile(SHARE_OF_BULK) for name in times}
    return table.aggregate(_rows=table.count(), **filled, **bulk)


def facts(row: Dictionary[str, Any], today: datetime) -> Facts:
    """Facts from the row that ``counts`` gives."""
    number = {name: 0 if value is None or value != value else int(value) for name, value in row.items()}
    return Facts(
        rows=number["_rows"],
        filled={name: n for name, n in number.items() if not name.startswith("_")},
        unread={name.removeprefix(UNREAD): n for name, n in number.items() if name.startswith(UNREAD)},
        bulk={
            name.removeprefix(BULK): EPOCH + timedelta(seconds=n) for name, n in number.items() if name.startswith(BULK)
        },
        today=today,
    )
