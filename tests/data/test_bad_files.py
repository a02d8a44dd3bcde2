"""A file that cannot be read says why, in one sentence."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from crm_ai.data.files import sizes, unpacking
from crm_ai.data.files.tables import MOST_COLUMNS
from crm_ai.errors import BadFile
from tests.data.files_made import FRAME, read, workbook


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _encrypted() -> bytes:
    content = bytearray(_zip(a=b"a,b\n1,2\n"))
    content[6] |= 1  # of the file's own header and of the directory's
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _protected() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024) + "EncryptedPackage".encode("utf-16-le") + bytes(512)


WIDE = b",".join(b"c%d" % n for n in range(MOST_COLUMNS + 1)) + b"\n" + b"1," * MOST_COLUMNS + b"1\n"
BAD = {
    "empty": (b"", "empty"),
    "blank": (b"\xef\xbb\xbf \r\n \n", "empty"),
    "header only": (b"a,b,c\n", "no rows"),
    "binary": (bytes(range(256)) * 20, "NUL"),
    "binary without NUL": (bytes(range(1, 256)) * 20, "not a text file"),
    "NUL in the middle": (b"a,b\n1,2\n" * 200_000 + b"3,\x00\n", "NUL"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "web page": (b"\xef\xbb\xbf<html><body><table><tr><td>1</td></tr></table>", "web page"),
    "workbook cut off": (workbook({"A": FRAME})[:-900], "cut off"),
    "workbook without rows": (workbook({"A": FRAME[:0]}), "no sheet"),
    "protected workbook": (_protected(), "password"),
    "gz cut off": (gzip.compress(b"a,b\n1,2\n" * 999)[:-20], "cut off"),
    "gz of nonsense": (b"\x1f\x8b\x08\x00nonsense that is no deflate stream", "damaged"),
    "zip cut off": (_zip(a=b"a,b\n1,2\n" * 9999)[:-60], "damaged"),
    "zip of two": (_zip(a=b"a,b\n1,2\n", b=b"a,b\n1,2\n"), "2 files"),
    "zip of none": (_zip(), "0 files"),
    "encrypted zip": (_encrypted(), "password"),
    "parquet cut off": (b"PAR1" + bytes(400), "damaged"),
    "json of nothing": (b'[{"a": ]', "JSON"),
    "packed four times": (gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"a,b\n1,2\n")))), "more than once"),
    "too many columns": (WIDE, f"{MOST_COLUMNS + 1} columns"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_read_says_why(case: str, tmp_path: Path) -> None:
    content, words = BAD[case]
    with pytest.raises(BadFile, match=words):
        read(tmp_path, content, "sales.csv")
    assert not list((tmp_path / "raw").glob("*"))


def test_a_small_archive_that_unfolds_into_a_huge_file_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 10_000_000)
    monkeypatch.setattr(sizes, "MOST_UNFOLDED", 10_000_000)
    bomb = b"a,b\n" + b"0" * 30_000_000
    for content in (gzip.compress(bomb), _zip(a=bomb), _zip(**{"xl/sheet.xml": bomb, "[Content_Types].xml": b"x"})):
        with pytest.raises(BadFile, match="unfolds"):
            read(tmp_path, content, "bomb")
        assert sum(path.stat().st_size for path in (tmp_path / "raw").rglob("*") if path.is_file()) == 0
