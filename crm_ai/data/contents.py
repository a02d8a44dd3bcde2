"""What the columns of a file hold: counts over all rows, and properties of a bounded sample."""

import math
import re
import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from crm_ai.data.dates import Dates, dates_of, is_time_of_day
from crm_ai.data.files.tables import connection, count_rows
from crm_ai.data.missing import MISSING
from crm_ai.data.readings import CANCELLED, NARROW, NO, NUMBER, SCALES, SIGNS, UNITS, WIDE, YES
from crm_ai.data.sources import Source

SAMPLE_ROWS = 2_000
SAMPLE_CELLS = 40_000
LONGEST = 2_000
"""Characters of a value that are looked at."""
EXACT_CELLS = 20_000_000
EXACT_COLUMNS = 60
_FILLED = "SELECT count(COLUMNS(* EXCLUDE (_row))) FROM read_parquet(?)"
_EXACT = "SELECT count(DISTINCT COLUMNS(* EXCLUDE (_row))) FROM read_parquet(?)"
_ABOUT = "SELECT approx_count_distinct(COLUMNS(* EXCLUDE (_row))) FROM read_parquet(?)"
_NATIVE = {"BOOLEAN": "flag", "DATE": "time", "TIME": "clock"}
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip
_COMMA = re.compile(r"\d,(\d{1,2}|\d{4,})\D*$|\.\d{3},\d")
_POINT = re.compile(r"\d\.(\d{1,2}|\d{4,})\D*$|,\d{3}\.\d")
_TO_NARROW = str.maketrans(WIDE, NARROW)


@dataclass(frozen=True)
class Content:
    """One column.

    Attributes:
        heading: as in the source.
        native: "number", "time", "clock" or "flag" where the file itself says so, else "text".
        rows: of the table, or of the sample that was read of a large one.
        filled: rows with a value.
        distinct: different values, about.
        values: a sample of the values as text, in the order of the file.
    """

    heading: str
    native: str
    rows: int
    filled: int
    distinct: int
    values: tuple[str, ...]

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """The sampled values that are numbers."""
        found = (number_of(value, self.has_commas) for value in self.values)
        return tuple(number for number in found if number is not None)

    @cached_property
    def share_numbers(self) -> float:
        return len(self.numbers) / max(len(self.values), 1)

    @cached_property
    def has_commas(self) -> bool:
        """Whether decimals follow a comma."""
        return any(map(_COMMA.search, self.values)) and not any(map(_POINT.search, self.values))

    @cached_property
    def is_whole(self) -> bool:
        return bool(self.numbers) and all(number == int(number) for number in self.numbers)

    @cached_property
    def dates(self) -> Dates:
        if self.native == "time":
            return Dates("native", 1.0)
        return dates_of([re.sub(r"\.0$", "", value) for value in self.values])

    @cached_property
    def is_clock(self) -> bool:
        """Times of day without a date."""
        return self.native == "clock" or is_time_of_day(self.values[:500])

    @cached_property
    def share_flags(self) -> float:
        words = (*YES, *NO)
        return sum(value.strip().lower() in words for value in self.values) / max(len(self.values), 1)

    @cached_property
    def share_cancelled(self) -> float:
        found = sum(bool(re.search(CANCELLED, value.lower())) for value in self.values)
        return found / max(len(self.values), 1)

    @cached_property
    def length(self) -> float:
        """Usual length of the text; a Chinese character counts twice."""
        return statistics.fmean(map(_length, self.values[:1000])) if self.values else 0.0

    @cached_property
    def spaced(self) -> float:
        """Share of values with blanks or sentence marks inside."""
        return sum(bool(re.search(r"\S\s\S|[，。！？]", value)) for value in self.values) / max(len(self.values), 1)

    @property
    def share_filled(self) -> float:
        return self.filled / max(self.rows, 1)

    @property
    def uniqueness(self) -> float:
        """Different values per filled row: 1 for a key."""
        return min(self.distinct / max(self.filled, 1), 1.0)


def contents(source: Source) -> dict[str, Content]:
    """Heading -> what the column holds."""
    con, path = connection(), str(source.raw)
    kinds = con.execute("DESCRIBE SELECT * EXCLUDE (_row) FROM read_parquet(?)", [path]).fetchall()
    rows = count_rows(source.raw)
    few = len(source.columns) <= EXACT_COLUMNS and rows * len(source.columns) <= EXACT_CELLS
    filled, distinct = (con.execute(count, [path]).fetchone() or () for count in (_FILLED, _EXACT if few else _ABOUT))
    sample = _sample(source, rows)
    return {
        heading: Content(heading, _native(kind), rows, n, different, _texts(column))
        for (heading, kind, *_), n, different, column in zip(kinds, filled, distinct, sample, strict=True)
    }


def number_of(text: str, commas: bool = False) -> float | None:
    """A number as people write it, as ``readings.read`` reads it (but 12 % stays 12)."""
    if text[-1:].isdigit() and text[:1] in "-0123456789" and not commas:
        with suppress(ValueError):
            return _finite(float(text))
    text = text.translate(_TO_NARROW).strip().upper()
    text = text.translate(str.maketrans(".,", ",.")) if commas else text
    digits = re.sub(r"[^0-9.]", "", text)
    if not digits.strip(".") or not re.search(NUMBER, text):
        return None
    scale = SCALES.get(re.sub(rf"{SIGNS}|{UNITS}|[\s\d.(),'%+-]", "", text), 1.0)
    with suppress(ValueError):
        return _finite(scale * (-float(digits) if re.search(r"^[^\d]*[(-]|-$", text) else float(digits)))
    return None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _sample(source: Source, rows: int) -> Sequence[Sequence[str | None]]:
    """The first rows and rows spread over the whole table, column by column, as text."""
    most = max(50, min(SAMPLE_ROWS, SAMPLE_CELLS // max(len(source.columns), 1)))
    step = max(1, 2 * rows // most)
    found = (
        connection()
        .execute(
            "SELECT left(CAST(COLUMNS(* EXCLUDE (_row)) AS VARCHAR), $longest) FROM read_parquet($path) "
            "WHERE _row <= $first OR _row % $step = 0 ORDER BY _row LIMIT $most",
            {"path": str(source.raw), "longest": LONGEST, "first": most // 2, "step": step, "most": most},
        )
        .fetchall()
    )
    return list(zip(*found, strict=True)) if found else [()] * len(source.columns)


def _native(kind: str) -> str:
    if kind.startswith(_NUMBERS):
        return "number"
    return "time" if kind.startswith("TIMESTAMP") else _NATIVE.get(kind, "text")


def _texts(column: Sequence[str | None]) -> tuple[str, ...]:
    texts = (value.strip() for value in column if value)
    return tuple(text for text in texts if text.lower() not in ("", *MISSING))


def _length(text: str) -> int:
    return len(text) + len(re.findall(r"[\u4e00-\u9fff]", text))
