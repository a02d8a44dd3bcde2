"""Dataset: mapped, typed, fingerprinted; the only door through which rows leave the engine."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crm_ai.data import loading, spark
from crm_ai.data.amounts import with_amount
from crm_ai.data.engine import engine
from crm_ai.data.filters import Columns, Filters, where
from crm_ai.errors import MissingColumns, TooLittleData

if TYPE_CHECKING:
    from crm_ai.data import schema

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
        rolled: the orders, where they were added up once and kept; see ``roll_up``.
    """

    name: str
    fingerprint: str
    tables: Mapping[str, ir.Table]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    rolled: ir.Table | None = None

    @classmethod
    def open(cls, folder: Path, url: str = "duckdb://", orders: Path | None = None) -> "Dataset":
        """Open a dataset that intake wrote: ``manifest.json`` and a Parquet file a table.

        Args:
            folder: where it lies.
            url: of the engine.
            orders: what ``roll_up`` wrote for these data.
        """
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        connection = engine(url)
        mark = manifest["fingerprint"]
        files = manifest["tables"].items()
        tables = {name: canonical(loading.load(connection, f"{name}_{mark}", folder / file)) for name, file in files}
        reads = connection.name in loading.READS_PARQUET  # others would have to copy them
        rolled = loading.load(connection, f"orders_{mark}", orders) if orders and reads else None
        return cls(manifest["name"], mark, tables, manifest, rolled)

    @classmethod
    def from_frames(cls, name: str = "frames", url: str = "duckdb://", **frames: pd.DataFrame) -> "Dataset":
        """A dataset of frames that already have canonical names, for notebooks and tests."""
        connection, mark = engine(url), _hash(frames)
        tables = {table: loading.create(connection, f"{table}_{mark}", frame) for table, frame in frames.items()}
        return cls(name, mark, tables, {"name": name})

    @classmethod
    def in_place(cls, name: str, url: str, mappings: Mapping[str, "schema.Mapping"]) -> "Dataset":
        """A dataset that stays in its database: every analysis is pushed down, nothing is copied.

        Args:
            url: of the database, with what signs in.
            mappings: table of the database -> its mapping.

        Raises:
            BadParameter, MissingExtra: no database, table or column, or a column that cannot be read in place.
        """
        from crm_ai.data import inplace

        found = inplace.place(engine(url), url, mappings)
        maps = {table: mapping.to_json() for table, mapping in mappings.items()}
        manifest = {"name": name, "in_place": inplace.without_credentials(url), "mappings": maps, "report": {}}
        return cls(name, found.fingerprint, found.tables, manifest)

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
        if self.rolled is not None:
            return self.rolled
        lines = self.table("transactions", "ordered_at", "amount")
        keys = ["order_id"] if "order_id" in lines.columns else ["customer_id", "ordered_at"]
        if not set(keys) <= set(lines.columns):
            return _numbered(lines, ["ordered_at", "amount"])
        sums = {name: lines[name].sum() for name in ("amount", "quantity") if name in lines.columns}
        first = {n: lines[n].min() for n in ("customer_id", "ordered_at") if n in lines.columns and n not in keys}
        orders = lines.group_by(keys).aggregate(**first, **sums)
        return orders if "order_id" in orders.columns else _numbered(orders, keys)

    def can_roll_up(self) -> bool:
        """Whether there are orders, and the engine reads what it writes."""
        reads = self.has("transactions", "ordered_at", "amount")
        return reads and self.tables["transactions"].get_backend().name in loading.READS_PARQUET

    def roll_up(self, path: Path) -> None:
        """Write the orders to a Parquet file: what is asked of orders later reads a row an order, not a row a line."""
        orders = self.orders()
        with _LOCK:
            orders.get_backend().to_parquet(orders, path)

    def where(self, filters: Filters, people: Collection[str] | None = None) -> "Dataset":
        """The part of the data that the filters let through, see ``filters.where``."""
        return where(self, filters, people)

    def kept(self, table: ir.Table) -> ir.Table:
        """The table, worked out once for several looks where the engine keeps such things by itself."""
        return table.cache() if table.get_backend().name in loading.READS_PARQUET else table

    def frame(self, expression: ir.Expr, most: int = MOST_ROWS) -> pd.DataFrame:
        """Bring the rows of an expression into pandas: dates as datetime64[us], numbers as float64 or int64.

        Raises:
            TooLittleData: more than ``most`` rows would come back.
        """
        with _LOCK:
            frame = _pulled(expression.as_table().limit(most + 1))
        if len(frame) > most:
            raise TooLittleData("More than {most} rows came back: narrow the data with a filter.", most=f"{most:,}")
        return _normalised(frame)

    def few(self, table: ir.Table, most: int) -> pd.DataFrame | None:
        """The rows where they are at most ``most``, in one look; None where they are more."""
        frame = self.frame(table.limit(most + 1), most + 1)
        return frame if len(frame) <= most else None

    def value(self, expression: ir.Expr) -> Any:
        """The one value of an expression."""
        return self.frame(expression).iloc[0, 0]

    def batches(self, expression: ir.Expr, rows: int = 100_000) -> Iterator[pd.DataFrame]:
        """The rows of an expression in frames of at most ``rows`` rows, in no order; few are in memory at a time."""
        with _LOCK:
            for batch in _batches(expression.as_table(), rows):
                if len(batch):
                    yield _normalised(batch.to_pandas())


class Shaped(Protocol):
    """What knows its columns: a ``Dataset``, or the ``Shape`` of one."""

    def has(self, table: str, *columns: str) -> bool: ...


@dataclass(frozen=True)
class Shape:
    """Which columns a kept dataset has, without opening it.

    Attributes:
        columns: table -> its canonical columns.
    """

    columns: Columns

    def has(self, table: str, *columns: str) -> bool:
        """As ``Dataset.has``."""
        return table in self.columns and set(columns) <= set(self.columns[table])


@lru_cache(maxsize=512)
def shape(folder: Path) -> Shape:
    """The shape of what intake wrote into a folder, from the footers of its files; versions never change."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    return Shape({name: _footer(folder / file) for name, file in manifest["tables"].items()})


def _footer(path: Path) -> tuple[str, ...]:
    file = next(iter(sorted(path.glob("*.parquet")))) if path.is_dir() else path
    return tuple(canonical(ibis.table(ibis.Schema.from_pyarrow(pq.read_schema(file)), name="kept")).columns)


def canonical(table: ir.Table) -> ir.Table:
    """A table that cleaning wrote: without the columns it left behind, with amounts where they follow from others."""
    return with_amount(table.select(*(name for name in table.columns if not name.startswith("_"))))


def _numbered(orders: ir.Table, by: list[str]) -> ir.Table:
    """Orders with a number for an id, the same at every look."""
    return orders.mutate(order_id=ibis.row_number().over(order_by=by).cast("string"))


def _pulled(table: ir.Table) -> pd.DataFrame:
    backend = table.get_backend()
    return spark.frame(backend, table) if backend.name == "pyspark" else table.to_pandas()


def _batches(table: ir.Table, rows: int) -> Iterator[pa.RecordBatch]:
    backend = table.get_backend()
    if backend.name == "pyspark":
        return spark.batches(backend, table, rows)
    return table.to_pyarrow_batches(chunk_size=rows)


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
