"""What files hold, told without keeping anything."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ibis.backends import BaseBackend

from crm_ai.data import quality
from crm_ai.data.intake.finishing import connect
from crm_ai.data.intake.staging import Staged, stage
from crm_ai.data.schema import Column, Mapping
from crm_ai.data.sources import Source
from crm_ai.progress import Progress, silent


def inspect(
    paths: Sequence[Path],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """What files hold, as JSON: ``sources``, each with kind, encoding, roles, types, and the quality of its rows.

    Raises:
        BadFile: a file cannot be read, or a date or number column has no value that can.
    """
    with tempfile.TemporaryDirectory() as scratch, connect() as connection:
        found = stage(paths, Path(scratch), encoding=encoding, delimiter=delimiter, sheet=sheet, progress=progress)
        return {"sources": [_inspected(connection, found, number) for number in range(len(found.sources))]}


def _inspected(connection: BaseBackend, found: Staged, number: int) -> dict[str, Any]:
    source, mapping = found.sources[number], found.guesses[number]
    report = None
    if mapping.table:
        path = found.folder / "tables" / f"{number}.parquet"
        report = quality.clean(connection, [quality.Part(source, mapping)], {}, path, found.today).report
    return {
        "file": source.name,
        "kind": source.kind,
        "encoding": source.encoding,
        "delimiter": source.delimiter,
        "sheet": source.sheet,
        "rows": source.rows,
        "table": mapping.table or None,
        "columns": _roles(source, mapping),
        "quality": report.to_json() if report else None,
        "rejected_rows": report.rejected if report else source.rejected_rows,
    }


def _roles(source: Source, mapping: Mapping) -> dict[str, dict[str, Any]]:
    """Heading -> its canonical column (None where it has none), type and confidence."""
    roles: dict[str, dict[str, Any]] = {}
    for name, column in mapping.columns.items():
        for heading in (column.heading, *column.joined):
            roles.setdefault(heading, _role(name, column))
    for column in mapping.attributes.values():
        roles.setdefault(column.heading, _role(None, column))
    return {
        heading: roles.get(heading, {"role": None, "type": "text", "confidence": 0.0}) for heading in source.columns
    }


def _role(name: str | None, column: Column) -> dict[str, Any]:
    return {"role": name, "type": column.reading, "confidence": round(column.confidence, 3)}
