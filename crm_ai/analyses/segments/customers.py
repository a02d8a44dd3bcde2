"""What is known of each customer: purchases added up by the engine, or the attributes of the customer table."""

from collections.abc import Iterator

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.data.sampling import share_for, thinned

RFM = ("recency_days", "frequency", "monetary")
HABITS = ("average_order_value", "tenure_days", "days_between_orders", "products", "categories")
CENTS = 6
"""Decimals kept of sums: engines add in different orders and differ in the last digits."""


def has_purchases(data: Dataset) -> bool:
    return data.has("transactions", "customer_id", "ordered_at", "amount")


def purchases(data: Dataset, most: int) -> pd.DataFrame:
    """One row a customer, sorted by customer_id: RFM, then HABITS as far as the columns are there.

    recency_days counts from the day after the last order in the data, so that it is at least 1. days_between_orders is
    missing for customers with one order. Customers whose amounts are unknown are left out. Of more than ``most``
    customers, a sample: ``attrs["everyone"]`` is how many there are, ``attrs["newest"]`` the day of the last order.
    """
    every, everyone, newest = data.few(sums(data), most), None, None
    if every is None:
        everyone = int(data.value(sums(data).count()))
        newest = data.value(_known(data.orders()).ordered_at.max()).normalize()
        every = data.frame(sums(data, share_for(most, everyone)))
    frame = _dated(every, newest).sort_values("customer_id", ignore_index=True)
    frame.attrs |= {"everyone": everyone or len(frame), "newest": newest}
    return frame


def every_purchase(data: Dataset, newest: pd.Timestamp) -> Iterator[pd.DataFrame]:
    """The same of all customers, in frames of bounded size and no order."""
    return (_dated(batch, newest) for batch in data.batches(sums(data)))


def sums(data: Dataset, share: float = 1.0) -> ir.Table:
    """A row a customer: customer_id, frequency, monetary, first, last, and products and categories where known."""
    known = thinned(_known(data.orders()), ["customer_id"], share)
    table = known.group_by("customer_id").aggregate(
        frequency=known.count(),
        monetary=known.amount.sum(),
        first=known.ordered_at.min(),
        last=known.ordered_at.max(),
    )
    lines = thinned(data.tables["transactions"], ["customer_id"], share)
    goods = next((name for name in ("product_id", "product_name") if name in lines.columns), None)
    columns = {"products": goods, "categories": "category" if "category" in lines.columns else None}
    for name, column in columns.items():
        table = _with_variety(table, lines, name, column) if column else table
    return table


def attributes(data: Dataset, most: int) -> pd.DataFrame:
    """The customer table as it is, sorted by customer_id; a sample of more than ``most``, see ``purchases``."""
    table = data.table("customers", "customer_id")
    table = table.filter(table.customer_id.notnull())
    everyone = int(data.value(table.count()))
    frame = data.frame(thinned(table, ["customer_id"], share_for(most, everyone)))
    frame = frame.assign(customer_id=frame["customer_id"].astype(str))
    frame = frame.sort_values("customer_id", kind="stable", ignore_index=True)
    frame.attrs["everyone"] = everyone
    return frame


def currency(data: Dataset) -> str:
    """The one currency of the amounts, "" where unknown or mixed."""
    if not data.has("transactions", "currency"):
        return ""
    kinds = data.frame(data.tables["transactions"].select("currency").distinct().limit(3))["currency"].dropna()
    return str(kinds.iloc[0]) if len(kinds) == 1 else ""


def _known(rows: ir.Table) -> ir.Table:
    return rows.filter(rows.customer_id.notnull(), rows.ordered_at.notnull(), rows.amount.notnull())


def _with_variety(table: ir.Table, lines: ir.Table, name: str, column: str) -> ir.Table:
    """How many different values of the column each customer has, in two steps: cheaper than a distinct count."""
    known = lines.filter(lines.customer_id.notnull(), lines[column].notnull())
    pairs = known.select("customer_id", column).distinct()
    counts = pairs.group_by("customer_id").aggregate(**{name: pairs.count()})
    both = table.left_join(counts, "customer_id")
    return both.select(*table.columns, **{name: both[name].fill_null(0)})


def _dated(sums: pd.DataFrame, newest: pd.Timestamp | None) -> pd.DataFrame:
    """Days instead of dates, reckoned here because engines count days in different ways."""
    sums = sums[np.isfinite(sums["monetary"].astype(float))]
    first, last = (pd.to_datetime(sums[name]).dt.normalize() for name in ("first", "last"))
    tenure = (last - first).dt.days.astype(float)
    frequency = sums["frequency"].astype("int64")
    monetary = sums["monetary"].astype(float).round(CENTS)
    frame = pd.DataFrame(
        {
            "customer_id": sums["customer_id"].astype(str),
            "recency_days": ((newest or last.max()) + pd.Timedelta(days=1) - last).dt.days.astype("int64"),
            "frequency": frequency,
            "monetary": monetary,
            "average_order_value": monetary / frequency,
            "tenure_days": tenure.astype("int64"),
            "days_between_orders": (tenure / (frequency - 1).where(frequency > 1)).astype(float),
            "last_order": last,
        }
    )
    return frame.assign(**{name: sums[name].astype("int64") for name in ("products", "categories") if name in sums})
