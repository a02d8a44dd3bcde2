"""Workbooks that are small on disk and would fill the memory."""

import io
import re
import struct
import zipfile

from tests.data.odd_files.cases import Case, bad
from tests.data.odd_files.packed import again, zeros, zipped_files
from tests.data.odd_files.sheets import SHEET

_XL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = {
    "[Content_Types].xml": b"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
    "_rels/.rels": b"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
    b"<Relationship Id='r1' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument' "
    b"Target='xl/workbook.xml'/></Relationships>",
    "xl/_rels/workbook.xml.rels": b"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
    b"<Relationship Id='r1' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet' "
    b"Target='worksheets/sheet1.xml'/><Relationship Id='r2' Type='http://schemas.openxmlformats.org/officeDocument/2006/"
    b"relationships/sharedStrings' Target='sharedStrings.xml'/></Relationships>",
    "xl/workbook.xml": f"<workbook xmlns='{_XL}' xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/"
    "relationships'><sheets><sheet name='A' sheetId='1' r:id='r1'/></sheets></workbook>".encode(),
}  # fmt: skip


def bare(sheet: str, strings: str = "", head: str = "") -> bytes:
    """A workbook written by hand."""
    whole = f"{head}<worksheet xmlns='{_XL}'><sheetData>{sheet}</sheetData></worksheet>"
    shared = f"<sst xmlns='{_XL}'>{strings}</sst>"
    return zipped_files({**_PACKAGE, SHEET: whole.encode(), "xl/sharedStrings.xml": shared.encode()})


def _far(*references: str, quote: str = '"') -> bytes:
    cells = "".join(
        f"<row r={quote}{re.sub('[A-Z]', '', ref)}{quote}><c r={quote}{ref}{quote}><v>1</v></c></row>"
        for ref in references
    )
    return bare(cells)


def _shared_strings() -> bytes:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    return bare(cells, f"<si><t>{'x' * 5_000_000}</t></si>")


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1 if n else str()};' * 10}'>" for n in range(12)) + "]>"  # fmt: skip


def _huge_sheet() -> bytes:
    """A sheet of 3 GB: its cells come again and again."""
    rows = (b"<row>" + b"<c><v>1</v></c>" * 1000 + b"</row>") * 1000
    head = f"<worksheet xmlns='{_XL}'><sheetData>".encode()
    return _workbook_with(SHEET, again(200, head, rows), len(head) + 200 * len(rows))


def _workbook_of_zeros(part: str, size: int) -> bytes:
    """A workbook whose part holds gigabytes, declared as ``size``."""
    return _workbook_with(part, zeros(3000, b"<x>", b" "), size)


def _workbook_with(part: str, deflated: bytes, size: int) -> bytes:
    """A workbook with one more part, which declares a size."""
    name = part.encode()
    whole = zipped_files(_PACKAGE)
    end = whole.rfind(b"PK\x05\x06")
    entries, length, start = struct.unpack("<HII", whole[end + 10 : end + 20])
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x5821, 0, len(deflated), size, len(name), 0)
    local = b"PK\x03\x04" + common + name + deflated
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, start) + name
    directory = whole[start : start + length] + entry
    tail = struct.pack("<HHHHIIH", 0, 0, entries + 1, entries + 1, len(directory), start + len(local), 0)
    return whole[:start] + local + directory + b"PK\x05\x06" + tail


def _renamed(workbook: bytes) -> bytes:
    """The sheet under a name that no usual program gives it."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/theme/theme1.xml"] = parts.pop(SHEET)
    relations = "xl/_rels/workbook.xml.rels"
    return zipped_files(parts | {relations: parts[relations].replace(b"worksheets/sheet1.xml", b"theme/theme1.xml")})


def _xlsb() -> bytes:
    """Records of one cell in the last row and column."""
    row, cell = struct.pack("<II", 1_048_575, 0) + bytes(9), struct.pack("<II", 16_383, 0) + struct.pack("<d", 1.0)
    sheet = b"\x00" + bytes([len(row)]) + row + b"\x05" + bytes([len(cell)]) + cell
    return zipped_files({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"", "xl/worksheets/sheet1.bin": sheet})


BOMBS: list[Case] = [
    bad("one cell at XFD1048576", lambda: _far("A1", "XFD1048576"), "memory", "b.xlsx", alone=True),
    bad("one cell at XFD1048576 in single quotes", lambda: _far("A1", "XFD1048576", quote="'"), "", "b.xlsx",
        alone=True),
    bad("a cell at ZZ1000000", lambda: _far("A1", "ZZ1000000"), "memory", "b.xlsx", alone=True),
    bad("a reference beyond the last column", lambda: _far("A1", "ZZZZZZ99999999"), "", "b.xlsx", alone=True),
    bad("a far cell in a sheet of another name", lambda: _renamed(_far("A1", "XFD1048576")), "memory", "b.xlsx",
        alone=True),
    bad("a far cell in an XLSB", _xlsb, "memory", "b.xlsb", alone=True),
    bad("a shared string of 5 MB in 20,000 cells", _shared_strings, "", "b.xlsx", alone=True),
    bad("a billion laughs", lambda: bare("<row r='1'><c r='A1' t='inlineStr'><is><t>&a11;</t></is></c></row>",
        head=LAUGHS), "", "b.xlsx", alone=True),
    bad("a billion laughs in the shared strings", lambda: zipped_files({**_PACKAGE, SHEET: b"<worksheet/>",
        "xl/sharedStrings.xml": f"{LAUGHS}<sst xmlns='{_XL}'><si><t>&a11;</t></si></sst>".encode()}), "", "b.xlsx",
        alone=True),
    bad("a sheet of 200 million cells", _huge_sheet, "", "b.xlsx", alone=True),
    bad("a sheet of 3 GB of blanks", lambda: _workbook_of_zeros(SHEET, 3000 << 20), "", "b.xlsx", alone=True),
    bad("a sheet of 3 GB that declares 1,000 bytes", lambda: _workbook_of_zeros(SHEET, 1000), "", "b.xlsx", alone=True),
    bad("shared strings of 3 GB that declare 1,000 bytes", lambda: _workbook_of_zeros("xl/sharedStrings.xml", 1000), "",
        "b.xlsx", alone=True),
]  # fmt: skip


CASES = BOMBS
