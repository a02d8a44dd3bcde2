"""joined(): one wide raw table of a detailed table and everything its rows lead to."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from crm_ai.data import schema
from crm_ai.data.files.tables import ROW, connection, literal, quoted
from crm_ai.data.headings import likeness, plain
from crm_ai.data.notes import KEY, Notes
from crm_ai.data.relations.hints import EXACT, says_nothing
from crm_ai.data.relations.joins import Join, Pair, is_unique, key, key_kinds, names
from crm_ai.data.relations.origins import is_aside, kind_of_lookup
from crm_ai.data.relations.suggesting import reached
from crm_ai.data.sources import Source, whole
from crm_ai.errors import BadParameter
from crm_ai.progress import Progress, silent

KIND = "joined"
NAMED = 3
"""Tables that the name of a wide table tells; the others are counted."""
NAMED_SO = 0.6
"""Likeness of a heading from which it is taken at its word."""


@dataclass(frozen=True)
class Lookup:
    """A look-up table beside the lines.

    Attributes:
        join: how a row finds it.
        alias: of the table that leads there, and of this one, in SQL.
        about: see ``origins.kind_of_lookup``.
        columns: heading there -> heading in the wide table.
    """

    join: Join
    source: Source
    alias: tuple[str, str]
    about: str
    columns: Mapping[str, str]


def joined(
    sources: Sequence[Source], joins: Sequence[Join], folder: Path, progress: Progress = silent
) -> tuple[Source, ...]:
    """The tables to analyse: of those that hang together one wide table, their customers and their feedback.

    The wide table has the rows of the most detailed table that looks like orders, its columns under their own names,
    and beside them those of the look-up tables; a heading that would stand twice, or says nothing alone, is
    ``table.column``. Tables that hang together with it and are neither customers nor feedback are left out. Tables
    without a join stay.

    Args:
        sources: as ``read_source`` gives them.
        joins: as ``suggest`` gives them, or as a person wants them.
        folder: where the wide tables go.
        progress: told between the tables.

    Raises:
        BadParameter: a join leads to a table with several rows a key.
    """
    known = dict(zip(names(sources), sources, strict=True))
    used = {table for join in joins for table in (join.left, join.right)}
    known |= {table: whole(known[table], progress) for table in used}
    _check(known, joins)
    done: list[Source] = []
    for group in _groups(list(known), joins):
        progress(len(done) / len(sources), "Joining the tables")
        done += _group(known, group, joins, folder) if len(group) > 1 else [known[group[0]]]
    return tuple(done)


def _check(known: Mapping[str, Source], joins: Sequence[Join]) -> None:
    with connection() as engine:
        for join in joins:
            on = tuple(zip(join.left_on, join.right_on, strict=True))
            if not is_unique(engine, Pair(known[join.left], known[join.right], on)):
                raise BadParameter(
                    "{column} stands in several rows of {table}: choose a column that tells its rows apart.",
                    column=list(join.right_on),
                    table=join.right,
                )


def _groups(tables: Sequence[str], joins: Sequence[Join]) -> list[list[str]]:
    """The tables that hang together, in the order of the files."""
    groups = {table: {table} for table in tables}
    for join in joins:
        both = groups[join.left] | groups[join.right]
        groups |= dict.fromkeys(both, both)
    found: list[list[str]] = []
    for table in tables:
        if not any(table in group for group in found):
            found.append([other for other in tables if other in groups[table]])
    return found


def _group(known: Mapping[str, Source], group: Sequence[str], joins: Sequence[Join], folder: Path) -> list[Source]:
    main = max(group, key=lambda table: _detail(known[table], table, joins))
    lookups = _lookups(known, main, joins)
    inside = {main, *(lookup.join.right for lookup in lookups)}
    people = [lookup.join.right for lookup in lookups if lookup.about == "customer_id"][:1]
    if people and schema.guess(known[main]).table == "customers":
        people = []  # their attributes stand in the wide table
    outside = [table for table in group if table not in inside and _stands_alone(known[table], not people)]
    wide = [_wide(known, table, joins, folder) for table in [main, *people]]
    return [*wide, *(known[table] for table in outside)]


def _detail(source: Source, table: str, joins: Sequence[Join]) -> tuple[bool, bool, int, int]:
    """How detailed orders a table holds: lines come before orders, and orders before what only points to them."""
    orders = _says(source, "order_id", "customer_id") and _says(
        source, "amount", "unit_price", "quantity", "ordered_at"
    )
    orders = orders and schema.guess(source).table == "transactions"
    products = orders and _says(source, "product_id", "product_name")
    return orders, products, 0 if orders else len(reached(table, joins)), source.rows


def _says(source: Source, *names: str) -> bool:
    """Whether headings name one of these columns."""
    return any(likeness(heading, name) >= NAMED_SO for heading in source.columns for name in names)


def _stands_alone(source: Source, people: bool) -> bool:
    """Whether a table that the lines do not lead to is of use: feedback, or the customers that are still missing."""
    if not _says(source, "text", *(["customer_id"] if people else [])):
        return False
    guess = schema.guess(source)
    key = guess.columns.get("customer_id")
    return guess.table == "feedback" or bool(guess.table == "customers" and key and key.confidence >= EXACT)


def _wide(known: Mapping[str, Source], main: str, joins: Sequence[Join], folder: Path) -> Source:
    """Write the table with its look-ups; the table itself when it has none."""
    lookups = _lookups(known, main, joins)
    if not lookups:
        return known[main]
    tables = [main, *(lookup.join.right for lookup in lookups)]
    source, parts = known[main], [known[table] for table in tables]
    essence = [[part.sha256, part.sheet] for part in parts], [lookup.join.to_json() for lookup in lookups]
    digest = hashlib.sha256(json.dumps(essence, ensure_ascii=False).encode()).hexdigest()
    raw = folder / f"{digest[:16]}_joined.parquet"
    headings = [*source.columns, *(heading for lookup in lookups for heading in lookup.columns.values())]
    own = list(source.columns)
    aside = {
        there
        for lookup in lookups
        for here, there in lookup.columns.items()
        if is_aside(here, there, lookup.about, own)
    }
    with connection(own=True) as engine:
        _write(engine, source, lookups, Notes(aside=frozenset(aside)), raw)
        rejected = _rejected(engine, parts, folder / f"{digest[:16]}_joined_rejected.parquet")
    return replace(
        source,
        name=_title(tables),
        raw=raw,
        columns=tuple(headings),
        rejected=rejected,
        rejected_rows=sum(part.rejected_rows for part in parts),
        sha256=digest,
        kind=KIND,
        encoding=None,
        delimiter=None,
        sheet=None,
        files=tuple(dict.fromkeys(part.name for part in known.values())),
    )


def _title(tables: Sequence[str]) -> str:
    more = [str(len(tables) - NAMED)] if len(tables) > NAMED else []
    return " + ".join([*tables[:NAMED], *more])


def _lookups(known: Mapping[str, Source], main: str, joins: Sequence[Join]) -> list[Lookup]:
    """Every table that the rows of ``main`` lead to, once, by the shortest way."""
    aliases, about, found = {main: "t0"}, {main: "order_id"}, []
    ways = [(join, join.right) for table in reached(main, joins) for join in joins if join.left == table]
    headings = list(known[main].columns)
    for join, table in ways:
        if table in aliases:
            continue
        aliases[table] = f"t{len(aliases)}"
        about[table] = kind_of_lookup(about[join.left], join.left_on, headings)
        headings += known[table].columns if about[table] == "order_id" else ()
        found.append((join, table))
    common = _common(known, main, found)
    return [
        Lookup(join, known[table], (aliases[join.left], aliases[table]), about[table], _named(known, join, common))
        for join, table in found
    ]


def _common(known: Mapping[str, Source], main: str, found: Sequence[tuple[Join, str]]) -> set[str]:
    """Headings that would stand twice in the wide table."""
    everything = [plain(heading) for heading in known[main].columns]
    for join, table in found:
        everything += [plain(heading) for heading in known[table].columns if heading not in join.right_on]
    return {heading for heading in everything if everything.count(heading) > 1}


def _named(known: Mapping[str, Source], join: Join, common: set[str]) -> dict[str, str]:
    """The columns of a look-up but its key, under their headings in the wide table."""
    wanted = [heading for heading in known[join.right].columns if heading not in join.right_on]
    return {h: f"{join.right}.{h}" if plain(h) in common or says_nothing(h) else h for h in wanted}


def _write(
    engine: duckdb.DuckDBPyConnection, main: Source, lookups: Sequence[Lookup], notes: Notes, path: Path
) -> None:
    """Left joins in one statement: the lines stream through, the look-ups are held (or spilled)."""
    columns = [f"t0.{quoted(heading)}" for heading in (ROW, *main.columns)]
    columns += [
        f"{lookup.alias[1]}.{quoted(here)} AS {quoted(there)}"
        for lookup in lookups
        for here, there in lookup.columns.items()
    ]
    paths = {"main": str(main.raw)} | {lookup.alias[1]: str(lookup.source.raw) for lookup in lookups}
    tables = " ".join(_left_join(main, lookup, lookups) for lookup in lookups)
    query = f"SELECT {', '.join(columns)} FROM read_parquet($main) t0 {tables}"  # noqa: S608 - quoted
    engine.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")  # keeps the order of the lines
    note = f"KV_METADATA {{{KEY}: {literal(notes.text())}}}"
    engine.execute(f"COPY ({query}) TO {literal(path)} (FORMAT parquet, {note})", paths)


def _left_join(main: Source, lookup: Lookup, lookups: Sequence[Lookup]) -> str:
    left = next((other.source for other in lookups if other.alias[1] == lookup.alias[0]), main)
    pairs = tuple(zip(lookup.join.left_on, lookup.join.right_on, strict=True))
    kinds, (before, alias) = key_kinds(left, lookup.source, pairs), lookup.alias
    equal = [f"{key(kinds, one, before, 'left')} = {key(kinds, other, alias, 'right')}" for one, other in pairs]
    return f"LEFT JOIN read_parquet(${alias}) {alias} ON {' AND '.join(equal)}"


def _rejected(engine: duckdb.DuckDBPyConnection, parts: Sequence[Source], path: Path) -> Path | None:
    """The records of all tables that could not be read."""
    files = [str(part.rejected) for part in parts if part.rejected]
    if not files:
        return None
    engine.read_parquet(files).write_parquet(str(path))
    return path
