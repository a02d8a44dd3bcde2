"""An open database that can only be read, whatever engine it is."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from crm_ai.data.databases import servers
from crm_ai.data.files import duckfile, sqlite
from crm_ai.data.files.batches import BATCH
from crm_ai.data.notes import Reference
from crm_ai.errors import BadParameter, MissingExtra

SECONDS = 900
"""The longest that one query may take."""
PATIENCE = 10
"""Seconds for a server to answer."""
ENGINES = ("postgres", "mysql", "sqlite", "duckdb", "clickhouse", "snowflake")
_SAME = {"postgresql": "postgres", "mariadb": "mysql"}
Batches = tuple[pa.Schema, Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Database:
    """What can be asked of an open database.

    Attributes:
        dialect: of its SQL, as sqlglot names it.
        tables: gives what people call a table -> (schema or None, name); views too.
        batches: gives the rows of a query.
        references: gives the foreign keys of a table, where the engine tells them.
    """

    dialect: str
    tables: Callable[[], dict[str, tuple[str | None, str]]]
    batches: Callable[[str], Batches]
    references: Callable[[str], tuple[Reference, ...]] = lambda table: ()


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open a database by its URL.

    Raises:
        BadParameter: the URL is of no engine that we know, or its file is missing.
        MissingExtra: the driver is not installed.
        Exception: whatever the driver raises; it may hold the password.
    """
    kind = engine_of(url)
    if kind in ("sqlite", "duckdb"):
        with _file(kind, _path(url)) as database:
            yield database
        return
    backend = _connected(url, kind)
    try:
        yield servers.database(kind, backend, SECONDS)
    finally:
        with suppress(Exception):
            backend.disconnect()


def engine_of(url: str) -> str:
    """The engine that a URL names.

    Raises:
        BadParameter: we know no such engine.
    """
    scheme = urlsplit(url).scheme.partition("+")[0].lower()
    kind = _SAME.get(scheme, scheme)
    if kind not in ENGINES:
        raise BadParameter("There is no engine {scheme}; there are {found}.", scheme=kind or "?", found=list(ENGINES))
    return kind


def _connected(url: str, kind: str) -> Any:
    import ibis

    plain = re.sub(r"^[^:]+", kind, url, count=1)
    options = {"connect_timeout": PATIENCE} if kind in ("postgres", "mysql", "clickhouse") else {}
    try:
        return ibis.connect(plain, **options)
    except ImportError as error:
        package = getattr(error.__cause__, "name", None) or getattr(error, "name", None) or kind
    raise MissingExtra(
        "The driver for {scheme} is missing: install the package {package}.", scheme=kind, package=package
    )


def _path(url: str) -> Path:
    """The file of ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or ``sqlite:///absolute.db``."""
    written = unquote(url.partition("://")[2].partition("?")[0])
    places = [Path(re.sub("^/+", "/", written)), Path(written.lstrip("/"))]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise BadParameter("The file of this database is missing: ask whoever set up the connection.")
    return found


@contextmanager
def _file(kind: str, path: Path) -> Iterator[Database]:
    if kind == "sqlite":
        with closing(sqlite.opened(path, SECONDS, still=False)) as lite:
            yield Database(
                kind,
                lambda: {name: (None, name) for name in sqlite.table_names(lite, views=True)},
                lambda query: sqlite.batches(lite, query),
                lambda table: sqlite.references(lite, table),
            )
        return
    with closing(duckfile.opened(path)) as duck:
        yield Database(
            kind,
            lambda: {name: (None, name) for name in duckfile.table_names(duck, views=True)},
            lambda query: _duck_batches(duck, query),
            lambda table: duckfile.references(duck, table),
        )


def _duck_batches(connection: Any, query: str) -> Batches:
    clock = Timer(SECONDS, connection.interrupt)
    clock.daemon = True
    clock.start()
    reader = connection.execute(query).to_arrow_reader(BATCH)

    def rows() -> Iterator[pa.RecordBatch]:
        try:
            yield from reader
        finally:
            clock.cancel()

    return reader.schema, rows()
