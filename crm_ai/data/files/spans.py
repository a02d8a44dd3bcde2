"""How many cells a sheet spans, counted from its parts: one cell at the far end makes a reader fill all before it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from xml.parsers import expat

import numpy as np

MOST_PATIENT = 150 << 20
"""Bytes of XML that are read element by element."""
_CELL = re.compile(rb"<c[\s/>]")
_TAIL, _LONGEST_TAG = 64, 4096
_MARK = int.from_bytes(b"<c", "little")
MOST_ROWS, MOST_MARKS = 1_048_576, 25_000_000
MOST_SHORT = 999_999
"""What is taken for the number of rows where all have six digits or fewer."""
_RECORDS = range(2, 12)  # of XLSB: cells with a value
_ROW_RECORD = 0
_REPEATED = ("number-rows-repeated", "number-columns-repeated")


class TooLarge(Exception):
    """More than can be counted or held; the caller says it in its own words."""


@dataclass
class Span:
    """What was seen of one sheet so far.

    Attributes:
        cells: with a reference as the usual programs write it.
        marks: all that look like cells.
        rows, columns: the last that were seen.
        texts: bytes of texts that stand in the sheet itself.
        odd: whether something is written as no usual program does, so that nothing here can be trusted.
    """

    cells: int = 0
    marks: int = 0
    rows: int = 0
    columns: int = 0
    texts: int = 0
    odd: bool = False

    @property
    def trusted(self) -> bool:
        return not self.odd and self.cells == self.marks

    @property
    def square(self) -> int:
        return self.rows * self.columns


def quick_span(blocks: Iterable[bytes], most: int) -> Span:
    """The span of a sheet of XLSX, by whole blocks; rows are only counted where ``most`` cells could be passed.

    A block in which every cell stands among the columns that were seen before is only searched for others.

    Raises:
        TooLarge: there are more cells than fit anywhere.
    """
    span, held = Span(), b""
    for block in blocks:
        whole = held + block
        cut = max(whole.rfind(b"<", 0, -_TAIL), len(whole) - _LONGEST_TAG, 0)
        if not _is_usual(span, whole, cut, most):
            _look(span, whole[:cut], most)
        held = whole[cut:]
        if span.marks > MOST_MARKS:
            raise TooLarge
    _look(span, held, most)
    return span


def _is_usual(span: Span, block: bytes, end: int, most: int) -> bool:
    """Whether every cell up to ``end`` is written as usual and stands within the span; then they are counted."""
    others = _others(span.columns) if span.rows == MOST_SHORT and span.columns * MOST_ROWS <= most else None
    if others is None or others.search(block, 0, end) or _has_prefix(block):
        return False
    cells = block.count(b'<c r="', 0, end)
    span.cells, span.marks, span.texts = span.cells + cells, span.marks + cells, span.texts + _texts(block)
    return True


@cache
def _others(columns: int) -> re.Pattern[bytes] | None:
    """Finds a cell beyond these columns or ``MOST_SHORT`` rows, or oddly written; None where there are many columns."""
    if not 0 < columns <= 26:
        return None
    last = chr(ord("A") + columns - 1).encode()
    return re.compile(rb'<c(?! r="[A-%s][1-9]\d{0,5}")(?![a-z])' % last)


def _has_prefix(block: bytes) -> bool:
    return b":" in block and b":c" in block and bool(re.search(rb"<\w+:c[\s>]", block))


def _texts(block: bytes) -> int:
    return len(block) if b"inlineStr" in block or b't="str"' in block else 0


def _look(span: Span, block: bytes, most: int) -> None:
    signs = np.frombuffer(block + bytes(16 + len(block) % 2), np.uint8)
    marks = np.concatenate([np.flatnonzero(signs[n : len(signs) - n].view(np.uint16) == _MARK) * 2 + n for n in (0, 1)])
    after = signs[marks + 2]
    cells = marks[after == ord(" ")]
    cells = cells[signs[cells + 3] == ord("r")]
    cells = cells[(signs[cells + 4] == ord("=")) & (signs[cells + 5] == ord('"'))] + 6
    span.cells += len(cells)
    span.marks += len(marks) - int(_between(after, "a", "z").sum())
    span.odd |= _has_prefix(block)
    span.texts += _texts(block)
    if len(cells):
        _widen(span, signs, cells, most)


def _widen(span: Span, signs: np.ndarray, places: np.ndarray, most: int) -> None:
    """Take in the references that begin at these places: of columns and of rows only the last matters."""
    span.columns = max(span.columns, _last(signs, places, "A", "Z", 26))
    for _ in range(len(str(span.columns)) if span.columns > 26 else 1):
        places = places + _between(signs[places], "A", "Z")
    span.odd |= not _between(signs[places], "1", "9").all()
    if span.columns * MOST_ROWS > most:
        span.rows = max(span.rows, _last(signs, places, "0", "9", 10))
        return
    long = places[_between(signs[places + 6], "0", "9")]
    long = long[_between(signs[long + 1], "0", "9") & _between(signs[long + 3], "0", "9")]
    span.rows = max(span.rows, _last(signs, long, "0", "9", 10)) if len(long) else max(span.rows, MOST_SHORT)


def _last(signs: np.ndarray, places: np.ndarray, low: str, high: str, base: int) -> int:
    """The largest of the numbers that begin at these places: one of the longest, with the largest signs."""
    length = 0
    while length < 12 and (longer := _between(signs[places + length], low, high)).any():
        places, length = places if longer.all() else places[longer], length + 1
    number = 0
    for step in range(length):
        sign = signs[places + step]
        number = number * base + int(sign.max()) - ord(low) + (base == 26)
        places = places[sign == sign.max()]
    return number


def _between(signs: np.ndarray, low: str, high: str) -> np.ndarray:
    return (signs >= ord(low)) & (signs <= ord(high))


def patient_span(blocks: Iterable[bytes], most: int) -> Span:
    """The span of the cells that have a value, of XLSX or ODS, element by element.

    Raises:
        TooLarge: there are more bytes or cells than can be counted so.
    """
    reader, seen = _Elements(most), 0
    for block in blocks:
        seen += len(block)
        if seen > MOST_PATIENT:
            raise TooLarge
        try:
            reader.parser.Parse(block, False)
        except expat.ExpatError:
            break  # what cannot be read is the reader's matter, as far as it comes
    return reader.span


class _Elements:
    """Cells and rows as an XML parser meets them."""

    def __init__(self, most: int) -> None:
        self.span, self._most = Span(), most
        self._row = self._column = 0
        self._repeats = self._across = 1
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EntityDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise TooLarge

    def _start(self, name: str, given: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind in ("c", "row"):
            self._move(kind, given.get("r", ""))
        elif kind in ("v", "is"):
            self._value(1)
        elif kind in ("table-row", "table-cell", "covered-table-cell"):
            self._move_repeated(kind, {key.rpartition(":")[2]: value for key, value in given.items()})

    def _move(self, kind: str, reference: str) -> None:
        letters, digits = re.fullmatch(r"([A-Za-z]*)(\d{0,12})", reference[:20]).groups() if reference else ("", "")  # type: ignore[union-attr]
        self._row = int(digits) if digits else self._row + (kind == "row")
        if kind == "row":
            self._column = 0
            return
        self._column = _number(letters) if letters else self._column + 1
        self.span.cells += 1

    def _move_repeated(self, kind: str, given: dict[str, str]) -> None:
        rows, columns = (int(given.get(key, "1")[:9] or 1) for key in _REPEATED)
        if kind == "table-row":
            self._row, self._column, self._repeats = self._row + self._repeats, 0, rows
            return
        self._column += columns
        if "value-type" in given:
            self._value(self._repeats)

    def _value(self, repeats: int) -> None:
        self.span.rows = max(self.span.rows, self._row + repeats - 1)
        self.span.columns = max(self.span.columns, self._column)
        if self.span.square > self._most:
            raise TooLarge


def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def binary_span(content: bytes, most: int) -> Span:
    """The span of the cells that have a value, of a sheet of XLSB: a chain of records.

    Raises:
        TooLarge: the span is beyond ``most``.
    """
    span, row = Span(), 0
    for kind, start, size in _records(content):
        if kind == _ROW_RECORD and size >= 4:
            row = int.from_bytes(content[start : start + 4], "little") + 1
        elif kind in _RECORDS and size >= 4:
            span.columns = max(span.columns, int.from_bytes(content[start : start + 4], "little") + 1)
            span.rows, span.cells = max(span.rows, row), span.cells + 1
            if span.square > most:
                raise TooLarge
    return span


def _records(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, beginning and length of each record; both numbers take as many bytes as have their high bit set."""
    place = 0
    while place < len(content):
        kind, place = _packed(content, place, 2)
        size, place = _packed(content, place, 4)
        yield kind, place, size
        place += size


def _packed(content: bytes, place: int, most: int) -> tuple[int, int]:
    number = 0
    for step in range(most):
        byte = content[place + step] if place + step < len(content) else 0
        number |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            return number, place + step + 1
    return number, place + most
