"""Rows of cells, as sheets and web pages have them, to a raw table: where it begins, its headings, its types."""

import datetime as dt
import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crm_ai.data.files.dialects import has_headings
from crm_ai.data.files.tables import ROW, RawTable, named
from crm_ai.data.headings import is_known, likeness

BATCH, GROUP = 10_000, 20_000
"""Rows that are taken at a time, and that a row group has: who looks for the first or last need not read all."""
PEEK = 200
MOST_HEADING_ROWS = 3
_TYPES = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    dt.date: pa.date32(),
    dt.datetime: pa.timestamp("us"),
}
_MEASURES = ("quantity", "unit_price", "discount", "amount", "value")
_KEYS = ("order_id", "customer_id", "ordered_at", "product_id")

Row = Sequence[Any]
"""Cells; "" is an empty one."""


@dataclass(frozen=True)
class Merged:
    """Cells that are shown as one; the value stands in the first of them. Counted from 0, the ends belong to it."""

    top: int
    left: int
    bottom: int
    right: int


def read_grid(
    rows: Iterable[Row], path: Path, name: str, sheet: str | None = None, merged: Sequence[Merged] = ()
) -> RawTable | None:
    """Write the table of a grid to ``path``; None when there is none in it."""
    rows = iter(rows)
    peek = list(islice(rows, PEEK))
    start, height = _beginning(peek, merged)
    body = peek[start + height :]
    if not body:
        return None
    width = max(map(len, peek))
    headings = _headings(peek[start : start + height], start, merged)
    columns = named([*headings, *[""] * (width - len(headings))], name)
    written = _write(path, columns, _filled_down(chain(body, rows), start + height, merged, columns))
    return RawTable(path, columns, written, "excel", sheet=sheet) if written else None


def _beginning(peek: Sequence[Row], merged: Sequence[Merged]) -> tuple[int, int]:
    """The place of the first row of the table, below titles, and how many rows of headings it has."""
    widths = [sum(cell != "" for cell in row) for row in peek]
    if not any(widths):
        return 0, 0
    usual = sorted(filter(None, widths))[len(list(filter(None, widths))) // 2]
    start = next(i for i, width in enumerate(widths) if width >= min(usual, max(widths)) * 0.6)
    top, bottom = _heading_rows(start, widths[start], merged)
    heads = _headings(peek[top : bottom + 1], top, merged)
    texts = [list(map(shown, row)) for row in peek[bottom + 1 :]]
    return (top, bottom - top + 1) if has_headings(heads, texts) else (start, 0)


def _heading_rows(start: int, width: int, merged: Sequence[Merged]) -> tuple[int, int]:
    """First and last row of the headings, as far as merged cells hold them together."""
    across = {cells.top for cells in merged if cells.left < cells.right and cells.top == cells.bottom}
    titles = {cells.top for cells in merged if cells.right - cells.left + 1 >= width}
    top = start - 1 if start - 1 in across - titles else start
    down = [cells.bottom for cells in merged if cells.top == top]
    bottom = max([start, *down, *([top + 1] if top in across - titles else [])])
    return top, min(bottom, top + MOST_HEADING_ROWS - 1)


def _headings(rows: Sequence[Row], start: int, merged: Sequence[Merged]) -> list[str]:
    """One heading a column: the lowest where it says enough, else those above before it."""
    whole = [list(map(shown, row)) for row in rows]
    for cells in merged if len(rows) > 1 else ():
        if start <= cells.top < start + len(rows):
            for row in whole[cells.top - start : cells.bottom - start + 1]:
                row[cells.left : cells.right + 1] = [whole[cells.top - start][cells.left]] * len(
                    row[cells.left : cells.right + 1]
                )
    stacks = [list(dict.fromkeys(filter(None, stack))) for stack in zip_longest(*whole, fillvalue="")]
    lowest = [stack[-1] if stack else "" for stack in stacks]
    alone = [is_known(heading) and lowest.count(heading) == 1 for heading in lowest]
    return [heading if one else " ".join(stack) for heading, one, stack in zip(lowest, alone, stacks, strict=True)]


def _filled_down(rows: Iterable[Row], first: int, merged: Sequence[Merged], columns: Sequence[str]) -> Iterable[Row]:
    """The rows; what is merged over several of them, such as the number of an order, stands in each."""
    due: dict[int, list[Merged]] = {}
    for cells in merged:
        if cells.bottom > cells.top >= first and cells.left == cells.right < len(columns):
            due.setdefault(cells.top, []).append(cells)
    return _with_merged(rows, first, due, columns) if due else rows


def _with_merged(
    rows: Iterable[Row], first: int, due: dict[int, list[Merged]], columns: Sequence[str]
) -> Iterator[Row]:
    running: list[tuple[Merged, Any]] = []
    for place, row in enumerate(rows, first):
        running = [(cells, value) for cells, value in running if place <= cells.bottom]
        changed = {cells.left: value for cells, value in running if row[cells.left] == ""}
        running += [(c, row[c.left]) for c in due.get(place, ()) if repeats(columns[c.left], row[c.left])]
        yield [changed.get(i, cell) for i, cell in enumerate(row)] if changed else row


def repeats(heading: str, value: Any) -> bool:
    """Whether a value that stands once for several lines holds for each of them: sums do not."""
    if any(likeness(heading, measure) >= 0.5 for measure in _MEASURES):
        return False
    return not isinstance(value, int | float) or any(likeness(heading, key) >= 0.5 for key in _KEYS)


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Row]) -> int:
    """Write the rows as Parquet; batches are kept as Arrow until the type of every column is known."""
    batches: list[list[pa.Array]] = []
    number, rows = 0, iter(rows)
    with _without_sweeps():
        while batch := list(islice(rows, BATCH)):
            arrays = [_column(cells) for cells in _columns(batch, len(columns))]
            numbers = pa.array(np.arange(number + 1, number + len(batch) + 1))
            batches.append(_without_empty_rows([numbers, *arrays]))
            number += len(batch)
    chunked = [_united([batch[i] for batch in batches]) for i in range(1, len(columns) + 1)]
    places = pa.chunked_array([batch[0] for batch in batches], pa.int64())
    table = pa.table([places, *chunked], names=[ROW, *columns])
    pq.write_table(table, path, row_group_size=GROUP)
    return table.num_rows


