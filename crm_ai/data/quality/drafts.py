"""The typed rows of a table on disk, before the rules: each file is read once, in one stream."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from crm_ai.data.amounts import with_amount
from crm_ai.data.quality.attributes import MARK, Riders, ride
from crm_ai.data.quality.attributes import TABLE as RIDERS
from crm_ai.data.quality.census import KEYS, Trusted
from crm_ai.data.quality.rules import rules_of
from crm_ai.data.quality.typed import (
    KEY,
    ROW,
    SOURCE,
    TIMES,
    UNREAD,
    Batch,
    Facts,
    bulks,
    facts,
    may_fail,
    moment,
    seconds,
    typed,
)
from crm_ai.data.raws import raw_table, trusting
from crm_ai.data.readings import MOST
from crm_ai.data.schema import Mapping
from crm_ai.data.sources import Source
from crm_ai.errors import BadFile

PLACE = "file_row_number"
LARGE = 2_000_000
"""Rows from which a table is judged as it streams by, instead of being kept in memory."""
DICTIONARY = 10_000
"""Distinct values up to which a column is written as a dictionary; more cost time and save no room."""
ESSENTIAL = {"transactions": ("ordered_at", "quantity", "unit_price", "amount"), "series": ("time", "value")}


@dataclass(frozen=True)
class Part:
    """One source that goes into a table.

    Attributes:
        source, mapping: the file and what its columns are.
        batch: number of the upload it came with.
        replaces: whether its rows take the place of those with equal keys in earlier batches.
    """

    source: Source
    mapping: Mapping
    batch: int = 0
    replaces: bool = False


class Untidy(Exception):
    """A value that was taken on trust is not what its reading gives."""


@dataclass(frozen=True)
class Draft:
    """The typed rows of a table on disk.

    Attributes:
        parts, raws: its sources and their rows.
        path, table: the Parquet file, and its rows without the columns that are ``bare``: mapped, but without a value.
        known: of the rows.
        riders: attributes of customers.
        trusted: columns that were taken as they stand, each with the reading it was spared.
        with_key: whether ``_key`` is among the columns.
        is_large: too large to be kept in memory while it is judged.
    """

    parts: tuple[Part, ...]
    raws: tuple[ir.Table, ...]
    path: Path
    table: ir.Table
    bare: tuple[str, ...]
    known: Facts
    riders: Riders | None
    trusted: Trusted
    with_key: bool
    is_large: bool


def drafted(
    connection: BaseBackend,
    parts: Sequence[Part],
    switches: Dictionary[str, bool],
    path: Path,
    today: datetime,
    trust: bool,
) -> Draft:
    sources, mappings = [part.source for part in parts], [part.mapping for part in parts]
    raws = [raw_table(connection, part.source, part.mapping) for part in parts]
    is_large = sum(source.rows for source in sources) > LARGE
    if trust:
        pairs = zip(raws, parts, strict=True)
        mappings = [trusting(raw, p.source, p.mapping, KEYS if is_large else ()) for raw, p in pairs]
    spared = {pair for p, mapping in zip(parts, mappings, strict=True) for pair in _spared(p.mapping, mapping)}
    rules = rules_of(parts[0].mapping.table)
    with_key = not is_large or any(rule.on_by(switches) for rule in rules if KEY in rule.needs)
    riders = ride(connection, sources, mappings)
    table = _written(connection, typed(raws, mappings, with_key), riders, parts, path)
    known = _facts(connection, table, path, parts, today)
    _check_finite(known, spared)
    _check_readable(connection, table, parts, known)
    bare = _empty(table, known, riders)
    table = table.drop(*bare)
    return Draft(tuple(parts), tuple(raws), path, table, tuple(bare), known, riders, spared, with_key, is_large)


def _spared(mapping: Mapping, trusting: Mapping) -> Iterator[tuple[str, str]]:
    """Columns with the reading that another mapping of the same file spares them."""
    for name, column in mapping.columns.items():
        if trusting.columns[name].reading != column.reading:
            yield name, column.reading


def _check_finite(known: Facts, trusted: Trusted) -> None:
    """DuckDB reads infinity where a number may stand; the footer tells."""
    numbers = [name for name, reading in trusted if reading == "number" and known.filled[name]]
    if not all(known.is_within(name, -MOST, MOST) for name in numbers):
        raise Untidy


def _written(
    connection: BaseBackend, draft: ir.Table, riders: Riders | None, parts: Sequence[Part], path: Path
) -> ir.Table:
    """The typed rows on disk: each file is read once, in one stream."""
    if riders:
        draft = draft.inner_join(connection.table(RIDERS).select(SOURCE, ROW, MARK), [SOURCE, ROW])
    is_alone = len(parts) == 1 and parts[0].source.text is not None
    connection.to_parquet(draft.drop(SOURCE, ROW) if is_alone else draft, path, dictionary_size_limit=DICTIONARY)
    table = connection.read_parquet(path, file_row_number=True)
    if is_alone:
        table = table.mutate(**{SOURCE: ibis.literal(0, "int32"), ROW: table[PLACE] + 1})
    elif any(part.source.text for part in parts):
        table = table.mutate(**{ROW: table[ROW].fill_null(table[PLACE] + 1 - _start(connection, table))})
    marks = {UNREAD + name for part in parts for name, c in part.mapping.columns.items() if may_fail(c.reading)}
    marks |= {name for name in table.columns if name.startswith(UNREAD)}
    unread = {name: table[name].notnull() if name in table.columns else ibis.literal(False) for name in sorted(marks)}
    return with_amount(table.drop(PLACE).mutate(**unread))


def _start(connection: BaseBackend, table: ir.Table) -> ir.Value:
    """The place of the first row of each row's source."""
    first = connection.to_pandas(table.group_by(SOURCE).aggregate(first=table[PLACE].min()))
    return ibis.cases(*((table[SOURCE] == int(source), int(place)) for source, place in first.itertuples(index=False)))


