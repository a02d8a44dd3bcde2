"""How a column's values are read: a named reading and ``read(column, reading)``, which gives the value or NULL.

| reading | gives |
|---|---|
| ``native`` | the column as it is |
| ``text`` | trimmed text, NULL when empty |
| ``id`` | trimmed text, NULL for the words of ``MISSING``; 17850.0 becomes 17850, ="00123" becomes 00123 |
| ``number`` | 1,234.50 with currency signs, (12) or 12- for negatives, 12 % as 0.12, 1.5万 as 15000, 12件, full-width
  digits |
| ``number_comma`` | the same for 1.234,50 |
| ``percent`` | 12 or 12 % as 0.12 |
| ``flag`` | true/false, yes/no, 是/否, 1/0 |
| ``status`` | true where an order's status says that it was cancelled or sent back |
| ``filled`` | true where there is any value, such as the time of a cancellation |
| ``prefix:C`` | true where the text starts with C |
| ``date:%d/%m/%Y`` | date and time by formats, several parted by ``|`` (``excel`` among them for serial numbers of
  spreadsheets); as on the writer's clock, whatever its zone |
| ``excel_serial``, ``epoch_s``, ``epoch_ms`` | date and time from a number |
| ``step:D`` (H, W, M, Q, Y) | the n-th step of a series without dates, counted from the first days of 2000 |

All of it runs on DuckDB, where files are read.
"""

import re
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from crm_ai.data.missing import MISSING
from crm_ai.errors import BadParameter

YES = ("true", "t", "yes", "y", "1", "1.0", "on", "是", "有", "对", "真", "已", "√")
NO = ("false", "f", "no", "n", "0", "0.0", "off", "否", "无", "没有", "不是", "假", "未", "×", "x")
CANCELLED = r"cancel|refund|return|void|failed|lost|declin|chargeback|取消|关闭|退款|退货|退回|作废|失败|撤销"
NOT_CANCELLED = r"^(not|non|un|no|未|无|没有|非)|\bnot |refund (rejected|denied)|未退|无退|未取消|退款关闭"
_MISSING = rf"(?i)^(?:{'|'.join(map(re.escape, MISSING))})$"
WIDE = "０１２３４５６７８９．，－＋（）％−–￥’＇／：　\u00a0\u2009\u202f"
NARROW = "0123456789.,-+()%--¥''/:    "
SIGNS = r"[$€£¥₹₽₩₺₫฿元圆円]|RMB|CNY|USD|EUR|GBP|HKD|TWD|AUD|CAD|JPY|INR|人民币|US|HK|NT|R\$"
UNITS = r"千克|公斤|KGS?|PCS?|PIECES?|UNITS?|EA|[件个個只隻套盒瓶包箱袋台臺条條张張本份双雙支把块片]"
"""Of what is counted or weighed; other measures may be mixed in one column, such as 500 g and 1 l."""
SCALES = {
    "亿": 1e8, "億": 1e8, "万": 1e4, "萬": 1e4, "千": 1e3, "K": 1e3, "百": 1e2,
    "万亿": 1e12, "千亿": 1e11, "百亿": 1e10, "千万": 1e7, "百万": 1e6,
}  # fmt: skip
"""What follows a number and multiplies it."""
_SCALE = f"(?:{'|'.join(sorted(SCALES, key=len, reverse=True))})?"
NUMBER = rf"^\(?[-+]?\s*(?:{SIGNS})*\s*[-+]?\s*[\d', ]*\.?\d*\s*{_SCALE}\s*(?:{SIGNS}|{UNITS}|%)*\)?\s*-?$"
ZONE = r"(\d:\d\d(:\d\d(\.\d+)?)?)\s*(Z|UTC|GMT|CST|EST|PST|[+-]\d\d:?\d\d|[+-]\d\d)$"
MOST = sys.float_info.max
SERIAL_OF_1970 = 25_569
EXCEL = "excel"
"""Among the formats of a date: serial numbers stand between dates as text."""
SECONDS = {"H": 3600, "D": 86_400, "W": 7 * 86_400}
MONTHS = {"M": 1, "Q": 3, "Y": 12}
FIRST = {"H": 946_684_800, "D": 946_684_800, "W": 946_857_600}  # 2000-01-01; weeks begin on a Monday

_builtin = ibis.udf.scalar.builtin


@_builtin(signature=(("string", "string"), "timestamp(6)"))
def try_strptime(text, form):  # type: ignore[no-untyped-def]
    """DuckDB's: NULL when the text does not have the form."""


@_builtin(signature=(("int64",), "timestamp(6)"))
def make_timestamp(microseconds):  # type: ignore[no-untyped-def]
    """DuckDB's, from microseconds since 1970."""


@_builtin(signature=(("int64", "int64", "int64"), "date"))
def make_date(year, month, day):  # type: ignore[no-untyped-def]
    """DuckDB's."""


