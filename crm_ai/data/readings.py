"""How a column's values are read: a named reading and ``read(column, reading)``, which gives the value or NULL.

| reading | gives |
|---|---|
| ``native`` | the column as it is |
| ``text`` | trimmed text, NULL when empty |
| ``id`` | trimmed text; 17850.0 becomes 17850 |
| ``number`` | 1,234.50 with currency signs, (12) or 12- for negatives, 12 % as 0.12, full-width digits |
| ``number_comma`` | the same for 1.234,50 |
| ``flag`` | true/false, yes/no, 是/否, 1/0 |
| ``status`` | true where an order's status says that it was cancelled or sent back |
| ``filled`` | true where there is any value, such as the time of a cancellation |
| ``prefix:C`` | true where the text starts with C |
| ``date:%d/%m/%Y`` | date and time by formats, several parted by ``|``; as on the writer's clock, whatever its zone |
| ``excel_serial``, ``epoch_s``, ``epoch_ms`` | date and time from a number |
| ``step:D`` (H, W, M, Q, Y) | the n-th step of a series without dates, counted from the first days of 2000 |

All of it runs on DuckDB, where files are read.
"""

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from crm_ai.errors import BadParameter

YES = ("true", "t", "yes", "y", "1", "1.0", "on", "是", "有", "对", "真", "已", "√")
NO = ("false", "f", "no", "n", "0", "0.0", "off", "否", "无", "没有", "不是", "假", "未", "×", "x")
CANCELLED = r"cancel|refund|return|void|failed|lost|declin|chargeback|取消|关闭|退款|退货|退回|作废|失败|撤销"
NOT_CANCELLED = r"^(not|non|un|no|未|无|没有|非)|\bnot |refund (rejected|denied)|未退|无退|未取消|退款关闭"
WIDE = "０１２３４５６７８９．，－＋（）％−–￥"
NARROW = "0123456789.,-+()%--¥"
SIGNS = r"[$€£¥₹₽₩₺₫฿元圆円]|RMB|CNY|USD|EUR|GBP|HKD|TWD|AUD|CAD|JPY|INR|US|HK|NT|R\$"
NBSP = "\u00a0"
NUMBER = rf"^\(?[-+]?\s*(?:{SIGNS})*\s*[-+]?\s*[\d', {NBSP}]*\.?\d*\s*(?:{SIGNS}|%)*\)?\s*-?$"
ZONE = r"(\d:\d\d(:\d\d(\.\d+)?)?)\s*(Z|UTC|GMT|CST|EST|PST|[+-]\d\d:?\d\d|[+-]\d\d)$"
SERIAL_OF_1970 = 25_569
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
    """A date's text without zone, T and Chinese words for morning and afternoon."""
    for pattern, replacement in TIDY:
        text = text.re_replace(pattern, replacement)
    return text


TIDY = (
    (r"^\s+|\s+$", ""),
    (r"(\d)T(\d)", r"\1 \2"),
    (ZONE, r"\1"),
    (r"(\.\d{6})\d+$", r"\1"),
    (r"\s*上午\s*", " AM "),
    (r"\s*下午\s*", " PM "),
    (r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+", ""),
    (r"(\d)(?:st|nd|rd|th)\b", r"\1"),
    (r"\s+", " "),
)
"""What happens to a date's text before its format is tried: pattern and replacement, for RE2 and Python alike."""


def _native(column: ir.Value, _: str) -> ir.Value:
    return column


def _text(column: ir.Value, _: str) -> ir.Value:
    return column.cast("string").strip().nullif("")


def _id(column: ir.Value, _: str) -> ir.Value:
    return _text(column, "").re_replace(r"^(-?\d+)\.0+$", r"\1")


def _number(column: ir.Value, _: str) -> ir.Value:
    if column.type().is_numeric() or column.type().is_boolean():
        return _finite(column.cast("float64"))
    plain = column.cast("string")
    return ibis.coalesce(_finite(plain.try_cast("float64")), _dressed(plain))


def _dressed(text: ir.StringValue) -> ir.Value:
    """Numbers as people write them: with signs, thousands separators, brackets."""
    text = text.translate(WIDE, NARROW).strip().upper()
    digits = text.re_replace(rf"{SIGNS}|[\s(),'%+-]|{NBSP}", "")
    negative = text.re_search(r"^[^\d]*[(-]|-$")
    scale = ibis.ifelse(text.contains("%"), 0.01, 1.0) * ibis.ifelse(negative, -1.0, 1.0)
    return ibis.ifelse(text.re_search(NUMBER), _finite(digits.try_cast("float64")) * scale, ibis.null("float64"))


def _number_comma(column: ir.Value, _: str) -> ir.Value:
    if column.type().is_numeric():
        return _number(column, "")
    text = column.cast("string").translate(WIDE, NARROW)
    return _dressed(text.translate(".,", ",."))


def _finite(value: ir.Value) -> ir.Value:
    return ibis.ifelse(value.isnan() | value.isinf(), ibis.null("float64"), value)


def _flag(column: ir.Value, _: str) -> ir.Value:
    if column.type().is_boolean():
        return column
    text = column.cast("string").strip().lower()
    return ibis.cases((text.isin(YES), True), (text.isin(NO), False), else_=ibis.null("boolean"))


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
    raw = _id(column, "")
    forms = formats.split("|")
    return ibis.coalesce(*(try_strptime(text, form) for text in (raw, tidy_date(raw)) for form in forms))


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
