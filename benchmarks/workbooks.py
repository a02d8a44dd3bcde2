"""An XLSX workbook of half a million rows to a raw table, beside openpyxl in its read-only mode.

Run with ``PYTHONPATH=. python benchmarks/workbooks.py [ROWS] [ROUNDS]``. Each reading has a process of its own, ours
and theirs in turn; CPU and memory are those of the whole process, its imports among them. Ours reads, checks and types
every cell and writes Parquet; theirs only looks at each cell.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

HEADINGS = ["Order ID", "Order Date", "Customer ID", "Product", "Category", "Quantity", "Unit Price", "Comment"]
START = datetime(2023, 1, 1)


def write(path: Path, rows: int) -> None:
    """Orders of eight columns: text, dates, whole numbers, money, and a column that is mostly empty."""
    import xlsxwriter

    chance = random.Random(1)
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, HEADINGS)
    for row in range(1, rows + 1):
        sheet.write_string(row, 0, f"SO{row // 3:07d}")
        sheet.write_datetime(row, 1, START + timedelta(minutes=row))
        sheet.write_number(row, 2, chance.randrange(40_000))
        sheet.write_string(row, 3, f"Product {chance.randrange(2_000)}")
        sheet.write_string(row, 4, chance.choice(["Food", "Toys", "Books"]))
        sheet.write_number(row, 5, chance.randrange(1, 9))
        sheet.write_number(row, 6, chance.randrange(100, 9_999) / 100)
        if row % 7 == 0:
            sheet.write_string(row, 7, "gift wrap please")
    book.close()


def ours(path: Path) -> int:
    from crm_ai.data.sources import read_source

    with TemporaryDirectory(dir=path.parent) as folder:
        return read_source(path, Path(folder))[0].rows


def openpyxl(path: Path) -> int:
    from openpyxl import load_workbook

    sheet = load_workbook(path, read_only=True)["Orders"]
    return sum(1 for _ in sheet.iter_rows(values_only=True)) - 1


READERS = {"ours": ours, "openpyxl": openpyxl}


def measured(reader: str, path: Path) -> dict[str, float]:
    """One reading in a process of its own: rows, CPU and wall seconds, megabytes at most."""
    command = [sys.executable, __file__, "--read", reader, str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def read(reader: str, path: Path) -> None:
    start = time.perf_counter()
    rows = READERS[reader](path)
    wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"rows": rows, "cpu": used.ru_utime + used.ru_stime, "wall": wall, "mb": used.ru_maxrss / 1024}))


def main(rows: int, rounds: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.xlsx"
        write(path, rows)
        found: dict[str, list[dict[str, float]]] = {reader: [] for reader in READERS}
        for _ in range(rounds):
            for reader in READERS:
                found[reader].append(measured(reader, path))
        size = path.stat().st_size / 1e6
    middle = {r: {k: statistics.median(f[k] for f in runs) for k in runs[0]} for r, runs in found.items()}
    print(f"{rows:,} rows x {len(HEADINGS)} columns, {size:.0f} MB, median of {rounds} rounds\n")
    print("| reader | rows | CPU s | wall s | peak MB | CPU, times ours |\n|---|---|---|---|---|---|")
    for reader, one in middle.items():
        ratio = one["cpu"] / middle["ours"]["cpu"]
        print(
            f"| {reader} | {one['rows']:,.0f} | {one['cpu']:.2f} | {one['wall']:.2f} | {one['mb']:.0f} | {ratio:.1f} |"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(sys.argv[2], Path(sys.argv[3]))
    else:
        given = list(map(int, sys.argv[1:]))
        main(*given, *(500_000, 3)[len(given) :])
