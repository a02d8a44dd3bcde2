"""Data that many tests share: real sets where the shared folder is, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from crm_ai.access import LOCAL, Desk, passwords
from crm_ai.data.dataset import Dataset
from crm_ai.records import Records
from crm_ai.store import Workspace

settings.register_profile("crm_ai", deadline=None)  # two busy cores say nothing about one example
settings.load_profile("crm_ai")

SHARED = Path(__file__).parents[2] / "shared" / "data"

RETAIL = """
    SELECT CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS customer_id, InvoiceNo AS order_id, InvoiceDate AS ordered_at,
           StockCode AS product_id, trim(Description) AS product_name, Quantity AS quantity, UnitPrice AS unit_price,
           Quantity * UnitPrice AS amount, Country AS country
    FROM read_parquet(?)
    WHERE CustomerID IS NOT NULL AND NOT starts_with(InvoiceNo, 'C') AND Quantity > 0 AND UnitPrice > 0
"""


def shared(path: str) -> Path:
    """A file of the shared real data; the test is skipped where it is missing."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"needs the shared data {path}")
    return found


@pytest.fixture(scope="session")
def retail_frame() -> pd.DataFrame:
    """Online Retail, cleaned: 397,884 lines in canonical columns."""
    path = shared("online_retail/online_retail_2010_2011.parquet")
    return duckdb.execute(RETAIL, [str(path)]).df()


@pytest.fixture(scope="session")
def retail(retail_frame: pd.DataFrame) -> Dataset:
    """Online Retail as a Dataset."""
    return Dataset.from_frames("Online Retail", transactions=retail_frame)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """Of an installation of its own, in SQLite."""
    found = Records.open(tmp_path)
    yield found
    found.close()


@pytest.fixture
def desk(place: Workspace) -> Iterator[Desk]:
    """Of the one user of an installation without sign-in; tests say which ``place`` it is."""
    found = Records.open(place.folder)
    yield Desk(place, found, LOCAL)
    found.close()


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed in no time."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server for all tests of the records."""
    from tests import engines

    with engines.postgres() as url:
        yield url
