"""From raw tables and their mappings to one typed table, in which unreadable values are marked."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from math import inf
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from crm_ai.data import readings
from crm_ai.data.amounts import Range, amount_range, with_amount
from crm_ai.data.schema import TABLES, Column, Mapping

SOURCE, ROW, KEY, UNREAD, FLAG = "_source", "_row", "_key", "_unread_", "_is_"
TYPES = {"id": "string", "text": "string", "number": "float64", "time": "timestamp", "flag": "boolean"}
WITH_KEY = ("transactions", "feedback")  # the tables whose rules compare whole rows
TIMES, SHARE_OF_BULK = ("ordered_at", "created_at"), 0.9
EPOCH, MICROSECONDS = datetime(1970, 1, 1), 1e6
RANGED = ("DOUBLE", "INT64", "BOOLEAN")
"""Parquet's names of what numbers, times and flags are written as."""
MAY_FAIL = ("number", "number_comma", "percent", "flag", "date", "excel_serial", "epoch_s", "epoch_ms", "step")
"""Readings that do not take every value."""
TAKE_NATIVE = ("number", "number_comma", "percent", "date")
"""Of these, those that take every value of a column that has numbers or times already."""


@dataclass(frozen=True)
class Batch:
    """Which upload a source came with, and whether its rows take the place of earlier ones with equal keys."""

    number: int = 0
    replaces: bool = False


@dataclass(frozen=True)
class Facts:
    """What the rules must know of a whole table.

    Attributes:
        rows: of the typed table.
        filled: column -> rows with a value.
        unread: column -> rows whose value could not be read.
        ranges: column of numbers, times (seconds since 1970) or flags -> its lowest and highest value, where known.
        today: when the data were taken in.
        batches: of each source, by its number.
        bulk: time column -> moment before which nine tenths of the rows lie, of those columns that reach into the
            future.
    """

    rows: int
    filled: Dictionary[str, int]
    unread: Dictionary[str, int]
    ranges: Dictionary[str, Range]
    today: datetime
    batches: tuple[Batch, ...] = ()
    bulk: Dictionary[str, datetime] = field(default_factory=dict)

    def is_full(self, column: str) -> bool:
        """Whether every row has a value there."""
        return self.filled.get(column) == self.rows

    def is_within(self, column: str, low: float, high: float) -> bool:
        """Whether it is known that no value lies outside ``low`` to ``high``."""
        lowest, highest = self.ranges.get(column, (-inf, inf))
        return low <= lowest and highest <= high


@ibis.udf.scalar.builtin(name="hash")
def row_hash(value) -> dt.uint64:  # type: ignore[no-untyped-def]  # any type: a row is a struct of its own
    """DuckDB's hash of a whole row."""


def typed(raws: Sequence[ir.Table], mappings: Sequence[Mapping], with_key: bool = True) -> ir.Table:
    """One table of all sources: ``_source``, ``_row``, ``_key``, canonical columns, ``_unread_<column>``.

    Attributes of customers are not in it (``attributes.py``), nor amounts where no file has its own (``amounts.py``).

    Args:
        raws: the sources' rows.
        mappings: one a source.
        with_key: whether ``_key`` is wanted where the table has one; it costs more than all the rest.
    """
    own_amount = any("amount" in mapping.columns for mapping in mappings)
    pairs = enumerate(zip(raws, mappings, strict=True))
    tables = [_typed(number, *pair, with_key, own_amount) for number, pair in pairs]
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


def _typed(number: int, raw: ir.Table, mapping: Mapping, with_key: bool, own_amount: bool) -> ir.Table:
    kinds = TABLES[mapping.table]
    values = {name: _value(raw, column, kinds[name]) for name, column in mapping.columns.items()}
    read = {name: c for name, c in mapping.columns.items() if _may_fail(raw, c)}
    unread = {UNREAD + name: _is_unread(raw, column, values[name]) for name, column in read.items()}
    constants = {name: ibis.literal(value) for name, value in mapping.constants.items()}
    key = {KEY: _key(raw)} if with_key and mapping.table in WITH_KEY else {}
    table = raw.select(
        **{SOURCE: ibis.literal(number, "int32"), ROW: raw[ROW]},
        **key,
        **values,
        **constants,
        **unread,
    )
    return with_amount(table) if own_amount else table


