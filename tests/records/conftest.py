"""Both databases: SQLite in a folder, and a PostgreSQL of our own."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, text

from crm_ai.records import Records

OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def database(postgresql) -> Callable[[], str]:
    """Empties the database of the server, whoever still has it open, and gives its URL."""

    url = postgresql.replace("postgres://", "postgresql+psycopg://")

    def make() -> str:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(OTHERS))
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        return url

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request) -> str:
    """Of an empty database; "" is SQLite in the folder."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("database")())


@pytest.fixture
def records(url, tmp_path) -> Iterator[Records]:
    found = Records.open(tmp_path, url)
    yield found
    found.close()
