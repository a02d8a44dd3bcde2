"""What the cleaning rules look for.

A finder sees the typed table (``typed.py``): canonical columns, ``_unread_<column>`` where a value of the file could
not be read, and ``_key``, equal for lines that are equal in every column of the file. What the facts rule out is
``NOTHING``, and nobody looks at the rows for it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from math import inf, ulp

import ibis
import ibis.expr.types as ir

from crm_ai.data.quality.typed import ROW, SOURCE, UNREAD, Facts, seconds
from crm_ai.data.readings import is_word

EARLIEST, LATEST = datetime(1900, 1, 2), datetime(2100, 1, 1)
PLACEHOLDERS = ("none", "null", "nil", "n/a", "#n/a", "na", "nan", "-", "?", "无", "空", "未知")
CHARGES = (
    *("post", "postage", "shipping", "delivery", "freight", "carriage", "dot", "dotcom postage", "m", "manual"),
    *("c2", "d", "discount", "s", "samples", "b", "adjust", "adjust bad debt", "adjustment", "cruk", "pads"),
    *("bank charges", "amazonfee", "amazon fee", "gift card", "voucher", "coupon", "tip", "tax"),
    *("运费", "邮费", "快递费", "手续费", "差价", "补差价", "优惠券", "折扣", "税费"),
)

KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "transactions": (("order_id",), ("customer_id", "ordered_at")),
    "customers": (("customer_id",),),
    "series": (("series_id", "time"), ("time",)),
    "feedback": (("feedback_id",),),
}
"""Table -> the columns that tell a row again in a later upload, the surest first."""

Finds = Callable[[ir.Table, Facts], ir.BooleanValue]
NOTHING = ibis.literal(False)
LEAST, A_SECOND = ulp(0.0), 1.0


def unread(*columns: str) -> Finds:
    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        marks = [UNREAD + name for name in columns if facts.unread.get(name)]
        return any_of([table[mark] for mark in marks if mark in table.columns])

    return finds


def missing(column: str) -> Finds:
    """Empty in the file; what could not be read has a rule of its own."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        if facts.is_full(column):
            return NOTHING
        empty = table[column].isnull()
        return empty & ~table[UNREAD + column] if UNREAD + column in table.columns else empty

    return finds


def missing_customer(table: ir.Table, facts: Facts) -> ir.BooleanValue:
    return table.customer_id.isnull() | is_word(table.customer_id, PLACEHOLDERS)


def impossible(column: str) -> Finds:
    """Before 1900, after 2100, or in the future and more than a year after the bulk of the file."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        bulk = min(facts.bulk.get(column, LATEST), LATEST)
        last = min(max(facts.today + timedelta(days=1), bulk + timedelta(days=366)), LATEST)
        if facts.is_within(column, seconds(EARLIEST) + A_SECOND, seconds(last) - A_SECOND):
            return NOTHING
        return (table[column] < ibis.literal(EARLIEST)) | (table[column] >= ibis.literal(last))

    return finds


def below(column: str, zero: bool) -> Finds:
    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        if facts.is_within(column, LEAST if zero else 0.0, inf):
            return NOTHING
        return table[column] <= 0 if zero else table[column] < 0

    return finds


def zero(column: str) -> Finds:
    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        is_other = facts.is_within(column, LEAST, inf) or facts.is_within(column, -inf, -LEAST)
        return NOTHING if is_other else table[column] == 0

    return finds


def cancelled(table: ir.Table, facts: Facts) -> ir.BooleanValue:
    return NOTHING if facts.is_within("cancelled", 0.0, 0.0) else table.cancelled


def named(words: tuple[str, ...]) -> Finds:
    """The product's name or code is one of the words."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        present = [table[name] for name in ("product_id", "product_name") if name in table.columns]
        return any_of([is_word(value, words).fill_null(False) for value in present])

    return finds


def missing_product(table: ir.Table, facts: Facts) -> ir.BooleanValue:
    present = [name for name in ("product_id", "product_name") if name in table.columns]
    return NOTHING if any(map(facts.is_full, present)) else _all([table[name].isnull() for name in present])


def repeated(*columns: str) -> Finds:
    """All but the first row of each group of rows that are equal in these columns; what replaces others is first."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        keys = [name for name in columns if name in table.columns]
        ranks = [_rank(table, facts).desc()] if any(batch.replaces for batch in facts.batches) else []
        before = ibis.row_number().over(group_by=keys, order_by=[*ranks, SOURCE, ROW])
        return (before > 0) & _all([table[name].notnull() for name in keys])

    return finds


def replaced(name: str) -> Finds:
    """Rows whose key comes again in a later upload that replaces."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        keys = key_of(name, table.columns)
        last = _rank(table, facts).max().over(group_by=list(keys))
        own = _by_source(table, [batch.number for batch in facts.batches])
        return (last > own) & _all([table[key].notnull() for key in keys])

    return finds


def key_of(table: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns by which a row of a table is the same in another upload; () where there are none."""
    here = set(columns)
    keys = next((key for key in KEYS[table] if set(key) <= here), ())
    more = ("product_id",) if keys == ("customer_id", "ordered_at") and "product_id" in here else ()
    return (*keys, *more)


def _rank(table: ir.Table, facts: Facts) -> ir.IntegerValue:
    """The number of a row's upload if it replaces earlier ones, else 0."""
    return _by_source(table, [batch.number if batch.replaces else 0 for batch in facts.batches])


def _by_source(table: ir.Table, values: list[int]) -> ir.IntegerValue:
    """The value of each row's source."""
    return table[SOURCE].cases(*enumerate(values), else_=0).cast("int32")


def any_of(flags: list[ir.BooleanValue]) -> ir.BooleanValue:
    """Or, as a balanced tree: thousands of columns do not nest thousands deep."""
    if len(flags) < 2:
        return flags[0] if flags else NOTHING
    half = len(flags) // 2
    return any_of(flags[:half]) | any_of(flags[half:])


def _all(flags: list[ir.BooleanValue]) -> ir.BooleanValue:
    return ~any_of([~flag for flag in flags])
