"""Tables in web pages, web archives and XML spreadsheets of 2003: what many systems call an Excel file.

The tags of a table are looked for in the text: a parser of whole pages takes ten times as long, and stumbles over
pages that no browser minds.
"""

import datetime as dt
import email
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from crm_ai.data.files.encodings import encoding_of, text_blocks
from crm_ai.data.files.grids import Merged, Row, read_grid
from crm_ai.data.files.tables import RawTable
from crm_ai.errors import BadFile
from crm_ai.progress import Progress

MOST_BYTES = 100 << 20
MOST_CELLS, MOST_SPAN, MOST_GAP = 10_000_000, 1000, 1000
XML_SHEET = b"urn:schemas-microsoft-com:office:spreadsheet"
_TAG = re.compile(r"<(/?)(table|tr|td|th)\b([^>]*)>", re.IGNORECASE)
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<br\b[^>]*>|</p\s*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^>]*>")
_SPAN = r"{}\s*=\s*[\"']?(\d{{1,6}})"


@dataclass
class Grid:
    """Rows of cells, and which of them are merged."""

    rows: list[list[Any]] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    title: str | None = None
    cells: int = 0


def read_page(path: Path, folder: Path, name: str, progress: Progress) -> list[RawTable]:
    """The largest table of each page, or every sheet.

    Raises:
        BadFile: it holds no table, is too large or damaged.
    """
    progress(0.1, "Opening the workbook")
    if path.stat().st_size > MOST_BYTES:
        raise BadFile("{name} is too large for a web page: save it as XLSX or CSV.", name=name)
    grids = [grid for grid in _grids(path, name) if len(grid.rows) > 1]
    found = []
    for place, grid in enumerate(grids):
        progress(0.3 + 0.6 * place / len(grids), "Reading the records")
        width = max(map(len, grid.rows), default=0)
        rows: list[Row] = [row + [""] * (width - len(row)) for row in grid.rows]
        table = read_grid(rows, folder / f"page_{place + 1}.parquet", name, grid.title, grid.merged)
        found += [table] if table else []
    if not found:
        raise BadFile("{name} is a web page or XML, not a table: save it as XLSX or CSV and upload that.", name=name)
    return found


def _grids(path: Path, name: str) -> Iterator[Grid]:
    with path.open("rb") as file:
        head = file.read(4096)
    if XML_SHEET in head:
        yield from _sheets(path, name)
    elif b"mime-version" in head.lower():
        yield from filter(None, map(_largest, _parts(path)))
    else:
        text = "".join(text_blocks(path, encoding_of(path, name).name))
        yield from filter(None, [_largest(text)])


def _parts(path: Path) -> Iterator[str]:
    """The pages of a web archive."""
    for part in email.message_from_bytes(path.read_bytes()).walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True) or b""
            charset = part.get_content_charset("utf-8")
            try:
                yield content.decode(charset)  # type: ignore[union-attr]
            except (LookupError, UnicodeDecodeError):
                yield content.decode("gb18030", errors="replace")  # type: ignore[union-attr]


def _largest(page: str) -> Grid | None:
    return max(_tables(page), key=lambda grid: grid.cells, default=None)


def _tables(page: str) -> Iterator[Grid]:
    """The tables of a page; one inside another is a table of its own."""
    page = _UNSEEN.sub("", page)
    stack: list[_Table] = []
    before = 0
    for match in _TAG.finditer(page):
        closing, tag, attributes = match[1], match[2].lower(), match[3]
        if stack:
            stack[-1].text(page[before : match.start()])
        before = match.end()
        if tag == "table" and not closing:
            stack.append(_Table())
        elif tag == "table" and stack:
            yield stack.pop().ended()
        elif stack and not closing:
            stack[-1].row() if tag == "tr" else stack[-1].cell(attributes)
        elif stack and tag != "tr":
            stack[-1].close()
    if stack:
        stack[-1].text(page[before:])
    while stack:
        yield stack.pop().ended()


