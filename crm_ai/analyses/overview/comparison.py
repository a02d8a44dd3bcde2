"""The overview's own arithmetic on what the engine added up: complete months, trend, changes, shares."""

from typing import Any

import numpy as np
import pandas as pd

MISSED = 0.5
"""A month is complete where fewer selling days than this are expected outside the span of the data."""
YEAR = 12
CHANGES = ("product", "before", "after", "change", "q_value")


def by_month(hours: pd.DataFrame, active: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """A row for every calendar month of the span, those without orders included."""
    month = hours["day"].dt.to_period("M").dt.to_timestamp().astype("datetime64[us]").rename("month")
    sums = hours.groupby(month)[["revenue", "orders"]].sum()
    every = pd.date_range(sums.index.min(), sums.index.max(), freq="MS", name="month").astype("datetime64[us]")
    table = sums.reindex(every, fill_value=0).reset_index()
    table["average_order_value"] = table["revenue"] / table["orders"].where(table["orders"] > 0)
    table["complete"] = _complete(table["month"], hours["day"])
    if not len(active):
        return table
    table["customers"] = _counts(active.set_index("month")["customers"], table["month"])
    table["new_customers"] = _counts(new.set_index("month")["customers"], table["month"])
    return table.assign(returning_customers=table["customers"] - table["new_customers"])


def compared(months: pd.DataFrame, compare: str) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """The last complete month and the one it is compared with; None where there is none."""
    whole = set(months.loc[months["complete"], "month"])
    if not whole:
        return None, None
    last = max(whole)
    before = last - pd.DateOffset(months=YEAR if compare == "year" else 1)
    return last, before if before in whole else None


def changes(products: pd.DataFrame) -> pd.DataFrame:
    """What the compared months differ in, product by product, the largest change first."""
    if not {"before", "after"} <= set(products.columns):
        return pd.DataFrame({name: pd.Series(dtype="str" if name == "product" else "float64") for name in CHANGES})
    table = products.assign(**{name: products[name].fillna(0.0).round(6) for name in ("before", "after")})
    table = table[(table["lines_before"] > 0) | (table["lines_after"] > 0)]
    table = table.assign(change=(table["after"] - table["before"]).round(6))
    table["q_value"] = _q_values(_p_values(table["lines_before"].to_numpy(), table["lines_after"].to_numpy()))
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    buyers = [f"{who}_{month}" for who in ("customers", "orders") for month in ("before", "after")]
    return table.loc[order, [*CHANGES, *(name for name in buyers if name in table)]].reset_index(drop=True)


def trend(revenue: np.ndarray) -> dict[str, Any]:
    """Revenue of the last complete months over that of as many before: a year each, or a quarter each."""
    months = YEAR if len(revenue) >= 2 * YEAR else 3
    last, before = revenue[-months:], revenue[-2 * months : -months]
    if len(revenue) < 2 * months or before.sum() <= 0:
        return {"trend": None, "trend_months": None, "trend_p_value": None}
    p_value = _paired(last, before) if months == YEAR else _steady(revenue)
    return {"trend": float(last.sum() / before.sum() - 1), "trend_months": months, "trend_p_value": p_value}


def usual_move(months: pd.DataFrame) -> float | None:
    """Median change from one complete month to the next, as a share; None with fewer than three such steps."""
    whole = months.loc[months["complete"] & (months["revenue"] > 0), ["month", "revenue"]]
    steps = whole["month"].dt.year * YEAR + whole["month"].dt.month
    moves = whole["revenue"].pct_change().abs()[steps.diff() == 1]
    return float(moves.median()) if len(moves) >= 3 else None


def rhythm(hours: pd.DataFrame) -> pd.DataFrame:
    """Revenue and orders by weekday (0 is Monday) and hour."""
    sums = hours.groupby([hours["day"].dt.day_of_week.rename("weekday"), "hour"])[["revenue", "orders"]].sum()
    return sums.reset_index().astype({"weekday": "int64", "hour": "int64"})


def _complete(months: pd.Series, days: pd.Series) -> pd.Series:
    """Whether the span of the days covers each month: closed weekdays and usual gaps do not count as missing."""
    first, last = days.min(), days.max()
    end = months.iloc[-1] + pd.offsets.MonthEnd(0)
    open_share = _open_share(pd.DatetimeIndex(days.unique()), first, last)
    early = open_share[pd.date_range(months.iloc[0], first - pd.Timedelta(days=1)).day_of_week].sum()
    late = open_share[pd.date_range(last + pd.Timedelta(days=1), end).day_of_week].sum()
    complete = np.ones(len(months), dtype=bool)
    complete[0] &= early < MISSED
    complete[-1] &= late < MISSED
    return pd.Series(complete, index=months.index)


def _open_share(days: pd.DatetimeIndex, first: pd.Timestamp, last: pd.Timestamp) -> np.ndarray:
    """Share of Mondays, Tuesdays ... of the span that have orders; 1 where the span has none."""
    span = np.bincount(pd.date_range(first, last).day_of_week, minlength=7)
    return np.where(span > 0, np.bincount(days.day_of_week, minlength=7) / np.maximum(span, 1), 1.0)


def _counts(counts: pd.Series, months: pd.Series) -> np.ndarray:
    return months.map(counts).fillna(0).astype("int64").to_numpy()


def _p_values(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Two Poisson counts against the change of all products together: exact, two-sided."""
    from scipy.stats import binom

    both, share = before + after, after.sum() / max(1, (before + after).sum())
    return np.minimum(1.0, 2 * np.minimum(binom.cdf(after, both, share), binom.sf(after - 1, both, share)))


def _q_values(p_values: np.ndarray) -> np.ndarray:
    from scipy.stats import false_discovery_control

    return false_discovery_control(p_values) if len(p_values) else p_values


def _paired(last: np.ndarray, before: np.ndarray) -> float | None:
    """Each month against the same month a year before: the season is out."""
    from scipy.stats import wilcoxon

    return float(wilcoxon(last, before).pvalue) if np.any(last != before) else None


def _steady(revenue: np.ndarray) -> float | None:
    from scipy.stats import kendalltau

    return float(kendalltau(np.arange(len(revenue)), revenue).pvalue) if np.ptp(revenue) > 0 else None
