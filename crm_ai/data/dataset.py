"""Dataset: mapped, typed, fingerprinted; the only door through which rows leave the engine."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis.backends import BaseBackend

from crm_ai.data.engine import engine
from crm_ai.errors import MissingColumns, TooLittleData

MANIFEST = "manifest.json"
MOST_ROWS = 5_000_000
"""What one pull may bring into Python: analyses reduce in the engine first."""

_LOCK = RLock()  # one DuckDB connection serves several threads of the app


@dataclass(frozen=True)
class Dataset:
    """Canonical tables as Ibis expressions (the tables and columns of DESIGN.md, section 2).

    Attributes:
        name: what people call it.
        fingerprint: hash of the uploaded bytes, the mapping and the rules; equal data, equal results.
        tables: table name -> Ibis table with canonical columns; absent columns are absent.
        manifest: how it came about (files, mapping, quality report), as JSON.
    """

    name: str
    fingerprint: str
    tables: Mapping[str, ir.Table]
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, url: str = "duckdb://") -> "Dataset":
        """Open a dataset that intake wrote: ``manifest.json`` and a Parquet file a table."""
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        connection = engine(url)
        mark = manifest["fingerprint"]
        tables = {name: _load(connection, name, folder / file, mark) for name, file in manifest["tables"].items()}
        return cls(manifest["name"], mark, tables, manifest)

    @classmethod
    def from_frames(cls, name: str = "frames", url: str = "duckdb://", **frames: pd.DataFrame) -> "Dataset":
        """A dataset of frames that already have canonical names, for notebooks and tests."""
        connection, mark = engine(url), _hash(frames)
        tables = {table: _create(connection, table, mark, frame) for table, frame in frames.items()}
        return cls(name, mark, tables, {"name": name})

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is here with all these columns."""
        return table in self.tables and set(columns) <= set(self.tables[table].columns)

    def table(self, name: str, *columns: str) -> ir.Table:
        """The table, which must have these columns.

        Raises:
            MissingColumns: it is not here or lacks one.
        """
        if not self.has(name, *columns):
            here = self.tables[name].columns if name in self.tables else ()
            raise MissingColumns(
                "This needs the columns {columns} in the table {table}: map them on the data page.",
                columns=[column for column in columns if column not in here] or list(columns) or ["*"],
                table=name,
            )
        return self.tables[name]

    def orders(self) -> ir.Table:
        """One row an order: order_id, customer_id (where known), ordered_at, amount, quantity (where known).

        Lines of one order_id are one order. Without order_id, lines of one customer at one moment are; without
        customers too, every line is an order of its own.
        """
        lines = self.table("transactions", "ordered_at", "amount")
        keys = ["order_id"] if "order_id" in lines.columns else ["customer_id", "ordered_at"]
        if not set(keys) <= set(lines.columns):
            return lines.mutate(order_id=ibis.row_number().cast("string"))
        sums = {name: lines[name].sum() for name in ("amount", "quantity") if name in lines.columns}
        first = {n: lines[n].min() for n in ("customer_id", "ordered_at") if n in lines.columns and n not in keys}
        orders = lines.group_by(keys).aggregate(**first, **sums)
        return orders if "order_id" in orders.columns else orders.mutate(order_id=ibis.row_number().cast("string"))

    def frame(self, expression: ir.Expr, most: int = MOST_ROWS) -> pd.DataFrame:
        """Bring the rows of an expression into pandas: dates as datetime64[us], numbers as float64 or int64.

        Raises:
            TooLittleData: more than ``most`` rows would come back.
        """
        with _LOCK:
            frame = expression.as_table().limit(most + 1).to_pandas()
        if len(frame) > most:
            raise TooLittleData("More than {most} rows came back: narrow the data with a filter.", most=f"{most:,}")
        return _normalised(frame)

    def batches(self, expression: ir.Expr, rows: int = 100_000) -> Iterator[pd.DataFrame]:
        """The rows of an expression in frames of at most ``rows`` rows."""
        with _LOCK:
            for batch in expression.as_table().to_pyarrow_batches(chunk_size=rows):
                yield _normalised(batch.to_pandas())


def _load(connection: BaseBackend, name: str, path: Path, mark: str) -> ir.Table:
    """A Parquet file as a table: read in place by DuckDB, copied once to any other engine."""
    if connection.name == "duckdb":
        return connection.read_parquet(path, table_name=name)
    return _create(connection, name, mark, pd.read_parquet(path))


def _create(connection: BaseBackend, name: str, mark: str, frame: pd.DataFrame) -> ir.Table:
    """Equal data have one table on an engine that outlives the process."""
    unique = f"{name}_{mark}"
    if unique in connection.list_tables():
        return connection.table(unique)
    empty = {n: frame[n].astype("string") for n in frame.columns if frame[n].dtype == object and frame[n].isna().all()}
    return connection.create_table(unique, ibis.memtable(frame.assign(**empty)))


def _normalised(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{str(name): _column(frame[name]) for name in frame.columns})


def _column(values: pd.Series) -> pd.Series:
    """One column in the types every engine agrees on."""
    kind = values.dtype
    if isinstance(kind, pd.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.astype("datetime64[us]")
    if pd.api.types.is_bool_dtype(kind):
        return values if kind == np.dtype(bool) else values.astype("boolean")
    if pd.api.types.is_integer_dtype(kind):
        return values.astype("float64") if values.isna().any() else values.astype("int64")
    if pd.api.types.is_float_dtype(kind):
        return values.astype("float64")
    first = values.dropna().head(1).tolist()
    if first and type(first[0]).__name__ == "Decimal":
        return values.astype("float64")
    if first and type(first[0]).__name__ == "date":
        return pd.to_datetime(values).astype("datetime64[us]")
    return values


def _hash(frames: Mapping[str, pd.DataFrame]) -> str:
    digest = hashlib.sha256()
    for name, frame in sorted(frames.items()):
        digest.update(f"{name}{list(frame.columns)}".encode())
        digest.update(pd.util.hash_pandas_object(frame.astype(str), index=False).to_numpy().tobytes())
    return digest.hexdigest()[:32]
