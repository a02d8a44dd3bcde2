"""Canonical tables straight on the tables of a database: nothing is copied, everything is pushed down.

What a file needs guessing and parsing for, a database knows: only readings that every engine has are taken. The
cleaning rules that are on by default become filters.
"""

import hashlib
import json
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from crm_ai.data import readings
from crm_ai.data.amounts import with_amount
from crm_ai.data.quality.finds import any_of
from crm_ai.data.quality.rules import rules_of
from crm_ai.data.quality.typed import EPOCH, ROW, SHARE_OF_BULK, SOURCE, TYPES, Facts
from crm_ai.data.schema import TABLES, Column, Mapping
from crm_ai.errors import BadParameter

VERSION = 1
NEWEST, BULK = "_newest_", "_bulk_"
TAKES: dict[str, tuple[str, ...]] = {
    "native": ("any",),
    "id": ("integer", "string", "uuid"),
    "text": ("any",),
    "number": ("numeric", "boolean"),
    "date": ("timestamp", "date"),
    "flag": ("boolean", "integer", "string"),
    "prefix": ("string",),
    "filled": ("any",),
}
"""Reading -> the kinds of columns on which every engine gives the same."""


@dataclass(frozen=True)
class Place:
    """Canonical tables of a database, cleaned, and what they stand on as one hash."""

    tables: dict[str, ir.Table]
    fingerprint: str


def place(connection: BaseBackend, url: str, mappings: Dictionary[str, Mapping]) -> Place:
    """Make the canonical tables.

    Args:
        connection: to the database.
        url: its address; what signs in there stays out of the hash.
        mappings: table of the database (``schema.table`` or ``table``) -> its mapping.

    Raises:
        BadParameter: there is no such table or column, or a column cannot be read in place.
    """
    if not any(mapping.table for mapping in mappings.values()):
        raise BadParameter("None of the tables has a mapping: map the columns of one at least.")
    tables, marks = {}, {}
    for name in (name for name in TABLES if any(mapping.table == name for mapping in mappings.values())):
        raw = [(title, mapping) for title, mapping in mappings.items() if mapping.table == name]
        table = _typed(connection, raw)
        known, newest = _known(connection, table)
        tables[name], marks[name] = _cleaned(name, table, known), [known.rows, newest]
    document = [VERSION, without_credentials(url), {n: m.to_json() for n, m in mappings.items()}, marks]
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return Place(tables, hashlib.sha256(text.encode()).hexdigest()[:32])


def without_credentials(url: str) -> str:
    """The address without user, password and options."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _typed(connection: Any, mapped: Sequence[tuple[str, Mapping]]) -> ir.Table:
    """The rows of all database tables that make one canonical table, with SOURCE and ROW."""
    parts = [_part(number, title, _raw(connection, title), mapping) for number, (title, mapping) in enumerate(mapped)]
    kinds: dict[str, dt.DataType] = {}
    for part in parts:
        kinds = {**part.schema(), **kinds}
    aligned = [
        part.select(**{n: part[n].cast(k) if n in part.columns else ibis.null(k) for n, k in kinds.items()})
        for part in parts
    ]
    return reduce(lambda one, other: one.union(other), aligned)


def _raw(connection: Any, title: str) -> ir.Table:
    database, _, name = title.rpartition(".")
    try:
        return connection.table(name, database=database or None)  # type: ignore[no-any-return]
    except Exception:
        raise BadParameter("The database has no table {table}.", table=title) from None


def _part(number: int, title: str, raw: ir.Table, mapping: Mapping) -> ir.Table:
    kinds = TABLES[mapping.table]
    columns = {**mapping.columns, **mapping.attributes}
    values = {name: _value(title, raw, column, kinds.get(name, "any")) for name, column in columns.items()}
    values |= {name: ibis.literal(value) for name, value in mapping.constants.items()}
    if mapping.table == "customers" and "customer_id" not in values:
        raise BadParameter("The table {table} has no column for {column}: map one.", table=title, column="customer_id")
    table = with_amount(raw.select(**values))
    row = ibis.row_number().over(order_by=list(table.columns)) if mapping.table == "customers" else ibis.literal(0)
    return table.mutate(**{SOURCE: ibis.literal(number, "int32"), ROW: row.cast("int64")})


def _value(title: str, raw: ir.Table, column: Column, kind: str) -> ir.Value:
    if column.heading not in raw.columns:
        found = list(raw.columns[:30])
        raise BadParameter(
            "The table {table} has no column {column}; it has {found}.", table=title, column=column.heading, found=found
        )
    value, reading = raw[column.heading], column.reading.partition(":")[0]
    if column.joined or not _takes(reading, value.type(), kind):
        raise BadParameter(
            "The column {column} of the table {table} cannot be read in place ({kind}): give it a type of its own in "
            "the database, or take the table in as a copy.",
            column=column.heading,
            table=title,
            kind=str(value.type()),
        )
    read = readings.read(value, column.reading)
    return read.cast(TYPES[kind]) if kind in TYPES and read.type() != dt.dtype(TYPES[kind]) else read


def _takes(reading: str, found: dt.DataType, kind: str) -> bool:
    """Whether the column has a type on which the reading, and the cast after it, is the same everywhere."""
    last = {"number": ("numeric", "boolean"), "time": TAKES["date"], "flag": ("boolean",)}.get(kind, ("any",))
    needed = TAKES.get(reading, ()) if reading != "native" else last
    return "any" in needed or any(getattr(found, f"is_{name}")() for name in needed)


def _known(connection: BaseBackend, table: ir.Table) -> tuple[Facts, str]:
    """What the rules must know, and the newest moment, from one look at the whole table."""
    visible = [name for name in table.columns if name not in (SOURCE, ROW)]
    times = [name for name in ("ordered_at", "created_at", "time") if name in visible]
    newest = {NEWEST + name: table[name].max() for name in times}
    bulk = {}
    if connection.has_operation(ops.Quantile):
        bulk = {BULK + name: table[name].epoch_seconds().quantile(SHARE_OF_BULK) for name in times}
    filled = {name: table[name].count() for name in visible}
    row = table.aggregate(_rows=table.count(), **filled, **newest, **bulk).to_pandas().iloc[0]
    ends = {n.removeprefix(BULK): EPOCH + timedelta(seconds=int(row[n])) for n in bulk if pd.notna(row[n])}
    counts = {name: int(row[name]) for name in visible}
    today = datetime.now(UTC).replace(tzinfo=None)
    facts = Facts(int(row["_rows"]), counts, {}, {}, today, bulk=ends)
    return facts, max((str(row[name]) for name in newest if pd.notna(row[name])), default="")


def _cleaned(name: str, table: ir.Table, known: Facts) -> ir.Table:
    """The rows that the default rules leave, without columns that have no value at all."""
    table = table.drop(*[column for column, filled in known.filled.items() if not filled and known.rows])
    rules = [rule for rule in rules_of(name) if rule.on and rule.applies(set(table.columns), known)]
    gone = any_of([rule.finds(table, known).fill_null(False) for rule in rules])
    kept = table.mutate(_gone=gone).filter(lambda rows: ~rows["_gone"]) if rules else table
    return kept.drop(SOURCE, ROW, *(["_gone"] if rules else []))
