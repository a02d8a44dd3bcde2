"""What a column of a looked-up table may say about an order line, so that no other takes the line's own place."""

from collections.abc import Iterable, Sequence
from functools import cache

from crm_ai.data.headings import likeness
from crm_ai.data.relations.hints import EXACT, KNOWN_KEYS
from crm_ai.data.schema import TABLES

LEAST = 0.3
_COLUMNS = tuple(TABLES["transactions"])
_PLACE = frozenset({"country", "channel", "category"})
_OF = {
    "customer_id": frozenset({"customer_id", "country", "channel"}),
    "product_id": frozenset({"product_id", "product_name", "category", "unit_price", "currency"}),
    "order_id": frozenset(_COLUMNS) - {"quantity", "amount"},
    "": _PLACE,
}
"""What the look-up behind a key may say: nothing there is the amount of a line, and only an order has its date."""
_PRICES = ("unit_price", "amount")


def kind_of_lookup(parent: str, left_on: Sequence[str], headings: Iterable[str]) -> str:
    """What a look-up is about: "order_id", "customer_id", "product_id" or "" (a place, an employee ...).

    Args:
        parent: what the table that leads there is about.
        left_on: headings of the key.
        headings: of the line so far; a look-up by an unknown key is that of an order when they have no date yet.
    """
    if parent != "order_id":
        return parent
    said = {name: max(likeness(heading, name) for heading in left_on) for name in KNOWN_KEYS}
    best = max(said, key=lambda name: said[name])
    if said[best] >= EXACT - 0.15:
        return best
    return "" if any(likeness(heading, "ordered_at") >= EXACT for heading in headings) else "order_id"


def is_aside(bare: str, heading: str, about: str, own: Iterable[str]) -> bool:
    """Whether a looked-up column is no part of an order line.

    Args:
        bare: its heading in the look-up table.
        heading: its heading in the wide table, which may begin with the name of the look-up table.
        about: what the look-up is about.
        own: headings of the line itself.
    """
    part = _part(heading)
    misread = _part(bare) not in ("", part)
    priced = part == "unit_price" and any(likeness(mine, price) >= EXACT for mine in own for price in _PRICES)
    return part not in _OF[about] or misread or priced


@cache
def _part(heading: str) -> str:
    """The part that a heading plays in orders, or ""."""
    said = {name: likeness(heading, name) for name in _COLUMNS}
    best = max(said, key=lambda name: said[name])
    return best if said[best] >= LEAST else ""
