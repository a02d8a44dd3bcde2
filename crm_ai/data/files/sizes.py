"""Whether a workbook fits in memory, counted from its parts before anything reads it as a whole."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from crm_ai.data.files.spans import Span, TooLarge, binary_span, patient_span, quick_span
from crm_ai.errors import BadFile

MOST_UNFOLDED = 1 << 30
"""Bytes of XML in all parts of a workbook."""
MOST_FOLDED, FEW_BYTES = 400, 1 << 26
"""No sheet folds to a four-hundredth; of a small one it does not matter."""
MOST_MEMORY = 1_500_000_000
A_CELL = 70
"""Bytes that a cell takes while a workbook is read, measured."""
MOST_CELLS = MOST_MEMORY // A_CELL
BLOCK = 1 << 18
_READ = re.compile(r"\.(xml|rels|bin)$", re.IGNORECASE)
_UNREAD = re.compile(r"vbaProject|printerSettings|/media/|/embeddings/|ctrlProps", re.IGNORECASE)
_STRING_CELL = re.compile(rb'<c r="[A-Z]+\d+"(?: s="\d+")?(?: t="(\w+)")?>(?:<f[^<]*</f>|<f[^>]*/>)?<v>([^<]*)</v>')


@dataclass(frozen=True)
class Strings:
    """The shared strings of a workbook: the bytes of each, with what surrounds it."""

    lengths: np.ndarray

    @property
    def longest(self) -> int:
        return int(self.lengths.max()) if len(self.lengths) else 0


def check_size(path: Path, name: str) -> None:
    """Pass a workbook that fits.

    Raises:
        BadFile: it would take more memory than there is for it, or is broken.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [part for part in archive.infolist() if _READ.search(part.filename)]
            _check_parts(path, [part for part in parts if not _UNREAD.search(part.filename)])
    except TooLarge as error:
        raise BadFile(
            "{name} unfolds to more cells or text than fit in memory: save the sheet as CSV, or split it.", name=name
        ) from error
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, NotImplementedError) as error:
        raise BadFile("{name} is damaged or was cut off: save it again as XLSX.", name=name) from error


def _check_parts(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    if sum(part.file_size for part in parts) > MOST_UNFOLDED:
        raise TooLarge
    strings = Strings(np.zeros(0, np.int64))
    for part in parts:
        if part.filename.lower().endswith("sharedstrings.xml"):
            strings = _strings(_inflated(path, part, MOST_UNFOLDED))
    for part in parts:  # whatever their names say: any of them may be a sheet
        _check_sheet(path, part, strings, MOST_UNFOLDED - int(strings.lengths.sum()))


def _check_sheet(path: Path, part: zipfile.ZipInfo, strings: Strings, budget: int) -> None:
    if part.filename.endswith(".bin"):
        span = binary_span(b"".join(_inflated(path, part, 60 << 20)), MOST_CELLS)
    elif part.filename == "content.xml":
        span = patient_span(_inflated(path, part, budget), MOST_CELLS)
    else:
        span = _xml_span(path, part, budget)
    _check_memory(path, part, span, strings)


def _xml_span(path: Path, part: zipfile.ZipInfo, budget: int) -> Span:
    """The span of a sheet of XLSX: at a glance, then row by row, then, where it is oddly written, cell by cell."""
    for most in (MOST_CELLS, 0):
        span = quick_span(_inflated(path, part, budget), most)
        if span.trusted and span.square * A_CELL + span.texts <= MOST_MEMORY:
            return span
    return replace(patient_span(_inflated(path, part, budget), MOST_CELLS), texts=span.texts)


def _check_memory(path: Path, part: zipfile.ZipInfo, span: Span, strings: Strings) -> None:
    own = span.square * A_CELL + span.texts + int(strings.lengths.sum())
    if own + span.cells * strings.longest <= MOST_MEMORY:
        return
    if own + _repeated_text(_inflated(path, part, MOST_UNFOLDED), span.cells, strings) > MOST_MEMORY:
        raise TooLarge


def _repeated_text(blocks: Iterator[bytes], cells: int, strings: Strings) -> int:
    """Bytes of the shared strings of all cells; what is not understood counts as the longest."""
    total = understood = 0
    held = b""
    for block in blocks:
        held, _, rest = (held + block).rpartition(b"<row")
        found = _STRING_CELL.findall(held)
        understood += len(found)
        places = np.array([int(value) for kind, value in found if kind == b"s"], np.int64)
        total += int(strings.lengths[places[places < len(strings.lengths)]].sum())
        held = b"<row" + rest
    return total + (cells - understood) * strings.longest


def _strings(blocks: Iterator[bytes]) -> Strings:
    ends, seen, held = [0], 0, b""
    for block in blocks:
        whole = held + block
        ends += [seen - len(held) + match.end() for match in re.finditer(rb"</(?:\w+:)?si>", whole)]
        seen, held = seen + len(block), whole[-16:] if b"si>" not in whole[-16:] else b""
    return Strings(np.diff(np.array([*ends, seen], np.int64)))


def _inflated(path: Path, part: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """The content of a part in blocks: all that is really there, whatever size the archive declares.

    Raises:
        TooLarge: there is more than ``most``.
    """
    seen = 0
    with path.open("rb") as file:
        file.seek(part.header_offset)
        names, extra = struct.unpack("<HH", file.read(30)[26:30])
        start = file.seek(names + extra, 1)
        for block in _blocks(file, part):
            seen += len(block)
            if seen > most or (seen > FEW_BYTES and seen > MOST_FOLDED * (file.tell() - start)):
                raise TooLarge
            yield block


def _blocks(file, part: zipfile.ZipInfo) -> Iterator[bytes]:  # type: ignore[no-untyped-def]  # any binary file
    left = part.compress_size
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("packed in another way")
    inflate = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while left and (packed := file.read(min(left, BLOCK // 4))):
        left -= len(packed)
        while packed:
            yield inflate.decompress(packed, BLOCK) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
