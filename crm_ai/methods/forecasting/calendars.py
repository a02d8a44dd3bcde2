"""The beat of a series: which moments follow each other, how long its seasons are, and what fills a gap.

A calendar numbers periods with whole numbers, so that everything after it is arithmetic on matrices.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_ai.methods.forecasting.panel import Array

DAY = 86_400_000_000
"""Microseconds."""
MONDAY = np.datetime64("1970-01-05", "us")
MOST_PERIODS = 200_000
"""A series that spans more periods is a mistake in its dates."""


@dataclass(frozen=True)
class Calendar:
    """How moments become whole numbers and back.

    Attributes:
        unit: "step" (a fixed time), "month" (calendar months), "business" (Monday to Friday) or "number".
        step: microseconds, months, days or units from one period to the next.
        origin: the moment (datetime64[us]) or number of period 0.
        month_end: periods are stamped with the last day of their month.
        nearest: moments between two periods belong to the nearer one, not to the earlier.
        name: H, D, B, W, M, Q, Y where it is one of these, else "".
    """

    unit: str
    step: int
    origin: np.datetime64 | int
    month_end: bool = False
    nearest: bool = False
    name: str = ""

    @classmethod
    def of(cls, name: str) -> "Calendar":
        """The calendar of a name: weeks begin on Monday, months and quarters on their first day."""
        if name in ("M", "Q", "Y"):
            return cls("month", {"M": 1, "Q": 3, "Y": 12}[name], np.datetime64("1970-01-01", "us"), name=name)
        return cls("step", {"H": DAY // 24, "D": DAY, "W": 7 * DAY}[name], MONDAY, name=name)

    def index(self, times: pd.Series) -> NDArray[np.int64]:
        """The period each moment falls into."""
        if self.unit == "number":
            return np.round((times.to_numpy(np.float64) - float(self.origin)) / self.step).astype(np.int64)  # type: ignore[arg-type]
        stamps = times.to_numpy("datetime64[us]")
        if self.unit == "month":
            months = stamps.astype("datetime64[M]").astype(np.int64) - self._month
            return np.floor_divide(months, self.step)
        if self.unit == "business":
            return np.busday_count(self.origin.astype("datetime64[D]"), stamps.astype("datetime64[D]"))  # type: ignore[union-attr]
        half = self.step // 2 if self.nearest else 0
        return np.floor_divide((stamps - self.origin).astype(np.int64) + half, self.step)

    def times(self, index: NDArray[np.int64]) -> np.ndarray:
        """The stamp of each period: datetime64[us], or int64 for numbers."""
        index = np.asarray(index, dtype=np.int64)
        if self.unit == "number":
            return index * self.step + int(self.origin)  # type: ignore[call-overload]
        if self.unit == "month":
            return self._month_stamps(index)
        if self.unit == "business":
            first = self.origin.astype("datetime64[D]")  # type: ignore[union-attr]
            return np.busday_offset(first, index, roll="forward").astype("datetime64[us]")
        return self.origin + (index * self.step).astype("timedelta64[us]")

    @property
    def seasons(self) -> tuple[int, ...]:
        """Usual lengths of a season, the shortest first: 24 and 168 for hours, 12 for months."""
        if self.unit == "month":
            return (12 // self.step,) if 12 % self.step == 0 and self.step < 12 else ()
        if self.unit == "business":
            return (5, 261)
        if self.unit == "number":
            return ()
        return tuple(round(span / self.step) for span in (DAY, 7 * DAY, 365.25 * DAY) if span >= 1.9 * self.step)

    @property
    def _month(self) -> int:
        return int(self.origin.astype("datetime64[M]").astype(np.int64))  # type: ignore[union-attr]

    def _month_stamps(self, index: NDArray[np.int64]) -> np.ndarray:
        first = (index * self.step + self._month).astype("datetime64[M]")
        if self.month_end:
            return ((first + 1).astype("datetime64[D]") - 1).astype("datetime64[us]")
        within = self.origin - self.origin.astype("datetime64[M]").astype("datetime64[us]")  # type: ignore[union-attr]
        return first.astype("datetime64[us]") + within


def infer(times: pd.Series, ids: pd.Series) -> Calendar:
    """The calendar that the moments of one or more series keep.

    Args:
        times: numbers or datetimes, sorted within each series.
        ids: the series of each.
    """
    same = (ids.to_numpy()[1:] == ids.to_numpy()[:-1]) if len(ids) > 1 else np.zeros(0, bool)
    if not pd.api.types.is_datetime64_any_dtype(times.dtype):
        return Calendar("number", int(_usual(np.diff(times.to_numpy(np.float64).round())[same])), int(times.iloc[-1]))
    stamps = times.to_numpy("datetime64[us]")
    step, last = int(_usual(np.diff(stamps).astype(np.int64)[same], DAY)), np.datetime64(stamps.max())
    found = _months(times, step, last) or _fixed(stamps, step, last)
    return replace(found, name=_name(found))


def _usual(changes: np.ndarray, otherwise: int = 1) -> int:
    """The most frequent positive change."""
    positive = changes[changes > 0].astype(np.int64)
    if not len(positive):
        return otherwise
    values, counts = np.unique(positive, return_counts=True)
    return int(values[counts.argmax()])


def _months(times: pd.Series, step: int, last: np.datetime64) -> Calendar | None:
    """Whole months apart, always on the same day of the month or always on its last."""
    months = round(step / (30.44 * DAY))
    if not months:
        return None
    ends = bool(times.dt.is_month_end.all())
    if not ends and times.dt.day.nunique() > 1:
        return None
    return Calendar("month", months, last, month_end=ends)


def _fixed(stamps: np.ndarray, step: int, last: np.datetime64) -> Calendar:
    """A fixed time apart; days without week-ends are business days; stamps that stray are drawn to the nearest."""
    weekday = (stamps.astype("datetime64[D]").astype(np.int64) + 3) % 7
    if step == DAY and len(stamps) >= 10 and (weekday < 5).all():
        return Calendar("business", 1, last)
    return Calendar("step", step, last, nearest=True)


def _name(calendar: Calendar) -> str:
    names = {"month": {1: "M", 3: "Q", 12: "Y"}, "business": {1: "B"}}
    steps = {DAY // 24: "H", DAY: "D", 7 * DAY: "W"}
    return names.get(calendar.unit, steps if calendar.unit == "step" else {}).get(calendar.step, "")


@dataclass(frozen=True)
class Filled:
    """Series without gaps.

    Attributes:
        ids: their names, sorted.
        values: one array a series, oldest first.
        ends: the period of each last value.
        gaps: how many values were filled in.
    """

    ids: tuple[str, ...]
    values: tuple[Array, ...]
    ends: NDArray[np.int64]
    gaps: int


def fill(ids: pd.Series, index: NDArray[np.int64], values: pd.Series, how: str, until: int | None = None) -> Filled:
    """Put values on their periods; values of one period are added up for ``"zero"``, averaged for ``"interpolate"``.

    Args:
        how: what fills a gap: "zero" (nothing was sold) or "interpolate" (a straight line).
        until: the period up to which every series runs, for "zero".
    """
    frame = pd.DataFrame({"id": ids.to_numpy(), "index": index, "value": values.to_numpy(np.float64)})
    grouped = frame.dropna(subset=["value"]).groupby(["id", "index"], sort=True)["value"]
    single = (grouped.sum() if how == "zero" else grouped.mean()).reset_index()
    found, gaps = {}, 0
    for name, part in single.groupby("id", sort=True):
        known = part["index"].to_numpy(np.int64)
        last = max(int(known[-1]), until) if until is not None else int(known[-1])
        whole = np.arange(known[0], min(last, known[0] + MOST_PERIODS) + 1)
        found[str(name)] = _dense(known, part["value"].to_numpy(np.float64), whole, how), last
        gaps += len(whole) - len(known)
    return Filled(tuple(found), tuple(v for v, _ in found.values()), np.array([end for _, end in found.values()]), gaps)


def _dense(known: NDArray[np.int64], values: Array, whole: NDArray[np.int64], how: str) -> Array:
    if how == "interpolate":
        return np.interp(whole, known, values)
    dense = np.zeros(len(whole))
    inside = known <= whole[-1]
    dense[known[inside] - whole[0]] = values[inside]
    return dense
