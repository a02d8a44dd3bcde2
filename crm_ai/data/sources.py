"""From an uploaded file to a raw table, with every record that could not be read kept beside it."""

import hashlib
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crm_ai.data.files.delimited import read_text
from crm_ai.data.files.duckfile import read_duckdb
from crm_ai.data.files.filling import with_orders_filled
from crm_ai.data.files.furniture import without_furniture
from crm_ai.data.files.kinds import kind_of
from crm_ai.data.files.large import Text
from crm_ai.data.files.pages import read_page
from crm_ai.data.files.records import read_json, read_parquet
from crm_ai.data.files.sqlite import read_sqlite
from crm_ai.data.files.tables import RawTable
from crm_ai.data.files.unpacking import ungzipped, unzipped
from crm_ai.data.files.workbooks import read_workbook, sheet_names
from crm_ai.errors import BadFile
from crm_ai.progress import Progress, silent

BLOCK = 1 << 23
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
        kind: "csv", "excel", "parquet", "jsonl", "baskets", "sqlite", "duckdb", "database" (a server's) or "joined"
            (of several tables).
        encoding: of a text file, as Python names it.
        delimiter: of a text file; None when it has a single column.
        sheet: of a workbook; the table of a database.
        text: all rows of a large text file, where they lie; then ``raw`` is a sample of them and ``rows`` an estimate.
        hidden: what was done with personal data in it, see ``privacy.record``.
        files: names of those that went into a joined table.
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
    text: Text | None = None
    hidden: Mapping[str, Any] | None = None
    files: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file that it stands on."""
        found = (self.raw, self.rejected, self.text.path if self.text else None)
        return tuple(path for path in found if path)

    def to_json(self) -> dict[str, Any]:
        paths = {"raw": str(self.raw), "rejected": str(self.rejected) if self.rejected else None}
        return asdict(self) | paths | {"columns": list(self.columns), "text": None, "files": list(self.files)}


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
    with TemporaryDirectory(dir=folder, prefix="reading_") as scratch, ThreadPoolExecutor(1) as beside:
        digest = beside.submit(_sha256, path)
        progress(0.0, "Unpacking")
        tables = _tables(path, Path(scratch), name, encoding, delimiter, sheet, progress)
        progress(0.95, "Reading the records")
        tables = [_tidied(table, Path(scratch), name) for table in tables]
        return [_kept(table, folder, name, digest.result(), Path(scratch)) for table in tables]


def whole(source: Source, progress: Progress = silent) -> Source:
    """The source with all its rows in ``raw``; a text left in place is read record by record now."""
    if source.text is None:
        return source
    with TemporaryDirectory(dir=source.raw.parent, prefix="reading_") as scratch:
        path, marks = source.text.path, source.text.delimiter
        table = read_text(path, Path(scratch), source.name, None, marks, progress, whole=True)
        table = _tidied(table, Path(scratch), source.name)
        return _kept(table, source.raw.parent, source.name, source.sha256, Path(scratch))


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
    if kind == "page":
        return read_page(inner, scratch, name, progress)
    if kind == "parquet":
        return [read_parquet(inner, scratch, name, progress)]
    if kind == "json":
        return [read_json(inner, scratch, name, progress)]
    if kind == "sqlite":
        return read_sqlite(inner, scratch, name, sheet, progress)
    if kind == "duckdb":
        return read_duckdb(inner, scratch, name, sheet, progress)
    return [read_text(inner, scratch, name, encoding, delimiter, progress)]


def _tidied(table: RawTable, scratch: Path, name: str) -> RawTable:
    """The table without totals and footers, orders filled down; a large text that has such is read whole."""
    tidy = with_orders_filled(without_furniture(table, scratch, name), scratch)
    if table.text is None or tidy is table:
        return tidy
    table = read_text(table.text.path, scratch, name, None, table.text.delimiter, silent, whole=True)
    return with_orders_filled(without_furniture(table, scratch, name), scratch)


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


def _kept(table: RawTable, folder: Path, name: str, digest: str, scratch: Path) -> Source:
    """Move a raw table out of the scratch folder, under a name that only the same reading of the same bytes has."""
    reading = f"{table.encoding}\n{table.delimiter}\n{table.sheet}\n{bool(table.text)}"
    stem = f"{digest[:16]}_{hashlib.sha256(reading.encode()).hexdigest()[:8]}"
    raw = Path(shutil.move(table.path, folder / f"{stem}.parquet"))
    rejected = Path(shutil.move(table.rejected, folder / f"{stem}_rejected.parquet")) if table.rejected else None
    text = table.text
    if text and text.path.is_relative_to(scratch):
        text = replace(text, path=Path(shutil.move(text.path, folder / f"{stem}.csv")))
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
        text=text,
    )


def _sha256(path: Path) -> str:
    """In blocks so large that this thread seldom waits for the one that reads the file beside it."""
    digest, block = hashlib.sha256(), bytearray(min(path.stat().st_size + 1, BLOCK))
    with path.open("rb", buffering=0) as file:
        while read := file.readinto(block):
            digest.update(memoryview(block)[:read])
    return digest.hexdigest()
