"""What a line of an order comes to."""

import ibis.expr.types as ir


def with_amount(table: ir.Table) -> ir.Table:
    """The table with ``amount``: mapped, or quantity times price, or the price of the one piece; less the discount."""
    if "amount" in table.columns or "unit_price" not in table.columns:
        return table
    amount = table.quantity * table.unit_price if "quantity" in table.columns else table.unit_price
    return table.mutate(amount=amount * (1 - table.discount.fill_null(0.0)) if "discount" in table.columns else amount)
