"""How is the business doing, and what changed?

Sums and counts over the cleaned orders; a month that the data do not cover to its end is marked and never compared.
Whether a product rose or fell is an exact test of two Poisson counts (Przyborowski & Wilenski 1940), corrected for
the number of products by Benjamini & Hochberg (1995); the trend rests on Wilcoxon's paired test over two years, or on
Kendall's rank correlation where there are less.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd

from crm_ai.analyses import require
from crm_ai.analyses.options import Choice, Range
from crm_ai.analyses.overview import comparison, sums
from crm_ai.analyses.overview.drawing import figures
from crm_ai.analyses.overview.wording import findings, shown
from crm_ai.data.dataset import Dataset
from crm_ai.progress import Progress, silent

__all__ = ["CARDS", "DRILL", "ICON", "NEEDS", "READING", "TABLES", "TERMS", "TITLE", "Params", "Result"]
__all__ += ["features", "figures", "findings", "run", "shown"]

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
    "parts": "Where revenue comes from",
    "rhythm": "Weekdays and hours",
    "kpis": "Key figures",
}
DRILL = {"top_products": ("changes", "product"), "changes": ("changes", "product")}
READING = (
    "Revenue is the sum of the order lines that are left after cleaning; the data page lists what was taken out. "
    "A customer counts as a repeat customer from the second order on, and as new in the month of the first order. "
    "The last month is compared only when the data cover it to its end."
)
TERMS = {
    "average_order_value": "Revenue divided by the number of orders.",
    "repeat_rate": "Share of customers with at least two orders.",
    "complete": "Whether the data cover the month to its end.",
    "new_customers": "Customers whose first order in these data falls into the month.",
    "returning_customers": "Customers of the month who had ordered in an earlier month.",
    "q_value": "How easily chance alone makes a change like this in the number of order lines, given how many "
    "products are looked at; below 0.05 is taken as clear.",
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
        by_month: month (first day), revenue, orders, average_order_value, complete, and with customers
            customers, new_customers, returning_customers; a row for every month of the span.
        top_products: product, revenue, quantity (where known), customers (orders where nobody is known),
            share_of_revenue; empty without products.
        top_customers: customer_id, revenue, orders, last_order, share_of_revenue; empty without customers.
        changes: product, before, after, change, q_value: revenue in the months compared, largest change first; with
            customers_before, customers_after (or orders_...) who bought it then.
        parts: part (country, category or channel), name, revenue, customers (or orders), share_of_revenue; empty where
            there are none.
        rhythm: weekday (0 is Monday), hour, revenue, orders; the hour is 0 where the data have no times.
        revenue, orders, customers, average_order_value, repeat_rate: totals; None where they do not exist.
        month, month_before: ISO dates of the months compared, "" where there are none.
        revenue_month, revenue_before: their revenue.
        usual_move: the median change from one complete month to the next, as a share.
        trend: revenue of the last ``trend_months`` complete months over that of as many before, minus 1.
        trend_p_value: how likely chance alone moves the months so steadily.
        top_tenth_share: revenue share of the best tenth of the customers.
        currency: of the amounts, "" where unknown or mixed.
        first_day, last_day: ISO dates of the first and last order.
    """

    kpis: pd.DataFrame
    by_month: pd.DataFrame
    top_products: pd.DataFrame
    top_customers: pd.DataFrame
    changes: pd.DataFrame
    parts: pd.DataFrame
    rhythm: pd.DataFrame
    revenue: float
    orders: int
    customers: int | None
    average_order_value: float
    repeat_rate: float | None
    month: str
    month_before: str
    revenue_month: float | None
    revenue_before: float | None
    usual_move: float | None
    trend: float | None
    trend_months: int | None
    trend_p_value: float | None
    top_tenth_share: float | None
    currency: str
    first_day: str
    last_day: str


