"""A source without the personal data that a person chose to hide; it streams, so any number of rows fits."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb.func import PythonUDFType

from crm_ai.data.files.tables import REJECTED, ROW, connection, quoted
from crm_ai.data.privacy.finding import Personal, find
from crm_ai.data.privacy.keys import key_id
from crm_ai.data.privacy.traces import HINT, traces
from crm_ai.data.privacy.treatments import (
    HIDDEN,
    KEEP,
    MASK,
    OTHER,
    PSEUDONYMISE,
    REMOVE,
    TREATMENTS,
    masked,
    pseudonym,
)
from crm_ai.data.sources import Source, whole
from crm_ai.errors import BadParameter

_IN_TEXT = ("email", "phone", "id_card", "bank_card", "ip", "text")
"""Kinds that a record which could not be split into columns shows by their form."""
_HEX = "0-9０-９A-Fa-f:"
_NUMBERS_AND_MAILS = re.compile(
    r"(?<![^\s,;|])[^\s,;|]*[@＠][^\s,;|]*"
    rf"|(?<![{_HEX}])[{_HEX}]*[0-9０-９](?:[ ()./:-]{{0,2}}[{_HEX}]){{4,}}[Xx]?"
)
_ROWS, _BYTES = 122_880, 16 << 20
_VARCHAR, _ARROW = duckdb.type("VARCHAR"), PythonUDFType.ARROW


def treat(
    source: Source,
    choices: Mapping[str, str],
    key: bytes,
    folder: Path,
    *,
    found: Sequence[Personal] | None = None,
) -> Source:
    """Write the source anew with its personal data treated; equal choices and key give equal bytes.

    Treated columns become text. The files of ``source`` stay: the caller deletes them.

    Args:
        source: what ``read_source`` gave; a large text file is read whole.
        choices: heading -> treatment; columns that are left out are kept.
        key: of the pseudonyms, at most 64 bytes.
        folder: where the new files go.
        found: what ``find`` gave for the source, if it is at hand.

    Raises:
        BadParameter: no such column or treatment, or no column would be left.
    """
    _check(source, choices)
    done = {heading: choice for heading, choice in choices.items() if choice != KEEP}
    if not done:
        return source
    people = {item.heading: item for item in (find(source) if found is None else found)}
    kinds = {heading: people[heading].kind if heading in people else OTHER for heading in done}
    hide = _struck if _is_locatable(people, kinds) else _emptied
    folder.mkdir(parents=True, exist_ok=True)
    read = whole(source)
    treated = _treated(read, done, kinds, key, hide, folder)
    for path in (read.raw, read.rejected):
        if path not in (None, source.raw, source.rejected):
            path.unlink()
    return treated


def _treated(
    source: Source,
    done: Mapping[str, str],
    kinds: Mapping[str, str],
    key: bytes,
    hide: Callable[[str], str],
    folder: Path,
) -> Source:
    """The files of a source without what is to be hidden, in its columns and in the records that were rejected."""
    stem = f"{source.raw.stem}_{_mark(done, kinds, key)}"
    columns = tuple(heading for heading in source.columns if done.get(heading) != REMOVE)
    raw = _write(source.raw, folder / f"{stem}.parquet", (ROW, *columns), _treatments(done, kinds, key))
    rejected = source.rejected
    if rejected:
        rejected = _write(rejected, folder / f"{stem}_rejected.parquet", tuple(REJECTED), {"text": (hide, "")})
    return replace(source, raw=raw, columns=columns, rejected=rejected)


def record(choices: Mapping[str, str], found: Sequence[Personal], key: bytes) -> dict[str, Any]:
    """What was found, what was done with it and under which key, for the manifest: no value, no example, no key."""
    kept = {item.heading: KEEP for item in found} | dict(choices)
    return {
        "found": [
            {name: value for name, value in item.to_json().items() if name != "examples"}
            | {"share": round(item.share, 4)}
            for item in found
        ],
        "done": kept,
        "key": key_id(key) if PSEUDONYMISE in kept.values() else None,
    }


_Treatment = tuple[Callable[[str], str], str]
"""What becomes of a value, and the pattern that a value must have for it; "" for every value."""


def _check(source: Source, choices: Mapping[str, str]) -> None:
    for heading, choice in choices.items():
        if heading not in source.columns:
            raise BadParameter(
                "The file has no column {column}; it has {found}.", column=heading, found=list(source.columns[:30])
            )
        if choice not in TREATMENTS:
            raise BadParameter(
                "There is no treatment {treatment}; there are {found}.", treatment=choice, found=list(TREATMENTS)
            )
    if all(choices.get(heading) == REMOVE for heading in source.columns):
        raise BadParameter("Every column of {name} would be removed: keep at least one.", name=source.name)


def _mark(done: Mapping[str, str], kinds: Mapping[str, str], key: bytes) -> str:
    document = json.dumps([sorted(done.items()), sorted(kinds.items()), key_id(key)], ensure_ascii=False)
    return hashlib.sha256(document.encode()).hexdigest()[:8]


def _treatments(done: Mapping[str, str], kinds: Mapping[str, str], key: bytes) -> dict[str, _Treatment]:
    return {heading: _treatment(choice, kinds[heading], key) for heading, choice in done.items() if choice != REMOVE}


def _treatment(choice: str, kind: str, key: bytes) -> _Treatment:
    def coded(value: str, kind: str) -> str:
        return pseudonym(value, kind, key)

    one = masked if choice == MASK else coded
    if kind == "text":
        return (lambda text: _rewritten(text, one)), HINT
    return (lambda value: one(value, kind)), ""


def _rewritten(text: str, one: Callable[[str, str], str]) -> str:
    """The text with every piece of personal data in it replaced."""
    done, last = [], 0
    for trace in traces(text):
        done += [text[last : trace.start], one(text[trace.start : trace.end], trace.kind)]
        last = trace.end
    return "".join([*done, text[last:]])


def _write(path: Path, target: Path, names: Sequence[str], treatments: Mapping[str, _Treatment]) -> Path:
    """Columns of a Parquet file in another one, some of them treated."""
    draft = target.with_suffix(".draft")
    with connection(own=True) as con:
        columns = [_expression(con, number, name, treatments.get(name)) for number, name in enumerate(names)]
        rows = con.read_parquet(str(path)).project(*columns)
        rows.write_parquet(str(draft), row_group_size=_rows_a_group(path))
    return draft.replace(target)


def _rows_a_group(path: Path) -> int:
    """Rows that are written together: fewer where they are long, since they wait in memory."""
    with pq.ParquetFile(path) as file:
        about = file.metadata
        size = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
    return max(2048, min(_ROWS, _BYTES * about.num_rows // max(size, 1)))


def _expression(
    con: duckdb.DuckDBPyConnection, number: int, name: str, treatment: _Treatment | None
) -> duckdb.Expression:
    column = duckdb.SQLExpression(quoted(name))
    if treatment is None:
        return column.alias(name)
    value, function = column.cast(_VARCHAR), f"treated_{number}"
    con.create_function(function, _on_arrow(treatment[0]), [_VARCHAR], _VARCHAR, type=_ARROW)
    treated = duckdb.FunctionExpression(function, value)
    if treatment[1]:
        hinted = duckdb.FunctionExpression("regexp_matches", value, duckdb.ConstantExpression(treatment[1]))
        treated = duckdb.CaseExpression(hinted, treated).otherwise(value)
    return treated.alias(name)


def _on_arrow(one: Callable[[str], str]) -> Callable[..., Any]:
    """The function over a piece of a column; values that come again in it are worked out once."""

    def treated(column: pa.ChunkedArray) -> pa.Array:
        values = column.to_pylist()
        known = {value: one(value) for value in set(values) if value is not None}
        return pa.array([known.get(value) for value in values], pa.string())

    return treated


def _is_locatable(people: Mapping[str, Personal], kinds: Mapping[str, str]) -> bool:
    """Whether everything that is treated can be told by its form in a record that could not be split."""
    return all(kind in _IN_TEXT and (kind == "text" or people[heading].share == 1.0) for heading, kind in kinds.items())


def _emptied(_: str) -> str:
    return ""


def _struck(text: str) -> str:
    """The record without e-mail addresses, long numbers and what ``traces`` finds."""
    return _NUMBERS_AND_MAILS.sub(HIDDEN, _rewritten(text, masked))
