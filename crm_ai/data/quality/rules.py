"""The cleaning rules: what each is called, whether it is on by default, and the columns it needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_ai.data.quality.finds import (
    CHARGES,
    PLACEHOLDERS,
    Finds,
    any_of,
    below,
    cancelled,
    impossible,
    key_of,
    missing,
    missing_customer,
    missing_product,
    named,
    repeated,
    replaced,
    unread,
    zero,
)
from crm_ai.data.quality.typed import KEY, UNREAD, Facts
from crm_ai.errors import BadParameter


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
        compares: it looks at several rows at once.
        if_replacing: it applies where an upload replaces rows of an earlier one and has keys to tell them by.
    """

    id: str
    table: str
    label: str
    help: str
    on: bool
    finds: Finds
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    compares: bool = False
    if_replacing: bool = False

    def on_by(self, switches: Mapping[str, bool]) -> bool:
        return switches.get(self.id, self.on)

    @property
    def columns(self) -> frozenset[str]:
        """All of a row that it may look at; none where that is not all that matters."""
        return frozenset() if self.compares else frozenset((*self.needs, *self.one_of))

    def applies(self, columns: set[str], facts: Facts) -> bool:
        if self.if_replacing:
            return any(batch.replaces for batch in facts.batches) and bool(key_of(self.table, columns))
        return set(self.needs) <= columns and (not self.one_of or bool(columns & set(self.one_of)))


def chosen(table: str, switches: Mapping[str, bool]) -> dict[str, bool]:
    """Rule id -> on or off for one table, the defaults under the switches."""
    return {rule.id: rule.on_by(switches) for rule in rules_of(table)}


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


