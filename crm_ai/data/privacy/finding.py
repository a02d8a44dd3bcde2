"""Which columns of a source hold personal data: a bounded sample of all of them, and a full pass over the texts."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import duckdb

from crm_ai.data.files.tables import ROW, connection, count_rows, quoted
from crm_ai.data.privacy.columns import kind_of
from crm_ai.data.privacy.traces import HINT, traces
from crm_ai.data.privacy.treatments import CODE, masked
from crm_ai.data.sources import Source

SAMPLE_ROWS, SAMPLE_CELLS = 2_000, 200_000
MOST_READ, MOST_CHARACTERS = 20_000, 5_000_000
"""Texts of a column that are read through, and their length all in all; of more, as many are read from all over the
table, and the count is an estimate."""
LONGEST = 20_000
"""Characters of a text that are searched."""
_ENOUGH, _WIDE, _EXAMPLES = 50, 300, 3
_WORDY = re.compile(r"[^\W\d_]\s+[^\W\d_]|[\u4e00-\u9fff]{4}|[\u4e00-\u9fff]\d{6}|@")

Table = duckdb.DuckDBPyRelation


@dataclass(frozen=True)
class Personal:
    """A column with personal data.

    Attributes:
        heading: of the source.
        kind: of ``treatments.KINDS``; "text" when they stand inside free text.
        share: of the filled cells, 0 to 1.
        count: cells, about where there are many.
        examples: a few values, already masked: nothing here is anybody's.
        inside: kinds that were found inside a text, the commonest first.
    """

    heading: str
    kind: str
    share: float
    count: int
    examples: tuple[str, ...]
    inside: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"examples": list(self.examples), "inside": list(self.inside)}

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Personal":
        lists = {name: tuple(document.get(name, ())) for name in ("examples", "inside")}
        return Personal(**(document | lists))


def find(source: Source) -> tuple[Personal, ...]:
    """The columns with personal data, in the order of the file.

    A column that is personal as a whole is told from its heading and about 2,000 of its values; texts are searched in
    every row of ``raw``. Of a large text file that is a sample, from which the counts are reckoned up. Short codes and
    numbers count only as whole columns: a check digit is right by chance in one of ten.
    """
    rows = count_rows(source.raw)
    if not rows:
        return ()
    with connection() as con:
        table = con.read_parquet(str(source.raw))
        columns = _sampled(table, source.columns, rows)
        found = [_judged(table, heading, values, rows) for heading, values in columns.items()]
    share = source.rows / rows
    return tuple(replace(item, count=round(item.count * share)) for item in found if item)


def _judged(table: Table, heading: str, values: Sequence[str], rows: int) -> Personal | None:
    column = _text(heading)
    if len(values) < min(_ENOUGH, rows) and len(table.columns) <= _WIDE:
        values = _first(table, column)
    kind, share = kind_of(heading, values)
    if kind:
        examples = dict.fromkeys(masked(value, kind) for value in values)
        return Personal(heading, kind, share, round(share * _count(table, column)), tuple(examples)[:_EXAMPLES])
    if not any(map(_WORDY.search, values)):
        return None
    length = sum(min(len(value), LONGEST) for value in values) / len(values)
    return _inside(table, heading, most=int(min(MOST_READ, MOST_CHARACTERS / length)))


def _inside(table: Table, heading: str, most: int) -> Personal | None:
    """Personal data in the texts of a column: RE2 picks the texts that may have some, Python looks at some of those."""
    column = _text(heading)
    hits = _count(table, column, HINT)
    if not hits:
        return None
    read, marked, kinds, examples = 0, 0, Counter[str](), dict[str, None]()
    for text in _hinted(table, column, every=-(-hits // most)):
        pieces = traces(text)
        read, marked = read + 1, marked + bool(pieces)
        kinds.update({piece.kind for piece in pieces})
        if len(examples) < _EXAMPLES:
            examples |= {masked(text[piece.start : piece.end], piece.kind): None for piece in pieces[:1]}
    if not marked:
        return None
    count = round(hits * marked / read)
    inside = tuple(kind for kind, _ in kinds.most_common())
    return Personal(heading, "text", count / _count(table, column), count, tuple(examples), inside)


def _hinted(table: Table, column: duckdb.Expression, every: int) -> Iterator[str]:
    """The beginnings of texts that may have personal data, one in so many."""
    rows = table.filter(_matches(column, HINT)).filter(_spread(every)).select(_start(column).alias("start"))
    while some := rows.fetchmany(500):
        yield from (text for (text,) in some)


def _start(column: duckdb.Expression) -> duckdb.Expression:
    """As much of a text as is looked at: one may be as long as the file."""
    return duckdb.FunctionExpression("left", column, duckdb.ConstantExpression(LONGEST))


def _sampled(table: Table, headings: Sequence[str], rows: int) -> dict[str, list[str]]:
    """Heading -> values, from rows spread over the table."""
    most = max(50, min(SAMPLE_ROWS, SAMPLE_CELLS // max(len(headings), 1)))
    columns = [_start(_text(heading)).alias(f"c{number}") for number, heading in enumerate(headings)]
    cells = table.filter(_spread(-(-rows // most))).select(*columns).fetchall()
    values = zip(*cells, strict=True) if cells else [()] * len(headings)
    return {heading: _clear(column) for heading, column in zip(headings, values, strict=True)}


def _first(table: Table, column: duckdb.Expression) -> list[str]:
    """The first values of a column that is seldom filled."""
    rows = table.filter(_matches(column, r"\S")).select(_start(column).alias("text")).limit(500).fetchall()
    return _clear(text for (text,) in rows)


def _clear(values: Iterable[str | None]) -> list[str]:
    """The values as trimmed text, without empty ones and those that are codes already."""
    texts = (value.strip() for value in values if value)
    return [text for text in texts if text and not CODE.fullmatch(text)]


def _count(table: Table, column: duckdb.Expression, pattern: str = r"\S") -> int:
    rows = table.filter(_matches(column, pattern)).aggregate("count(*)").fetchone()
    return int(rows[0]) if rows else 0


def _text(heading: str) -> duckdb.Expression:
    return duckdb.SQLExpression(quoted(heading)).cast(duckdb.type("VARCHAR"))


def _matches(column: duckdb.Expression, pattern: str) -> duckdb.Expression:
    return duckdb.FunctionExpression("regexp_matches", column, duckdb.ConstantExpression(pattern))


def _spread(every: int) -> duckdb.Expression:
    """One row in so many, whatever period the table has."""
    mixed = duckdb.FunctionExpression("hash", duckdb.ColumnExpression(ROW))
    rest = duckdb.FunctionExpression("%", mixed, duckdb.ConstantExpression(every))
    return rest == duckdb.ConstantExpression(0)