def _facts(connection: BaseBackend, table: ir.Table, draft: Path, parts: Sequence[Part], today: datetime) -> Facts:
    known = facts(draft, today, tuple(Batch(part.batch, part.replaces) for part in parts))
    late = [name for name in TIMES if name in known.ranges and not known.is_within(name, -inf, seconds(today))]
    if not late:
        return known
    bulk = connection.to_pandas(bulks(table, late)).iloc[0]
    return replace(known, bulk={name: moment(bulk[name]) for name in late})


def _check_readable(connection: BaseBackend, whole: ir.Table, parts: Sequence[Part], known: Facts) -> None:
    for column in ESSENTIAL.get(parts[0].mapping.table, ()):
        if known.unread.get(column) and not known.filled[column]:
            raise _unreadable(connection, whole, parts, column)


def _unreadable(connection: BaseBackend, whole: ir.Table, parts: Sequence[Part], column: str) -> BadFile:
    first = connection.to_pandas(whole.filter(whole[UNREAD + column]).select(SOURCE, ROW).limit(1)).iloc[0]
    part = parts[int(first[SOURCE])]
    raw, heading = connection.read_parquet(part.source.raw), part.mapping.columns[column].heading
    wrong = raw[heading].notnull() if part.source.text else raw[ROW] == int(first[ROW])  # of a text, raw is a sample
    value = connection.to_pandas(raw.filter(wrong).select(heading).limit(1)).squeeze()
    values = {"column": heading, "example": str(value)[:80]}
    if column in ("ordered_at", "time"):
        return BadFile(
            "No date in the column {column} can be read, for example {example}: "
            "choose another column or correct the dates.",
            **values,
        )
    return BadFile(
        "No number in the column {column} can be read, for example {example}: choose another column.", **values
    )


def _empty(whole: ir.Table, known: Facts, riders: Riders | None) -> list[str]:
    """Mapped columns without a value, together with their marks; an empty table keeps its columns.

    Raises:
        BadFile: no column has a value.
    """
    bare = [name for name, filled in known.filled.items() if not filled and known.rows]
    if set(bare) >= {name for name in whole.columns if not name.startswith("_")} and not (riders and riders.filled):
        raise BadFile("The mapped columns have no values at all: map other columns.")
    return bare + [UNREAD + name for name in known.unread if name in bare]
