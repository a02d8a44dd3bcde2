"""What a file is, from its first bytes: the name may lie."""

import zipfile
from pathlib import Path

from crm_ai.errors import BadFile

HEAD = 8192

_MAGIC = {
    b"PAR1": "parquet",
    b"\x1f\x8b": "gz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "excel",
}
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
    b"SQLite format 3": "SQLite",
    b"{\\rtf": "RTF",
    b"\x7fELF": "ELF",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
    b"ARROW1": "Arrow",
}
_WORKBOOK_PARTS = ("xl/", "content.xml")
_WEB = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<?xml")


def kind_of(path: Path, name: str) -> str:
    """ "zip", "gz", "excel", "parquet", "json" or "text".

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
        return "excel" if _is_workbook(path) else "zip"
    return kind or ("json" if _is_json(head) else "text")


def _refuse(head: bytes, name: str) -> None:
    foreign = next((label for magic, label in _FOREIGN.items() if head.startswith(magic)), None)
    if foreign:
        raise BadFile(
            "{name} is a {kind} file. Upload CSV, Excel, Parquet or JSON lines instead.", name=name, kind=foreign
        )
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_WEB):
        raise BadFile("{name} is a web page or XML, not a table: save it as XLSX or CSV and upload that.", name=name)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(part.startswith(_WORKBOOK_PARTS) for part in archive.namelist())
    except zipfile.BadZipFile:
        with path.open("rb") as file:
            return b"[Content_Types].xml" in file.read(HEAD)  # a workbook that was cut off


def _is_json(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (text.startswith(b"{") and b'"' in text[:200]) or (text.startswith(b"[") and text[1:].lstrip()[:1] == b"{")
