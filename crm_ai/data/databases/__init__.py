"""Databases of other programs: pick tables, or write a query that reads, and take the rows in like those of a file.

    connections()                                    ("shop",)
    tables("shop")                                   ("customers", "orders", ...)
    read_table("shop", "orders", folder)             a Source
    read_query("shop", "SELECT ... FROM ...", folder)

What a driver says may hold the address and the password, so none of it is passed on: errors are sentences of ours, and
only the name of a connection goes into sources, manifests and logs.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa

from crm_ai.data.databases.connections import address, connections
from crm_ai.data.databases.opening import Database, opened
from crm_ai.data.databases.queries import checked, limited, whole
from crm_ai.data.files.batches import readable, write_batches
from crm_ai.data.files.tables import filled
from crm_ai.data.notes import Notes
from crm_ai.data.sources import Source
from crm_ai.errors import BadFile, BadParameter, CrmError
from crm_ai.progress import Progress, silent

__all__ = ["MOST_ROWS", "QUERY", "Request", "connections", "preview", "read", "read_query", "read_table", "tables"]

MOST_ROWS = 20_000_000
PREVIEW, MOST_NAMED = 20, 30
QUERY = "query"
"""What stands in place of a table's name for the rows of a query."""
T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """What to take from a database: whole tables, or the rows of a query.

    Attributes:
        connection: its name, never its address.
        tables: names as ``tables`` gives them.
        query: instead of tables.
    """

    connection: str
    tables: tuple[str, ...] = ()
    query: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Request":
        return Request(document["connection"], tuple(document["tables"]), document["query"])


def read(request: Request, folder: Path, progress: Progress = silent) -> list[Source]:
    """The sources of a request, one a table; tables without rows are left out.

    Raises:
        BadParameter: it names neither tables nor a query.
        UnknownName, BadFile, MissingExtra: see ``read_table``.
    """
    if request.query:
        return [read_query(request.connection, request.query, folder, progress=progress)]
    if not request.tables:
        found = list(tables(request.connection))[:MOST_NAMED]
        raise BadParameter("Choose tables or write a query; there are the tables {found}.", found=found)
    done = []
    for number, table in enumerate(request.tables):
        progress(number / len(request.tables), "Reading the records")
        done.append(read_table(request.connection, table, folder))
    filled(sum(source.rows for source in done), request.connection)
    return [source for source in done if source.rows]


def tables(name: str) -> tuple[str, ...]:
    """The tables and views of a database; those outside the usual schema as ``schema.table``.

    Raises:
        UnknownName, BadParameter, BadFile, MissingExtra: no such connection, it does not answer, no driver.
    """
    return _asked(name, lambda database: tuple(database.tables()))


def preview(name: str, table: str = "", query: str = "", rows: int = PREVIEW) -> pd.DataFrame:
    """The first rows of a table or a query, as text."""

    def work(database: Database) -> pd.DataFrame:
        text = query or whole(*_place(database, table), database.dialect)
        schema, batches = database.batches(limited(text, database.dialect, rows))
        found = pa.Table.from_batches(batches, schema)
        return found.select(readable(schema)).to_pandas().head(rows).astype("string")

    return _asked(name, work)


def read_table(name: str, table: str, folder: Path, *, most: int = MOST_ROWS, progress: Progress = silent) -> Source:
    """A whole table.

    Args:
        name: of the connection.
        table: as ``tables`` gives it.
        folder: where the raw table goes; made when missing.
        most: rows; more are refused, for a part would give wrong totals.
        progress: told between the stages.

    Raises:
        UnknownName, BadParameter, BadFile, MissingExtra: no such connection or table, too many rows, no answer.
    """

    def work(database: Database) -> Source:
        query = whole(*_place(database, table), database.dialect)
        return _written(database, query, folder, name, table, most, Notes(database.references(table)))

    progress(0.1, "Reading the records")
    return _asked(name, work)


def read_query(name: str, query: str, folder: Path, *, most: int = MOST_ROWS, progress: Progress = silent) -> Source:
    """The rows of a query, which may only read; see ``read_table``."""

    def work(database: Database) -> Source:
        return _written(database, checked(query, database.dialect), folder, name, QUERY, most, Notes())

    progress(0.1, "Reading the records")
    source = _asked(name, work)
    filled(source.rows, f"{name}: {QUERY}")
    return source


def _place(database: Database, table: str) -> tuple[str, str | None]:
    known = database.tables()
    if table not in known:
        raise BadParameter("There is no table {table}; there are {found}.", table=table, found=[*known][:MOST_NAMED])
    schema, name = known[table]
    return name, schema


def _written(database: Database, query: str, folder: Path, name: str, table: str, most: int, notes: Notes) -> Source:
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"reading_{secrets.token_hex(8)}.parquet"
    try:
        schema, batches = database.batches(query)
        written = write_batches(schema, batches, draft, f"{name}: {table}", most, notes)
        with draft.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        raw = draft.replace(folder / f"{digest[:16]}_{hashlib.sha256(table.encode()).hexdigest()[:8]}.parquet")
    finally:
        draft.unlink(missing_ok=True)
    return Source(name, raw, written.columns, written.rows, None, 0, digest, "database", sheet=table)


def _asked(name: str, work: Callable[[Database], T]) -> T:
    """Do some work with an open database; nothing of a driver's error gets any further than here."""
    url = address(name)
    try:
        with opened(url) as database:
            return work(database)
    except CrmError as error:
        told = type(error)(error.sentence, **error.values)
    except Exception as error:
        told = _told(name, error)
    raise told  # outside of the handler, so that the driver's error is no part of it


def _told(name: str, error: Exception) -> CrmError:
    """A sentence of ours for a driver's error, by its kind."""
    state = str(getattr(error, "sqlstate", "") or "")
    kind, said = type(error).__name__, str(error).lower()
    if state[:2] in ("08", "28", "3D"):
        return BadFile("The database {name} does not answer: check the connection, or try again later.", name=name)
    if state.startswith("57014") or "interrupt" in kind.lower() + said or "timeout" in said:
        return BadFile("The database {name} took too long: narrow the query or take a smaller table.", name=name)
    if state == "42501" or "permission denied" in said:
        return BadFile("The connection {name} may not read this: ask for the right to read it.", name=name)
    if state in ("42P01", "42703", "42883") or re.search(
        r"no such|n[o']t exist|not found|unknown|catalog|binder", said
    ):
        return BadParameter("The database {name} does not know a table or column of the query.", name=name)
    if state.startswith("42") or "syntax error" in said or kind in ("ProgrammingError", "ParserException"):
        return BadParameter("The database {name} does not understand the query: check it there first.", name=name)
    return BadFile("The database {name} does not answer: check the connection, or try again later.", name=name)