class _Table:
    """A table as its tags come."""

    def __init__(self) -> None:
        self.grid = Grid()
        self._texts: list[str] | None = None
        self._down: dict[int, int] = {}

    def row(self) -> None:
        self.close()
        self.grid.rows.append([])
        self._down = {column: left - 1 for column, left in self._down.items() if left > 1}

    def cell(self, attributes: str) -> None:
        self.close()
        if not self.grid.rows:
            self.row()
        row, top = self.grid.rows[-1], len(self.grid.rows) - 1
        while len(row) in self._down:
            row.append("")
        across, down = _span("colspan", attributes, MOST_SPAN), _span("rowspan", attributes, MOST_CELLS)
        left = len(row)
        if across > 1 or down > 1:
            self.grid.merged.append(Merged(top, left, top + down - 1, left + across - 1))
        self._down |= {left + step: down for step in range(across if down > 1 else 0)}
        row += [""] * across
        self._texts, self._place = [], left
        self.grid.cells += across

    def text(self, piece: str) -> None:
        if self._texts is not None:
            self._texts.append(piece)

    def close(self) -> None:
        if self._texts is not None:
            self.grid.rows[-1][self._place] = _plain("".join(self._texts))
            self._texts = None

    def ended(self) -> Grid:
        self.close()
        return self.grid


def _span(name: str, attributes: str, most: int) -> int:
    found = re.search(_SPAN.format(name), attributes, re.IGNORECASE)
    return max(1, min(int(found[1]), most)) if found else 1


def _plain(text: str) -> str:
    """The text of a cell without tags, on as many lines as it has breaks."""
    if "<" in text:
        text = _ANY_TAG.sub("", _BREAK.sub("\n", text))
    return "\n".join(" ".join(line.split()) for line in html.unescape(text).strip().split("\n"))


def _sheets(path: Path, name: str) -> list[Grid]:
    reader = _Sheets()
    try:
        with path.open("rb") as file:
            reader.parser.ParseFile(file)
    except (expat.ExpatError, OverflowError, ValueError) as error:
        raise BadFile("{name} is damaged or was cut off: save it again as XLSX.", name=name) from error
    return reader.grids


class _Sheets:
    """An XML spreadsheet as its elements come."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._refuse
        self._texts: list[str] = []
        self._kind = ""

    def _refuse(self, *_: object) -> None:
        raise ValueError("entities")

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag, given = name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in given.items()}
        if tag == "Worksheet":
            self.grids.append(Grid(title=given.get("Name")))
        elif tag == "Row" and self.grids:
            self._row(self.grids[-1], int(given.get("Index", 0)))
        elif tag == "Cell" and self.grids and self.grids[-1].rows:
            self._cell(self.grids[-1], given)
        elif tag == "Data":
            self._texts, self._kind = [], given.get("Type", "String")
            self.parser.CharacterDataHandler = self._texts.append

    def _row(self, grid: Grid, index: int) -> None:
        gap = index - len(grid.rows) - 1
        grid.rows += [[] for _ in range(gap if 0 < gap <= MOST_GAP else 0)]
        grid.rows.append([])

    def _cell(self, grid: Grid, given: dict[str, str]) -> None:
        row, top = grid.rows[-1], len(grid.rows) - 1
        index = min(int(given.get("Index", 0)), MOST_GAP * 16)
        row += [""] * (index - len(row) - 1)
        across, down = (min(int(given.get(key, 0)), MOST_SPAN) for key in ("MergeAcross", "MergeDown"))
        if across or down:
            grid.merged.append(Merged(top, len(row), top + down, len(row) + across))
        self._place = len(row)
        row += [""] * (across + 1)
        grid.cells += len(row)
        if grid.cells > 100 * MOST_CELLS:
            raise ValueError("too many cells")

    def _end(self, name: str) -> None:
        if name.endswith(" Data") and self.grids and self.grids[-1].rows and self.grids[-1].rows[-1]:
            self.parser.CharacterDataHandler = None
            self.grids[-1].rows[-1][self._place] = _typed("".join(self._texts), self._kind)


def _typed(text: str, kind: str) -> Any:
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return bool(int(text or 0)) if kind == "Boolean" and text in "01" else "" if kind == "Error" else text
