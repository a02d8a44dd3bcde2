"""Personal data of what is staged, treated before anything of it is kept."""

import shutil
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from crm_ai.data import privacy, schema
from crm_ai.data.intake.staging import FILES, RAW, Staged, keep, staged
from crm_ai.data.privacy import KEEP, REMOVE
from crm_ai.data.schema import Column, Mapping
from crm_ai.progress import Progress, silent

Choices = Sequence[Dictionary[str, str]]


def searched(here: Staged, progress: Progress = silent) -> Staged:
    """What is staged, with the personal data in it: to ask a person what is to become of them."""
    progress(0.95, "Looking for personal data")
    found = replace(here, personal=tuple(map(privacy.find, here.sources)))
    keep(found)
    return found


def hide(folder: Path, choices: Choices, key: bytes) -> Staged:
    """Treat the personal data of each staged source; what was uploaded, and the tables as they were read, go.

    Args:
        folder: where the files are staged.
        choices: one a source: heading -> treatment, see ``privacy.TREATMENTS``.
        key: of the codes.

    Raises:
        BadParameter: no such column or treatment, or no column would be left.
    """
    here = staged(folder)
    if not any(choice != KEEP for chosen in choices for choice in chosen.values()):
        return here
    here = here if here.personal else searched(here)
    rows = list(zip(here.sources, choices, here.personal, strict=True))
    treated = [privacy.treat(source, chosen, key, folder / RAW, found=people) for source, chosen, people in rows]
    sources = tuple(
        replace(after, hidden=privacy.record(chosen, people, key)) if people or chosen else after
        for after, (_, chosen, people) in zip(treated, rows, strict=True)
    )
    guesses = tuple(hidden(guess, chosen) for guess, chosen in zip(here.guesses, choices, strict=True))
    after = replace(here, sources=sources, guesses=guesses, tables=(), offered=(), joins=(), personal=())
    keep(after)
    _forget(after, before=here)
    return after


def hidden(mapping: Mapping, choices: Dictionary[str, str]) -> Mapping:
    """The mapping of a source whose columns were treated: what was removed is not mapped, what was hidden is text."""
    kinds = schema.TABLES.get(mapping.table, {})
    columns = {n: _hidden(c, choices, kinds.get(n, "any")) for n, c in mapping.columns.items()}
    attributes = {n: _hidden(c, choices, "any") for n, c in mapping.attributes.items()}
    return replace(
        mapping,
        columns={name: column for name, column in columns.items() if column},
        attributes={name: column for name, column in attributes.items() if column},
    )


def _hidden(column: Column, choices: Dictionary[str, str], kind: str) -> Column | None:
    chosen = [choices.get(heading, KEEP) for heading in (column.heading, *column.joined)]
    if chosen[0] == REMOVE:
        return None
    joined = tuple(h for h in column.joined if choices.get(h, KEEP) != REMOVE)
    if all(choice == KEEP for choice in chosen) or kind in ("number", "time", "flag"):
        return replace(column, joined=joined)
    return replace(column, joined=joined, reading="id" if kind == "id" else "text")


def _forget(after: Staged, before: Staged) -> None:
    """Delete what still has the personal data in clear: all that was uploaded or read and is not needed any more."""
    files, kept = after.folder / FILES, {path for source in after.sources for path in source.paths}
    read = {path for source in (*before.sources, *before.tables) for path in source.paths}
    uploaded = {path for path in files.rglob("*") if path.is_file()}
    for path in (read | uploaded) - kept:
        if path.is_relative_to(after.folder):  # a file that is read where it lies is the user's own
            path.unlink(missing_ok=True)
    if not uploaded & kept:
        shutil.rmtree(files, ignore_errors=True)
