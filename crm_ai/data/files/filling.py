"""Orders written once: their number, date and customer stand in the first of their lines only, and are filled down."""

from dataclasses import replace
from pathlib import Path

import duckdb

from crm_ai.data.files.grids import repeats
from crm_ai.data.files.tables import RawTable, connection, quoted
from crm_ai.data.headings import likeness

CALLED_SO = 0.75
LEAST_TOGETHER = 2
"""Columns that must be empty together, the order's number among them: one alone may just be missing."""
LEAST_FILLED = 0.9
LINES = 2


def with_orders_filled(table: RawTable, folder: Path) -> RawTable:
    """The table with what belongs to a whole order on each of its lines; sums of the order stay where they are."""
    key = _key(table)
    if key is None:
        return table
    con = connection()
    con.register("raw", con.read_parquet(str(table.path)))
    together = _together(con, table, key)
    if len(together) < LEAST_TOGETHER:
        return table
    path = folder / f"{table.path.stem}_filled.parquet"
    columns = [_filled(column) if column in together else quoted(column) for column in table.columns]
    con.sql(
        f"SELECT _row, {', '.join(columns)} FROM (SELECT *, count({_blank_as_null(key)}) OVER "  # noqa: S608
        "(ORDER BY _row ROWS UNBOUNDED PRECEDING) AS _order FROM raw) ORDER BY _row"
    ).write_parquet(str(path))
    return replace(table, path=path)


def _key(table: RawTable) -> str | None:
    """The column of the order's number, when it has gaps and does not begin with one."""
    import pyarrow.parquet as pq

    if table.kind not in ("csv", "excel"):
        return None
    named = [column for column in table.columns if likeness(column, "order_id") >= CALLED_SO]
    if not named:
        return None
    key = max(named, key=lambda column: likeness(column, "order_id"))
    with pq.ParquetFile(table.path) as file:
        first = next(file.iter_batches(1, columns=[key]))
        place = file.schema_arrow.names.index(key)
        groups = [file.metadata.row_group(n).column(place) for n in range(file.metadata.num_row_groups)]
    gaps = any(group.statistics is None or group.statistics.null_count for group in groups)
    return key if gaps and first.column(0)[0].as_py() not in (None, "") else None


def _together(con: duckdb.DuckDBPyConnection, table: RawTable, key: str) -> list[str]:
    """The columns that are empty wherever the key is, and hold for the whole order; none where those are no lines."""
    gap = f"{_blank_as_null(key)} IS NULL"
    counts = ", ".join(
        f"count({_blank_as_null(column)}) FILTER ({gap}), min(CAST({quoted(column)} AS VARCHAR))"
        for column in table.columns
    )
    row = con.execute(f"SELECT count(*) FILTER ({gap}), {counts} FROM raw").fetchone()  # noqa: S608 - quoted headings
    gaps, *rest = row or (0,)
    filled = dict(zip(table.columns, rest[::2], strict=True))
    examples = dict(zip(table.columns, rest[1::2], strict=True))
    lines = sum(count >= LEAST_FILLED * gaps for count in filled.values())
    if not gaps or lines < LINES:
        return []
    empty = [column for column in table.columns if not filled[column] and examples[column]]
    return [column for column in empty if repeats(column, _value(examples[column]))]


def _value(text: str) -> str | float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return text


def _filled(column: str) -> str:
    own = _blank_as_null(column)
    return f"coalesce({own}, max({own}) OVER (PARTITION BY _order)) AS {quoted(column)}"


def _blank_as_null(column: str) -> str:
    return f"CASE WHEN trim(CAST({quoted(column)} AS VARCHAR)) <> '' THEN {quoted(column)} END"
