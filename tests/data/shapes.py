"""Small files and short views of mappings, for the tests of reading and guessing."""

import csv
from pathlib import Path
from typing import Any

import ibis

from crm_ai.data.schema import Column, Mapping
from crm_ai.data.sources import Source, read_source

Rows = list[list[Any]]


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


