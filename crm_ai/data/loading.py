"""Bringing a table to an engine: read in place where the engine can, streamed in batches where it cannot."""

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend

READS_PARQUET = ("duckdb", "pyspark")
ROWS = 100_000
"""Rows on their way at a time."""


def load(connection: BaseBackend, name: str, path: Path) -> ir.Table:
    """A Parquet file, or a folder of them as Spark writes, as a table of that name; DuckDB and Spark read in place."""
    if connection.name == "pyspark":
        return connection.read_parquet(path, table_name=name)
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if connection.name == "duckdb":
        return connection.read_parquet(files, table_name=name)
    batches = (batch for file in files for batch in pq.ParquetFile(file).iter_batches(ROWS))
    return _copied(connection, name, pq.read_schema(files[0]), batches)


def create(connection: BaseBackend, name: str, frame: pd.DataFrame) -> ir.Table:
    """A frame as a table of that name; a column without any value becomes text."""
    empty = {n: frame[n].astype("string") for n in frame.columns if frame[n].dtype == object and frame[n].isna().all()}
    table = ibis.memtable(frame.assign(**empty))
    if connection.name == "pyspark":
        return connection.create_view(name, table, overwrite=True)  # type: ignore[attr-defined, no-any-return]
    if connection.name == "duckdb":
        return connection.create_table(name, table)
    rows = table.to_pyarrow()
    return _copied(connection, name, rows.schema, iter(rows.to_batches(ROWS)))


def _copied(connection: Any, name: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> ir.Table:
    """Equal data have one table on an engine that outlives the process; it is whole or not there."""
    if name in connection.list_tables():
        return connection.table(name)
    kinds = {
        n: ibis.dtype("string") if kind.is_null() else kind for n, kind in ibis.Schema.from_pyarrow(schema).items()
    }
    if connection.name == "postgres":
        _postgres(connection, name, ibis.schema(kinds), batches)
        return connection.table(name)
    table = connection.create_table(name, schema=ibis.schema(kinds))
    for batch in batches:
        connection.insert(name, batch.to_pandas())
    return table


def _postgres(connection: Any, name: str, schema: ibis.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    """COPY in one transaction; where another process was faster, its table is as good."""
    from psycopg import errors, sql

    kinds = [connection.compiler.type_mapper.to_string(kind) for kind in schema.types]
    table, names = sql.Identifier(name), [sql.Identifier(column) for column in schema.names]
    described = [sql.SQL("{} {}").format(column, sql.SQL(kind)) for column, kind in zip(names, kinds, strict=True)]
    create = sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(described))
    copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(table, sql.SQL(", ").join(names))
    there = (errors.DuplicateTable, errors.UniqueViolation)
    with suppress(*there), connection.con.transaction(), connection.con.cursor() as cursor:
        cursor.execute(create)
        with cursor.copy(copy) as stream:
            for batch in batches:
                stream.write(_csv(batch))


def _csv(batch: pa.RecordBatch) -> bytes:
    """Rows as PostgreSQL reads them: missing values empty, empty texts quoted, no zero bytes, which it refuses."""
    from pyarrow import csv

    buffer = BytesIO()
    csv.write_csv(batch, buffer, csv.WriteOptions(include_header=False))
    return buffer.getvalue().replace(b"\0", b"")
