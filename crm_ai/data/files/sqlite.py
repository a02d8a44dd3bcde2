"""SQLite and DuckDB files: every table becomes a raw table. Nothing in the file is run and nothing is written to it."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from crm_ai.data.files.batches import BATCH, write_batches
from crm_ai.data.files.tables import RawTable, quoted
from crm_ai.data.notes import Notes, Reference
from crm_ai.errors import BadFile, BadParameter
from crm_ai.progress import Progress

MOST_TABLES = 300
MOST_ROWS = 20_000_000
MOST_SECONDS = 600.0
LONGEST = 64 << 20
"""Bytes of a single value."""
_TABLES = (
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = ? AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
)
_KEYS = 'SELECT "id", "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY "id", seq'
KINDS = ("integer", "real", "text", "blob")
COUNTED = 400
"""Columns that are counted in one statement."""


def read_sqlite(
    path: Path, folder: Path, name: str, table: str | None, progress: Progress, views: bool = False
) -> list[RawTable]:
    """Read the tables of a SQLite file that have rows.

    Args:
        path: the file; opened read-only.
        folder: for the raw tables.
        name: of the file as uploaded.
        table: the only table to read.
        progress: told between the tables.
        views: read the views too.

    Raises:
        BadFile: the file is damaged, protected by a password, too large, or holds no rows.
        BadParameter: no table has the name ``table``.
    """
    try:
        with closing(opened(path)) as connection:
            known = table_names(connection, views)
            return read_each(
                known, table, name, progress, lambda each, place: _one(connection, each, place, folder, name)
            )
    except sqlite3.Error as error:
        raise BadFile("{name} is damaged or protected by a password: export it again.", name=name) from error


def opened(path: Path, seconds: float = MOST_SECONDS, still: bool = True) -> sqlite3.Connection:
    """A connection that cannot write, load extensions or attach files, and ends after some seconds.

    Args:
        path: the file.
        seconds: after which it ends.
        still: nobody writes to the file, so that no lock is taken.
    """
    mode = "mode=ro&immutable=1" if still else "mode=ro"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, 100_000)
    return connection


def table_names(connection: sqlite3.Connection, views: bool = False) -> list[str]:
    """The tables of a SQLite file, in the order in which they were made."""
    kinds = ("table", "view") if views else ("table",)
    found = {row[0] for kind in kinds for row in connection.execute(_TABLES, [kind])}
    made = [row[0] for row in connection.execute("SELECT name FROM sqlite_master ORDER BY rowid")]
    return [each for each in made if each in found]


def batches(connection: sqlite3.Connection, query: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The rows of a query; a column has the type that all of its values have, text when they differ."""
    headings = [column[0] for column in connection.execute(f"SELECT * FROM ({query}) LIMIT 0").description]  # noqa: S608
    readings = [_reading(kinds) for kinds in _kinds(connection, query, len(headings))]
    schema = pa.schema([pa.field(heading, kind) for heading, (kind, _) in zip(headings, readings, strict=True)])
    return schema, _batches(connection, query, schema, [read for _, read in readings])


def read_each(
    known: Sequence[str],
    table: str | None,
    name: str,
    progress: Progress,
    read: Callable[[str, int], RawTable],
) -> list[RawTable]:
    """The tables with rows, read one by one."""
    if table is not None and table not in known:
        raise BadParameter("There is no table {table}; there are {found}.", table=table, found=list(known))
    wanted = [table] if table is not None else list(known)
    if len(wanted) > MOST_TABLES:
        raise BadFile(
            "{name} holds {found} tables; {most} are the most.", name=name, found=len(known), most=MOST_TABLES
        )
    done = []
    for place, each in enumerate(wanted):
        progress(0.9 * place / len(wanted), "Reading the records")
        done.append(read(each, place))
    filled = [raw for raw in done if raw.rows]
    if not filled:
        raise BadFile("{name} holds no table with rows.", name=name)
    return filled


def _one(connection: sqlite3.Connection, table: str, place: int, folder: Path, name: str) -> RawTable:
    schema, rows = batches(connection, f"SELECT * FROM {quoted(table)}")  # noqa: S608 - the name is quoted
    path = folder / f"raw_{place}.parquet"
    written = write_batches(schema, rows, path, f"{name}: {table}", MOST_ROWS, Notes(references(connection, table)))
    return RawTable(path, written.columns, written.rows, "sqlite", sheet=table)


def references(connection: sqlite3.Connection, table: str) -> tuple[Reference, ...]:
    """The foreign keys that a table declares."""
    keys: dict[int, list[tuple[str, str, str | None]]] = {}
    for number, other, here, there in connection.execute(_KEYS, [table]):
        keys.setdefault(number, []).append((other, here, there))
    return tuple(
        Reference(pairs[0][0], tuple(here for _, here, _ in pairs), tuple(there for *_, there in pairs if there))
        for pairs in keys.values()
    )


def _kinds(connection: sqlite3.Connection, query: str, width: int) -> list[tuple[int, ...]]:
    """For each column how many values are whole, broken, text and bytes."""
    names = [f"c{place}" for place in range(width)]
    source = f"WITH q({', '.join(names)}) AS ({query}) SELECT"
    found: list[tuple[int, ...]] = []
    for first in range(0, width, COUNTED):
        sums = [f"total(typeof({name}) = '{kind}')" for name in names[first : first + COUNTED] for kind in KINDS]
        counts = connection.execute(f"{source} {', '.join(sums)} FROM q").fetchone()
        found += [tuple(map(int, counts[place : place + 4])) for place in range(0, len(counts), 4)]
    return found


def _reading(kinds: tuple[int, ...]) -> tuple[pa.DataType, Callable[[Any], Any]]:
    """The type of a column and how each of its values is read."""
    integers, reals, texts, blobs = kinds
    if blobs and not integers + reals + texts:
        return pa.binary(), lambda value: None
    if texts or not integers + reals:
        return pa.string(), lambda value: None if value is None or isinstance(value, bytes) else str(value)
    if reals:
        return pa.float64(), lambda value: float(value) if isinstance(value, int | float) else None
    return pa.int64(), lambda value: value if isinstance(value, int) else None


def _batches(
    connection: sqlite3.Connection, query: str, schema: pa.Schema, readings: Sequence[Callable[[Any], Any]]
) -> Iterator[pa.RecordBatch]:
    cursor = connection.execute(query)
    while rows := cursor.fetchmany(BATCH):
        columns = zip(*rows, strict=True)
        arrays = [
            pa.array([read(value) for value in column], kind)
            for column, read, kind in zip(columns, readings, schema.types, strict=True)
        ]
        yield pa.record_batch(arrays, schema=schema)
