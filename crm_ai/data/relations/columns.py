"""The columns of a table that may be keys, judged by counts that one statement gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from crm_ai.data.files.tables import quoted
from crm_ai.data.headings import plain
from crm_ai.data.notes import Reference, notes
from crm_ai.data.sources import Source

MOST_COLUMNS = 120
LOOKED_AT = 100_000
"""Rows from which the properties of values are taken; different values are counted, about, over all rows."""
ABOUT_UNIQUE = 0.85
_NO_KEYS = ("TIMESTAMP", "DATE", "TIME", "BOOLEAN", "BLOB")
_STATISTICS = (
    "count({c})",
    "approx_count_distinct({c})",
    "avg(length(CAST({c} AS VARCHAR))) FILTER (_row <= $some)",
    "bool_and(try_cast({c} AS DOUBLE) IS NOT NULL) FILTER (_row <= $some AND {c} IS NOT NULL)",
    "bool_and(try_cast({c} AS DOUBLE) = floor(try_cast({c} AS DOUBLE))) FILTER (_row <= $some)",
    "max(try_cast({c} AS DOUBLE)) FILTER (_row <= $some) - min(try_cast({c} AS DOUBLE)) FILTER (_row <= $some)",
)


@dataclass(frozen=True)
class Key:
    """A column that may be a key.

    Attributes:
        heading: as in the source.
        filled: rows with a value.
        distinct: different values, about.
        length: usual length of the text.
        is_number: whether its values are numbers.
        spread: largest less smallest number.
    """

    heading: str
    filled: int
    distinct: int
    length: float
    is_number: bool
    spread: float

    @property
    def may_be_unique(self) -> bool:
        return self.filled > 0 and self.distinct >= ABOUT_UNIQUE * self.filled

    @property
    def is_telling(self) -> bool:
        """Whether meeting such values elsewhere is no chance: long enough, and not the numbers from 1 to n."""
        if self.distinct < 20:
            return False
        return self.spread > 20 * self.distinct and self.length >= 4 if self.is_number else self.length >= 3


@dataclass(frozen=True)
class Table:
    """A source with the columns of it that may be keys."""

    name: str
    source: Source
    keys: tuple[Key, ...]
    references: tuple[Reference, ...]

    @property
    def headings(self) -> frozenset[str]:
        return frozenset(map(plain, self.source.columns))


def table_of(engine: duckdb.DuckDBPyConnection, name: str, source: Source) -> Table:
    """Look at a source: one statement over its columns."""
    path = str(source.raw)
    described = engine.execute("DESCRIBE SELECT * EXCLUDE (_row) FROM read_parquet(?)", [path]).fetchall()
    columns = [heading for heading, kind, *_ in described if not kind.startswith(_NO_KEYS)][:MOST_COLUMNS]
    if not columns:
        return Table(name, source, (), notes(source.raw).references)
    wanted = [statistic.format(c=quoted(column)) for column in columns for statistic in _STATISTICS]
    query = f"SELECT {', '.join(wanted)} FROM read_parquet($path)"  # noqa: S608 - the columns are quoted
    counted = engine.execute(query, {"path": path, "some": LOOKED_AT}).fetchone() or ()
    width = len(_STATISTICS)
    keys = [_key(column, counted[n * width : (n + 1) * width]) for n, column in enumerate(columns)]
    return Table(name, source, tuple(key for key in keys if key), notes(source.raw).references)


def _key(heading: str, counted: Sequence[float | None]) -> Key | None:
    filled, distinct, length, is_number, is_whole, spread = counted
    if not filled or (is_number and not is_whole):
        return None
    return Key(heading, int(filled), int(distinct or 0), length or 0.0, bool(is_number), spread or 0.0)
