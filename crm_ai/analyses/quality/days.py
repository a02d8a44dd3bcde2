"""The calendar of the data: rows by day and month, days that are missing, how old the rows are.

Weekdays that are as good as always empty count as closed. A run of empty open days is a gap where chance does not
explain it: with a share p of the other open days empty, n runs of r days are expected n * p**r times, and a gap is
less than SELDOM. Data that come at a regular step of several days (weekly, monthly) have a gap where a step is missing.
"""

import numpy as np
import pandas as pd

from crm_ai.analyses.quality.checks import DATES
from crm_ai.analyses.quality.columns import kind
from crm_ai.data.dataset import Dataset
from crm_ai.data.schema import TABLES

SELDOM = 0.1
CLOSED = 0.05
FEWEST = 10
"""Days below which nothing is called usual."""
REGULAR, MISSED = 1.5, 1.9
LONGEST_SPAN = 1_200
"""Months up to which empty months are shown."""


def days(data: Dataset) -> pd.DataFrame:
    """table, day, rows: a row a day with rows."""
    found = [_days(data, table) for table in TABLES if _dated(data, table)]
    if not found:
        return pd.DataFrame({"table": [], "day": pd.to_datetime([]), "rows": []}).astype({"rows": "int64"})
    return pd.concat(found, ignore_index=True)


def gaps(days: pd.DataFrame) -> pd.DataFrame:
    """table, from, to, days (of the calendar), open_days: the runs of empty days that chance does not explain."""
    found = [_gaps(str(table), rows["day"]) for table, rows in days.groupby("table", sort=False)]
    names = ["table", "from", "to", "days", "open_days"]
    if not found:
        return pd.DataFrame(columns=names)
    frame = pd.concat(found, ignore_index=True)
    return frame.sort_values(["days", "from", "table"], ascending=[False, True, True], ignore_index=True)[names]


def covered(days: pd.DataFrame, gaps: pd.DataFrame) -> float | None:
    """Share of the open days from the first to the last that lie in no gap, on average over the tables."""
    found = [
        1 - gaps.loc[gaps["table"] == table, "open_days"].sum() / _span(rows["day"].to_numpy("datetime64[D]"))
        for table, rows in days.groupby("table")
    ]
    return float(np.mean(found)) if found else None


def by_month(days: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """table, month, rows, missing_days (days of gaps in the month); empty months included."""
    found = [
        _months(rows, gaps[gaps["table"] == table]).assign(table=table)
        for table, rows in days.groupby("table", sort=False)
    ]
    names = ["table", "month", "rows", "missing_days"]
    return pd.concat(found, ignore_index=True)[names] if found else pd.DataFrame(columns=names)


def _dated(data: Dataset, table: str) -> bool:
    column = DATES.get(table, "")
    return data.has(table, column) and kind(data.tables[table][column]) == "date"


def _days(data: Dataset, name: str) -> pd.DataFrame:
    table = data.tables[name]
    dated = table.mutate(day=table[DATES[name]].cast("timestamp").truncate("D"))
    dated = dated.filter(dated.day.notnull())
    frame = data.frame(dated.group_by("day").aggregate(rows=dated.count()))
    return frame.assign(table=name).sort_values("day", ignore_index=True)[["table", "day", "rows"]]


def _open(dates: np.ndarray) -> list[bool]:
    """The weekdays that are not as good as always empty, Monday first; all where most days are empty."""
    first, last = pd.Timestamp(dates[0]), pd.Timestamp(dates[-1])
    span = np.bincount(pd.date_range(first, last).day_of_week, minlength=7) if len(dates) > 1 else np.zeros(7)
    if span.min() < 4:
        return [True] * 7
    shares = np.bincount(pd.DatetimeIndex(dates).day_of_week, minlength=7) / span
    return list(shares >= CLOSED) if shares.max() >= 0.5 else [True] * 7


def _span(dates: np.ndarray) -> int:
    """Open days from the first to the last."""
    return max(1, int(np.busday_count(dates[0], dates[-1] + 1, weekmask=_open(dates))))


def _gaps(table: str, days: pd.Series) -> pd.DataFrame:
    dates = days.to_numpy("datetime64[D]")
    empty = np.busday_count(dates[:-1] + 1, dates[1:], weekmask=_open(dates)) if len(dates) > 1 else np.zeros(0)
    odd = np.flatnonzero(_odd(empty, _span(dates)))
    start, end = dates[odd] + 1, dates[odd + 1] - 1
    frame = pd.DataFrame({"from": start, "to": end, "open_days": empty[odd]})
    frame = frame.astype({"from": "datetime64[us]", "to": "datetime64[us]", "open_days": "int64"})
    return frame.assign(table=table, days=(frame["to"] - frame["from"]).dt.days + 1)


def _odd(empty: np.ndarray, span: int) -> np.ndarray:
    """Which runs of empty open days are gaps."""
    if len(empty) < FEWEST - 1:
        return np.zeros(len(empty), dtype=bool)
    middle, long = np.quantile(empty + 1, [0.5, 0.9])
    if middle > 1 and long <= REGULAR * middle:
        return empty + 1 > MISSED * long
    others = (empty.sum() - empty) / np.maximum(span - empty, 1)
    return (empty > 0) & (len(empty) * others**empty < SELDOM)


def _months(days: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    rows = days.groupby(_month(days["day"]))["rows"].sum()
    first, last = rows.index.min(), rows.index.max()
    if (last.year - first.year) * 12 < LONGEST_SPAN:
        rows = rows.reindex(pd.date_range(first, last, freq="MS").astype("datetime64[us]"), fill_value=0)
    runs = [pd.Series(pd.date_range(a, b)) for a, b in zip(gaps["from"], gaps["to"], strict=True)]
    missing = _month(pd.concat(runs)).value_counts() if runs else pd.Series(dtype="int64")
    counts = pd.Series(rows.index).map(missing).fillna(0).astype("int64")
    return pd.DataFrame({"month": rows.index, "rows": rows.to_numpy(), "missing_days": counts.to_numpy()})


def _month(days: pd.Series) -> pd.Series:
    return days.dt.to_period("M").dt.to_timestamp().astype("datetime64[us]")
