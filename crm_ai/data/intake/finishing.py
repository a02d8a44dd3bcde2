"""Cleaning what is staged and writing the dataset; the manifest comes last and makes it count."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ibis.backends import BaseBackend

from crm_ai.data import quality, schema
from crm_ai.data.dataset import MANIFEST, Dataset
from crm_ai.data.engine import engine
from crm_ai.data.intake.changes import changes
from crm_ai.data.intake.staging import Staged, now, source_json, staged, write_json
from crm_ai.data.quality import Part
from crm_ai.data.schema import Mapping
from crm_ai.errors import BadFile, BadParameter, TooLittleData
from crm_ai.progress import Progress, silent

VERSION = 1
"""Raised when an older program would have made other tables of the same files, mapping and rules."""

TABLES, REJECTED = "tables", "rejected.parquet"


@dataclass(frozen=True)
class Plan:
    """What a dataset is made of.

    Attributes:
        name: what people will call it.
        parts: its files, what their columns are, and the upload each came with.
        rules: rule id -> on or off, over the defaults.
        today: when the files were read; later dates are in the future.
        why: it is made: "uploaded", "columns changed", "rules changed", "rows added" or "rows replaced".
        before: folder of the version it comes from.
    """

    name: str
    parts: tuple[Part, ...]
    rules: dict[str, bool]
    today: datetime
    why: str = "uploaded"
    before: Path | None = None

    @property
    def fingerprint(self) -> str:
        """Equal bytes, reading, mapping, rules and order of uploads; names and confidence do not matter."""
        used = {part.mapping.table for part in self.parts if part.mapping.table}
        replacing = any(part.replaces for part in self.parts)
        document = [
            VERSION,
            [_essence(part, replacing) for part in self.parts],
            {table: quality.chosen(table, self.rules) for table in sorted(used)},
        ]
        text = json.dumps(document, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def finish(
    folder: Path,
    mappings: Sequence[Mapping | None] | None = None,
    rules: Dictionary[str, bool] | None = None,
    *,
    name: str | None = None,
    progress: Progress = silent,
) -> Dataset:
    """Clean what is staged and write the dataset; may be called again with another mapping or other rules.

    Args:
        folder: where ``stage`` was.
        mappings: one a source; None takes the guess, a mapping with table "" leaves the source out.
        rules: rule id -> on or off, over the defaults.
        name: of the dataset; as staged by default.
        progress: told between the stages.

    Raises:
        BadFile, BadParameter, TooLittleData: no table, no readable dates or numbers, no such rule, no row left.
    """
    here = staged(folder)
    parts = tuple(Part(*pair) for pair in zip(here.sources, chosen(here, mappings), strict=True))
    return write(folder, Plan(name or here.name, parts, dict(rules or {}), here.today), progress)


def chosen(here: Staged, mappings: Sequence[Mapping | None] | None) -> list[Mapping]:
    """The mapping of each source: what was said, else what was guessed.

    Raises:
        BadFile, BadParameter: no source has a table, or their number is another.
    """
    given = list(mappings or [None] * len(here.sources))
    if len(given) != len(here.sources):
        raise BadParameter("{found} mappings for {needed} files.", found=len(given), needed=len(here.sources))
    found = [mapping or guess for mapping, guess in zip(given, here.guesses, strict=True)]
    if not any(mapping.table for mapping in found):
        names = [source.name for source in here.sources]
        raise BadFile("The columns of {name} were not recognised: choose a table and map them.", name=names)
    return found


def write(folder: Path, plan: Plan, progress: Progress = silent) -> Dataset:
    """Clean the files of a plan, which lie in ``folder``, and write tables, rejected rows and the manifest.

    The manifest has ``name``, ``created_at``, ``today``, ``why``, ``fingerprint``, ``tables`` (name -> file),
    ``sources``, ``mappings`` and ``batches`` (one a source), ``rules`` (the switches given), ``report`` (table ->
    TableReport) and ``changes`` against the version before (see ``changes.py``).

    Raises:
        BadFile, BadParameter, TooLittleData: as ``finish``.
    """
    quality.check(plan.rules)
    fingerprint, before = plan.fingerprint, _manifest_before(folder)
    if before.get("fingerprint") == fingerprint:
        write_json(folder / MANIFEST, before | {"name": plan.name})
        return Dataset.open(folder)
    with connect() as connection:
        cleaned = _clean(connection, folder, plan, fingerprint, progress)
        manifest = _manifest(folder, plan, fingerprint, cleaned)
        if plan.before:
            progress(0.9, "Comparing with the version before")
            manifest["changes"] = changes(connection, plan.before, folder, manifest)
    write_json(folder / MANIFEST, manifest)
    _forget_tables(folder, keep=(fingerprint, before.get("fingerprint", "")))
    progress(1.0, "Ready")
    return Dataset.open(folder)


def _manifest(folder: Path, plan: Plan, fingerprint: str, cleaned: Dictionary[str, quality.Cleaned]) -> dict[str, Any]:
    read = {part.source.raw: after.source for done in cleaned.values() for part, after in done.read}
    return {
        "name": plan.name,
        "created_at": now().isoformat(timespec="seconds"),
        "today": plan.today.isoformat(),
        "why": plan.why,
        "fingerprint": fingerprint,
        "tables": {table: f"{TABLES}/{_file(table, fingerprint)}" for table in cleaned},
        "sources": [source_json(folder, read.get(part.source.raw, part.source)) for part in plan.parts],
        "mappings": [part.mapping.to_json() for part in plan.parts],
        "batches": [{"batch": part.batch, "replaces": part.replaces} for part in plan.parts],
        "rules": plan.rules,
        "report": {table: done.report.to_json() for table, done in cleaned.items()},
    }


@contextmanager
def connect() -> Iterator[BaseBackend]:
    connection = engine()
    try:
        yield connection
    finally:
        connection.disconnect()


def _essence(part: Part, replacing: bool) -> list[Any]:
    """What of a file makes the data; which upload it came with only matters when one replaces rows of another."""
    source, mapping = part.source, part.mapping
    both = [mapping.columns, mapping.attributes]
    columns = [{name: [c.heading, c.reading, c.joined] for name, c in each.items()} for each in both]
    read = [source.sha256, source.encoding, source.delimiter, source.sheet, source.hidden]
    batch = [part.batch, part.replaces] if replacing else []
    return [*read, [mapping.table, columns, dict(mapping.constants)], *batch]


def _clean(
    connection: BaseBackend, folder: Path, plan: Plan, fingerprint: str, progress: Progress
) -> dict[str, quality.Cleaned]:
    """Clean every table, write it and the rejected rows."""
    tables = [table for table in schema.TABLES if any(part.mapping.table == table for part in plan.parts)]
    done: dict[str, quality.Cleaned] = {}
    for number, table in enumerate(tables):
        progress(0.8 * number / len(tables), "Cleaning")
        parts = [part for part in plan.parts if part.mapping.table == table]
        path = folder / TABLES / _file(table, fingerprint)
        done[table] = quality.clean(connection, parts, plan.rules, path, plan.today)
        _check_left(table, done[table].report)
    progress(0.8, "Writing rejected rows")
    quality.write_rejected(connection, list(done.values()), folder / REJECTED)
    return done


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
