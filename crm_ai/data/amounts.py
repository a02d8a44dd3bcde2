"""What a line of an order comes to."""

from collections.abc import Mapping
from itertools import product
from math import prod

import ibis.expr.types as ir

Range = tuple[float, float]
"""The lowest and the highest value of a column."""


def with_amount(table: ir.Table) -> ir.Table:
    """The table with ``amount``: mapped, or quantity times price, or the price of the one piece; less the discount."""
    if "amount" in table.columns or "unit_price" not in table.columns:
        return table
    amount = table.quantity * table.unit_price if "quantity" in table.columns else table.unit_price
    return table.mutate(amount=amount * (1 - table.discount.fill_null(0.0)) if "discount" in table.columns else amount)


def amount_range(filled: Mapping[str, int], ranges: Mapping[str, Range]) -> Range | None:
    """What ``with_amount`` works out lies in this range; None where that is not known.

    Args:
        filled: mapped column -> rows with a value.
        ranges: of those columns where they are known.
    """
    factors = [name for name in ("quantity", "unit_price") if name in filled]
    if "amount" in filled or filled.get("discount") or "unit_price" not in factors or not ranges.keys() >= {*factors}:
        return None
    corners = [prod(values) for values in product(*(ranges[name] for name in factors))]
    return min(corners), max(corners)
