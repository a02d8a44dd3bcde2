"""From a large CSV to a table that analyses can use: ours beside DuckDB, pandas and polars, a process each.

    PYTHONPATH=. .venv/bin/python benchmarks/ingest.py [million rows] [rounds]

Ours recognises the columns, cleans, counts what every rule finds, and writes Parquet; the others only read, with the
types given to them.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb

ROWS = """
    COPY (
        SELECT 'INV' || lpad((i // 4)::VARCHAR, 8, '0') AS order_id,
               'C' || lpad((hash(i // 4) % 400000)::VARCHAR, 6, '0') AS customer_id,
               TIMESTAMP '2021-01-01' + INTERVAL 1 SECOND * ((i // 4) * 12) AS order_date,
               'P' || lpad((hash(i * 7) % 5000)::VARCHAR, 5, '0') AS product_id,
               'Product name number ' || (hash(i * 7) % 5000) AS product,
               1 + hash(i * 11) % 9 AS quantity,
               round((hash(i * 7) % 5000) / 100.0 + 0.5, 2) AS unit_price,
               ['United Kingdom', 'Germany', 'France', 'Spain', 'Netherlands'][1 + (hash(i // 4) % 5)::INT] AS country
        FROM range({rows}) AS t(i)
    ) TO '{path}' (HEADER)
"""
TEXTS = ("order_id", "customer_id", "product_id", "product", "country")
NUMBERS = ("quantity", "unit_price")


def ours(path: Path, folder: Path) -> None:
    from crm_ai.data import intake

    intake.ingest([path], folder)


def plain_duckdb(path: Path, folder: Path, where: str = ":memory:") -> None:
    con = duckdb.connect(where, config={"memory_limit": "4GB", "temp_directory": str(folder)})
    kinds = "'order_id': 'VARCHAR', 'customer_id': 'VARCHAR', 'order_date': 'TIMESTAMP', 'product_id': 'VARCHAR', "
    kinds += "'product': 'VARCHAR', 'quantity': 'DOUBLE', 'unit_price': 'DOUBLE', 'country': 'VARCHAR'"
    con.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}', header=true, columns={{{kinds}}})")  # noqa: S608


def kept_duckdb(path: Path, folder: Path) -> None:
    plain_duckdb(path, folder, str(folder / "orders.duckdb"))


def with_pandas(path: Path, folder: Path) -> None:
    import pandas as pd

    kinds = dict.fromkeys(TEXTS, "str") | dict.fromkeys(NUMBERS, "float64")
    pd.read_csv(path, dtype=kinds, parse_dates=["order_date"])


def with_polars(path: Path, folder: Path) -> None:
    import polars as pl

    kinds = dict.fromkeys(TEXTS, pl.String) | dict.fromkeys(NUMBERS, pl.Float64) | {"order_date": pl.Datetime}
    pl.read_csv(path, schema_overrides=kinds)


MEMORY = "DuckDB, CREATE TABLE AS in memory"
PEERS = {
    MEMORY: plain_duckdb,
    "ours, on disk": ours,
    "DuckDB, CREATE TABLE AS on disk": kept_duckdb,
    "pandas": with_pandas,
    "polars": with_polars,
}


def measured(name: str, path: Path) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak GB of one peer; its imports are not counted in the seconds."""
    run = [sys.executable, __file__, "--one", name, str(path)]
    line = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()
    return float(line[0]), float(line[1]), float(line[2])


def one(name: str, path: Path) -> None:
    import pandas  # noqa: F401

    import crm_ai.data.intake  # noqa: F401
    from crm_ai.data.engine import engine

    engine()

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        used, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        PEERS[name](path, Path(folder))
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    print(wall, cpu, after.ru_maxrss / 1e6)


def main(millions: float, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        duckdb.execute(ROWS.format(rows=int(millions * 1e6), path=path))
        print(f"{millions:g} million rows, {path.stat().st_size / 1e9:.2f} GB, median of {rounds} rounds\n")
        found = {name: [] for name in PEERS}
        for _ in range(rounds):
            for name in PEERS:
                found[name].append(measured(name, path))
        base = median(wall for wall, _, _ in found[MEMORY])
        print("| | wall s | CPU s | peak GB | wall to DuckDB's |\n|---|--:|--:|--:|--:|")
        for name, runs in found.items():
            wall, cpu, peak = (median(column) for column in zip(*runs, strict=True))
            print(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.2f} | {wall / base:.2f} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 10, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
