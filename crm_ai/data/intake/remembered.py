"""The columns people chose for files of certain headings, so that they need not choose them again next month.

One JSON file a set of headings: which table, and which heading each column has. How values are read is found anew from
the content of each file.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Dictionary
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from crm_ai.data import schema
from crm_ai.data.intake.staging import STAGED, Staged, write_json
from crm_ai.data.intake.wishes import corrected
from crm_ai.data.schema import Mapping
from crm_ai.data.sources import Source

Memory = Dictionary[str, Any]


def memory(mapping: Mapping) -> Memory:
    """What is worth remembering of a mapping: ``table``, ``columns`` (name -> heading) and ``joined``."""
    return {
        "table": mapping.table,
        "columns": {name: column.heading for name, column in mapping.columns.items()},
        "joined": {name: list(column.joined) for name, column in mapping.columns.items() if column.joined},
    }


def remember(folder: Path, mapping: Mapping, headings: Iterable[str], hide: Dictionary[str, str] | None = None) -> None:
    """Keep a mapping for files with these headings, in whatever order, and what was hidden in their columns."""
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # another server cleared up in this moment: it will be chosen once more
        write_json(folder / f"{_mark(headings)}.json", {**memory(mapping), "hide": dict(hide or {})})


def recall(folder: Path, headings: Iterable[str]) -> Memory | None:
    """What was kept for files with these headings."""
    path = folder / f"{_mark(headings)}.json"
    try:
        document: Memory = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return document if set(document) >= {"table", "columns", "joined"} else None


def recalled(here: Staged, folder: Path, before: Dictionary[str, Any] | None = None) -> Staged:
    """Put what is remembered in the place of the guesses; the mappings of the version before come first.

    Args:
        here: what was staged.
        folder: of what is remembered.
        before: manifest of the version the files are added to.
    """
    own = _of_version(before or {"sources": [], "mappings": []})
    guesses = [
        _applied(source, guess, own(source.columns) or recall(folder, source.columns))
        for source, guess in zip(here.sources, here.guesses, strict=True)
    ]
    if guesses == list(here.guesses):
        return here
    document = json.loads((here.folder / STAGED).read_text("utf-8"))
    write_json(here.folder / STAGED, document | {"guesses": [guess.to_json() for guess in guesses]})
    return replace(here, guesses=tuple(guesses))


def _of_version(manifest: Dictionary[str, Any]) -> Callable[[Sequence[str]], Memory | None]:
    """The mapping a version has for files with given headings."""
    pairs = zip(manifest["sources"], manifest["mappings"], strict=True)
    known = {_mark(source["columns"]): memory(Mapping.from_json(mapping)) for source, mapping in pairs}
    return lambda headings: known.get(_mark(headings))


def _applied(source: Source, guess: Mapping, kept: Memory | None) -> Mapping:
    """The guess with the columns that are remembered; the readings are those of this file."""
    if kept is None or not kept["table"]:
        return guess if kept is None else Mapping("", {})
    base = guess if guess.table == kept["table"] else schema.guess(source, kept["table"])
    said, kinds = corrected(source, base, kept["columns"]), schema.TABLES[kept["table"]]
    joined = {name: tuple(kept["joined"].get(name, ())) for name in said.columns if kinds[name] in ("id", "text")}
    return replace(said, columns={n: replace(c, joined=joined.get(n, c.joined)) for n, c in said.columns.items()})


def _mark(headings: Iterable[str]) -> str:
    text = json.dumps(sorted(headings), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
