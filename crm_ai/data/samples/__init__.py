"""The demo shop: two years of a tea and home store, generated with a seed, its truth planted and known.

demo() gives the canonical tables, truth() what was planted in them, write() the CSV files a user would upload.
Names of people never occur, ids only.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from crm_ai.data.samples import comments, shop

SEED = 7
CUSTOMERS = 1500

HEADINGS = {
    "transactions": {
        "order_id": "Order ID",
        "customer_id": "Customer ID",
        "ordered_at": "Order Date",
        "product_id": "Product ID",
        "product_name": "Product Name",
        "category": "Category",
        "quantity": "Quantity",
        "unit_price": "Unit Price",
        "amount": "Amount",
        "country": "Country",
        "channel": "Channel",
    },
    "customers": {
        "customer_id": "Customer ID",
        "country": "Country",
        "age_band": "Age Band",
        "plan": "Plan",
        "newsletter": "Newsletter",
        "tenure_months": "Tenure Months",
        "support_tickets": "Support Tickets",
        "late_deliveries": "Late Deliveries",
        "target": "Churn",
    },
    "feedback": {
        "feedback_id": "Feedback ID",
        "customer_id": "Customer ID",
        "created_at": "Created At",
        "text": "Comment",
        "rating": "Rating",
        "product_id": "Product ID",
        "channel": "Channel",
    },
}
"""Table -> canonical column -> the heading ``write`` gives it."""


@dataclass(frozen=True)
class Truth:
    """What is planted in the demo shop.

    Attributes:
        segments: customer_id, segment (one of five), a row a customer.
        rules: product_id pairs (antecedent, consequent), bought together far more often than by chance.
        anomalies: date, factor by which the sales of that day are off, in order of time.
        weekly: factor of each day of the week, Monday first.
        yearly: factor of each month, January first.
        holidays: date -> factor.
        churn: feature -> coefficient in the log-odds of ``customers.target``; ``plan`` is 1 for Plus and ``newsletter``
            1 for yes. Other attributes have no effect.
        feedback: feedback_id, language, sentiment (positive, negative, neutral, mixed), topic.
    """

    segments: pd.DataFrame
    rules: tuple[tuple[str, str], ...]
    anomalies: pd.DataFrame
    weekly: tuple[float, ...]
    yearly: tuple[float, ...]
    holidays: dict[str, float]
    churn: dict[str, float]
    feedback: pd.DataFrame


def demo(seed: int = SEED, customers: int = CUSTOMERS) -> dict[str, pd.DataFrame]:
    """The shop's canonical tables: transactions, customers, feedback. Equal arguments, equal tables."""
    tables, _ = _planted(seed, customers)
    return {name: frame.copy() for name, frame in tables.items()}


def truth(seed: int = SEED, customers: int = CUSTOMERS) -> Truth:
    """What ``demo`` with the same arguments has in it."""
    return _planted(seed, customers)[1]


def write(folder: Path, seed: int = SEED, customers: int = CUSTOMERS) -> list[Path]:
    """Write the shop as CSV files with business headings; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.csv" for name in HEADINGS}
    for name, frame in _planted(seed, customers)[0].items():
        frame.rename(columns=HEADINGS[name]).to_csv(paths[name], index=False, encoding="utf-8-sig")
    return list(paths.values())


@lru_cache(maxsize=2)
def _planted(seed: int, customers: int) -> tuple[dict[str, pd.DataFrame], Truth]:
    rng = np.random.default_rng(seed)
    people = shop.people(rng, customers)
    anomalies = shop.anomalies(rng)
    transactions = shop.transactions(rng, people, shop.day_weights(anomalies))
    attributes = shop.attributes(rng, people)
    feedback, labels = comments.feedback(rng, attributes["customer_id"].to_numpy())
    tables = {"transactions": transactions, "customers": attributes, "feedback": feedback}
    return tables, Truth(
        segments=people[["customer_id", "segment"]],
        rules=shop.rules(),
        anomalies=anomalies,
        weekly=shop.WEEKLY,
        yearly=shop.yearly(),
        holidays=dict(shop.HOLIDAYS),
        churn=dict(shop.CHURN),
        feedback=labels,
    )
