"""The engine's part of the anomalies: one row a day, a moment of an uploaded series, an order or a customer."""

from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.data.sampling import share_for, thinned
from crm_ai.errors import TooLittleData
from crm_ai.methods import seasons

FEWEST = 20
"""Rows from which on a spread means anything."""
MOST_SERIES = 2_000


@dataclass(frozen=True)
class Subject:
    """What is looked at together: the days of the shop, one uploaded series, all orders or all customers.

    Attributes:
        frame: the keys (time, or id and what describes it), and a column a measure.
        measures: names of these columns; counts: those that are counts.
        name: of an uploaded series, else "".
        unit: "day", "week", "moment", "order" or "customer".
        every: orders or customers there are in the engine, with the same columns; None where all are here.
        found: how many those are.
        learnt: (n,) rows from which is learnt what is usual: the sample; None for all.
    """

    frame: pd.DataFrame
    measures: tuple[str, ...]
    counts: tuple[str, ...] = ()
    name: str = ""
    unit: str = "day"
    every: ir.Table | None = None
    found: int = 0
    learnt: np.ndarray | None = None

    @property
    def seen(self) -> np.ndarray:
        """(n,) bool: the rows from which is learnt."""
        return np.ones(len(self.frame), dtype=bool) if self.learnt is None else self.learnt

    @property
    def rows(self) -> int:
        """How many rows are judged."""
        return self.found if self.every is not None else len(self.frame)


def subjects(data: Dataset, on: str, most: int) -> list[Subject]:
    """What ``on`` names, in subjects of at least FEWEST rows; of more than ``most`` orders or customers, a sample.

    Raises:
        MissingColumns: customers are asked for and not known.
        TooLittleData: too few rows.
    """
    if on == "customers":
        return [_enough(_customers(data, most))]
    if on == "orders":
        return [_enough(_orders(data, most))]
    return _series(data) if not data.has("transactions", "ordered_at", "amount") else [_enough(_days(data))]


def with_extremes(data: Dataset, subject: Subject, bounds: dict[str, tuple[float, float]], most: int) -> Subject:
    """The sample, and after it what lies beyond the bounds among all the others; at most ``most`` of them."""
    assert subject.every is not None
    far = [(subject.every[n] < low) | (subject.every[n] > high) for n, (low, high) in bounds.items()]
    beyond = data.frame(subject.every.filter(reduce(or_, far)).order_by("id").limit(most))
    beyond = _tidied(beyond[~beyond["id"].astype(str).isin(subject.frame["id"])], subject)
    learnt = np.arange(len(subject.frame) + len(beyond)) < len(subject.frame)
    return replace(subject, frame=pd.concat([subject.frame, beyond], ignore_index=True), learnt=learnt)


def _orders(data: Dataset, most: int) -> Subject:
    """Amount, quantity and price a unit of each order."""
    found = _dated(data.orders()).rename(id="order_id")
    here = [name for name in ("customer_id", "quantity") if name in found.columns]
    table = found.select("id", "ordered_at", *here, "amount")
    if "quantity" not in here:
        return _some(data, Subject(pd.DataFrame(), ("amount",), unit="order"), table, most)
    quantity = table.quantity.cast("float64")
    price = (table.amount / ibis.ifelse(quantity > 0, quantity, None)).fill_null(table.amount)
    whole = table.mutate(quantity=quantity, price_per_unit=price)
    subject = Subject(pd.DataFrame(), ("amount", "quantity", "price_per_unit"), ("quantity",), unit="order")
    subject = _some(data, subject, whole, most)
    if not subject.frame["quantity"].isna().any():
        return subject
    columns = [*table.drop("quantity").columns]
    every = None if subject.every is None else subject.every.select(columns)
    return Subject(subject.frame[columns], ("amount",), unit="order", every=every, found=subject.found)


def _customers(data: Dataset, most: int) -> Subject:
    """Revenue, orders and average order of each customer."""
    data.table("transactions", "customer_id", "ordered_at", "amount")
    orders = _dated(data.orders())
    known = orders.filter(orders.customer_id.notnull())
    sums = known.group_by(id="customer_id").aggregate(
        last_order=known.ordered_at.max(), revenue=known.amount.sum(), orders=known.count()
    )
    table = sums.mutate(average_order_value=sums.revenue / sums.orders)
    measures = ("revenue", "orders", "average_order_value")
    return _some(data, Subject(pd.DataFrame(), measures, ("orders",), unit="customer"), table, most)


def _some(data: Dataset, subject: Subject, every: ir.Table, most: int) -> Subject:
    """The subject with all rows, or with a sample of them and the way to the others."""
    if (few := data.few(every, most)) is not None:
        return replace(subject, frame=_tidied(few, subject))
    found = int(data.value(every.count()))
    frame = _tidied(data.frame(thinned(every, ["id"], share_for(most, found))), subject)
    return replace(subject, frame=frame, every=every, found=found)


