"""Files in many formats, made in memory, and what came of them."""

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from crm_ai.data.sources import Source, read_source

FRAME = pd.DataFrame({"id": [1, 2, 3], "code": [71053, "85123A", None], "when": [datetime(2024, 1, 2, 3, 4),
    datetime(2024, 2, 3), datetime(2024, 3, 4)],
                      "price": [1.5, None, 3.0], "text": ["x", "中文", ""]})  # fmt: skip


def csv_bytes(
    rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",", end: str = "\n", quote_all: bool = False
) -> bytes:
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode(encoding)


def read(folder: Path, content: bytes, file: str = "file.csv", **options: Any) -> Source:
    path = folder / file
    path.write_bytes(content)
    return read_source(path, folder / "raw", **options)[0]


def rows_of(source: Source) -> list[list[Any]]:
    return [
        list(row[1:])
        for row in duckdb.execute("SELECT * FROM read_parquet(?) ORDER BY _row", [str(source.raw)]).fetchall()
    ]


def rejected(source: Source) -> list[tuple[Any, ...]]:
    return duckdb.execute(
        "SELECT row, reason, text FROM read_parquet(?) ORDER BY row", [str(source.rejected)]
    ).fetchall()


def workbook(sheets: dict[str, pd.DataFrame], start: int = 0) -> bytes:
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="xlsxwriter") as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False, startrow=start)
            if start:
                writer.sheets[name].write(0, 0, "Sales report 2024")
    return out.getvalue()
