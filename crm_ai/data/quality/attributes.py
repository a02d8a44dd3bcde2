"""Attributes of customers ride along beside the typed table, however many they are.

An Ibis expression costs Python about 20 ms a column; a table of thousands of attributes is one statement here, in which
each reading is compiled once and written down for every column that has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
from ibis.backends import BaseBackend

from crm_ai.data import readings
from crm_ai.data.files.tables import literal, quoted
from crm_ai.data.quality.typed import MAY_FAIL, ROW, SOURCE, UNREAD
from crm_ai.data.schema import Column, Mapping
from crm_ai.data.sources import Source

TABLE, MARK, PLACE = "attributes", UNREAD + "attributes", "place"


@dataclass(frozen=True)
class Riders:
    """What ``ride`` made: a temporary table with these attributes, and those of them without a value."""

    filled: tuple[str, ...]
    empty: tuple[str, ...]


def ride(connection: BaseBackend, sources: Sequence[Source], mappings: Sequence[Mapping]) -> Riders | None:
    """Read all attributes into the temporary table ``TABLE``; None when there are none."""
    names = list(dict.fromkeys(name for mapping in mappings for name in mapping.attributes))
    if not names:
        return None
    pairs = enumerate(zip(sources, mappings, strict=True))
    selects = [_select(connection, number, source, mapping) for number, (source, mapping) in pairs]
    connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE {TABLE} AS " + " UNION ALL BY NAME ".join(selects))
    counts = ", ".join(f"count({quoted(name)})" for name in names)
    filled = connection.raw_sql(f"SELECT {counts}, count(*) FROM {TABLE}").fetchone()  # noqa: S608 - names are quoted
    rows = filled[-1]
    empty = tuple(name for name, count in zip(names, filled, strict=False) if rows and not count)
    return Riders(tuple(name for name in names if name not in set(empty)), empty)


def write_beside(connection: BaseBackend, kept: str, riders: Riders, path: Path) -> None:
    """Write the rows of the table ``kept`` with their attributes, in the order of the files."""
    columns = ", ".join(f"a.{quoted(name)}" for name in riders.filled)
    keys = f"{SOURCE}, {ROW}"
    query = (
        f"SELECT k.* EXCLUDE ({keys}), {columns} FROM {kept} k JOIN {TABLE} a USING ({keys}) "  # noqa: S608
        f"ORDER BY k.{SOURCE}, k.{ROW}"
    )
    connection.raw_sql(f"COPY ({query}) TO {literal(path)} (FORMAT parquet)")


def _select(connection: BaseBackend, number: int, source: Source, mapping: Mapping) -> str:
    kinds = connection.read_parquet(source.raw).schema()
    plain = _plain(connection, source, [c.heading for c in mapping.attributes.values() if c.reading == "number"])
    dressed = {name: c for name, c in mapping.attributes.items() if c.heading not in plain}
    wanted = {(kinds[c.heading], c.reading) for c in dressed.values()}
    templates = {(kind, reading): _template(kind, reading) for kind, reading in wanted}
    values = {name: _number(c.heading) for name, c in mapping.attributes.items() if c.heading in plain}
    values |= {name: _value(templates[kinds[c.heading], c.reading], c) for name, c in dressed.items()}
    marks = [_unread(values[name], column) for name, column in dressed.items() if _may_fail(column)]
    mark = f"nullif(greatest({', '.join(marks)}), false)" if marks else "NULL::BOOLEAN"
    shown = ", ".join(f"{values[name]} AS {quoted(name)}" for name in mapping.attributes) or "NULL AS nothing"
    head = f"{number}::INTEGER AS {SOURCE}, {ROW}, {mark} AS {MARK}"
    return f"SELECT {head}, {shown} FROM read_parquet({literal(source.raw)})"  # noqa: S608 - names are quoted


def _plain(connection: BaseBackend, source: Source, headings: Sequence[str]) -> set[str]:
    """Those headings under which every value is a bare number: they need none of the patterns of a dressed one."""
    if not headings:
        return set()
    failures = ", ".join(f"count(*) FILTER (WHERE {_not_plain(heading)})" for heading in headings)
    query = f"SELECT {failures} FROM read_parquet({literal(source.raw)})"  # noqa: S608 - names are quoted
    return {h for h, count in zip(headings, connection.raw_sql(query).fetchone(), strict=True) if not count}


def _not_plain(heading: str) -> str:
    return f"coalesce(NOT isfinite({_number(heading)}), trim(CAST({quoted(heading)} AS VARCHAR)) <> '')"


def _number(heading: str) -> str:
    return f"TRY_CAST({quoted(heading)} AS DOUBLE)"


def _value(template: str, column: Column) -> str:
    return template.replace(f'"t0".{quoted(PLACE)}', quoted(column.heading))


def _template(kind: dt.DataType, reading: str) -> str:
    """A reading as DuckDB writes it, of a column called ``PLACE``."""
    table = ibis.table({PLACE: kind}, name="t")
    query = ibis.to_sql(table.select(value=readings.read(table[PLACE], reading)), dialect="duckdb")
    return str(query).strip().removeprefix("SELECT").rsplit(' AS "value"', 1)[0].strip()


def _may_fail(column: Column) -> bool:
    return column.reading.partition(":")[0] in MAY_FAIL


def _unread(value: str, column: Column) -> str:
    return f"({value} IS NULL AND trim(CAST({quoted(column.heading)} AS VARCHAR)) <> '')"
