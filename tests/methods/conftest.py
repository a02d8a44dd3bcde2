"""Published tables of customers for the tests of methods."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"


@lru_cache
def _read(path: Path, **how: str) -> pd.DataFrame:
    return pd.read_csv(path, **how)


@pytest.fixture(scope="session")
def real() -> Callable[..., pd.DataFrame]:
    """real("folder/file.csv", sep=...) reads a shared table; the test is skipped where it is missing."""

    def read(path: str, **how: Any) -> pd.DataFrame:
        if not (SHARED / path).exists():
            pytest.skip(f"needs the shared data {path}")
        return _read(SHARED / path, **how)

    return read
