"""The next version of a dataset: more files, other columns, or other rules. The version it comes from stays as it is.

Files of the version before are shared by hard links, so each version is whole in itself and can be deleted alone.
"""

import json
import os
import shutil
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_ai.data.dataset import MANIFEST, Dataset
from crm_ai.data.intake.changes import changes
from crm_ai.data.intake.finishing import TABLES, Plan, chosen, connect, write
from crm_ai.data.intake.staging import FILES, RAW, STAGED, source_from, staged, write_json
from crm_ai.data.quality import Part
from crm_ai.data.schema import Mapping
from crm_ai.errors import BadFile, BadParameter
from crm_ai.progress import Progress, silent

MODES = {"append": "rows added", "replace": "rows replaced", "everything": "files replaced"}
"""How new files meet the old ones -> why there is a new version."""


def refresh(
    folder: Path,
    before: Path,
    mode: str,
    mappings: Sequence[Mapping | None] | None = None,
    *,
    name: str | None = None,
    progress: Progress = silent,
) -> Dataset:
    """The files of a version and those staged in ``folder``, cleaned together by the rules of that version.

    Args:
        folder: where the new files are staged.
        before: folder of the version.
        mode: "append"; "replace": rows of earlier files whose key comes again in the new ones go; "everything": only
            the new files stay.
        mappings: one a new source, as in ``finish``.
        name: of the dataset; that of the version by default.

    Raises:
        BadFile: all the new files are in the version already.
        BadParameter: there is no such mode.
    """
    if mode not in MODES:
        raise BadParameter("There is no way {name} to add files: use one of {known}.", name=mode, known=list(MODES))
    here, manifest = staged(folder), _manifest(before)
    pairs = list(zip(here.sources, chosen(here, mappings), strict=True))
    old: tuple[Part, ...] = ()
    if mode != "everything":
        share(before, folder)
        old = _parts(folder, manifest)
        known = {part.source.sha256 for part in old}
        pairs = [(source, mapping) for source, mapping in pairs if source.sha256 not in known]
    if not pairs:
        raise BadFile("{name} is in this dataset already: there is nothing to add.", name=_names(here.sources))
    batch = 1 + max((part.batch for part in old), default=-1)
    new = tuple(Part(source, mapping, batch, mode == "replace") for source, mapping in pairs)
    plan = Plan(name or manifest["name"], old + new, manifest["rules"], here.today, MODES[mode], before)
    return write(folder, plan, progress)


def remap(
    folder: Path,
    before: Path,
    mappings: Sequence[Mapping | None] | None = None,
    *,
    name: str | None = None,
    progress: Progress = silent,
) -> Dataset:
    """The files of a version, ``reopen``ed in ``folder``, with other columns and the same rules."""
    here, manifest = staged(folder), _manifest(before)
    batches = {part.source.sha256: part for part in _parts(folder, manifest)}
    parts = tuple(
        replace(batches.get(source.sha256, Part(source, mapping)), source=source, mapping=mapping)
        for source, mapping in zip(here.sources, chosen(here, mappings), strict=True)
    )
    plan = Plan(name or manifest["name"], parts, manifest["rules"], here.today, "columns changed", before)
    return write(folder, plan, progress)


def revise(folder: Path, before: Path, rules: Dictionary[str, bool], progress: Progress = silent) -> Dataset:
    """The files and columns of a version under other rules; ``rules`` are switched over those of the version."""
    share(before, folder)
    manifest = _manifest(before)
    switches = manifest["rules"] | dict(rules)
    today = datetime.fromisoformat(manifest["today"])
    plan = Plan(manifest["name"], _parts(folder, manifest), switches, today, "rules changed", before)
    return write(folder, plan, progress)


def reopen(folder: Path, before: Path) -> None:
    """Stage the files of a version in ``folder`` as if they had just been read, with the columns it has."""
    share(before, folder)
    manifest = _manifest(before)
    document = {key: manifest[key] for key in ("name", "today", "sources")} | {"guesses": manifest["mappings"]}
    write_json(folder / STAGED, document)


def share(before: Path, folder: Path) -> None:
    """Link the raw and the uploaded files of a version into another folder; copy where links are not possible."""
    for path in (path for part in (RAW, FILES) for path in sorted((before / part).rglob("*")) if path.is_file()):
        target = folder / path.relative_to(before)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            _link(path, target)


def tidy(folder: Path) -> None:
    """Drop what the manifest does not know: what an interrupted reading or cleaning left behind."""
    manifest = _manifest(folder)
    sources = [source_from(folder, document) for document in manifest["sources"]]
    known = {path for source in sources for path in source.paths}
    known |= {folder / name for name in manifest["tables"].values()}
    inside = [path for part in (RAW, TABLES) for path in (folder / part).glob("*")]
    for path in {*inside, *folder.glob("*.draft")} - known:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def diff(before: Path, folder: Path) -> dict[str, Any]:
    """What is different in one version from another, see ``changes``."""
    with connect() as connection:
        return changes(connection, before, folder)


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copy2(path, target)


def _manifest(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return document


def _parts(folder: Path, manifest: Dictionary[str, Any]) -> tuple[Part, ...]:
    """The files of a version as they lie in ``folder``."""
    rows = zip(manifest["sources"], manifest["mappings"], manifest["batches"], strict=True)
    return tuple(
        Part(source_from(folder, source), Mapping.from_json(mapping), batch["batch"], batch["replaces"])
        for source, mapping, batch in rows
    )


def _names(sources: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(source.name for source in sources))
