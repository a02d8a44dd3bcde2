"""How a delimited text is written - delimiter, quotes, where the headings are - found from a sample of it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm_ai.data.headings import is_known

DELIMITERS = (",", ";", "\t", "|", "^", "~")
BLANK = " "
GAP = "  "
"""Fields in columns of a fixed width: two blanks or more part them, one may stand inside a value."""
_QUOTING = (('"', '"'), ('"', "\\"), ("'", "'"), ("", ""))
_ESCAPED = re.compile(r"""\\"[^,;|^~"'\s]""")
"""A quote after a backslash inside a field; one at its end may close the field."""
LEAST_OF_BLANKS = 0.9
MOST_PREAMBLE = 40
"""Lines that may stand above the headings, as bank and payment exports have them."""

Record = list[str]

_NUMBER = re.compile(r"[-+(]?[^\w\s]{0,2}\s?\d[\d,. ']*\s?[%)]?[^\w\s]?")
_DATE = re.compile(r"\d{1,4}\s?[-/.年]\s?(\d{1,2}|[A-Za-z]{3,9})([-/.月]\s?\d{1,4}日?)?([ T].*)?|\d{1,2}:\d\d.*")


@dataclass(frozen=True)
class Dialect:
    """How a delimited text is written.

    Attributes:
        delimiter: between fields; a blank stands for any run of blanks, two of them for runs of two and more; "" when
            there is one column.
        quote: around fields, or "" where quotes mean nothing.
        escape: before a quote inside a field.
        skip: lines above the headings or, without headings, above the first record.
        header: whether the first record holds the headings.
        headings: as they stand there; empty ones when there are none.
        evenness: near 1 when all records have the same number of fields.
    """

    delimiter: str
    quote: str
    escape: str
    skip: int
    header: bool
    headings: tuple[str, ...]
    evenness: float = 1.0

    @property
    def is_table(self) -> bool:
        """Headings above records of one length: certainly no list of baskets."""
        return self.header and self.evenness > 0.95 and bool(self.delimiter)


def sniff(sample: str, delimiter: str | None = None) -> Dialect:
    """The dialect in which most records of the sample have the same number of fields.

    Args:
        sample: the beginning of the text, whole lines.
        delimiter: instead of the one found.
    """
    marks = [delimiter] if delimiter else [*DELIMITERS, BLANK, GAP]
    styles = _styles(sample)
    scored = [(_score(sample, mark, *style), mark, *style) for mark in marks for style in styles]
    score, mark, quote, escape = max(scored, key=lambda item: item[0])
    if not delimiter and score < _least(sample, mark, quote, escape):
        mark, quote = "", '"' if _quotes_whole_lines(sample) else ""
    return replace(_with_headings(sample, mark, quote, escape), evenness=score)


def _score(sample: str, mark: str, quote: str, escape: str) -> float:
    """The evenness; blanks stand in any text, so they must part nearly all of it evenly to count at all."""
    score = _evenness(_split(sample, mark, quote, escape)) - 0.05 * (" " in mark)
    return score if " " not in mark or score >= LEAST_OF_BLANKS else 0.0


def blank_fields(line: str, delimiter: str) -> Record:
    """The fields of a line parted by blanks, without those around them."""
    return re.split(r" {2,}|\t", line.strip()) if delimiter == GAP else line.split()


def _styles(sample: str) -> list[tuple[str, str]]:
    """The ways of quoting to try: rare ones only where the sample looks like them, and then first."""
    lines = sample.splitlines()[:1000]
    enclosed = sum(line[:1] == line[-1:] == "'" for line in lines)
    rare = {"\\": bool(_ESCAPED.search(sample)), "'": enclosed > 0.5 * len(lines)}
    tried = [style for style in _QUOTING if rare.get(style[1], True)]
    return sorted(tried, key=lambda style: style[1] not in rare or (style[1] == "\\" and '""' in sample))


def records(sample: str, delimiter: str, quote: str = '"', escape: str = '"') -> list[Record]:
    """The records of a text, without empty lines."""
    return [record for record, _ in _split(sample, delimiter, quote, escape)]


