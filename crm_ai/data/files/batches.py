"""Arrow batches, from whatever engine they stream, to a raw table."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crm_ai.data.files.tables import ROW, named
from crm_ai.data.notes import KEY, Notes
from crm_ai.errors import BadFile

BATCH = 50_000


@dataclass(frozen=True)
class Written:
    """Headings and rows of the raw table that was written."""

    columns: tuple[str, ...]
    rows: int


def write_batches(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path, name: str, most: int, notes: Notes | None = None
) -> Written:
    """Write batches as a raw table, one after the other: what is in memory is one batch.

    Binary columns are left out; lists, objects and the like become text.

    Raises:
        BadFile: there are more than ``most`` rows, or no column is left.
    """
    kept = readable(schema)
    headings = named([schema.names[place] for place in kept], name)
    if not kept:
        raise BadFile("{name} has no columns that could be read.", name=name)
    kinds = [pa.int64(), *(_plain(schema.types[place]) for place in kept)]
    note = {KEY: (notes or Notes()).text()}
    target = pa.schema(list(zip([ROW, *headings], kinds, strict=True)), metadata=note)
    rows = 0
    with pq.ParquetWriter(path, target) as out:
        for batch in batches:
            if rows + batch.num_rows > most:
                raise BadFile("{name} has more than {most} rows: narrow it with a query.", name=name, most=f"{most:,}")
            numbers = pa.array(range(rows + 1, rows + 1 + batch.num_rows), pa.int64())
            columns = [_cast(batch.column(place), kind) for place, kind in zip(kept, kinds[1:], strict=True)]
            out.write_batch(pa.record_batch([numbers, *columns], schema=target))
            rows += batch.num_rows
    return Written(headings, rows)


def readable(schema: pa.Schema) -> list[int]:
    """The places of the columns that are no bytes, such as pictures."""
    binary = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return [place for place, kind in enumerate(schema.types) if not any(is_bytes(kind) for is_bytes in binary)]


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type that a raw table has for a type of an engine."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    if pa.types.is_decimal(kind):
        return pa.float64()
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    known = number or pa.types.is_boolean(kind) or pa.types.is_date(kind) or pa.types.is_time(kind)
    return kind if known else pa.string()


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type.equals(kind):
        return column
    if pa.types.is_nested(column.type) or pa.types.is_duration(column.type):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], kind)
    return pc.cast(column, kind, safe=False)
