"""From an uploaded file to a raw table, with every record that could not be read kept beside it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_ai.progress import Progress, silent


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
    raise NotImplementedError


def sheets(path: Path) -> list[str]:
    """The sheets of a workbook by name; empty for any other file."""
    raise NotImplementedError
