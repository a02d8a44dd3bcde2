"""Cleaning what is staged and writing the dataset; the manifest comes last and makes it count."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ibis.backends import BaseBackend

from crm_ai.data import quality, schema
from crm_ai.data.dataset import MANIFEST, Dataset
from crm_ai.data.engine import engine
from crm_ai.data.intake.staging import Staged, now, source_json, staged, write_json
from crm_ai.data.schema import Mapping
from crm_ai.data.sources import Source
from crm_ai.errors import BadFile, BadParameter, TooLittleData
from crm_ai.progress import Progress, silent

VERSION = 1
"""Raised when an older program would have made other tables of the same files, mapping and rules."""

TABLES, REJECTED = "tables", "rejected.parquet"


def finish(
    folder: Path,
    mappings: Sequence[Mapping | None] | None = None,
    rules: Dictionary[str, bool] | None = None,
    *,
    name: str | None = None,
    progress: Progress = silent,
) -> Dataset:
    """Clean what is staged and write the dataset; may be called again with another mapping or other rules.

    The manifest has ``name``, ``created_at``, ``fingerprint``, ``tables`` (name -> file), ``sources``, ``mappings``,
    ``rules`` (the switches given) and ``report`` (table -> TableReport).

    Args:
        folder: where ``stage`` was.
        mappings: one a source; None takes the guess, a mapping with table "" leaves the source out.
        rules: rule id -> on or off, over the defaults.
        name: of the dataset; as staged by default.
        progress: told between the stages.

    Raises:
        BadFile, BadParameter, TooLittleData: no table, no readable dates or numbers, no such rule, no row left.
    """
    here, switches = staged(folder), dict(rules or {})
    quality.check(switches)
    chosen = _chosen(here, mappings)
    fingerprint = _fingerprint(here.sources, chosen, switches)
    before = _manifest_before(folder)
    if before.get("fingerprint") == fingerprint:
        write_json(folder / MANIFEST, before | {"name": name or here.name})
        return Dataset.open(folder)
    with connect() as connection:
        reports = _clean(connection, here, chosen, switches, fingerprint, progress)
    manifest = {
        "name": name or here.name,
        "created_at": now().isoformat(timespec="seconds"),
        "fingerprint": fingerprint,
        "tables": {table: f"{TABLES}/{_file(table, fingerprint)}" for table in reports},
        "sources": [source_json(folder, source) for source in here.sources],
        "mappings": [mapping.to_json() for mapping in chosen],
        "rules": switches,
        "report": {table: report.to_json() for table, report in reports.items()},
    }
    write_json(folder / MANIFEST, manifest)
    _forget_tables(folder, keep=(fingerprint, before.get("fingerprint", "")))
    progress(1.0, "Ready")
    return Dataset.open(folder)


@contextmanager
def connect() -> Iterator[BaseBackend]:
    connection = engine()
    try:
        yield connection
    finally:
        connection.disconnect()


def _chosen(here: Staged, mappings: Sequence[Mapping | None] | None) -> list[Mapping]:
    given = list(mappings or [None] * len(here.sources))
    if len(given) != len(here.sources):
        raise BadParameter("{found} mappings for {needed} files.", found=len(given), needed=len(here.sources))
    chosen = [mapping or guess for mapping, guess in zip(given, here.guesses, strict=True)]
    if not any(mapping.table for mapping in chosen):
        names = [source.name for source in here.sources]
        raise BadFile("The columns of {name} were not recognised: choose a table and map them.", name=names)
    return chosen


def _fingerprint(sources: Sequence[Source], mappings: Sequence[Mapping], rules: Dictionary[str, bool]) -> str:
    """Equal bytes, reading, mapping and rules, equal fingerprint; names and confidence do not matter."""
    used = {mapping.table for mapping in mappings if mapping.table}
    document = [
        VERSION,
        [[s.sha256, s.encoding, s.delimiter, s.sheet, _essence(m)] for s, m in zip(sources, mappings, strict=True)],
        {table: quality.chosen(table, rules) for table in sorted(used)},
    ]
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _essence(mapping: Mapping) -> list[Any]:
    both = [mapping.columns, mapping.attributes]
    columns = [{name: [c.heading, c.reading, c.joined] for name, c in part.items()} for part in both]
    return [mapping.table, columns, dict(mapping.constants)]


def _clean(
    connection: BaseBackend,
    here: Staged,
    mappings: Sequence[Mapping],
    rules: Dictionary[str, bool],
    fingerprint: str,
    progress: Progress,
) -> dict[str, quality.TableReport]:
    """Clean every table, write it and the rejected rows."""
    pairs = [quality.Part(*pair) for pair in zip(here.sources, mappings, strict=True)]
    tables = [table for table in schema.TABLES if any(part.mapping.table == table for part in pairs)]
    done = []
    for number, table in enumerate(tables):
        progress(0.8 * number / len(tables), "Cleaning")
        parts = [part for part in pairs if part.mapping.table == table]
        path = here.folder / TABLES / _file(table, fingerprint)
        cleaned = quality.clean(connection, parts, rules, path, here.today)
        _check_left(table, cleaned.report)
        done.append((parts, cleaned))
    progress(0.8, "Writing rejected rows")
    quality.write_rejected(connection, done, here.folder / REJECTED)
    return {table: cleaned.report for table, (_, cleaned) in zip(tables, done, strict=True)}


def _check_left(table: str, report: quality.TableReport) -> None:
    if report.kept:
        return
    most = max(report.rules, key=lambda finding: finding.removed, default=None)
    raise TooLittleData(
        "None of the {rows} rows of {table} is left after cleaning, most fell to the rule {rule}: "
        "switch it off or map other columns.",
        rows=report.rows,
        table=table,
        rule=most.id if most else "",
    )


def _file(table: str, fingerprint: str) -> str:
    return f"{table}-{fingerprint[:8]}.parquet"


def _manifest_before(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _forget_tables(folder: Path, keep: Sequence[str]) -> None:
    """Old tables go, but the last ones stay: another session may still be reading them."""
    endings = tuple(f"-{fingerprint[:8]}.parquet" for fingerprint in keep if fingerprint)
    for path in (folder / TABLES).iterdir():
        if not path.name.endswith(endings):
            path.unlink()
