"""The cleaning rules: what each looks for, whether it is on by default, and the columns it needs.

A rule sees the typed table (``typed.py``): canonical columns, ``_unread_<column>`` where a value of the file could not
be read, and ``_key``, equal for lines that are equal in every column of the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from crm_ai.data.quality.typed import KEY, ROW, SOURCE, UNREAD, Facts
from crm_ai.errors import BadParameter

EARLIEST, LATEST = datetime(1900, 1, 2), datetime(2100, 1, 1)
PLACEHOLDERS = ("none", "null", "nil", "n/a", "#n/a", "na", "nan", "-", "?", "无", "空", "未知")
CHARGES = (
    *("post", "postage", "shipping", "delivery", "freight", "carriage", "dot", "dotcom postage", "m", "manual"),
    *("c2", "d", "discount", "s", "samples", "b", "adjust", "adjust bad debt", "adjustment", "cruk", "pads"),
    *("bank charges", "amazonfee", "amazon fee", "gift card", "voucher", "coupon", "tip", "tax"),
    *("运费", "邮费", "快递费", "手续费", "差价", "补差价", "优惠券", "折扣", "税费"),
)

Finds = Callable[[ir.Table, Facts], ir.BooleanValue]


@dataclass(frozen=True)
class Rule:
    """One kind of row that may have to go.

    Attributes:
        id: in reports, switches and the reasons of rejected rows.
        table: canonical table it looks at.
        label, help: English, to be translated.
        on: by default.
        finds: True for the rows it means.
        needs: columns without which it does not apply.
        one_of: it needs at least one of these as well.
    """

    id: str
    table: str
    label: str
    help: str
    on: bool
    finds: Finds
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    def applies(self, columns: set[str]) -> bool:
        return set(self.needs) <= columns and (not self.one_of or bool(columns & set(self.one_of)))


def chosen(table: str, switches: Mapping[str, bool]) -> dict[str, bool]:
    """Rule id -> on or off for one table, the defaults under the switches."""
    return {rule.id: switches.get(rule.id, rule.on) for rule in rules_of(table)}


def rules_of(table: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.table == table)


def check(switches: Mapping[str, bool]) -> None:
    """Stop at a switch that no rule has.

    Raises:
        BadParameter: there is no such rule.
    """
    known = sorted({rule.id for rule in RULES})
    for name in switches:
        if name not in known:
            raise BadParameter("There is no cleaning rule {name}: use one of {known}.", name=name, known=known)


def _unread(*columns: str) -> Finds:
    return lambda table, facts: _any([table[UNREAD + name] for name in columns if UNREAD + name in table.columns])


def _missing(column: str) -> Finds:
    """Empty in the file; what could not be read has a rule of its own."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        empty = table[column].isnull()
        return empty & ~table[UNREAD + column] if UNREAD + column in table.columns else empty

    return finds


def _missing_customer(table: ir.Table, facts: Facts) -> ir.BooleanValue:
    return table.customer_id.isnull() | table.customer_id.lower().isin(PLACEHOLDERS)


def _impossible(column: str) -> Finds:
    """Before 1900, after 2100, or in the future and more than a year after the bulk of the file."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        bulk = min(facts.bulk.get(column, LATEST), LATEST)
        last = min(max(facts.today + timedelta(days=1), bulk + timedelta(days=366)), LATEST)
        return (table[column] < ibis.literal(EARLIEST)) | (table[column] >= ibis.literal(last))

    return finds


def _below(column: str, zero: bool) -> Finds:
    return lambda table, facts: table[column] <= 0 if zero else table[column] < 0


def _zero(column: str) -> Finds:
    return lambda table, facts: table[column] == 0


def _cancelled(table: ir.Table, facts: Facts) -> ir.BooleanValue:
    return table.cancelled


def _named(words: tuple[str, ...]) -> Finds:
    """The product's name or code is one of the words."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        present = [table[name] for name in ("product_id", "product_name") if name in table.columns]
        return _any([value.lower().isin(words).fill_null(False) for value in present])

    return finds


def _missing_product(table: ir.Table, facts: Facts) -> ir.BooleanValue:
    empty = [table[name].isnull() for name in ("product_id", "product_name") if name in table.columns]
    return empty[0] if len(empty) == 1 else empty[0] & empty[1]


def _repeated(*columns: str) -> Finds:
    """All but the first row of each group of rows that are equal in these columns."""

    def finds(table: ir.Table, facts: Facts) -> ir.BooleanValue:
        keys = [name for name in columns if name in table.columns]
        before = ibis.row_number().over(group_by=keys, order_by=[SOURCE, ROW])
        return (before > 0) & _all([table[name].notnull() for name in keys])

    return finds


def _any(flags: list[ir.BooleanValue]) -> ir.BooleanValue:
    """Or, as a balanced tree: thousands of columns do not nest thousands deep."""
    if len(flags) < 2:
        return flags[0] if flags else ibis.literal(False)
    half = len(flags) // 2
    return _any(flags[:half]) | _any(flags[half:])


def _all(flags: list[ir.BooleanValue]) -> ir.BooleanValue:
    return ~_any([~flag for flag in flags])