def has_headings(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns: it differs from what stands below it."""
    if sum(map(is_known, first)) * 2 > len(first):
        return True
    if not rest or _are_years(first):
        return not any(map(is_value, first)) or _are_years(first)
    votes = sum(_vote(first[i], [record[i] for record in rest if i < len(record)]) for i in range(len(first)))
    filled = [cell for cell in first if cell.strip()]
    distinct = len(set(filled)) == len(filled) and not any(map(is_value, filled))
    return votes > 0 or (votes == 0 and distinct and all(len(cell) <= 60 for cell in filled))


def is_value(cell: str) -> bool:
    """A number or a date rather than a name."""
    text = cell.strip()
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def _vote(head: str, body: Sequence[str]) -> int:
    """1 when the first cell of a column looks like its name, -1 when it looks like its values."""
    filled = [cell for cell in body if cell.strip()][:200]
    if not filled or not head.strip():
        return 0
    if sum(map(is_value, filled)) >= 0.8 * len(filled):
        return -1 if is_value(head) else 1
    if is_value(head) or head in filled:
        return -1
    return 2 if is_known(head) else 0


def _are_years(first: Sequence[str]) -> bool:
    """Years or dates as headings: in order, and at least three."""
    years = [cell for cell in first if re.fullmatch(r"(19|20)\d\d([-/]\d\d?)*", cell.strip())]
    return len(years) >= 3 and len(years) >= len(first) - 3 and years in (sorted(set(years)), sorted(set(years))[::-1])


def _evenness(split: list[tuple[Record, int]]) -> float:
    """Share of records with the usual number of fields, less when the first record has another number."""
    counts = [len(record) for record, _ in split]
    usual, _ = Counter(counts).most_common(1)[0] if counts else (0, 0)
    if usual < 2:
        return 0.0
    above = _preamble(split, usual)
    first_fits = counts[above] in (usual, usual - 1)
    fitness = (1.0 if first_fits else 0.8) * (0.95 if above else 1.0)
    return counts[above:].count(usual) / len(counts[above:]) * fitness + min(usual, 50) / 10_000


def _split(sample: str, delimiter: str, quote: str, escape: str) -> list[tuple[Record, int]]:
    """Records with the number of the line they end on."""
    if delimiter in (BLANK, GAP):
        lines = [(blank_fields(line, delimiter), n) for n, line in enumerate(sample.splitlines(), 1) if line.strip()]
        return [(record, number) for record, number in lines if record]
    reader = csv.reader(io.StringIO(sample, newline=""), **csv_format(delimiter, quote, escape))
    found = []
    try:
        found = [(record, reader.line_num) for record in reader if any(record) or len(record) > 1]
    except csv.Error:
        return []
    return found


def csv_format(delimiter: str, quote: str, escape: str) -> dict:
    """The dialect as the csv module wants it."""
    if not quote:
        return {"delimiter": delimiter or "\x1f", "quoting": csv.QUOTE_NONE}
    doubled = escape == quote
    return {
        "delimiter": delimiter or "\x1f",
        "quotechar": quote,
        "doublequote": doubled,
        "escapechar": None if doubled else escape,
    }


def _least(sample: str, mark: str, quote: str, escape: str) -> float:
    """The evenness below which a text has one column: little where known or short headings are parted evenly."""
    if mark in (BLANK, GAP):
        return LEAST_OF_BLANKS
    first, *rest = records(sample, mark, quote, escape) or [[""]]
    usual = Counter(map(len, rest)).most_common(1)[0][0] if rest else len(first)
    headed = len(first) == usual and all(0 < len(cell) <= 30 for cell in first) and has_headings(first, rest[:200])
    return 0.4 if headed else 0.6


def _quotes_whole_lines(sample: str) -> bool:
    lines = [line for line in sample.split("\n")[1:] if line]
    return sum(line.startswith('"') and line.endswith('"') for line in lines) > len(lines) / 4 or '""' in sample


def _with_headings(sample: str, mark: str, quote: str, escape: str) -> Dialect:
    split = _split(sample, mark, quote, escape)
    usual = Counter(len(record) for record, _ in split).most_common(1)[0][0] if split else 1
    above = _preamble(split, usual)
    skip = split[above][1] - 1 - sum(cell.count("\n") for cell in split[above][0]) if split else 0
    body = [record for record, _ in split[above:]]
    header = bool(body) and has_headings(body[0], body[1:200])
    headings = body[0] if header else [""] * usual
    return Dialect(mark, quote, escape, skip, header, tuple(_fitted(headings, body[1:], usual)))


def _preamble(split: list[tuple[Record, int]], usual: int) -> int:
    """How many records stand above the first one with the usual number of fields."""
    widths = [_width(record) for record, _ in split[: MOST_PREAMBLE + 2]]
    if usual < 3 or not widths or widths[0] in (usual, usual - 1, usual + 1):
        return 0
    return next((i for i, width in enumerate(widths) if width >= usual - 1), 0)


def _width(record: Record) -> int:
    """How many fields there are; a title with as many commas as the table has is one."""
    return 1 if len(record) > 3 and record[0].strip() and not any(record[1:]) else len(record)


def _fitted(headings: Record, body: list[Record], usual: int) -> Record:
    """As many headings as fields: a table of R names its rows in a first column without a heading."""
    missing = usual - len(headings)
    if missing <= 0:
        return headings if len(headings) > usual and not _ends_empty(headings, usual) else headings[:usual]
    firsts = [record[0] for record in body if len(record) == usual]
    names_rows = missing == 1 and len(set(firsts)) == len(firsts) and any(record[-1] for record in body if record)
    return ["", *headings] if names_rows else headings + [""] * missing


def _ends_empty(headings: Record, usual: int) -> bool:
    return not any(cell.strip() for cell in headings[usual:])