def read(column: ir.Value, reading: str) -> ir.Value:
    """The typed value of a raw column, NULL where it cannot be read.

    Raises:
        BadParameter: no reading has that name.
    """
    name, _, argument = reading.partition(":")
    if name not in _READINGS or (name in _NEEDS and argument not in _NEEDS[name] and _NEEDS[name]):
        raise BadParameter("The reading {reading} is not known.", reading=reading)
    return _READINGS[name](column, argument)


def joined(table: ir.Table, headings: Sequence[str]) -> ir.StringValue:
    """The text of several columns with blanks between, such as a date and a time of day; midnights are left out."""
    texts = [read(table[heading], "text").re_replace(r" 00:00:00$", "") for heading in headings]
    return ibis.literal(" ").join(texts)


def tidy_date(text: ir.StringValue) -> ir.StringValue:
    """A date's text without zone, T, days of the week and Chinese words for the time of day; narrow digits."""
    text = text.translate(WIDE, NARROW)
    for pattern, replacement in TIDY:
        text = text.re_replace(pattern, replacement)
    return text


TIDY = (
    (r"^\s+|\s+$", ""),
    (r"(\d)T(\d)", r"\1 \2"),
    (ZONE, r"\1"),
    (r"(\.\d{6})\d+$", r"\1"),
    (r"\s*[(（]?(?:星期|周|週|礼拜)[一二三四五六日天][)）]?\s*", " "),
    (r"(\d)号", r"\1日"),
    (r"(\d{1,2})[时時点](\d{1,2})分(?:(\d{1,2})秒)?", r"\1:\2:\3"),
    (r"(\d):$", r"\1"),
    (r"日(\d)", r"日 \1"),
    (r"\s*(?:上午|早上|凌晨)\s*", " AM "),
    (r"\s*(?:下午|晚上|中午)\s*", " PM "),
    (r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+", ""),
    (r"(\d)(?:st|nd|rd|th)\b", r"\1"),
    (r"\s+", " "),
    (r"^ | $", ""),
)
"""What happens to a date's text before its format is tried: pattern and replacement, for RE2 and Python alike."""


def is_missing(column: ir.Value) -> ir.BooleanValue:
    """Whether nothing stands there, or a word for nothing: no value that a reading could fail at."""
    text = column.cast("string").strip().lower()
    return text.isnull() | (text == "") | _is_among(text, MISSING)


def is_word(text: ir.StringValue, words: Sequence[str]) -> ir.BooleanValue:
    """Whether the text is one of these words, whatever its case; longer texts are not looked at, which saves time."""
    return ibis.ifelse(text.length() <= max(map(len, words)), _is_among(text.lower(), words), False)


def _is_among(text: ir.StringValue, words: Sequence[str]) -> ir.BooleanValue:
    """As ``isin``, of which DuckDB makes a join: that looks at every row, and the rows come out of their order."""
    return ibis.literal(list(words), "array<string>").contains(text)


def _native(column: ir.Value, _: str) -> ir.Value:
    return column


def _text(column: ir.Value, _: str) -> ir.Value:
    text = column.cast("string")
    return ibis.ifelse(_is_padded(text), text.strip().nullif(""), text)


def _is_padded(text: ir.StringValue) -> ir.BooleanValue:
    """Empty, or blank at an end: cheap to see, while trimming every value is not. Only blanks come before "!"."""
    return (text < "!") | _ends_blank(text)


def _ends_blank(text: ir.StringValue) -> ir.BooleanValue:
    return reduce(or_, (text.endswith(blank) for blank in " \t\r\n"))


def _id(column: ir.Value, _: str) -> ir.Value:
    """One chain and no part of it twice: DuckDB would work a common part out for every row."""
    text = column.cast("string")
    known = text.strip().re_replace(r"""^(-?\d+)\.0+$|^="([^"]*)"$|^'(\d+)$""", r"\1\2\3")
    known = known.re_replace(_MISSING, "") if column.type().is_string() else known
    odd = ~_begins_plainly(text) | _ends_blank(text) | (text.endswith("0") & text.contains(".0"))
    return ibis.ifelse(odd, known.nullif(""), text)


def _begins_plainly(text: ir.StringValue) -> ir.BooleanValue:
    """With a digit or a letter that no word of ``MISSING`` begins with: cheap to see, and so are most identifiers."""
    ranges = (("0", ":"), ("A", "N"), ("O", "["), ("a", "n"), ("o", "{"))
    return reduce(or_, ((text >= low) & (text < high) for low, high in ranges))


def _number(column: ir.Value, _: str) -> ir.Value:
    if column.type().is_numeric() or column.type().is_boolean():
        return _finite(column.cast("float64"))
    plain = column.cast("string")
    return ibis.coalesce(_finite(plain.try_cast("float64")), _dressed(plain))


def _dressed(text: ir.StringValue) -> ir.Value:
    """Numbers as people write them: with signs, thousands separators, brackets, units, in tens of thousands."""
    text = text.translate(WIDE, NARROW).strip().upper()
    bare = text.re_replace(rf"{SIGNS}|{UNITS}", "")
    digits, scale = bare.re_replace(r"[^\d.]", ""), bare.re_replace(r"[\s\d.(),'%+-]", "")
    value = _finite(digits.try_cast("float64")) * ibis.ifelse(text.re_search(r"^[^\d]*[(-]|-$"), -1.0, 1.0)
    value = value * ibis.ifelse(text.contains("%"), 0.01, 1.0)
    value = value * ibis.cases(*((scale == sign, times) for sign, times in SCALES.items()), else_=1.0)
    return ibis.ifelse(text.re_search(NUMBER), value, ibis.null("float64"))


def _number_comma(column: ir.Value, _: str) -> ir.Value:
    if column.type().is_numeric():
        return _number(column, "")
    text = column.cast("string").translate(WIDE, NARROW)
    return _dressed(text.translate(".,", ",."))


def _percent(column: ir.Value, _: str) -> ir.Value:
    """Percent with or without its sign; decimals may follow a comma."""
    if column.type().is_numeric():
        return _number(column, "") / 100
    text = column.cast("string").translate(WIDE, NARROW).replace("%", "").replace(",", ".")
    return _number(text, "") / 100


def _finite(value: ir.Value) -> ir.Value:
    return ibis.ifelse(value.between(-MOST, MOST), value, ibis.null("float64"))


def _flag(column: ir.Value, _: str) -> ir.Value:
    if column.type().is_boolean():
        return column
    text = column.cast("string").strip().lower()
    return ibis.cases((_is_among(text, YES), True), (_is_among(text, NO), False), else_=ibis.null("boolean"))


def _status(column: ir.Value, _: str) -> ir.Value:
    text = _text(column, "").lower()
    return text.re_search(CANCELLED) & ~text.re_search(NOT_CANCELLED)


def _filled(column: ir.Value, _: str) -> ir.Value:
    return _text(column, "").notnull()


def _prefix(column: ir.Value, prefix: str) -> ir.Value:
    return _text(column, "").upper().startswith(prefix.upper())


def _date(column: ir.Value, formats: str) -> ir.Value:
    if column.type().is_timestamp() or column.type().is_date():
        return column.cast("timestamp(6)")
    raw = _text(column, "").re_replace(r"^(\d+)\.0+$", r"\1")
    forms = [form for form in formats.split("|") if form != EXCEL]
    found = ibis.coalesce(*(try_strptime(text, form) for text in (raw, tidy_date(raw)) for form in forms))
    return ibis.coalesce(found, _excel_serial(raw, "")) if EXCEL in formats.split("|") else found


def _excel_serial(column: ir.Value, _: str) -> ir.Value:
    return _moment((_number(column, "") - SERIAL_OF_1970) * SECONDS["D"])


def _epoch_s(column: ir.Value, _: str) -> ir.Value:
    return _moment(_number(column, ""))


def _epoch_ms(column: ir.Value, _: str) -> ir.Value:
    return _moment(_number(column, "") / 1000)


def _moment(seconds: ir.Value) -> ir.Value:
    """A time from seconds since 1970, NULL outside the years 1 to 9999."""
    known = ibis.ifelse(seconds.between(-6.2e10, 2.5e11), seconds, ibis.null("float64"))
    return make_timestamp((known.round().cast("int64")) * 1_000_000)


def _step(column: ir.Value, unit: str) -> ir.Value:
    number = _number(column.cast("string").re_replace(r"^[A-Za-z]+[ _-]?", ""), "")
    n = ibis.ifelse(number.between(0, 90_000), number, ibis.null("float64")).cast("int64") - 1
    if unit in SECONDS:
        return _moment((n * SECONDS[unit] + FIRST[unit]).cast("float64"))
    months = n * MONTHS[unit] + 2000 * 12
    return make_date((months.cast("float64") / 12).floor().cast("int64"), months % 12 + 1, 1).cast("timestamp(6)")


_READINGS: dict[str, Callable[[ir.Value, str], ir.Value]] = {
    "native": _native,
    "text": _text,
    "id": _id,
    "number": _number,
    "number_comma": _number_comma,
    "percent": _percent,
    "flag": _flag,
    "status": _status,
    "filled": _filled,
    "prefix": _prefix,
    "date": _date,
    "excel_serial": _excel_serial,
    "epoch_s": _epoch_s,
    "epoch_ms": _epoch_ms,
    "step": _step,
}
_NEEDS: dict[str, tuple[str, ...]] = {"step": (*SECONDS, *MONTHS)}
