"""DuckDB files: every table becomes a raw table. Views are not run, and the file can reach no other."""

from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from crm_ai.data.files.batches import BATCH, write_batches
from crm_ai.data.files.sqlite import MOST_ROWS, read_each
from crm_ai.data.files.tables import RawTable, quoted
from crm_ai.data.notes import Notes, Reference
from crm_ai.errors import BadFile
from crm_ai.progress import Progress
from crm_ai.settings import settings

_TABLES = "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main' ORDER BY table_oid"
_VIEWS = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' ORDER BY view_oid"
_KEYS = (
    "SELECT referenced_table, constraint_column_names, referenced_column_names FROM duckdb_constraints() "
    "WHERE constraint_type = 'FOREIGN KEY' AND table_name = ?"
)


def read_duckdb(path: Path, folder: Path, name: str, table: str | None, progress: Progress) -> list[RawTable]:
    """Read the tables of a DuckDB file that have rows.

    Raises:
        BadFile: the file is damaged, of a newer version, too large, or holds no rows.
        BadParameter: no table has the name ``table``.
    """
    try:
        with closing(opened(path)) as connection:
            known = table_names(connection)
            return read_each(known, table, name, progress, lambda each, n: _one(connection, each, n, folder, name))
    except duckdb.Error as error:
        raise BadFile("{name} is damaged or of a newer version of DuckDB: export it as Parquet.", name=name) from error


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that cannot write, and reads nothing but this file."""
    limits: dict[str, Any] = {"enable_external_access": False, "memory_limit": settings().memory_limit}
    return duckdb.connect(str(path), read_only=True, config=limits)


def table_names(connection: duckdb.DuckDBPyConnection, views: bool = False) -> list[str]:
    """The tables of a DuckDB file, and its views when asked for, in the order in which they were made."""
    queries = (_TABLES, _VIEWS) if views else (_TABLES,)
    return [row[0] for query in queries for row in connection.execute(query).fetchall()]


def references(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[Reference, ...]:
    """The foreign keys that a table declares."""
    keys = connection.execute(_KEYS, [table]).fetchall()
    return tuple(Reference(other, tuple(on), tuple(to)) for other, on, to in keys)


def _one(connection: duckdb.DuckDBPyConnection, table: str, place: int, folder: Path, name: str) -> RawTable:
    notes = Notes(references(connection, table))
    reader = connection.execute(f"SELECT * FROM {quoted(table)}").to_arrow_reader(BATCH)  # noqa: S608 - quoted
    path = folder / f"raw_{place}.parquet"
    written = write_batches(reader.schema, reader, path, f"{name}: {table}", MOST_ROWS, notes)
    return RawTable(path, written.columns, written.rows, "duckdb", sheet=table)
