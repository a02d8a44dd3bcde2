"""Sheets of a workbook to raw tables: clean columns keep their type, mixed ones become text as it is shown."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crm_ai.data.files.dialects import has_headings
from crm_ai.data.files.tables import ROW, RawTable, named
from crm_ai.data.files.unpacking import bounded
from crm_ai.errors import BadFile, BadParameter
from crm_ai.progress import Progress

BATCH = 20_000
PEEK = 200
_TYPES = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    dt.date: pa.date32(),
    dt.datetime: pa.timestamp("us"),
    dt.time: pa.string(),
    dt.timedelta: pa.string(),
}

Row = list[Any]


def sheet_names(path: Path, name: str) -> list[str]:
    """The sheets of a workbook.

    Raises:
        BadFile: it is broken or protected.
    """
    return list(_opened(path, name).sheet_names)


def read_workbook(path: Path, folder: Path, name: str, sheet: str | None, progress: Progress) -> list[RawTable]:
    """Every sheet that holds a table, or the one that is asked for.

    Raises:
        BadFile: the workbook cannot be read or holds no table.
        BadParameter: it has no such sheet.
    """
    progress(0.1, "Opening the workbook")
    book = _opened(path, name)
    if sheet is not None and sheet not in book.sheet_names:
        raise BadParameter("There is no sheet {sheet}; there are {found}.", sheet=sheet, found=list(book.sheet_names))
    wanted = [sheet] if sheet is not None else list(book.sheet_names)
    found = []
    for place, title in enumerate(wanted):
        progress(0.3 + 0.6 * place / len(wanted), "Reading the records")
        table = _read_sheet(book, title, folder / f"sheet_{place + 1}.parquet", name)
        found += [table] if table else []
    if not found:
        raise BadFile("{name} holds no sheet with headings and rows.", name=name)
    return found


def _opened(path: Path, name: str) -> Any:
    import python_calamine as calamine

    bounded(path, name)
    try:
        return calamine.CalamineWorkbook.from_path(path)
    except calamine.PasswordError as error:
        raise _protected(name) from error
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, OSError) as error:
        if _is_encrypted(path):
            raise _protected(name) from error
        raise _damaged(name) from error


def _is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20) or False


def _protected(name: str) -> BadFile:
    return BadFile("{name} is protected by a password: save it without one.", name=name)


def _damaged(name: str) -> BadFile:
    return BadFile("{name} is damaged or was cut off: save it again as XLSX.", name=name)


def _read_sheet(book: Any, title: str, path: Path, name: str) -> RawTable | None:
    """The table of a sheet; None when it has none."""
    rows = _rows(book, title, name)
    peek = list(islice(rows, PEEK))
    start, header = _beginning(peek)
    body = peek[start + header :]
    if not body:
        return None
    width = max(map(len, peek))
    headings = [_shown(cell) for cell in peek[start]] if header else []
    columns = named(headings + [""] * (width - len(headings)), name)
    numbered = _numbered([*body], rows)
    written = _write(path, columns, numbered)
    return RawTable(path, columns, written, "excel", sheet=title) if written else None


def _rows(book: Any, title: str, name: str) -> Iterator[Row]:
    import python_calamine as calamine

    try:
        sheet = book.get_sheet_by_name(title)
        yield from sheet.iter_rows()
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError) as error:
        raise _damaged(name) from error


def _beginning(peek: Sequence[Row]) -> tuple[int, bool]:
    """The place of the first row of the table, below titles, and whether it holds headings."""
    widths = [sum(cell != "" for cell in row) for row in peek]
    if not any(widths):
        return 0, False
    usual = sorted(width for width in widths if width)[len([w for w in widths if w]) // 2]
    start = next(i for i, width in enumerate(widths) if width >= min(usual, max(widths)) * 0.6)
    texts = [[_shown(cell) for cell in row] for row in peek[start:]]
    return start, has_headings(texts[0], texts[1:])


def _numbered(first: list[Row], rest: Iterator[Row]) -> Iterator[tuple[int, Row]]:
    """Rows with their number below the headings; rows without any value are left out."""
    number = 0
    for row in [*first]:
        number += 1
        if any(cell != "" for cell in row):
            yield number, row
    for row in rest:
        number += 1
        if any(cell != "" for cell in row):
            yield number, row


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[tuple[int, Row]]) -> int:
    """Write the rows as Parquet; batches are kept as Arrow until the type of every column is known."""
    batches: list[list[pa.Array]] = []
    numbers: list[pa.Array] = []
    while batch := list(islice(rows, BATCH)):
        numbers.append(pa.array([number for number, _ in batch], pa.int64()))
        batches.append([_column([row[i] if i < len(row) else "" for _, row in batch]) for i in range(len(columns))])
    chunked = [_united([batch[i] for batch in batches]) for i in range(len(columns))]
    table = pa.table([pa.chunked_array(numbers, pa.int64()), *chunked], names=[ROW, *columns])
    pq.write_table(table, path)
    return table.num_rows


def _column(cells: Row) -> pa.Array:
    """Cells of one column, in their own type when all have the same, as text when they are mixed."""
    kinds = {type(cell) for cell in cells if cell != ""}
    kinds = {float} if kinds == {int, float} else {dt.datetime} if kinds == {dt.date, dt.datetime} else kinds
    if not kinds:
        return pa.nulls(len(cells))
    kind = kinds.pop() if len(kinds) == 1 else str
    if _TYPES.get(kind, pa.string()) == pa.string():
        return pa.array([_shown(cell) or None for cell in cells], pa.string())
    if kind is dt.datetime:
        cells = [dt.datetime.combine(cell, dt.time()) if type(cell) is dt.date else cell for cell in cells]
    array = pa.array([None if cell == "" else cell for cell in cells], _TYPES[kind])
    return _whole(array) if kind is float else array


def _whole(array: pa.Array) -> pa.Array:
    """Numbers without decimals as integers: a workbook knows only floats."""
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:
        return array


def _united(chunks: list[pa.Array]) -> pa.ChunkedArray:
    """The chunks of one column in one type."""
    kinds = {chunk.type for chunk in chunks} - {pa.null()}
    if not kinds:
        return pa.chunked_array([chunk.cast(pa.string()) for chunk in chunks], pa.string())
    if len(kinds) == 1:
        kind = kinds.pop()
    elif kinds == {pa.int64(), pa.float64()}:
        kind = pa.float64()
    else:
        kind = pa.timestamp("us") if kinds == {pa.date32(), pa.timestamp("us")} else pa.string()
    return pa.chunked_array([chunk.cast(kind) for chunk in chunks], kind)


def _shown(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without decimals, midnight without a time."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return re.sub("T", " ", cell.isoformat())
    return str(cell)