@contextmanager
def _without_sweeps() -> Iterator[None]:
    """No search for cycles while millions of cells come and go: it takes a third of the time, and there are none."""
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()


def _columns(batch: Sequence[Row], width: int) -> Iterator[Row]:
    """The cells column by column; short rows are filled up, what is too long is cut."""
    if set(map(len, batch)) != {width}:
        batch = [[*row[:width], *[""] * (width - len(row))] for row in batch]
    return zip(*batch, strict=True)


def _without_empty_rows(arrays: list[pa.Array]) -> list[pa.Array]:
    """The columns, the first of which numbers the rows, without the rows in which no other has a value."""
    if any(not array.null_count for array in arrays[1:]):
        return arrays
    filled = arrays[1].is_valid()
    for array in arrays[2:]:
        filled = pc.or_(filled, array.is_valid())
    return [array.filter(filled) for array in arrays]


def _column(cells: Row) -> pa.Array:
    """Cells of one column, in their own type when all have the same, as text when they are mixed."""
    with suppress(pa.ArrowTypeError):  # at the first that is no text
        return _texts(cells)
    kinds = set(map(type, cells))
    blank = str in kinds and not any(cell for cell in cells if type(cell) is str)
    kinds = kinds - {str} if blank else kinds
    kinds = {float} if kinds == {int, float} else {dt.datetime} if kinds == {dt.date, dt.datetime} else kinds
    kind = kinds.pop() if len(kinds) == 1 else str
    if kind not in _TYPES:
        return _texts(list(map(shown, cells)))
    if kind is dt.datetime:
        cells = [dt.datetime.combine(c, dt.time()) if type(c) is dt.date else c for c in cells]
    array = pa.array([None if cell == "" else cell for cell in cells] if blank else cells, _TYPES[kind])
    return _whole(array) if kind is float else array


def _texts(cells: Row) -> pa.Array:
    array = pa.array(cells, pa.string())
    empty = pc.equal(array, "")
    if not empty.true_count:
        return array
    return pa.nulls(len(array)) if empty.true_count == len(array) else pc.if_else(empty, None, array)


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
        kind = pa.string()
    elif len(kinds) == 1:
        kind = kinds.pop()
    elif kinds == {pa.int64(), pa.float64()}:
        kind = pa.float64()
    else:
        kind = pa.timestamp("us") if kinds == {pa.date32(), pa.timestamp("us")} else pa.string()
    return pa.chunked_array([_as(chunk, kind) for chunk in chunks], kind)


def _as(chunk: pa.Array, kind: pa.DataType) -> pa.Array:
    if kind == pa.string() and pa.types.is_timestamp(chunk.type):
        chunk = chunk.cast(pa.timestamp("s"), safe=False)
    return chunk.cast(kind)


def shown(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without decimals, midnight without a time."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return str(cell)
