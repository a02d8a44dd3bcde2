"""In which formats the dates of a column are written, found from a sample of their text."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm_ai.data.readings import EXCEL, NARROW, TIDY, WIDE

MOST_FORMATS = 6
_TIME = (
    r"(?P<time>(?P<lead>[AaPp][Mm] )?\d{1,2}:\d{2}(?P<seconds>:\d{2})?(?P<fraction>\.\d{1,6})?"
    r"(?P<gap> ?)(?P<half>[AaPp]\.?[Mm]\.?)?)"
)
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_SHAPES = (
    (re.compile(rf"(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?: {_TIME})?"), "%Y{s}%m{s}%d"),
    (re.compile(rf"(?P<y>\d{{4}})年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日(?: ?{_TIME})?"), "%Y年%m月%d日"),
    (re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}}|\d{{2}}),?(?: {_TIME})?"), ""),
    (
        re.compile(rf"(?P<d>\d{{1,2}})(?P<s>[-/ ]){_NAME}(?P<t>[-/ ,]+)(?P<y>\d{{4}}|\d{{2}})(?: {_TIME})?"),
        "%d{s}{n}{t}{y}",
    ),
    (re.compile(rf"{_NAME}(?P<s>[-/ ])(?P<d>\d{{1,2}})(?P<t>[-/ ,]+)(?P<y>\d{{4}})(?:,? {_TIME})?"), "{n}{s}%d{t}{y}"),
    (re.compile(r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})"), "%Y{s}%m"),
    (re.compile(r"(?P<m>\d{1,2})(?P<s>[-/.])(?P<y>\d{4})"), "%m{s}%Y"),
    (re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月"), "%Y年%m月"),
    (re.compile(rf"{_NAME}(?P<s>[-/ ])(?P<y>\d{{4}})"), "{n}{s}%Y"),
    (re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"), "%Y%m%d"),
    (
        re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])[0-2]\d[0-5]\d[0-5]\d"),
        "%Y%m%d%H%M%S",
    ),
    (re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])"), "%Y%m"),
    (re.compile(r"[2-5]\d{4}(?:\.\d+)?"), EXCEL),
)
_TRIPLE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "%d{s}%m{s}", "%m{s}%d{s}", "%y{s}%m{s}%d"
_TO_NARROW = str.maketrans(WIDE, NARROW)


@dataclass(frozen=True)
class Dates:
    """How the dates of a column are written.

    Attributes:
        reading: for ``readings.read``, "" when they are no dates.
        share: of the values that have one of the formats.
        undecided: the same reading with day and month the other way round, where both fit the sample; else "".
    """

    reading: str
    share: float
    undecided: str = ""


def dates_of(values: Sequence[str], day_first: bool | None = None) -> Dates:
    """The formats in which most values are written, commonest first.

    Args:
        values: some of the column.
        day_first: where other values have decided it already.
    """
    if not any(_shape(tidy(value)) for value in values[:: len(values) // 50 + 1] if value):
        return Dates("", 0.0)
    texts = [tidy(value) for value in values if value]
    shapes = Counter(shape for text in texts if (shape := _shape(text)))
    if not shapes.keys() - {EXCEL}:
        return Dates("", 0.0)
    common = [shape for shape, times in shapes.most_common(MOST_FORMATS) if times * 100 >= len(texts)]
    share = sum(shapes[shape] for shape in common) / len(texts)
    if not any("{" in shape for shape in common):
        return Dates("date:" + "|".join(common), share)
    order, decided = (YEAR_FIRST, True) if _year_first(texts) else _day_or_month_first(texts)
    if day_first is not None and order != YEAR_FIRST:
        order, decided = (DAY_FIRST if day_first else MONTH_FIRST), True
    other = MONTH_FIRST if order == DAY_FIRST else DAY_FIRST
    return Dates(_ordered(common, order), share, "" if decided else _ordered(common, other))


def tidy(text: str) -> str:
    """As ``readings.tidy_date``, for Python."""
    text = text.translate(_TO_NARROW)
    for pattern, replacement in TIDY:
        text = re.sub(pattern, replacement, text)
    return text


def is_time_of_day(values: Iterable[str]) -> bool:
    """Whether nearly all are such as 9:58 or 09:58:11."""
    texts = [value.strip() for value in values if value]
    return bool(texts) and sum(bool(re.fullmatch(_TIME, text)) for text in texts) >= 0.95 * len(texts)


def _shape(text: str) -> str:
    """The format of one value, with the order of day and month open; "" for no date."""
    for pattern, form in _SHAPES:
        match = pattern.fullmatch(text)
        if match and _is_possible(match.groupdict()):
            return _filled(form, match.groupdict())
    return ""


def _is_possible(parts: dict[str, str | None]) -> bool:
    limits = {"m": 12, "d": 31, "a": 31, "b": 31}
    numbers = [(name, int(parts[name] or 0)) for name in limits if parts.get(name)]
    if int(parts.get("a") or 0) > 12 and int(parts.get("b") or 0) > 12:
        return False
    name = parts.get("name")
    year = parts.get("y") or ""
    return (
        all(1 <= value <= limits[part] for part, value in numbers)
        and (not name or name[:3].lower() in _MONTHS)
        and (len(year) != 4 or 1600 <= int(year) <= 2300)
    )


def _filled(form: str, parts: dict[str, str | None]) -> str:
    if form == EXCEL:
        return form
    year = "%Y" if len(parts["y"] or "") == 4 else "%y"
    name = "%b" if len(parts.get("name") or "") == 3 else "%B"
    separator, second = parts.get("s") or "", parts.get("t") or ""
    if not form:
        return f"{{{separator}}}{year}" + _time(parts)
    return form.replace("{s}", separator).replace("{t}", second).replace("{n}", name).replace("{y}", year) + _time(
        parts
    )


def _time(parts: dict[str, str | None]) -> str:
    if not parts.get("time"):
        return ""
    twelve = parts["lead"] or parts["half"]
    clock = (
        ("%I" if twelve else "%H") + ":%M" + (":%S" if parts["seconds"] else "") + (".%f" if parts["fraction"] else "")
    )
    return " " + ("%p " if parts["lead"] else "") + clock + ((parts["gap"] or "") + "%p" if parts["half"] else "")


def _ordered(shapes: Sequence[str], order: str) -> str:
    place = r"^\{(.)\}" + ("%y" if order == YEAR_FIRST else "")
    done = [re.sub(place, lambda match: order.replace("{s}", match[1]), shape) for shape in shapes]
    return "date:" + "|".join(done)


def _day_or_month_first(texts: Sequence[str]) -> tuple[str, bool]:
    """The order of day and month, and whether the values leave no doubt."""
    pairs = [
        (int(match[1]), int(match[2])) for text in texts if (match := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d", text))
    ]
    days_first = sum(a > 12 for a, _ in pairs)
    months_first = sum(b > 12 for _, b in pairs)
    if days_first or months_first:
        return (DAY_FIRST if days_first > months_first else MONTH_FIRST), True
    with_dots = any(re.match(r"\d{1,2}\.\d{1,2}\.", text) for text in texts)
    return (DAY_FIRST if with_dots or _runs_better(pairs) else MONTH_FIRST), False


def _year_first(texts: Sequence[str]) -> bool:
    """Whether 24/3/5 begins with the year: few different firsts, more different lasts, and those are days."""
    triples = [tuple(map(int, match.groups())) for text in texts if (match := _TRIPLE.match(text))]
    if len(triples) < 0.5 * len(texts):
        return False
    years, months, days = map(set, zip(*triples, strict=True))
    return max(months) <= 12 and max(days) <= 31 and 3 <= len(days) > len(years) and max(years) <= 50


def _runs_better(pairs: Sequence[tuple[int, int]]) -> bool:
    """Files are mostly in order of time: does the second number, as the month, change less often than the first?"""
    changes = [sum(pair[i] != after[i] for pair, after in itertools.pairwise(pairs)) for i in (0, 1)]
    return changes[0] > changes[1]
