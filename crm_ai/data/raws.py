"""The rows of a source as an Ibis table: from its Parquet, or straight from a large text file left in place."""

import re
from collections.abc import Collection
from dataclasses import replace

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from crm_ai.data import readings
from crm_ai.data.files.tables import ROW
from crm_ai.data.fitted import table_of
from crm_ai.data.schema import Column, Mapping
from crm_ai.data.sources import Source

ISO = re.compile(r"%Y-%m-%d( %H:%M(:%S)?(\.%f)?)?")
"""Dates that DuckDB's own cast reads, many times faster than a format."""
NATIVE = {"float64": "DOUBLE", "timestamp": "TIMESTAMP"}


def raw_table(backend: BaseBackend, source: Source, mapping: Mapping | None = None) -> ir.Table:
    """``_row`` and a column a heading.

    A text left in place has no ``_row`` (NULL), and numbers and dates in the types that the mapping wants, where the
    sample of it shows nothing that would not fit; one value that does not fit stops the query with an error of DuckDB.
    """
    if source.text is None:
        return backend.read_parquet(source.raw)
    wanted = _typed(source, mapping) if mapping else {}
    columns = {heading: wanted.get(heading, "VARCHAR") for heading in source.columns}
    rows = backend.read_csv(source.text.path, **source.text.options(columns))
    return rows.select(**{ROW: ibis.null("int64")}, **{heading: rows[heading] for heading in source.columns})


def trusting(raw: ir.Table, source: Source, mapping: Mapping, names: Collection[str]) -> Mapping:
    """The mapping, with columns of a text in place taken as they stand where that saves reading every value.

    These are numbers that DuckDB reads itself, which may be infinite, and, of ``names``, the identifiers and texts of
    which the sample shows none that its reading would change. Whoever asks for it checks all values afterwards.
    """
    if source.text is None:
        return mapping
    numbers = [name for name, c in mapping.columns.items() if c.reading == "number" and _is_float(raw, c)]
    texts = {n: c for n, c in mapping.columns.items() if n in names and c.reading in ("id", "text") and not c.joined}
    plain = [*numbers, *(_plain(table_of(source), texts) if texts else ())]
    columns = {n: replace(c, reading="native") if n in plain else c for n, c in mapping.columns.items()}
    return replace(mapping, columns=columns)


def _is_float(raw: ir.Table, column: Column) -> bool:
    return not column.joined and raw[column.heading].type().is_floating()


def _plain(sample: ir.Table, columns: dict[str, Column]) -> list[str]:
    """Those of the columns whose values are what their reading gives."""
    changed = {
        n: ~sample[c.heading].identical_to(readings.read(sample[c.heading], c.reading)) for n, c in columns.items()
    }
    odd = sample.aggregate(**{name: value.any() for name, value in changed.items()}).to_pandas().iloc[0]
    return [name for name in columns if not odd[name]]


def _typed(source: Source, mapping: Mapping) -> dict[str, str]:
    """Heading -> type of the columns that the sample lets us read as numbers or times at once."""
    readings = [(c.heading, c.reading) for c in mapping.columns.values() if not c.joined]
    shared = {c.heading for c in mapping.columns.values() if c.joined}
    kinds = {heading: kind for heading, reading in readings if (kind := _kind(reading)) and heading not in shared}
    kinds = {heading: kind for heading, kind in kinds.items() if sum(h == heading for h, _ in readings) == 1}
    if not kinds:
        return {}
    misfits = table_of(source).pipe(_misfits, kinds).to_pandas().iloc[0]
    return {heading: NATIVE[kind] for heading, kind in kinds.items() if not misfits[heading]}


def _kind(reading: str) -> str:
    name, _, forms = reading.partition(":")
    if name == "date" and all(map(ISO.fullmatch, forms.split("|"))):
        return "timestamp"
    return "float64" if name == "number" else ""


def _misfits(sample: ir.Table, kinds: dict[str, str]) -> ir.Table:
    """How many values of the sample are not of the type."""
    unread = {name: sample[name].notnull() & sample[name].try_cast(kind).isnull() for name, kind in kinds.items()}
    return sample.aggregate(**{name: value.sum() for name, value in unread.items()})
