"""Which reading suits a column in its part, checked against all rows where a sample cannot tell."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import combinations

import ibis.expr.types as ir
from ibis.backends import BaseBackend

from crm_ai.data import readings
from crm_ai.data.contents import SAMPLE_ROWS, Content
from crm_ai.data.dates import Dates, dates_of
from crm_ai.data.engine import engine
from crm_ai.data.files.tables import ROW
from crm_ai.data.fits import fit, is_percent, steps
from crm_ai.data.guesses import COMBINED, Part, Parts
from crm_ai.data.sources import Source

MOST_KEYS = 8
_SIGNS = {
    "£": "GBP", "€": "EUR", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₫": "VND", "฿": "THB", "元": "CNY",
    "￥": "CNY", "RMB": "CNY", "CNY": "CNY", "USD": "USD", "US$": "USD", "EUR": "EUR", "GBP": "GBP", "HK$": "HKD",
    "NT$": "TWD",
}  # fmt: skip


def reading_of(source: Source, kind: str, name: str, part: Part) -> str:
    """The reading of a column for a canonical column of a kind ("id", "text", "number", "time", "flag", "any")."""
    content = part.content
    if name == "cancelled":
        return _cancelled_reading(content, part)
    if kind == "time":
        return _time_reading(source, part)
    if kind == "number":
        return "percent" if name == "discount" and is_percent(content) else _number(part)
    return {"id": "id", "text": "text", "flag": "flag"}.get(kind) or plain_reading(content)


def plain_reading(content: Content) -> str:
    """How an attribute is read, from its content alone."""
    if content.native == "flag":
        return "native"
    if content.native == "time":
        return "native"
    if content.values and content.share_numbers >= 0.98 and not _is_code(content):
        return "number_comma" if content.has_commas else "number"
    if content.dates.share >= 0.95 and not content.share_numbers:
        return content.dates.reading
    return "text"


def _is_code(content: Content) -> bool:
    """Digits that are no quantity: with leading zeros, or very long."""
    return any(re.match(r"0\d", value) for value in content.values) or (
        content.length > 15 and content.native == "text"
    )


def _cancelled_reading(content: Content, part: Part) -> str:
    if content.share_flags > 0.95:
        return "flag"
    if content.dates.share > 0.9:
        return "filled"
    if any(re.fullmatch(r"[Cc]\d+", value) for value in content.values) and not content.share_cancelled:
        return "prefix:C"
    return "status"


def _time_reading(source: Source, part: Part) -> str:
    content = part.content
    if part.joined:
        return _joined_dates(table_of(source), part)
    if content.native == "time":
        return "native"
    if content.dates.share >= 0.4:
        return _decided(source, content, content.dates)
    return _numeric_time(source, content)


def _numeric_time(source: Source, content: Content) -> str:
    numbers = content.numbers
    low, high = (min(numbers), max(numbers)) if numbers and content.share_numbers > 0.9 else (0.0, 0.0)
    if 9e11 < low <= high < 4.2e12:
        return "epoch_ms"
    if 9e8 < low <= high < 4.2e9:
        return "epoch_s"
    if 1900 <= low <= high <= 2100 and content.is_whole and content.distinct <= 201:
        return "date:%Y"
    if steps(content):
        return f"step:{_step_unit(table_of(source), content)}"
    return "excel_serial" if 15_000 < low <= high < 80_000 else "date:%Y-%m-%d"


def _step_unit(table: ir.Table, content: Content) -> str:
    """The unit that names of series such as W1 or H12 tell (the M4 competition), days otherwise."""
    texts = [table[heading] for heading in table.columns if heading not in (ROW, content.heading)]
    texts = [column for column in texts if column.type().is_string()]
    if not texts:
        return "D"
    first = table.select(*texts).limit(200).to_pandas()
    for heading in first.columns:
        units = {value[:1] for value in first[heading].dropna() if re.fullmatch(r"[HDWMQY]\d+", value)}
        if len(units) == 1:
            return units.pop()
    return "D"


def _joined_dates(table: ir.Table, part: Part) -> str:
    """The formats of a date and a time of day in two columns."""
    text = readings.joined(table, [part.content.heading, *(content.heading for content in part.joined)])
    sample = text.name("text").as_table().distinct().limit(SAMPLE_ROWS).to_pandas()["text"]
    return dates_of(sample.dropna().tolist()).reading or "date:%Y-%m-%d"


def _decided(source: Source, content: Content, found: Dates) -> str:
    """Day or month first, as all rows say; and the formats of the rows that the sample did not show."""
    table = table_of(source)
    if not content.values or content.native == "time":
        return found.reading
    reading = found.reading
    if found.undecided:
        reading = _better(table[content.heading], found, _is_european(source, content))
    unread = table.filter(table[content.heading].notnull(), readings.read(table[content.heading], reading).isnull())
    rest = unread.select(text=unread[content.heading].cast("string")).distinct().limit(500).to_pandas()["text"]
    more = dates_of(rest.tolist(), day_first="%d" in reading.split("%m")[0]) if len(rest) else Dates("", 0.0)
    return f"{reading}|{more.reading.removeprefix('date:')}" if more.reading else reading


def _better(column: ir.Value, found: Dates, day_first: bool) -> str:
    """The order of day and month with which more rows can be read."""
    both = (found.reading, found.undecided)
    counts = column.as_table().aggregate(
        a=readings.read(column, both[0]).count(), b=readings.read(column, both[1]).count()
    ).to_pandas()  # fmt: skip
    first, second = int(counts["a"][0]), int(counts["b"][0])
    if first == second and day_first:
        return next(reading for reading in both if "%d" in reading.split("%m")[0])
    return both[0] if first >= second else both[1]


def _is_european(source: Source, content: Content) -> bool:
    return source.delimiter == ";" or content.has_commas


def joined_key(source: Source, found: Mapping[str, Content], parts: Parts) -> Parts | None:
    """The parts of a series with one value a moment and series; None when no columns tell the series apart."""
    moment, series = parts["time"], parts.get("series_id")
    used = {content.heading for part in parts.values() for content in (part.content, *part.joined)}
    others = [
        c for heading, c in found.items() if heading not in used and fit(c, "series_id") and c.share_numbers < 0.5
    ]
    numeric = [c for heading, c in found.items() if heading not in used and fit(c, "series_id") and c.is_whole]
    first = [series.content] if series else []
    for key in ([], first, *([*first, *more] for more in _combinations([*others[:4], *numeric[:2]]))):
        if _is_unique(source, [moment, *map(_part, key)]):
            kept = {name: part for name, part in parts.items() if name != "series_id"}
            return kept | ({"series_id": _joined_part(key, series)} if key or series else {})
    return None


def _combinations(columns: list[Content]) -> list[tuple[Content, ...]]:
    """Sets of columns that may tell series apart, small ones first."""
    return [chosen for size in (1, 2, 3) for chosen in combinations(columns, size)][:MOST_KEYS]


def _part(content: Content) -> Part:
    return Part(content, 0.5, COMBINED)


def _joined_part(key: list[Content], series: Part | None) -> Part:
    if series and len(key) <= 1:
        return series
    return Part(key[0], 0.6, COMBINED if len(key) > 1 else "content", tuple(key[1:]))


def _is_unique(source: Source, parts: list[Part]) -> bool:
    headings = [content.heading for part in parts for content in (part.content, *part.joined)]
    table = table_of(source)
    known = table.filter(table[headings[0]].notnull()).select(*headings)
    counts = known.count().name("n").as_table().cross_join(known.distinct().count().name("different").as_table())
    counted = counts.to_pandas()
    return int(counted["different"][0]) >= 0.999 * int(counted["n"][0])


def without_order_totals(source: Source, parts: Parts) -> Parts:
    """Leave out an amount that repeats the order's total on every line, where the lines' own can be computed."""
    names = ("order_id", "quantity", "unit_price", "amount")
    if not set(names) <= parts.keys():
        return parts
    table = table_of(source)
    kinds = {"order_id": "id"}
    typed = table.select(
        **{
            name: readings.read(table[parts[name].content.heading], kinds.get(name) or _number(parts[name]))
            for name in names
        }
    )
    own = ((typed.amount - typed.quantity * typed.unit_price).abs() <= 0.02 * typed.amount.abs() + 0.01).mean()
    orders = typed.group_by("order_id").aggregate(n=typed.count(), low=typed.amount.min(), high=typed.amount.max())
    lines = typed.aggregate(own=own, known=typed.amount.notnull().mean()).to_pandas().iloc[0]
    several = (
        orders.filter(orders.n > 1)
        .aggregate(n=lambda t: t.count(), same=lambda t: (t.low == t.high).mean())
        .to_pandas()
        .iloc[0]
    )
    repeated = several["n"] > 0 and several["same"] > 0.9 and lines["own"] < 0.5
    sparse = lines["known"] < 0.8
    return {name: part for name, part in parts.items() if name != "amount"} if repeated or sparse else parts


def _number(part: Part) -> str:
    return "number_comma" if part.content.has_commas else "number"


def table_of(source: Source) -> ir.Table:
    """The raw table of a source."""
    return _engine().read_parquet(source.raw)


@cache
def _engine() -> BaseBackend:
    """One for all looks at raw tables: to connect takes longer than to look."""
    return engine()


def currency_of(content: Content) -> str | None:
    """The currency that most values carry as a sign."""
    found = Counter(code for value in content.values for sign, code in _SIGNS.items() if sign in value.upper())
    code, times = found.most_common(1)[0] if found else ("", 0)
    return code if times > 0.5 * len(content.values) else None
