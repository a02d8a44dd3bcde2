"""How is the business doing, and what changed?

Sums and counts over the cleaned orders; a month that the data do not cover to its end is marked and never compared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import ibis
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm_ai import charts
from crm_ai.analyses import require
from crm_ai.analyses.options import Choice, Range
from crm_ai.data.dataset import Dataset
from crm_ai.errors import TooLittleData
from crm_ai.i18n import money, number, percent

TITLE = "Overview"
ICON = ":material/dashboard:"
NEEDS = ({"transactions": ("ordered_at", "amount")},)
CARDS = {
    "revenue": "money",
    "orders": "number",
    "customers": "number",
    "average_order_value": "money",
    "repeat_rate": "percent",
}
TABLES = {
    "by_month": "Month by month",
    "top_products": "Top products",
    "top_customers": "Top customers",
    "changes": "What changed",
    "kpis": "Key figures",
}
DRILL = {"top_products": ("changes", "product")}
READING = (
    "Revenue is the sum of the order lines that are left after cleaning; the data page lists what was taken out. "
    "A customer counts as a repeat customer from the second order on. "
    "The last month is compared only when the data cover it to its end."
)
TERMS = {
    "average_order_value": "Revenue divided by the number of orders.",
    "repeat_rate": "Share of customers with at least two orders.",
    "complete": "Whether the data cover the month to its end.",
}


@dataclass(frozen=True)
class Params:
    """How long the lists are and what the last complete month is compared with."""

    top: Annotated[int, Range("Rows in the lists", 5, 50, "How many products and customers the lists show.")] = 10
    compare: Annotated[
        str,
        Choice(
            "Compare with",
            {"previous": "The month before", "year": "The same month a year before"},
            "What the last complete month is compared with.",
        ),
    ] = "previous"


@dataclass(frozen=True)
class Result:
    """Key figures of the cleaned orders.

    Attributes:
        kpis: metric, value.
        by_month: month (first day), revenue, orders, customers, complete.
        top_products: product, revenue, quantity; empty without products.
        top_customers: customer_id, revenue, orders, last_order; empty without customers.
        changes: product, before, after, change in revenue between the months compared, largest first.
        revenue, orders, customers, average_order_value, repeat_rate: totals; None where they do not exist.
        month, month_before: ISO dates of the months compared, "" where there are none.
        revenue_month, revenue_before: their revenue.
        currency: of the amounts, "" where unknown or mixed.
        first_day, last_day: ISO dates of the first and last order.
    """

    kpis: pd.DataFrame
    by_month: pd.DataFrame
    top_products: pd.DataFrame
    top_customers: pd.DataFrame
    changes: pd.DataFrame
    revenue: float
    orders: int
    customers: int | None
    average_order_value: float
    repeat_rate: float | None
    month: str
    month_before: str
    revenue_month: float | None
    revenue_before: float | None
    currency: str
    first_day: str
    last_day: str
