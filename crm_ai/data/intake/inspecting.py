"""What files hold, told without keeping anything."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ibis.backends import BaseBackend

from crm_ai.data import quality
from crm_ai.data.contents import Content, contents
from crm_ai.data.fitted import plain_reading
from crm_ai.data.intake.finishing import connect
from crm_ai.data.intake.staging import Staged, stage
from crm_ai.data.schema import Mapping
from crm_ai.data.sources import Source
from crm_ai.progress import Progress, silent

TYPES = {
    **dict.fromkeys(("excel_serial", "epoch_s", "epoch_ms", "step"), "date"),
    **dict.fromkeys(("status", "filled", "prefix"), "flag"),
    "number_comma": "number",
    "percent": "number",
}
"""Reading -> type; other readings are called like their types."""

NATIVE = {"number": "number", "time": "date", "clock": "text", "flag": "flag", "text": "text"}


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
    with tempfile.TemporaryDirectory() as scratch:
        return described(
            stage(paths, Path(scratch), encoding=encoding, delimiter=delimiter, sheet=sheet, progress=progress)
        )


def described(found: Staged) -> dict[str, Any]:
    """What staged tables hold, as ``inspect`` tells it."""
    with connect() as connection:
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
    found = contents(source)
    roles: dict[str, dict[str, Any]] = {}
    for name, column in mapping.columns.items():
        kind = _type(column.reading, found[column.heading].native)
        for heading in (column.heading, *column.joined):
            roles.setdefault(heading, {"role": name, "type": kind, "confidence": round(column.confidence, 3)})
    return {heading: roles.get(heading) or _roleless(content) for heading, content in found.items()}


def _roleless(content: Content) -> dict[str, Any]:
    return {"role": None, "type": _type(plain_reading(content), content.native), "confidence": 0.0}


def _type(reading: str, native: str) -> str:
    """date, number, flag, id or text."""
    name = reading.partition(":")[0]
    return NATIVE[native] if name == "native" else TYPES.get(name, name)
