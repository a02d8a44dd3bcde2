"""The door of the database: one connection pool a process, short transactions, tables brought up to date on opening."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from crm_ai.errors import BadParameter, MissingExtra

MIGRATIONS = Path(__file__).with_name("migrations")
PATIENCE = 10
"""Seconds a writer waits for another one."""


@dataclass(frozen=True)
class Records:
    """An open database. Several processes may have it open at once."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for looking."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it, or nothing of it."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    @staticmethod
    def open(folder: Path, url: str = "") -> "Records":
        """The database of an installation.

        Args:
            folder: of the workspace; ``records.db`` lies there.
            url: of a server instead ("postgresql+psycopg://...").

        Raises:
            BadParameter, MissingExtra: the URL does not lead to a database.
        """
        folder.mkdir(parents=True, exist_ok=True)
        records = Records(_engine(url or f"sqlite:///{folder / 'records.db'}"))
        with (folder / "records.lock").open("w") as lock:  # two processes that start at once
            fcntl.flock(lock, fcntl.LOCK_EX)
            _migrate(records.engine)
        return records


def now() -> datetime:
    """This moment as the tables keep it: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(make_url(url), pool_pre_ping=True, connect_args=_arguments(url))
    except (ArgumentError, NoSuchModuleError):
        raise BadParameter("CRM_AI_RECORDS is not the address of a database: use postgresql+psycopg://...") from None
    except ModuleNotFoundError as error:
        raise MissingExtra("The database needs a package that is not here: {package}.", package=error.name) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    return engine


def _arguments(url: str) -> dict[str, Any]:
    return {"timeout": PATIENCE} if url.startswith("sqlite") else {"connect_timeout": PATIENCE}


def _set_up(connection: Any, _: Any) -> None:
    """Readers do not wait for writers (WAL); transactions are begun by us, not by the driver."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Whoever is going to write takes the lock at once: two that read first would block each other."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    """Bring the tables up to date; one look where they are."""
    try:
        if _revision(engine) != _newest():
            _upgrade(engine)
    except OperationalError:
        raise BadParameter(
            "The database of CRM_AI_RECORDS does not answer: check its address and that it runs."
        ) from None


def _revision(engine: Engine) -> str:
    if not inspect(engine).has_table("alembic_version"):
        return ""
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _newest() -> str:
    """Steps are files named by number; each follows the one before."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