def may_fail(reading: str) -> bool:
    return reading.partition(":")[0] in MAY_FAIL


def _may_fail(raw: ir.Table, column: Column) -> bool:
    """Whether a value may stand there that the reading does not take; a number that is none counts as missing."""
    native = not column.joined and not raw[column.heading].type().is_string()
    return may_fail(column.reading) and not (native and column.reading.partition(":")[0] in TAKE_NATIVE)


def _key(raw: ir.Table) -> ir.Value:
    return row_hash(ibis.struct({f"c{n}": raw[name] for n, name in enumerate(raw.columns) if name != ROW}))


def _value(raw: ir.Table, column: Column, kind: str) -> ir.Value:
    value = column.value(raw)
    return value.cast(TYPES[kind]) if kind in TYPES and value.type() != dt.dtype(TYPES[kind]) else value


def _is_unread(raw: ir.Table, column: Column, value: ir.Value) -> ir.BooleanValue:
    """True where something stands in the file that is not what the reading expects, else NULL."""
    written = raw[column.heading]
    filled = ~readings.is_missing(written) if written.type().is_string() else written.notnull()
    return ibis.ifelse(value.isnull(), filled.nullif(False), ibis.null("boolean"))


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
        return ibis.null(kind)

    return table.select(**{name: column(name, kind) for name, kind in kinds.items()})


def facts(path: Path, today: datetime, batches: tuple[Batch, ...] = ()) -> Facts:
    """What the footer of a typed table's Parquet file tells, without reading its rows; the bulk is not among it."""
    import pyarrow.parquet as pq

    footer = pq.read_metadata(path)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    columns = {name: [group.column(n) for group in groups] for n, name in enumerate(footer.schema.names)}
    counts = {name: footer.num_rows - _empty(chunks) for name, chunks in columns.items()}
    filled = {name: n for name, n in counts.items() if not name.startswith("_")}
    unread = {name.removeprefix(UNREAD): n for name, n in counts.items() if name.startswith(UNREAD)}
    ranges = {name: found for name in filled if (found := _range(columns[name]))}
    if amount := amount_range(filled, ranges):
        ranges["amount"] = amount
        filled["amount"] = min(filled.get("quantity", footer.num_rows), filled["unit_price"])  # at most
    return Facts(footer.num_rows, filled, unread, ranges, today, batches)


def _empty(chunks: Sequence[Any]) -> int:
    return sum(chunk.statistics.null_count for chunk in chunks)


def _range(chunks: Sequence[Any]) -> Range | None:
    """The lowest and highest value of a column; None for texts, and where a part with values tells none (NaN)."""
    found = [chunk.statistics for chunk in chunks if chunk.statistics.null_count < chunk.num_values]
    if not found or chunks[0].physical_type not in RANGED or not all(part.has_min_max for part in found):
        return None
    scale = MICROSECONDS if found[0].logical_type.type == "TIMESTAMP" else 1.0
    return min(part.min_raw for part in found) / scale, max(part.max_raw for part in found) / scale


def bulks(table: ir.Table, columns: Sequence[str]) -> ir.Table:
    """One row: where the bulk of each of these time columns ends, in seconds since 1970."""
    return table.aggregate(**{name: table[name].epoch_seconds().quantile(SHARE_OF_BULK) for name in columns})


def seconds(moment: datetime) -> float:
    """Since 1970."""
    return (moment - EPOCH).total_seconds()


def moment(seconds: float) -> datetime:
    """From seconds since 1970, within the years that Python knows."""
    return EPOCH + timedelta(seconds=max(-6.2e10, min(float(seconds), 2.5e11)))
