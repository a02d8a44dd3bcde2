"""Raw tables: Parquet with a record number, and beside it the records that could not be read."""

import csv
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from crm_ai.data.files.large import Text
from crm_ai.data.spill import spill_folder
from crm_ai.errors import BadFile
from crm_ai.settings import settings

ROW = "_row"
MOST_COLUMNS = 1_500
"""DuckDB takes 0.75 MB for each, and recognising them seconds up to there and minutes from a few thousand on."""
REJECTED = {"source": "VARCHAR", "row": "BIGINT", "reason": "VARCHAR", "text": "VARCHAR"}


@dataclass(frozen=True)
class RawTable:
    """What a reader of a format hands back; the fields mean what they mean in ``sources.Source``."""

    path: Path
    columns: tuple[str, ...]
    rows: int
    kind: str
    rejected: Path | None = None
    rejected_rows: int = 0
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    text: Text | None = None


def connection(own: bool = False) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the limits of the settings.

    Args:
        own: with an engine of its own, for whoever changes settings or adds functions: connections of one share them.
    """
    found = _started() if own else _engine().cursor()
    found.execute("SET enable_progress_bar = false")  # it would be printed among the JSON of the shell
    return found


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for all readers of files: to start it takes longer than to read a small file."""
    return _started()


def _started() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"memory_limit": settings().memory_limit, "temp_directory": str(spill_folder())})


def quoted(name: str) -> str:
    """An identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text of SQL, where a parameter cannot stand."""
    return "'" + str(text).replace("'", "''") + "'"


def named(headings: Sequence[str], name: str) -> tuple[str, ...]:
    """Headings on one line each, none empty, none twice whatever the case.

    Raises:
        BadFile: there are more than ``MOST_COLUMNS``.
    """
    if len(headings) > MOST_COLUMNS:
        raise BadFile(
            "{name} has {found} columns; {most} are the most: put what lies in the headings into rows.",
            name=name,
            found=len(headings),
            most=MOST_COLUMNS,
        )
    taken = {ROW}
    done = []
    for place, heading in enumerate(headings, 1):
        wanted = " ".join(str(heading).replace("\ufeff", "").split()) or f"column_{place}"
        done.append(_free(wanted, taken))
        taken.add(done[-1].casefold())
    return tuple(done)


def _free(wanted: str, taken: set[str]) -> str:
    if wanted.casefold() not in taken:
        return wanted
    return next(name for n in range(2, len(taken) + 3) if (name := f"{wanted}_{n}").casefold() not in taken)


def filled(rows: int, name: str) -> int:
    """The number of rows, which must not be 0."""
    if not rows:
        raise BadFile("{name} has headings but no rows that could be read.", name=name)
    return rows


class Rejects(AbstractContextManager["Rejects"]):
    """Collects the records of a file that could not be read, on disk, so that any number of them fits."""

    def __init__(self, folder: Path, name: str) -> None:
        self.rows = 0
        self._name = name
        self._path = folder / "rejected.csv"

    def __enter__(self) -> "Rejects":
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._write = csv.writer(self._file, quoting=csv.QUOTE_ALL).writerow
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, row: int, reason: str, text: str) -> None:
        """Keep a record: its number in the file, why it could not be read, and how it stands there."""
        self.rows += 1
        self._write([self._name, row, reason, text])

    def parquet(self, path: Path) -> Path | None:
        """The collected records as Parquet; None when there are none."""
        if not self.rows:
            return None
        csv_rows(self._path, REJECTED).write_parquet(str(path))
        return path


def csv_rows(path: Path, columns: dict[str, str], header: bool = False) -> Any:
    """A clean CSV, written by ourselves, as a DuckDB relation."""
    return connection().sql(
        "SELECT * FROM read_csv($path, auto_detect=false, header=$header, columns=$columns, delim=',', quote='\"', "
        "escape='\"', max_line_size=67108864)",
        params={"path": str(path), "columns": columns, "header": header},
    )


def count_rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def write_clean(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    """Rows as a CSV that ``csv_rows`` reads."""
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
