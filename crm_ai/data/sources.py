"""From an uploaded file to a raw table, with every record that could not be read kept beside it."""

import hashlib
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crm_ai.data.files.delimited import read_text
from crm_ai.data.files.kinds import kind_of
from crm_ai.data.files.records import read_json, read_parquet
from crm_ai.data.files.tables import RawTable
from crm_ai.data.files.unpacking import ungzipped, unzipped
from crm_ai.data.files.workbooks import read_workbook, sheet_names
from crm_ai.errors import BadFile
from crm_ai.progress import Progress, silent

MOST_ARCHIVES = 3
"""A .gz inside a .zip is read; a chain of them is not."""


@dataclass(frozen=True)
class Source:
    """One table of an uploaded file, as it is: nothing is typed or left out yet.

    Attributes:
        name: the file as uploaded.
        raw: Parquet; first column ``_row`` (BIGINT, 1-based number of the record in the file), then one column a
            heading: text as VARCHAR, native types where the file has them (Parquet, JSON, clean columns of a workbook).
        columns: the headings without ``_row``; empty ones are named, no two are the same (whatever their case).
        rows: records in ``raw``.
        rejected: Parquet of records that could not be read: source, row, reason, text; None when there are none.
        rejected_rows: how many.
        sha256: of the uploaded bytes.
        kind: "csv", "excel", "parquet", "jsonl" or "baskets".
        encoding: of a text file, as Python names it.
        delimiter: of a text file; None when it has a single column.
        sheet: of a workbook.
    """

    name: str
    raw: Path
    columns: tuple[str, ...]
    rows: int
    rejected: Path | None
    rejected_rows: int
    sha256: str
    kind: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None

    def to_json(self) -> dict[str, Any]:
        paths = {"raw": str(self.raw), "rejected": str(self.rejected) if self.rejected else None}
        return asdict(self) | paths | {"columns": list(self.columns)}


def read_source(
    path: Path,
    folder: Path,
    *,
    name: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    progress: Progress = silent,
) -> list[Source]:
    """Read one file; a workbook may give several tables.

    Args:
        path: the file on disk; what it is is found from its content, not from its name.
        folder: where the raw tables go; made when missing.
        name: of the file as uploaded; that of ``path`` by default.
        encoding: of a text file, instead of the one found.
        delimiter: of a text file, instead of the one found.
        sheet: the only sheet of a workbook to read.
        progress: told between the stages.

    Raises:
        BadFile: the file cannot be read; the sentence says why and what to do.
    """
    name = name or path.name
    folder.mkdir(parents=True, exist_ok=True)
    digest = _sha256(path)
    with TemporaryDirectory(dir=folder, prefix="reading_") as scratch:
        progress(0.0, "Unpacking")
        tables = _tables(path, Path(scratch), name, encoding, delimiter, sheet, progress)
        progress(0.95, "Reading the records")
        return [_kept(table, folder, name, digest) for table in tables]


def sheets(path: Path) -> list[str]:
    """The sheets of a workbook by name; empty for any other file."""
    try:
        with TemporaryDirectory() as scratch:
            inner, kind = _unpacked(path, Path(scratch), path.name)
            return sheet_names(inner, path.name) if kind == "excel" else []
    except BadFile:
        return []


def _tables(
    path: Path,
    scratch: Path,
    name: str,
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
    progress: Progress,
) -> list[RawTable]:
    inner, kind = _unpacked(path, scratch, name)
    if kind == "excel":
        return read_workbook(inner, scratch, name, sheet, progress)
    if kind == "parquet":
        return [read_parquet(inner, scratch, name, progress)]
    if kind == "json":
        return [read_json(inner, scratch, name, progress)]
    return [read_text(inner, scratch, name, encoding, delimiter, progress)]


def _unpacked(path: Path, scratch: Path, name: str) -> tuple[Path, str]:
    """The file inside archives, and what it is."""
    for depth in range(MOST_ARCHIVES):
        kind = kind_of(path, name)
        if kind == "gz":
            path = ungzipped(path, scratch / f"unpacked_{depth}", name)
        elif kind == "zip":
            path = unzipped(path, scratch / f"unpacked_{depth}", name)[0]
        else:
            return path, kind
    raise BadFile("{name} is packed more than once: unpack it first.", name=name)


def _kept(table: RawTable, folder: Path, name: str, digest: str) -> Source:
    """Move a raw table out of the scratch folder, under a name that only the same reading of the same bytes has."""
    reading = f"{table.encoding}\n{table.delimiter}\n{table.sheet}"
    stem = f"{digest[:16]}_{hashlib.sha256(reading.encode()).hexdigest()[:8]}"
    raw = Path(shutil.move(table.path, folder / f"{stem}.parquet"))
    rejected = Path(shutil.move(table.rejected, folder / f"{stem}_rejected.parquet")) if table.rejected else None
    return Source(
        name=name,
        raw=raw,
        columns=table.columns,
        rows=table.rows,
        rejected=rejected,
        rejected_rows=table.rejected_rows,
        sha256=digest,
        kind=table.kind,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
