"""JSON, Parquet, archives, bombs, and files that are no tables."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from datetime import UTC
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.data.odd_files.cases import HEAD, LINES, Case, bad, good, table, text

PLAIN = text(table()).encode()
KEYS = ("order_id", "order_date", "customer_id", "product_name", "quantity", "unit_price")
OBJECTS = [dict(zip(KEYS, [*row[:4], int(row[4]), float(row[5])], strict=True)) for row in table()[1:]]


def zipped(**files: bytes) -> bytes:
    return zipped_files(files)


def zipped_files(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def zeros(megabytes: int, before: bytes = b"", byte: bytes = b"\0") -> bytes:
    """A deflate stream of many equal bytes."""
    return again(megabytes, before, byte * (1 << 20))


def again(times: int, before: bytes, block: bytes) -> bytes:
    """A deflate stream of one block over and over, which is packed once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + once * times + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def zip_of(name: str, deflated: bytes, size: int) -> bytes:
    """A zip of one deflated part that declares a size; its checksum is wrong."""
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x5821, 0, len(deflated), size, len(name), 0)
    local = b"PK\x03\x04" + common + name.encode() + deflated
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    return local + entry + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)


def _gz_bomb() -> bytes:
    return b"\x1f\x8b\x08\x00\0\0\0\0\0\xff" + zeros(10_240, b"a,b\n") + b"\0" * 8


def _nested(times: int) -> bytes:
    inner = zip_of("a.csv", zeros(1024), (1 << 30))
    for number in range(times):
        inner = zipped_files({f"{number}.zip": inner})
    return inner


def _quine() -> bytes:
    """An archive whose part names the archive itself again and again: a chain without an end."""
    inner = PLAIN
    for _ in range(30):
        inner = gzip.compress(inner, mtime=0)
    return inner


def _encrypted() -> bytes:
    content = bytearray(zipped(a=PLAIN))
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _lines(objects: list[Any]) -> str:
    return "\n".join(json.dumps(item, ensure_ascii=False) for item in objects)


