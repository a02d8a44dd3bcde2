"""A small shop in two versions, and a desk to look at it from."""

import json

import pandas as pd
import pytest

from crm_ai.access import Desk, Visitor
from crm_ai.data.dataset import MANIFEST
from crm_ai.store import Workspace


def lines(days: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [f"c{n % 11}" for n in range(days)],
            "ordered_at": pd.date_range("2024-01-01", periods=days, freq="D"),
            "amount": [float(n % 5 + 1) for n in range(days)],
            "country": ["France" if n % 3 else "Peru" for n in range(days)],
        }
    )


def put(place: Workspace, name: str, number: int, **frames: pd.DataFrame) -> None:
    """A version, as intake would leave it."""
    folder = place.folder / "datasets" / name / "versions" / str(number)
    folder.mkdir(parents=True)
    for table, frame in frames.items():
        frame.to_parquet(folder / f"{table}.parquet")
    tables = {table: f"{table}.parquet" for table in frames}
    created = f"2024-06-0{number}T08:00:00"
    manifest = {"name": name.title(), "fingerprint": f"{name}{number}", "tables": tables, "created_at": created}
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.fixture
def place(tmp_path):
    """A workspace with "shop" in two versions, and "notes", which has no orders."""
    found = Workspace(tmp_path / "workspace")
    put(found, "shop", 1, transactions=lines(100))
    put(found, "shop", 2, transactions=lines(130))
    put(found, "notes", 1, feedback=pd.DataFrame({"text": ["good", "bad"]}))
    return found


@pytest.fixture
def seat(desk):
    """A function: e-mail and role -> that visitor's desk."""
    return lambda email, role: Desk(desk.workspace, desk.records, Visitor(email, role))
