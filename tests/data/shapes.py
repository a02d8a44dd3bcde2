"""Small files and short views of mappings, for the tests of reading and guessing."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ibis

from crm_ai.data.schema import Column, Mapping
from crm_ai.data.sources import Source, read_source

Rows = list[list[Any]]
Export = tuple[list[str], Rows]
DAY = datetime(2024, 3, 1, 9, 30)


def written(folder: Path, headings: list[str], rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> Source:
    path = folder / "export.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([headings, *rows])
    return read_source(path, folder)[0]


def heads(mapping: Mapping) -> dict[str, str]:
    return {name: column.heading for name, column in mapping.columns.items()}


def values(source: Source, column: Column) -> list[Any]:
    raw = ibis.duckdb.connect().read_parquet(source.raw)
    return raw.order_by("_row").select(value=column.value(raw)).to_pandas()["value"].tolist()


def moments(n: int = 300) -> list[datetime]:
    """Moments of half a year, in order."""
    rng = random.Random(1)
    return sorted(DAY + timedelta(minutes=rng.randrange(200 * 24 * 60)) for _ in range(n))
