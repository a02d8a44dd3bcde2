"""What was known of each customer before a cut-off, and who bought after it.

Every feature of a cut-off rests on days before it alone; every label on the days from it on. A timetable lays the
label windows of training before the one of the test, so that nothing of the test period is ever learnt from
(the sliding-window design of buy-or-not models, e.g. Martinez et al. 2020).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.errors import TooLittleData

HORIZONS = (90, 60, 30, 14, 7)
"""Horizons in days that "auto" tries, longest first."""
CUTOFFS = 4
WINDOWS = (7, 30, 90, 180, 365)
YEAR = 365
DIGITS = 6
"""Decimals kept of sums: engines add in different orders."""


@dataclass(frozen=True)
class Timetable:
    """When features end and labels begin, in days since 1970-01-01.

    Attributes:
        horizon: days of each label window.
        train: cut-offs of training, latest first; their windows end at or before ``test``.
        test: cut-off of the test; its window ends with the data.
        score: the day after the last one, where the customer list is scored.
        history: days known before the earliest training cut-off.
    """

    horizon: int
    train: tuple[int, ...]
    test: int
    score: int
    history: int

    @property
    def windows(self) -> tuple[int, ...]:
        """Look-back windows that every cut-off can fill."""
        shortest = 30 if self.history >= 90 else 7
        return tuple(days for days in WINDOWS if shortest <= days <= self.history)

    def season(self, cutoff: int) -> tuple[int, int] | None:
        """From when to before when the label window lay a year ago; None where the history does not reach so far."""
        return season(cutoff, self.horizon, self.history)


def timetable(first: int, last: int, horizon: int | str = "auto") -> Timetable:
    """Cut-offs for data that run from day ``first`` to day ``last``.

    Raises:
        TooLittleData: three horizons (history, training label, test label) do not fit in.
    """
    found = last - first + 1
    days = _longest(found) if horizon == "auto" else int(horizon)
    if found < 3 * days:
        raise TooLittleData(
            "To predict {horizon} days ahead, orders over at least {needed} days are needed; these cover {found}. "
            "Choose a shorter horizon or add older orders.",
            horizon=days,
            needed=3 * days,
            found=found,
        )
    test = last + 1 - days
    train = tuple(cut for cut in (test - days * k for k in range(1, CUTOFFS + 1)) if cut - first >= days)
    return Timetable(days, train, test, last + 1, train[-1] - first)


def season(cutoff: int, horizon: int, history: int) -> tuple[int, int] | None:
    """The window of ``horizon`` days from ``cutoff`` on, a year before; None where ``history`` is too short."""
    return (cutoff - YEAR, cutoff - YEAR + horizon) if history >= YEAR + horizon > YEAR else None


def _longest(found: int) -> int:
    return next((days for days in HORIZONS if 3 * days <= found), HORIZONS[-1])


@dataclass(frozen=True)
class Histories:
    """Purchase days, sorted by customer and day.

    Attributes:
        customers: shape (n,), ids.
        code: shape (m,), place of the customer in ``customers``.
        day: shape (m,), days since 1970-01-01; a customer has a day once.
        amount, lines: shape (m,), what the day brought; None where unknown.
    """

    customers: np.ndarray
    code: np.ndarray
    day: np.ndarray
    amount: np.ndarray | None = None
    lines: np.ndarray | None = None

    @classmethod
    def of(cls, days: pd.DataFrame) -> "Histories":
        """From a frame with customer_id and day, optionally amount and lines; a row a customer and day."""
        ids = days["customer_id"].astype(str)
        code, customers = pd.factorize(ids, sort=True)
        day = days["day"].to_numpy("datetime64[D]").astype(np.int64)
        order = np.lexsort((day, code))
        sums = {name: days[name].to_numpy(float)[order] for name in ("amount", "lines") if name in days}
        return cls(np.asarray(customers, dtype=object), code[order], day[order], **sums)

    def bought(self, start: int, end: int) -> np.ndarray:
        """Shape (n,): whether each customer bought from ``start`` on and before ``end``."""
        inside = (self.day >= start) & (self.day < end)
        return np.bincount(self.code[inside], minlength=len(self.customers)) > 0

    def before(self, cutoff: int, windows: tuple[int, ...] = (), horizon: int = 0, history: int = 0) -> pd.DataFrame:
        """Features of each customer with a purchase before ``cutoff``; the index is the customer's place.

        Columns: recency_days, tenure_days, orders, usual_gap_days (None for one-time buyers), overdue (recency over
        the usual gap), orders_<w>_days for each window, same_season (purchase days in the window of ``horizon`` days
        a year ago, where ``history`` reaches back so far), amount, average_amount, average_lines where known.
        """
        past = self._until(cutoff)
        count = past._count()
        known = np.flatnonzero(count)
        ends = np.cumsum(count[known]) - 1
        last, first = past.day[ends], past.day[np.r_[0, ends[:-1] + 1]] if len(ends) else past.day[ends]
        same = season(cutoff, horizon, history)
        sums = {
            "first": first,
            "last": last,
            "orders": count[known],
            **{f"orders_{w}_days": past._count(cutoff - w)[known] for w in windows},
            **({"same_season": past._count(*same)[known]} if same else {}),
            **{n: np.bincount(past.code, v, len(self.customers))[known] for n, v in past._sums().items()},
        }
        return described(pd.DataFrame(sums, index=known), cutoff)

    def _until(self, cutoff: int) -> "Histories":
        past = self.day < cutoff
        sums = {name: values[past] for name, values in self._sums().items()}
        return Histories(self.customers, self.code[past], self.day[past], **sums)

    def _sums(self) -> dict[str, np.ndarray]:
        return {n: v for n, v in (("amount", self.amount), ("lines", self.lines)) if v is not None}

    def _count(self, start: int | None = None, end: int | None = None) -> np.ndarray:
        inside = np.ones(len(self.day), dtype=bool) if start is None else self.day >= start
        codes = self.code[inside if end is None else inside & (self.day < end)]
        return np.bincount(codes, minlength=len(self.customers))


def described(sums: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    """The features of ``Histories.before`` from a row a customer: first and last day, orders, and sums."""
    rounded = {name: sums[name].round(DIGITS) for name in ("amount", "lines") if name in sums}
    sums = sums.assign(**rounded)
    recency, tenure = cutoff - sums["last"], cutoff - sums["first"]
    orders = sums["orders"].to_numpy()
    windows = {str(n): sums[n] for n in sums if str(n).startswith("orders_") or n == "same_season"}
    means = {f"average_{name}": sums[name] / orders for name in ("amount", "lines") if name in sums}
    columns: dict[str, Any] = {
        "recency_days": recency,
        "tenure_days": tenure,
        "orders": orders,
        **_rhythm(recency.to_numpy(), (tenure - recency).to_numpy(), orders),
        **windows,
        **({"amount": sums["amount"]} if "amount" in sums else {}),
        **means,
    }
    return pd.DataFrame({n: np.asarray(v, dtype=float) for n, v in columns.items()}, index=sums.index)


def _rhythm(recency: np.ndarray, span: np.ndarray, count: np.ndarray) -> dict[str, np.ndarray]:
    """The usual pause between purchases, and how many of it have passed."""
    gap = np.where(count > 1, span / np.maximum(count - 1, 1), np.nan)
    return {"usual_gap_days": gap, "overdue": recency / gap}