def _parquet(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _columns(**other: Any) -> dict[str, Any]:
    plain = {head: [line[i] for line in LINES] for i, head in enumerate(HEAD)}
    return plain | {"Product": [f"p{n}" for n in plain["Product"]]} | other


NESTED = [{**item, "customer": {"id": item["customer_id"], "address": {"city": "Bonn"}}, "tags": ["a", "b"]}
          for item in OBJECTS]  # fmt: skip
JSON: list[Case] = [
    good("a JSON array", json.dumps(OBJECTS), "orders.json"),
    good("a JSON array in a .csv", json.dumps(OBJECTS)),
    good("a JSON array, indented, with a byte order mark", "\ufeff" + json.dumps(OBJECTS, indent=4), "orders.json"),
    good("a JSON array in UTF-16", json.dumps(OBJECTS).encode("utf-16"), "orders.json"),
    good(
        "a JSON array in GB18030",
        json.dumps([{**item, "备注": "送货上门"} for item in OBJECTS], ensure_ascii=False).encode("gb18030"),
        "orders.json",
    ),
    good("a JSON object around the array", json.dumps({"page": 1, "orders": OBJECTS}), "orders.json"),
    good("JSON lines", _lines(OBJECTS), "orders.jsonl"),
    good("JSON lines with a byte order mark", "\ufeff" + _lines(OBJECTS), "orders.jsonl"),
    good("JSON lines with different keys", _lines([{**item, f"k{n % 3}": n} for n, item in enumerate(OBJECTS)])),
    good("JSON lines with nested objects and lists", _lines(NESTED)),
    good("JSON lines with keys in another order", _lines([dict(reversed(item.items())) for item in OBJECTS])),
    good("JSON lines with numbers as text", _lines([{k: str(v) for k, v in item.items()} for item in OBJECTS])),
    good("JSON lines with nulls", _lines([{**item, "note": None} for item in OBJECTS])),
    good("JSON lines of which two are broken", _lines(OBJECTS) + '\n{"order_id": "SO-\n{,}\n', rejected=2),
    good("JSON lines with a comma after each", _lines(OBJECTS).replace("}\n", "},\n"), rows=None, totals={}, cells={}),
    good("a JSON array of lists", json.dumps(table()), "orders.json"),
    bad("a JSON array that was cut off", json.dumps(OBJECTS)[:-30], "", "orders.json"),
    bad("an empty JSON array", "[]", ""),
    bad("an array of empty objects", "[{}, {}]", ""),
    bad("a JSON object with a few values", '{"name": "shop", "year": 2024}', "not recognised"),
    bad("JSON a million levels deep", b'[{"a":' + b"[" * 1_000_000, "", "deep.json"),
    bad("JSON lines a million levels deep", b'{"a":' + b'{"a":' * 1_000_000 + b"\n", "", "deep.jsonl"),
]

MOMENTS = [line[1].replace(tzinfo=UTC) for line in LINES]
PARQUET: list[Case] = [
    good("Parquet", lambda: _parquet(_columns()), "orders.parquet"),
    good("Parquet called .csv", lambda: _parquet(_columns())),
    good("Parquet with decimals", lambda: _parquet(_columns(**{"Unit Price": [
        Decimal(f"{line[5]:.2f}") for line in LINES]})), "orders.parquet"),
    good("Parquet with a time zone", lambda: _parquet(_columns(**{"Order Date": pa.array(
        MOMENTS, pa.timestamp("us", "UTC"))})), "orders.parquet"),
    good("Parquet with nanoseconds", lambda: _parquet(_columns(**{"Order Date": pa.array(
        [line[1] for line in LINES], pa.timestamp("ns"))})), "orders.parquet"),
    good("Parquet with lists, objects and dictionaries", lambda: _parquet(_columns(
        tags=[["a", "b"]] * 12, place=[{"city": "Bonn", "zip": 53111}] * 12,
        kind=pa.array(["x", "y"] * 6).dictionary_encode(), raw=[b"\x00\xff"] * 12)), "orders.parquet"),
    bad("Parquet without rows", lambda: _parquet({name: pa.array([], pa.string()) for name in HEAD}), "no rows"),
    bad("Parquet without columns", lambda: _parquet({}), ""),
    bad("Parquet that was cut off", lambda: _parquet(_columns())[:-100], "damaged"),
    bad("Parquet with holes in the middle", lambda: _parquet(_columns())[:40] + b"\xff" * 200
        + _parquet(_columns())[240:], "damaged"),
    bad("Parquet of four bytes", b"PAR1", "damaged"),
]  # fmt: skip

ARCHIVES: list[Case] = [
    good("gz", gzip.compress(PLAIN), "orders.csv.gz"),
    good("gz called .csv", gzip.compress(PLAIN)),
    good("two gz one after the other", gzip.compress(PLAIN[:100]) + gzip.compress(PLAIN[100:])),
    good("zip", zipped_files({"orders.csv": PLAIN}), "orders.zip"),
    good("zip with folders and clutter of a Mac", zipped_files({
        "out/": b"", "out/2024/orders.csv": PLAIN, "__MACOSX/out/._orders.csv": b"\0\5\x16\7"}), "orders.zip"),
    good("zip with a file name in GBK", zipped_files({"\u0001rders.csv": PLAIN}).replace(
        b"\x01rders", b"\xb6\xa9\xb5\xa5rs"), "orders.zip"),
    good("zip that is not deflated", zipped_files({"o.csv": PLAIN}, zipfile.ZIP_STORED), "orders.zip"),
    good("zip in LZMA", zipped_files({"o.csv": PLAIN}, zipfile.ZIP_LZMA), "orders.zip"),
    good("gz in a zip", zipped_files({"o.csv.gz": gzip.compress(PLAIN)}), "orders.zip"),
    bad("zip of several files", zipped(a=PLAIN, b=PLAIN), "2 files"),
    bad("zip without files", zipped(), "0 files"),
    bad("zip with a password", _encrypted(), "password"),
    bad("zip that was cut off", zipped(a=PLAIN)[:-40], "damaged"),
    bad("zip with a wrong checksum", lambda: zip_of("a.csv", zeros(0, PLAIN), len(PLAIN)), "damaged"),
    bad("gz that was cut off", gzip.compress(PLAIN)[:-12], "damaged"),
    bad("gz with nonsense after it", gzip.compress(PLAIN) + b"nonsense", "damaged"),
    bad("packed thirty times", _quine, "more than once"),
    bad("zip bomb of 10 GB of zeros", lambda: zip_of("a.csv", zeros(10_240), 0xFFFFFFF0), "unfolds", alone=True),
    bad("zip bomb that declares 100 bytes", lambda: zip_of("a.csv", zeros(10_240), 100), "", alone=True),
    bad("gz bomb of 10 GB of zeros", _gz_bomb, "unfolds", alone=True),
    bad("nested zip bomb", lambda: _nested(2), "", alone=True),
    bad("zip of 60,000 files", lambda: zipped_files({f"{n}.csv": b"" for n in range(60_000)}), "60000 files",
        alone=True),
]  # fmt: skip

FOREIGN: list[Case] = [
    bad("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF", "orders.pdf"),
    bad("PNG", b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG", "orders.png"),
    bad("JPEG called .xlsx", b"\xff\xd8\xff\xe0" + bytes(200), "JPEG", "orders.xlsx"),
    bad("SQLite", b"SQLite format 3\0" + bytes(200), "damaged", "shop.db"),
    bad("RAR", b"Rar!\x1a\x07\x00" + bytes(200), "RAR", "orders.rar"),
    bad("7z", b"7z\xbc\xaf\x27\x1c" + bytes(200), "7z", "orders.7z"),
    bad("a program", b"\x7fELF\x02\x01\x01" + bytes(200), "ELF", "orders"),
    bad("a Windows program", b"MZ\x90\x00" + bytes(range(256)) * 20, "NUL", "orders.exe"),
    bad("random bytes", bytes(n * 7919 % 251 + 1 for n in range(20_000)), "not a text file"),
    bad("a million zero bytes", bytes(1_000_000), "empty"),
    bad("a Word document", zipped_files({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "Word",
        "o.docx"),
    bad("a presentation", zipped_files({"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}),
        "PowerPoint"),
    bad("an old Word document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "", "orders.doc"),
]  # fmt: skip

CASES = [*JSON, *PARQUET, *ARCHIVES, *FOREIGN]
