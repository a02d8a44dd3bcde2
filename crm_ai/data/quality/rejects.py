"""The rows that were taken out, each with its reason and the text of the file."""

import csv
from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from crm_ai.data.formulas import harmless
from crm_ai.data.quality.cleaning import REASON, Cleaned
from crm_ai.data.quality.typed import ROW, SOURCE

REJECTED = ("source", "row", "reason")
BATCH = 50_000


def write_rejected(connection: BaseBackend, tables: Sequence[Cleaned], path: Path) -> int:
    """Write all rejected rows to one Parquet file; gives how many.

    Columns: source (file), row (number of the record), reason (rule, or what broke the record), then every heading of
    the files as text, and ``text`` with the whole record where it could not be split into columns.
    """
    if not any(cleaned.report.rejected for cleaned in tables):
        return _write_none(path)
    pieces = [piece for cleaned in tables for piece in _pieces(connection, cleaned)]
    every = reduce(lambda one, other: one.union(other), _same_columns(pieces))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    connection.to_parquet(every.order_by(["source", "row"]), draft)
    draft.replace(path)
    return int(connection.read_parquet(path).count().execute())


def _write_none(path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = zip(REJECTED, (pa.string(), pa.int64(), pa.string()), strict=True)
    pq.write_table(pa.schema(kinds).empty_table(), path)
    return 0


def write_csv(rejected: Path, path: Path) -> None:
    """The rejected rows as CSV (UTF-8 with BOM) in which no cell starts a formula."""
    import pyarrow.parquet as pq

    with path.open("w", encoding="utf-8-sig", newline="") as file, pq.ParquetFile(rejected) as parquet:
        writer = csv.writer(file)
        writer.writerow([harmless(name, numbers=True) for name in parquet.schema_arrow.names])
        writer.writerows(_lines(parquet))


def _lines(parquet: object) -> Iterator[list[object]]:
    for batch in parquet.iter_batches(BATCH):  # type: ignore[attr-defined]
        columns = [column.to_pylist() for column in batch.columns]
        yield from ([_harmless(value) for value in row] for row in zip(*columns, strict=True))


def _harmless(value: object) -> object:
    return harmless(value, numbers=True) if isinstance(value, str) else value


def _pieces(connection: BaseBackend, cleaned: Cleaned) -> Iterator[ir.Table]:
    for number, (part, shown) in enumerate(zip(cleaned.parts, cleaned.shown, strict=True)):
        gone = cleaned.gone.filter(cleaned.gone[SOURCE] == number).select(ROW, REASON)
        gone = gone.rename(_reason=REASON, _number=ROW)
        rows = shown.join(gone, shown[ROW] == gone["_number"])
        texts = {_heading(name): rows[name].cast("string") for name in shown.columns if name != ROW}
        yield rows.select(source=ibis.literal(part.source.name), row=rows[ROW], reason=rows["_reason"], **texts)
        if part.source.rejected:
            broken = connection.read_parquet(part.source.rejected)
            yield broken.select(
                *[broken[name].cast("string").name(name) for name in ("source", "reason", "text")], row=broken.row
            )


def _heading(name: str) -> str:
    """Headings that would hide the columns of REJECTED are marked."""
    return f"{name} (file)" if name.lower() in (*REJECTED, "text") else name


def _same_columns(pieces: Sequence[ir.Table]) -> list[ir.Table]:
    """The pieces with the same columns in the same order; headings that differ in case only are one."""
    names: dict[str, str] = {name: name for name in REJECTED}
    for piece in pieces:
        for name in piece.columns:
            names.setdefault(name.lower(), name)
    return [_filled(piece, names) for piece in pieces]


def _filled(piece: ir.Table, names: dict[str, str]) -> ir.Table:
    own = {name.lower(): name for name in piece.columns}
    columns = {name: piece[own[low]] if low in own else ibis.null("string") for low, name in names.items()}
    return piece.select(**{name: value.cast("int64" if name == "row" else "string") for name, value in columns.items()})