def features(data: Dataset, params: Params = Params()) -> dict[str, Any]:
    """What the engine adds up, see ``sums``: hours, customers, by_month, products, parts, currencies."""
    lines = sums.dated(data.table("transactions", "ordered_at", "amount"))
    orders = data.kept(sums.dated(data.orders()))
    hours = sums.hours(data, orders)
    customers = sums.customers(data, orders, params.top)
    by_month = comparison.by_month(hours, sums.active(data, orders), customers.new)
    return {
        "hours": hours,
        "customers": customers,
        "by_month": by_month,
        "products": sums.products(data, lines, comparison.compared(by_month, params.compare)),
        "parts": sums.parts(data, lines),
        "currencies": sums.currencies(data, lines),
    }


def run(data: Dataset, params: Params = Params(), progress: Progress = silent) -> Result:
    """Add up and compare.

    Raises:
        MissingColumns: no dates or amounts.
        TooLittleData: no dated order.
    """
    require(NEEDS, data)
    progress(0.1, "Adding up the orders")
    found = features(data, params)
    progress(0.8, "Comparing the months")
    hours, customers, products = found["hours"], found["customers"], found["products"]
    totals = _totals(hours, customers)
    return Result(
        kpis=_kpis(totals, products),
        by_month=found["by_month"],
        top_products=_top(
            products, ("product", "revenue", "quantity", "customers", "orders"), params.top, totals["revenue"]
        ),
        top_customers=_shares(customers.top, totals["revenue"]),
        changes=comparison.changes(products),
        parts=_shares(found["parts"], totals["revenue"]),
        rhythm=comparison.rhythm(hours),
        **totals,
        **_months(found["by_month"], params.compare),
        **comparison.trend(found["by_month"].loc[found["by_month"]["complete"], "revenue"].to_numpy()),
        usual_move=comparison.usual_move(found["by_month"]),
        top_tenth_share=_share(customers.top_tenth, customers.revenue),
        currency=str(found["currencies"]["currency"].iloc[0]) if len(found["currencies"]) == 1 else "",
        first_day=_iso(hours["day"].min()),
        last_day=_iso(hours["day"].max()),
    )


def _totals(hours: pd.DataFrame, customers: sums.Customers) -> dict[str, Any]:
    revenue, orders = round(float(hours["revenue"].sum()), 6), int(hours["orders"].sum())
    return {
        "revenue": revenue,
        "orders": orders,
        "customers": customers.known or None,
        "average_order_value": revenue / orders,
        "repeat_rate": customers.repeat / customers.known if customers.known else None,
    }


def _months(by_month: pd.DataFrame, compare: str) -> dict[str, Any]:
    """The months compared and their revenue."""
    revenue = by_month.set_index("month")["revenue"]
    last, before = comparison.compared(by_month, compare)
    return {
        "month": _iso(last),
        "month_before": _iso(before),
        "revenue_month": None if last is None else float(revenue[last]),
        "revenue_before": None if before is None else float(revenue[before]),
    }


def _kpis(totals: dict[str, Any], products: pd.DataFrame) -> pd.DataFrame:
    """The totals as a table: metric, value; what does not exist is left out."""
    known = {name: float(value) for name, value in totals.items() if value is not None}
    if len(products):
        known["products"] = float(len(products))
    return pd.DataFrame({"metric": list(known), "value": list(known.values())})


def _top(table: pd.DataFrame, columns: tuple[str, ...], most: int, total: float) -> pd.DataFrame:
    here = [name for name in columns if name in table]
    return _shares(table[here].head(most).reset_index(drop=True), total)


def _shares(table: pd.DataFrame, total: float) -> pd.DataFrame:
    return table.assign(share_of_revenue=table["revenue"].astype("float64") / total if total else np.nan)


def _share(part: float | None, whole: float) -> float | None:
    return None if part is None or whole <= 0 else part / whole


def _iso(day: pd.Timestamp | None) -> str:
    return "" if day is None else day.date().isoformat()
