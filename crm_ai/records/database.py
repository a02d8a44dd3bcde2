"""The door of the database: one connection pool a process, short transactions, tables brought up to date on opening."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from crm_ai.errors import BadParameter, CrmError, MissingExtra

MIGRATIONS = Path(__file__).with_name("migrations")
PATIENCE = 10
"""Seconds a writer waits for another one."""
ONE_AT_A_TIME = 4_172_026
"""Marks the lock of PostgreSQL that whoever changes the tables holds."""
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Records:
    """An open database. Several processes may have it open at once."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for looking.

        Raises:
            CrmError: the database does not answer.
        """
        with _answering(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it, or nothing of it.

        Raises:
            CrmError: the database does not answer.
        """
        with _answering(), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def moment(self) -> Iterator[Connection]:
        """A connection whose looks all see the state of one moment, whoever writes in the meantime."""
        one = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
        with _answering(), self.engine.connect().execution_options(**one) as connection:
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
            BadParameter, MissingExtra: the URL does not lead to a database, or a newer program made its tables.
        """
        folder.mkdir(parents=True, exist_ok=True)
        records = Records(_engine(_address(url) if url else URL.create("sqlite", database=str(folder / "records.db"))))
        with (folder / "records.lock").open("w") as lock:  # two processes that start at once
            fcntl.flock(lock, fcntl.LOCK_EX)
            _migrate(records.engine)
        return records


def now() -> datetime:
    """This moment as the tables keep it: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        LOG.warning("the database of the records does not answer: %s", type(error.orig).__name__)
        raise CrmError("The database of people and dashboards does not answer: try again in a moment.") from None


def _address(url: str) -> URL:
    """The URL, through the driver that we bring."""
    try:
        found = make_url(url)
    except ArgumentError:
        raise _no_database() from None
    return found.set(drivername="postgresql+psycopg") if found.drivername in ("postgres", "postgresql") else found


def _no_database() -> BadParameter:
    return BadParameter("CRM_AI_RECORDS is not the address of a database: use postgresql+psycopg://...")


def _engine(url: URL) -> Engine:
    lite = url.get_backend_name() == "sqlite"
    try:
        engine = create_engine(url, pool_pre_ping=not lite, connect_args=_arguments(lite))
    except NoSuchModuleError:
        raise _no_database() from None
    except ModuleNotFoundError as error:
        raise MissingExtra("The database needs a package that is not here: {package}.", package=error.name) from None
    if lite:
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    return engine


def _arguments(lite: bool) -> dict[str, Any]:
    return {"timeout": PATIENCE} if lite else {"connect_timeout": PATIENCE}


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
        found = _revision(engine)
        if found > newest():
            raise BadParameter("A newer version of this program has used this database: install that one.")
        if found < newest():
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


def newest() -> str:
    """The revision this program works with. Steps are files named by number; each follows the one before."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # programs on several machines that start at once
            connection.execute(text("SELECT pg_advisory_xact_lock(:mark)"), {"mark": ONE_AT_A_TIME})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