def _tidied(frame: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    """In an order of its own, and sums rounded so that the order of adding up cannot show."""
    rounded = {name: frame[name].astype(float).round(6) for name in subject.measures if name not in subject.counts}
    by = ["ordered_at", "id"] if subject.unit == "order" else ["id"]
    return frame.assign(id=frame["id"].astype(str), **rounded).sort_values(by, ignore_index=True)


def _days(data: Dataset) -> Subject:
    """Revenue and orders of each day from the first to the last, days without orders included.

    A last day that ends far earlier than others is not complete and left out. Where most days have no orders,
    whole weeks are looked at.
    """
    orders = _dated(data.orders())
    timed = orders.mutate(time=orders.ordered_at.truncate("D"))
    sums = timed.group_by("time").aggregate(
        revenue=timed.amount.sum(), orders=timed.count(), until=timed.ordered_at.max()
    )
    frame = data.frame(sums).sort_values("time", ignore_index=True)
    if frame.empty:
        raise _no_dates()
    frame = _whole_days(frame)
    every = pd.date_range(frame["time"].min(), frame["time"].max(), name="time").astype("datetime64[us]")
    filled = frame.set_index("time")[["revenue", "orders"]].reindex(every, fill_value=0.0).reset_index()
    filled = filled.astype({"orders": float, "revenue": float}).round({"revenue": 6})
    opened = ~seasons.closed(filled["time"], filled["orders"].to_numpy())
    if filled.loc[opened, "orders"].median() > 0:
        return Subject(filled, ("revenue", "orders"), ("orders",))
    return Subject(_weeks(filled), ("revenue", "orders"), ("orders",), unit="week")


def _whole_days(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the last day where its last order comes earlier in the day than nearly every other day's."""
    clock = (frame["until"] - frame["time"]).dt.total_seconds().to_numpy()
    partial = len(frame) > FEWEST and clock[-1] < np.quantile(clock[:-1], 0.05)
    return frame.iloc[:-1] if partial else frame


def _weeks(days: pd.DataFrame) -> pd.DataFrame:
    """Whole weeks, Monday first.

    Raises:
        TooLittleData: most weeks have no orders either.
    """
    monday = days["time"] - pd.to_timedelta(days["time"].dt.day_of_week, unit="D")
    sums = days.groupby(monday.rename("time")).agg(
        revenue=("revenue", "sum"), orders=("orders", "sum"), n=("time", "size")
    )
    whole = sums[sums["n"] == 7].drop(columns="n").reset_index()
    if not len(whole) or whole["orders"].median() == 0:
        raise TooLittleData("Sales are too rare to judge days or weeks: look at orders or customers instead.")
    return whole


def _series(data: Dataset) -> list[Subject]:
    """Each uploaded series with enough values; values of one moment are averaged."""
    rows = data.table("series", "time", "value")
    if not rows.time.type().is_temporal():
        raise _no_dates()
    keys = [name for name in ("series_id", "time") if name in rows.columns]
    dated = rows.filter(rows.time.notnull() & rows.value.notnull())
    frame = data.frame(dated.group_by(keys).aggregate(value=dated.value.cast("float64").mean()))
    frame = frame.assign(series_id=frame.get("series_id", pd.Series("", index=frame.index)).astype("str"))
    frame = frame[np.isfinite(frame["value"])].sort_values(["series_id", "time"], ignore_index=True)
    found = [
        Subject(part[["time", "value"]].reset_index(drop=True), ("value",), name=str(name), unit="moment")
        for name, part in frame.groupby("series_id", sort=True)
        if len(part) >= FEWEST
    ]
    if not found or len(found) > MOST_SERIES:
        raise _series_error(found, frame)
    return found


def _series_error(found: list[Subject], frame: pd.DataFrame) -> TooLittleData:
    if found:
        return TooLittleData(
            "At most {most} series can be looked at; there are {found}.", most=MOST_SERIES, found=len(found)
        )
    longest = int(frame["series_id"].value_counts().max()) if len(frame) else 0
    return TooLittleData(
        "A series needs at least {needed} values; the longest has {found}.", needed=FEWEST, found=longest
    )


def _dated(rows: ir.Table) -> ir.Table:
    if not rows.ordered_at.type().is_temporal():
        raise _no_dates()
    dated = rows.mutate(ordered_at=rows.ordered_at.cast("timestamp"), amount=rows.amount.cast("float64"))
    return dated.filter(dated.ordered_at.notnull() & dated.amount.notnull())


def _no_dates() -> TooLittleData:
    return TooLittleData("There are no dated orders in these data: check the date and amount columns.")


def _enough(subject: Subject) -> Subject:
    """The subject, if it has FEWEST rows."""
    found = len(subject.frame)
    if found >= FEWEST:
        return subject
    if subject.unit == "order":
        raise TooLittleData("At least {needed} orders are needed; there are {found}.", needed=FEWEST, found=found)
    if subject.unit == "customer":
        raise TooLittleData("At least {needed} customers are needed; there are {found}.", needed=FEWEST, found=found)
    raise TooLittleData(
        "At least {needed} days of sales are needed; there are {found}: look at orders or customers instead.",
        needed=FEWEST,
        found=found,
    )
