"""What is known of each customer: purchases added up by the engine, or the attributes of the customer table."""

import numpy as np
import pandas as pd

from crm_ai.data.dataset import Dataset

RFM = ("recency_days", "frequency", "monetary")
HABITS = ("average_order_value", "tenure_days", "days_between_orders", "products", "categories")
CENTS = 6
"""Decimals kept of sums: engines add in different orders and differ in the last digits."""


def has_purchases(data: Dataset) -> bool:
    return data.has("transactions", "customer_id", "ordered_at", "amount")


def purchases(data: Dataset) -> pd.DataFrame:
    """One row a customer, sorted by customer_id: RFM, then HABITS as far as the columns are there.

    recency_days counts from the day after the last order in the data, so that it is at least 1. days_between_orders is
    missing for customers with one order. Customers whose amounts are unknown are left out.
    """
    orders = data.orders()
    known = orders.filter(orders.customer_id.notnull(), orders.ordered_at.notnull(), orders.amount.notnull())
    sums = data.frame(
        known.group_by("customer_id").aggregate(
            frequency=known.count(),
            monetary=known.amount.sum(),
            first=known.ordered_at.min(),
            last=known.ordered_at.max(),
        )
    )
    sums = sums[np.isfinite(sums["monetary"].astype(float))]
    frame = _dated(sums).assign(**_variety(data, sums["customer_id"]))
    frame["customer_id"] = frame["customer_id"].astype(str)
    return frame.sort_values("customer_id", ignore_index=True)


def attributes(data: Dataset) -> pd.DataFrame:
    """The customer table as it is, sorted by customer_id."""
    frame = data.frame(data.table("customers", "customer_id"))
    frame = frame[frame["customer_id"].notna()].assign(customer_id=lambda rows: rows["customer_id"].astype(str))
    return frame.sort_values("customer_id", kind="stable", ignore_index=True)


def currency(data: Dataset) -> str:
    """The one currency of the amounts, "" where unknown or mixed."""
    if not data.has("transactions", "currency"):
        return ""
    kinds = data.frame(data.tables["transactions"].select("currency").distinct().limit(3))["currency"].dropna()
    return str(kinds.iloc[0]) if len(kinds) == 1 else ""


def _dated(sums: pd.DataFrame) -> pd.DataFrame:
    """Days instead of dates, reckoned here because engines count days in different ways."""
    first, last = (pd.to_datetime(sums[name]).dt.normalize() for name in ("first", "last"))
    tenure = (last - first).dt.days.astype(float)
    frequency = sums["frequency"].astype("int64")
    monetary = sums["monetary"].astype(float).round(CENTS)
    return pd.DataFrame(
        {
            "customer_id": sums["customer_id"],
            "recency_days": (last.max() + pd.Timedelta(days=1) - last).dt.days.astype("int64"),
            "frequency": frequency,
            "monetary": monetary,
            "average_order_value": monetary / frequency,
            "tenure_days": tenure.astype("int64"),
            "days_between_orders": (tenure / (frequency - 1).where(frequency > 1)).astype(float),
            "last_order": last,
        }
    )


def _variety(data: Dataset, customers: pd.Series) -> dict[str, pd.Series]:
    """How many different products and categories each customer has bought."""
    lines = data.tables["transactions"]
    goods = next((name for name in ("product_id", "product_name") if name in lines.columns), None)
    columns = {"products": goods, "categories": "category" if "category" in lines.columns else None}
    return {name: _distinct(data, column, customers) for name, column in columns.items() if column}


def _distinct(data: Dataset, column: str, customers: pd.Series) -> pd.Series:
    lines = data.tables["transactions"]
    known = lines.filter(lines.customer_id.notnull(), lines[column].notnull())
    pairs = known.select("customer_id", column).distinct()
    counts = data.frame(pairs.group_by("customer_id").aggregate(different=pairs.count()))
    return customers.map(counts.set_index("customer_id")["different"]).fillna(0).astype("int64")
