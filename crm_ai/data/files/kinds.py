"""What a file is, from its first bytes: the name may lie."""

import zipfile
from pathlib import Path

from crm_ai.data.files.pages import XML_SHEET
from crm_ai.errors import BadFile

HEAD = 8192

_MAGIC = {
    b"PAR1": "parquet",
    b"\x1f\x8b": "gz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "excel",
    b"SQLite format 3\0": "sqlite",
}
_DUCK = slice(8, 12)  # where a DuckDB file says so: a checksum comes first
_FOREIGN = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"{\\rtf": "RTF",
    b"\x7fELF": "ELF",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
    b"ARROW1": "Arrow",
}
_WORKBOOK_PARTS = ("xl/", "content.xml")
_OFFICE = {"word/": "Word", "ppt/": "PowerPoint"}
_WEB = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<!--")


def kind_of(path: Path, name: str) -> str:
    """ "zip", "gz", "excel", "parquet", "sqlite", "duckdb", "json", "page" or "text".

    Raises:
        BadFile: the file is empty, or of a type that cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise BadFile("{name} is empty.", name=name)
    _refuse(head, name)
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")
    if kind == "zip":
        return "excel" if _is_workbook(path, name) else "zip"
    if head[_DUCK] == b"DUCK" and b"\0" in head[12:64]:
        return "duckdb"
    plain = _plain(head)
    return kind or ("page" if _is_page(plain) else "json" if _is_json(plain) else "text")


def _refuse(head: bytes, name: str) -> None:
    foreign = next((label for magic, label in _FOREIGN.items() if head.startswith(magic)), None)
    if foreign:
        raise _foreign(name, foreign)
    plain = _plain(head).lower()
    if plain.startswith(b"<?xml") and not _is_page(plain):
        raise BadFile("{name} is a web page or XML, not a table: save it as XLSX or CSV and upload that.", name=name)


def _foreign(name: str, kind: str) -> BadFile:
    return BadFile("{name} is a {kind} file. Upload CSV, Excel, Parquet or JSON lines instead.", name=name, kind=kind)


def _plain(head: bytes) -> bytes:
    """The beginning in one byte a letter, without marks and blanks."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    plain = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode() if wide else head
    return plain.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_page(plain: bytes) -> bool:
    """A web page, a web archive, or a spreadsheet in XML."""
    low = plain[:HEAD].lower()
    archive = low.startswith((b"mime-version:", b"from:", b"content-type:")) and b"multipart/related" in low
    return low.startswith(_WEB) or archive or (low.startswith(b"<") and (XML_SHEET in low or b"<html" in low))


def _is_workbook(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.namelist()
    except zipfile.BadZipFile:
        with path.open("rb") as file:
            return b"[Content_Types].xml" in file.read(HEAD)  # a workbook that was cut off
    for folder, label in _OFFICE.items():
        if any(part.startswith(folder) for part in parts) and "[Content_Types].xml" in parts:
            raise _foreign(name, label)
    return any(part.startswith(_WORKBOOK_PARTS) for part in parts)


def _is_json(text: bytes) -> bool:
    return (text.startswith(b"{") and b'"' in text[:200]) or (text.startswith(b"[") and text[1:].lstrip()[:1] in b"{[")