RULES: tuple[Rule, ...] = (
    Rule(
        "unreadable_date",
        "transactions",
        "Unreadable dates",
        "The date is filled in but is not a date.",
        True,
        _unread("ordered_at"),
        needs=(UNREAD + "ordered_at",),
    ),
    Rule(
        "missing_date",
        "transactions",
        "Missing dates",
        "The date is empty.",
        True,
        _missing("ordered_at"),
        needs=("ordered_at",),
    ),
    Rule(
        "impossible_date",
        "transactions",
        "Impossible dates",
        "Before 1900, after 2100, or in the future and more than a year after nine tenths of the file.",
        True,
        _impossible("ordered_at"),
        needs=("ordered_at",),
    ),
    Rule(
        "unreadable_number",
        "transactions",
        "Unreadable numbers",
        "Quantity, price or amount is filled in but is not a number.",
        True,
        _unread("quantity", "unit_price", "amount"),
        one_of=(UNREAD + "quantity", UNREAD + "unit_price", UNREAD + "amount"),
    ),
    Rule(
        "missing_amount",
        "transactions",
        "Missing amounts",
        "No amount, or no quantity or price to work it out from.",
        True,
        _missing("amount"),
        needs=("amount",),
    ),
    Rule(
        "cancelled",
        "transactions",
        "Cancelled orders",
        "The order is marked as cancelled, by its number or its status.",
        True,
        _cancelled,
        needs=("cancelled",),
    ),
    Rule(
        "missing_customer",
        "transactions",
        "Missing customers",
        "The customer is empty. A file without any customers keeps all its rows.",
        True,
        _missing_customer,
        needs=("customer_id",),
    ),
    Rule(
        "nonpositive_quantity",
        "transactions",
        "Quantity zero or below",
        "Returns, write-offs and corrections of stock.",
        True,
        _below("quantity", zero=True),
        needs=("quantity",),
    ),
    Rule(
        "nonpositive_price",
        "transactions",
        "Price zero or below",
        "Gifts, samples and bookings without a sale.",
        True,
        _below("unit_price", zero=True),
        needs=("unit_price",),
    ),
    Rule(
        "negative_amount",
        "transactions",
        "Amount below zero",
        "Refunds and corrections.",
        True,
        _below("amount", zero=False),
        needs=("amount",),
    ),
    Rule(
        "zero_amount",
        "transactions",
        "Amount of zero",
        "Orders without payment; off because they may be real visits.",
        False,
        _zero("amount"),
        needs=("amount",),
    ),
    Rule(
        "placeholder_product",
        "transactions",
        "Placeholder products",
        "The product is a stand-in such as NONE, N/A or ?.",
        True,
        _named(PLACEHOLDERS),
        one_of=("product_id", "product_name"),
    ),
    Rule(
        "missing_product",
        "transactions",
        "Missing products",
        "Neither code nor name of a product; off because the sale counts all the same.",
        False,
        _missing_product,
        one_of=("product_id", "product_name"),
    ),
    Rule(
        "charges",
        "transactions",
        "Postage, fees and manual entries",
        "Lines that are no goods: postage, discounts, fees, samples, manual entries.",
        False,
        _named(CHARGES),
        one_of=("product_id", "product_name"),
    ),
    Rule(
        "duplicates",
        "transactions",
        "Exact duplicates",
        "Equal to an earlier row in every column of the file; off because one order may list a product twice.",
        False,
        _repeated(KEY),
    ),
    Rule(
        "missing_id",
        "customers",
        "Missing customers",
        "The customer is empty.",
        True,
        _missing_customer,
        needs=("customer_id",),
    ),
    Rule(
        "duplicate_id",
        "customers",
        "Customers listed twice",
        "A customer of an earlier row; the first row stays.",
        True,
        _repeated("customer_id"),
        needs=("customer_id",),
    ),
    Rule(
        "unreadable_attribute",
        "customers",
        "Unreadable values",
        "A number or date is filled in but cannot be read; off: the row stays, the value is empty.",
        False,
        lambda table, facts: _any([table[name] for name in table.columns if name.startswith(UNREAD)]),
    ),
    Rule(
        "unreadable_time",
        "series",
        "Unreadable times",
        "The time is filled in but cannot be read.",
        True,
        _unread("time"),
        needs=(UNREAD + "time",),
    ),
    Rule("missing_time", "series", "Missing times", "The time is empty.", True, _missing("time"), needs=("time",)),
    Rule(
        "unreadable_value",
        "series",
        "Unreadable numbers",
        "The value is filled in but is not a number.",
        True,
        _unread("value"),
        needs=(UNREAD + "value",),
    ),
    Rule("missing_value", "series", "Missing values", "The value is empty.", True, _missing("value"), needs=("value",)),
    Rule(
        "duplicate_time",
        "series",
        "Times listed twice",
        "A time of an earlier row of the same series; off: the values of a time are added up.",
        False,
        _repeated("series_id", "time"),
        needs=("time",),
    ),
    Rule("empty_text", "feedback", "Empty texts", "There is no text.", True, _missing("text"), needs=("text",)),
    Rule(
        "unreadable_created_at",
        "feedback",
        "Unreadable dates",
        "The date is filled in but is not a date; off: the row stays, the date is empty.",
        False,
        _unread("created_at"),
        needs=(UNREAD + "created_at",),
    ),
    Rule(
        "impossible_created_at",
        "feedback",
        "Impossible dates",
        "Before 1900, after 2100, or in the future and more than a year after nine tenths of the file.",
        False,
        _impossible("created_at"),
        needs=("created_at",),
    ),
    Rule(
        "unreadable_rating",
        "feedback",
        "Unreadable ratings",
        "The rating is filled in but is not a number; off: the row stays, the rating is empty.",
        False,
        _unread("rating"),
        needs=(UNREAD + "rating",),
    ),
    Rule(
        "duplicate_feedback",
        "feedback",
        "Exact duplicates",
        "Equal to an earlier row in every column of the file; off because short comments repeat.",
        False,
        _repeated(KEY),
    ),
)
"""In the order in which they take rows out."""
