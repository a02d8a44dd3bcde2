"""From a .gz or a one-file .zip to the file inside, never larger than is sensible."""

import gzip
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import IO

from crm_ai.errors import BadFile

MOST_BYTES = 4 * 1024**3
"""What may come out of an archive or a workbook: a small file can unfold into one that fills the disk."""
MOST_FOLDED, FEW_BYTES = 200, 512 * 1024**2
"""No table folds to a two-hundredth; of a small one it does not matter."""
BLOCK = 1 << 20
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def ungzipped(path: Path, target: Path, name: str) -> Path:
    """The content of a .gz file, written to ``target``.

    Raises:
        BadFile: it is broken or too large.
    """
    try:
        with path.open("rb") as packed, gzip.open(packed) as file:
            return _copied(file, target, name, packed)
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(name) from error


def unzipped(path: Path, target: Path, name: str) -> tuple[Path, str]:
    """The only file of a .zip, written to ``target``, and its name.

    Raises:
        BadFile: it is broken, encrypted, too large, or holds no or several files.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            part = _only_file(archive, name)
            if part.file_size > MOST_BYTES or _is_bomb(part.file_size, part.compress_size):
                raise _too_large(name)
            with archive.open(part) as file:
                return _copied(file, target, name), Path(part.filename).name
    except (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, NotImplementedError, OSError) as error:
        raise _broken(name) from error


def _only_file(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    files = [part for part in archive.infolist() if not part.is_dir() and not _is_clutter(part.filename)]
    if len(files) != 1:
        raise BadFile(
            "{name} holds {found} files: upload them one by one, or several at once.", name=name, found=len(files)
        )
    if files[0].flag_bits & 1:
        raise BadFile("{name} is protected by a password: unpack it first.", name=name)
    return files[0]


def _is_clutter(part: str) -> bool:
    return part.startswith(_CLUTTER) or part.endswith(_CLUTTER)


def _is_bomb(unfolded: int, folded: int) -> bool:
    return unfolded > FEW_BYTES and unfolded > MOST_FOLDED * folded


def _copied(file: IO[bytes] | gzip.GzipFile, target: Path, name: str, packed: IO[bytes] | None = None) -> Path:
    written = 0
    with target.open("wb") as out:
        while block := file.read(BLOCK):
            written += len(block)
            if written > MOST_BYTES or (packed and _is_bomb(written, packed.tell())):
                raise _too_large(name)
            out.write(block)
    return target


def _too_large(name: str) -> BadFile:
    return BadFile("{name} unfolds to more than {most} GB: split it.", name=name, most=MOST_BYTES / 1024**3)


def _broken(name: str) -> BadFile:
    return BadFile("{name} is damaged or was cut off: make the archive again.", name=name)
