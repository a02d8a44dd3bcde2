"""From evidence to scores: each lies from 0 to 1 and is a share of rows without fault."""

import pandas as pd

WEIGHTS = {
    "completeness": 3.0,
    "validity": 3.0,
    "uniqueness": 2.0,
    "consistency": 2.0,
    "freshness": 1.0,
    "outliers": 1.0,
    "spelling": 1.0,
}
"""Dimension -> its weight in the overall score."""
IMPORTANT = {
    "transactions": {"customer_id": 3, "ordered_at": 3, "amount": 3, "order_id": 2, "product_id": 2, "product_name": 2}
    | {"quantity": 2},
    "customers": {"customer_id": 3, "target": 2, "treatment": 2},
    "series": {"time": 3, "value": 3},
    "feedback": {"text": 3, "rating": 2, "created_at": 2, "customer_id": 2},
}
"""Table -> column -> how much an empty value counts; 1 where it is not listed."""


def weight(table: str, column: str) -> float:
    """How much an empty value of the column counts."""
    return float(IMPORTANT[table].get(column, 1))


def completeness(columns: pd.DataFrame) -> float | None:
    """Mean of the filled shares, weighted by IMPORTANT; None without columns."""
    pairs = zip(columns["table"], columns["column"], strict=True)
    weights = pd.Series([weight(*pair) for pair in pairs], dtype="float64")
    return float((columns["filled_share"].to_numpy() * weights).sum() / weights.sum()) if len(weights) else None


def by_checks(checks: pd.DataFrame, dimension: str) -> float | None:
    """1 minus the shares of the rows that fail, added up, at least 0; the mean over the tables. None without checks."""
    some = checks[checks["dimension"] == dimension]
    failed = some.groupby("table")["share"].sum().clip(upper=1.0)
    return float(1 - failed.mean()) if len(failed) else None


def by_values(checks: pd.DataFrame, dimension: str) -> float | None:
    """Share of the values looked at, in all columns together, that pass. None without checks."""
    some = checks[checks["dimension"] == dimension]
    return float(1 - some["rows"].sum() / some["of"].sum()) if some["of"].sum() else None


def freshness(age: float | None, limit: float, covered: float | None) -> float | None:
    """Share of the days that lie in no gap, times limit / age where the newest row is older than the limit."""
    if covered is None:
        return None
    return covered * (1.0 if age is None or age <= limit else limit / age)


def overall(scores: dict[str, float | None]) -> float:
    """Mean of the dimensions that apply, by WEIGHTS."""
    known = {name: score for name, score in scores.items() if score is not None}
    return sum(WEIGHTS[name] * score for name, score in known.items()) / sum(WEIGHTS[name] for name in known)
