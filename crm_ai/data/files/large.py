"""Large, tidy text files stay where they are: a sample of them is read at once, all rows only when they are cleaned."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_ai.data.files.dialects import BLANK, GAP, Dialect

LARGE = 64 * 1024**2
"""Bytes from which a file is left in place; reading a smaller one at once takes no time."""
BLOCK, BLOCKS = 1 << 18, 12
LONGEST = 2 * 1024**2
"""Bytes of the longest line, and of what DuckDB holds of the file at a time: at 16 MB it took 1.1 GB more memory. A
file with a longer line is read patiently."""


@dataclass(frozen=True)
class Text:
    """A delimited UTF-8 text that DuckDB can read where it lies.

    Attributes:
        path: the file.
        delimiter, quote, escape, skip, header: as in ``dialects.Dialect``.
    """

    path: Path
    delimiter: str
    quote: str
    escape: str
    skip: int
    header: bool

    def options(self, columns: dict[str, str]) -> dict[str, Any]:
        """For DuckDB's ``read_csv``: nothing is left to its guess."""
        return {
            "auto_detect": False,
            "columns": columns,
            "header": self.header,
            "skip": self.skip,
            "delim": self.delimiter,
            "quote": self.quote,
            "escape": self.escape if self.quote else "",
            "max_line_size": LONGEST,
            "buffer_size": LONGEST,
        }

    def to_json(self, folder: Path) -> dict[str, Any]:
        """Its path from the dataset's folder on, where it lies inside."""
        inside = self.path.is_relative_to(folder)
        path = self.path.relative_to(folder) if inside else self.path.absolute()
        return asdict(self) | {"path": path.as_posix()}

    @staticmethod
    def from_json(folder: Path, document: dict[str, Any]) -> "Text":
        return Text(**(document | {"path": folder / document["path"]}))


def text_of(path: Path, dialect: Dialect) -> Text | None:
    """The text as it can be read in place; None when it is of a kind that needs a patient reader."""
    if dialect.delimiter in (BLANK, GAP, "") or not dialect.is_table:
        return None
    return Text(path, dialect.delimiter, dialect.quote, dialect.escape, dialect.skip, dialect.header)


def is_tidy(path: Path) -> bool:
    """Whether a large file looks like UTF-8 with one kind of line end, from blocks spread over it."""
    if path.stat().st_size < LARGE:
        return False
    blocks = list(_blocks(path))
    ends = {_line_end(block) for block in blocks}
    return len(ends) == 1 and None not in ends and all(b"\0" not in block and _is_utf8(block) for block in blocks)


def write_sample(path: Path, target: Path) -> float:
    """Write the beginning and whole lines of blocks spread over the file; gives the share of the file that is."""
    with target.open("wb") as out:
        for number, block in enumerate(_blocks(path)):
            first = 0 if number == 0 else block.find(b"\n") + 1
            out.write(block[first : block.rfind(b"\n") + 1])
    return target.stat().st_size / path.stat().st_size


def _blocks(path: Path) -> Iterator[bytes]:
    step = (path.stat().st_size - BLOCK) // (BLOCKS - 1)
    with path.open("rb") as file:
        for number in range(BLOCKS):
            file.seek(number * step)
            yield file.read(BLOCK)


def _line_end(block: bytes) -> bytes | None:
    """LF or CRLF, whichever all its lines have."""
    lines, both, bare = block.count(b"\n"), block.count(b"\r\n"), block.count(b"\r")
    if not lines or bare - both > (block[-1:] == b"\r"):
        return None
    return b"\n" if not both else b"\r\n" if lines - both <= (block[:1] == b"\n") else None


def _is_utf8(block: bytes) -> bool:
    """Apart from characters cut at its ends."""
    inner = re.sub(rb"^[\x80-\xbf]{1,3}|[\xc0-\xf7][\x80-\xbf]{0,2}$", b"", block)
    try:
        inner.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