RULES: tuple[Rule, ...] = (
    Rule(
        "replaced",
        "transactions",
        "Replaced by a later file",
        "All lines of an order that comes again in a file that was added later to replace it.",
        True,
        replaced("transactions"),
        if_replacing=True,
    ),
    Rule(
        "unreadable_date",
        "transactions",
        "Unreadable dates",
        "The date is filled in but is not a date.",
        True,
        unread("ordered_at"),
        needs=(UNREAD + "ordered_at",),
    ),
    Rule(
        "missing_date",
        "transactions",
        "Missing dates",
        "The date is empty.",
        True,
        missing("ordered_at"),
        needs=("ordered_at",),
    ),
    Rule(
        "impossible_date",
        "transactions",
        "Impossible dates",
        "Before 1900, after 2100, or in the future and more than a year after nine tenths of the file.",
        True,
        impossible("ordered_at"),
        needs=("ordered_at",),
    ),
    Rule(
        "unreadable_number",
        "transactions",
        "Unreadable numbers",
        "Quantity, price or amount is filled in but is not a number.",
        True,
        unread("quantity", "unit_price", "amount", "discount"),
        one_of=(UNREAD + "quantity", UNREAD + "unit_price", UNREAD + "amount", UNREAD + "discount"),
    ),
    Rule(
        "missing_amount",
        "transactions",
        "Missing amounts",
        "No amount, or no quantity or price to work it out from.",
        True,
        missing("amount"),
        needs=("amount",),
    ),
    Rule(
        "cancelled",
        "transactions",
        "Cancelled orders",
        "The order is marked as cancelled, by its number or its status.",
        True,
        cancelled,
        needs=("cancelled",),
    ),
    Rule(
        "missing_customer",
        "transactions",
        "Missing customers",
        "The customer is empty. A file without any customers keeps all its rows.",
        True,
        missing_customer,
        needs=("customer_id",),
    ),
    Rule(
        "nonpositive_quantity",
        "transactions",
        "Quantity zero or below",
        "Returns, write-offs and corrections of stock.",
        True,
        below("quantity", zero=True),
        needs=("quantity",),
    ),
    Rule(
        "nonpositive_price",
        "transactions",
        "Price zero or below",
        "Gifts, samples and bookings without a sale.",
        True,
        below("unit_price", zero=True),
        needs=("unit_price",),
    ),
    Rule(
        "negative_amount",
        "transactions",
        "Amount below zero",
        "Refunds and corrections.",
        True,
        below("amount", zero=False),
        needs=("amount",),
    ),
    Rule(
        "zero_amount",
        "transactions",
        "Amount of zero",
        "Orders without payment; off because they may be real visits.",
        False,
        zero("amount"),
        needs=("amount",),
    ),
    Rule(
        "placeholder_product",
        "transactions",
        "Placeholder products",
        "The product is a stand-in such as NONE, N/A or ?.",
        True,
        named(PLACEHOLDERS),
        one_of=("product_id", "product_name"),
    ),
    Rule(
        "missing_product",
        "transactions",
        "Missing products",
        "Neither code nor name of a product; off because the sale counts all the same.",
        False,
        missing_product,
        one_of=("product_id", "product_name"),
    ),
    Rule(
        "charges",
        "transactions",
        "Postage, fees and manual entries",
        "Lines that are no goods: postage, discounts, fees, samples, manual entries.",
        False,
        named(CHARGES),
        one_of=("product_id", "product_name"),
    ),
    Rule(
        "duplicates",
        "transactions",
        "Exact duplicates",
        "Equal to an earlier row in every column of the file; off because one order may list a product twice.",
        False,
        repeated(KEY),
        needs=(KEY,),
        compares=True,
    ),
    Rule(
        "replaced_customer",
        "customers",
        "Replaced by a later file",
        "The row comes again in a file that was added later to replace it.",
        True,
        replaced("customers"),
        if_replacing=True,
    ),
    Rule(
        "missing_id",
        "customers",
        "Missing customers",
        "The customer is empty.",
        True,
        missing_customer,
        needs=("customer_id",),
    ),
    Rule(
        "duplicate_id",
        "customers",
        "Customers listed twice",
        "A customer of an earlier row; the first row stays.",
        True,
        repeated("customer_id"),
        needs=("customer_id",),
        compares=True,
    ),
    Rule(
        "unreadable_attribute",
        "customers",
        "Unreadable values",
        "A number or date is filled in but cannot be read; off: the row stays, the value is empty.",
        False,
        lambda table, facts: any_of([table[name] for name in table.columns if name.startswith(UNREAD)]),
    ),
    Rule(
        "replaced_time",
        "series",
        "Replaced by a later file",
        "The row comes again in a file that was added later to replace it.",
        True,
        replaced("series"),
        if_replacing=True,
    ),
    Rule(
        "unreadable_time",
        "series",
        "Unreadable times",
        "The time is filled in but cannot be read.",
        True,
        unread("time"),
        needs=(UNREAD + "time",),
    ),
    Rule("missing_time", "series", "Missing times", "The time is empty.", True, missing("time"), needs=("time",)),
    Rule(
        "unreadable_value",
        "series",
        "Unreadable numbers",
        "The value is filled in but is not a number.",
        True,
        unread("value"),
        needs=(UNREAD + "value",),
    ),
    Rule("missing_value", "series", "Missing values", "The value is empty.", True, missing("value"), needs=("value",)),
    Rule(
        "duplicate_time",
        "series",
        "Times listed twice",
        "A time of an earlier row of the same series; off: the values of a time are added up.",
        False,
        repeated("series_id", "time"),
        needs=("time",),
        compares=True,
    ),
    Rule(
        "replaced_feedback",
        "feedback",
        "Replaced by a later file",
        "The row comes again in a file that was added later to replace it.",
        True,
        replaced("feedback"),
        if_replacing=True,
    ),
    Rule("empty_text", "feedback", "Empty texts", "There is no text.", True, missing("text"), needs=("text",)),
    Rule(
        "unreadable_created_at",
        "feedback",
        "Unreadable dates",
        "The date is filled in but is not a date; off: the row stays, the date is empty.",
        False,
        unread("created_at"),
        needs=(UNREAD + "created_at",),
    ),
    Rule(
        "impossible_created_at",
        "feedback",
        "Impossible dates",
        "Before 1900, after 2100, or in the future and more than a year after nine tenths of the file.",
        False,
        impossible("created_at"),
        needs=("created_at",),
    ),
    Rule(
        "unreadable_rating",
        "feedback",
        "Unreadable ratings",
        "The rating is filled in but is not a number; off: the row stays, the rating is empty.",
        False,
        unread("rating"),
        needs=(UNREAD + "rating",),
    ),
    Rule(
        "duplicate_feedback",
        "feedback",
        "Exact duplicates",
        "Equal to an earlier row in every column of the file; off because short comments repeat.",
        False,
        repeated(KEY),
        needs=(KEY,),
        compares=True,
    ),
)
"""In the order in which they take rows out."""
