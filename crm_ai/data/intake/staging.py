"""Reading files into a dataset's folder and guessing what their columns are."""

import json
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from crm_ai.data import schema
from crm_ai.data.files.large import Text
from crm_ai.data.files.tables import MOST_COLUMNS
from crm_ai.data.headings import likeness
from crm_ai.data.privacy import Personal
from crm_ai.data.relations import Join, joined, suggest
from crm_ai.data.schema import Mapping
from crm_ai.data.sources import Source, read_source
from crm_ai.errors import BadFile
from crm_ai.progress import Progress, silent

STAGED, RAW, FILES = "staged.json", "raw", "files"
PREVIEW = 50
READING = 0.8  # of the time of staging
CALLED_SO, UNSURE = 0.9, 0.3  # likeness of a heading from which it is a name, and how sure its content leaves us
DATABASES = ("sqlite", "duckdb", "database")


@dataclass(frozen=True)
class Staged:
    """Files that are read and guessed at, but not yet cleaned.

    Attributes:
        folder: of the dataset to be.
        name: what people will call it.
        sources: one a table of a file.
        guesses: the likeliest mapping of each source.
        today: when the files were read; later dates are in the future.
        tables: the tables as they were read, before they were joined.
        offered: joins that were found between them.
        joins: those that were made.
        personal: of each source, the columns with personal data, once ``searched`` has looked for them.
    """

    folder: Path
    name: str
    sources: tuple[Source, ...]
    guesses: tuple[Mapping, ...]
    today: datetime
    tables: tuple[Source, ...] = ()
    offered: tuple[Join, ...] = ()
    joins: tuple[Join, ...] = ()
    personal: tuple[tuple[Personal, ...], ...] = ()

    def preview(self, number: int, rows: int = PREVIEW) -> pd.DataFrame:
        """The first rows of a source as text, headings as in the file."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.sources[number].raw) as file:
            batch = next(file.iter_batches(rows), None)
        columns = list(self.sources[number].columns)
        if batch is None:
            return pd.DataFrame(columns=columns, dtype="str")
        return batch.to_pandas()[columns].astype("string")


def stage(
    paths: Sequence[Path],
    folder: Path,
    *,
    name: str | None = None,
    names: Sequence[str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    progress: Progress = silent,
) -> Staged:
    """Read files into ``folder`` and guess what their columns are.

    Args:
        paths: the files.
        folder: of the dataset; made when missing.
        name: of the dataset; after the files by default.
        names: of the files as uploaded; those of the paths by default.
        encoding, delimiter, sheet: instead of those found.
        progress: told between the stages.

    Raises:
        BadFile: a file cannot be read, or none has rows.
    """
    names = list(names or [path.name for path in paths])
    sources: list[Source] = []
    for number, (path, own) in enumerate(zip(paths, names, strict=True)):
        sources += read_source(
            path,
            folder / RAW,
            name=own,
            encoding=encoding,
            delimiter=delimiter,
            sheet=sheet,
            progress=_part(progress, number, len(names) / READING),
        )
    return stage_sources(sources, folder, name=name or _title(names), progress=progress)


def stage_sources(
    sources: Sequence[Source],
    folder: Path,
    *,
    name: str,
    joins: Sequence[Join] | None = None,
    progress: Progress = silent,
) -> Staged:
    """Guess what the columns of tables are that lie in ``folder / RAW``; related tables are joined first.

    Args:
        sources: the tables.
        folder: of the dataset.
        name: of the dataset.
        joins: between the tables; by default those that are found in a database, and none between files.
        progress: told between the stages.

    Raises:
        BadFile: no table has rows.
        BadParameter: a join leads to a table with several rows a key.
    """
    tables = tuple(source for source in sources if source.rows)
    if not tables:
        names = list(dict.fromkeys(source.name for source in sources))
        raise BadFile("There are no rows in {name}: choose a file with data below its headings.", name=names)
    offered = _related(tables)
    if joins is None:
        joins = offered if all(source.kind in DATABASES for source in tables) else ()
    read = joined(tables, joins, folder / RAW, _after(progress)) if joins else tables
    for source in read:
        _check_width(source)
    progress(0.9, "Recognising columns")
    guesses = tuple(map(_guessed, read))
    here = Staged(folder, name, read, guesses, now(), tables, _all_of(offered, joins), tuple(joins))
    keep(here)
    return here


def rejoin(folder: Path, joins: Sequence[Join], progress: Progress = silent) -> Staged:
    """Join the tables that are staged in another way."""
    here = staged(folder)
    return stage_sources(here.tables, folder, name=here.name, joins=joins, progress=progress)


def _related(tables: Sequence[Source]) -> tuple[Join, ...]:
    """The joins between tables; files with the same headings are parts of one table."""
    return suggest(tables) if len({table.columns for table in tables}) > 1 else ()


def _all_of(offered: Sequence[Join], chosen: Sequence[Join]) -> tuple[Join, ...]:
    """What was found and what a person said, one join for two tables."""
    said = {frozenset((join.left, join.right)) for join in chosen}
    return (*chosen, *(join for join in offered if frozenset((join.left, join.right)) not in said))


def staged(folder: Path) -> Staged:
    """What ``stage`` left in the folder.

    Raises:
        BadFile: nothing is staged there.
    """
    if not (folder / STAGED).exists():
        raise BadFile("These files are not here any more: upload them again.")
    document = json.loads((folder / STAGED).read_text("utf-8"))
    sources, tables = ([source_from(folder, item) for item in document.get(part, ())] for part in ("sources", "tables"))
    offered, joins = (tuple(map(Join.from_json, document.get(part, ()))) for part in ("offered", "joins"))
    return Staged(
        folder,
        document["name"],
        tuple(sources),
        tuple(map(Mapping.from_json, document["guesses"])),
        datetime.fromisoformat(document["today"]),
        tuple(tables),
        offered,
        joins,
        tuple(tuple(map(Personal.from_json, found)) for found in document.get("personal", ())),
    )


def keep(here: Staged) -> None:
    """Write ``staged.json``."""
    write_json(here.folder / STAGED, _to_json(here))


def _guessed(source: Source) -> Mapping:
    """The guess; orders whose dates cannot be read still show by its heading which column was meant for them."""
    guess = schema.guess(source)
    if guess.table != "transactions" or "ordered_at" in guess.columns:
        return guess
    used = {column.heading for column in guess.columns.values()}
    named = [h for h in source.columns if h not in used and likeness(h, "ordered_at") >= CALLED_SO]
    if not named:
        return guess
    column = schema.remap(source, guess.table, {"ordered_at": named[0]}).columns["ordered_at"]
    return replace(guess, columns={**guess.columns, "ordered_at": replace(column, confidence=UNSURE, why="heading")})


def _check_width(source: Source) -> None:
    if len(source.columns) > MOST_COLUMNS:
        raise BadFile(
            "{name} has {found} columns and at most {most} can be used: leave out those that do not matter.",
            name=source.name,
            found=len(source.columns),
            most=MOST_COLUMNS,
        )


def _part(progress: Progress, number: int, of: float) -> Progress:
    return lambda share, text: progress((number + share) / of, text)


def _after(progress: Progress) -> Progress:
    """What comes after reading."""
    return lambda share, text: progress(READING + (0.9 - READING) * share, text)


def _title(names: Sequence[str]) -> str:
    first = names[0].split(".")[0] or names[0]
    return first if len(names) == 1 else f"{first} +{len(names) - 1}"


def _to_json(here: Staged) -> dict[str, Any]:
    return {
        "name": here.name,
        "today": here.today.isoformat(),
        "sources": [source_json(here.folder, source) for source in here.sources],
        "guesses": [guess.to_json() for guess in here.guesses],
        "tables": [source_json(here.folder, table) for table in here.tables],
        "offered": [join.to_json() for join in here.offered],
        "joins": [join.to_json() for join in here.joins],
        "personal": [[item.to_json() for item in found] for found in here.personal],
    }


def source_json(folder: Path, source: Source) -> dict[str, Any]:
    """Paths from the dataset's folder on: it may be moved."""
    paths = {"raw": source.raw, "rejected": source.rejected}
    inside = {k: path.relative_to(folder).as_posix() if path else None for k, path in paths.items()}
    return source.to_json() | inside | {"text": source.text.to_json(folder) if source.text else None}


def source_from(folder: Path, document: Dictionary[str, Any]) -> Source:
    rejected = folder / document["rejected"] if document["rejected"] else None
    text = Text.from_json(folder, document["text"]) if document["text"] else None
    paths = {"raw": folder / document["raw"], "rejected": rejected, "text": text}
    lists = {name: tuple(document[name]) for name in ("columns", "files")}
    return Source(**(dict(document) | paths | lists))


def write_json(path: Path, document: Dictionary[str, Any]) -> None:
    """Replace a JSON file in one step."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(path)


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
