"""From order lines, or from an uploaded table of series, to series without gaps on one calendar."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter, MissingColumns, TooLittleData
from crm_ai.methods.forecasting.calendars import Calendar, Filled, fill, infer

TOTAL, OTHERS = "Total", "All others"
COLUMNS = {"product": ("product_name", "product_id"), "category": ("category",), "country": ("country",)}
CLOSED = 0.1
"""A weekday with sales in at most this share of the weeks counts as closed."""
FEWEST = 4
MOST_SERIES = 5_000


@dataclass(frozen=True)
class History:
    """What is forecast.

    Attributes:
        series: ids, values without gaps, period of the last value.
        calendar: of all series.
        sales: made from order lines; else an uploaded table.
        days: daily values (day, value) of all sales, for the pattern of the week; empty for uploaded tables.
        dropped: stamps (ISO) of running first and last periods that are left out.
        currency: of the amounts, "" where unknown or mixed.
        opening: whether there is business in the periods after the last, in turn.
        orders: of each series in each period, as ``series.values``; none for uploaded tables.
        buyers: series -> customers (orders where nobody is known) behind it; {} for uploaded tables.
    """

    series: Filled
    calendar: Calendar
    sales: bool
    days: pd.DataFrame
    dropped: tuple[str, ...]
    currency: str
    opening: tuple[bool, ...] = (True,)
    orders: tuple[NDArray[np.float64], ...] = ()
    buyers: Mapping[str, int] = field(default_factory=dict)


def choices(data: Dataset) -> list[str]:
    """What sales can be split by, in these data."""
    if not data.has("transactions", "ordered_at", "amount"):
        return ["series"]
    split = [by for by, names in COLUMNS.items() if any(data.has("transactions", name) for name in names)]
    return ["total", *split, *(["series"] if data.has("series", "time", "value") else [])]


def resolve(data: Dataset, by: str) -> str:
    """What is forecast: the wish, or the uploaded series where there are no sales.

    Raises:
        BadParameter: there is no such split in the table of columns.
        MissingColumns: the data lack its column.
    """
    offered = choices(data)
    if offered == ["series"] or by in offered:
        return "series" if offered == ["series"] else by
    if by not in COLUMNS and by != "series":
        raise BadParameter("{name} must be one of {options}, not {value}.", name="by", options=offered, value=by)
    raise MissingColumns(
        "This needs the columns {columns} in the table {table}: map them on the data page.",
        columns=list(COLUMNS.get(by, ("time", "value"))[-1:]) if by != "series" else ["time", "value"],
        table="transactions" if by != "series" else "series",
    )


def features(data: Dataset, by: str = "total", top: int = 4) -> pd.DataFrame:
    """The engine's part: series_id, time, value a day of sales or an upload.

    Of sales also last (the last moment of the day), orders, and in ``attrs["buyers"]`` the customers of each series.
    """
    by = resolve(data, by)
    return _uploaded(data) if by == "series" else _sales(data, by, top)


def _uploaded(data: Dataset) -> pd.DataFrame:
    table = data.table("series", "time", "value")
    chosen = table.select("time", "value", *(["series_id"] if "series_id" in table.columns else []))
    frame = data.frame(chosen)
    names = frame["series_id"].astype(str) if "series_id" in frame else "series"
    return frame.assign(series_id=names)[["series_id", "time", "value"]]


def _sales(data: Dataset, by: str, top: int) -> pd.DataFrame:
    """Revenue and orders a day and series: the ``top`` largest, and the others added up."""
    lines = data.table("transactions", "ordered_at", "amount")
    lines = lines.filter(lines.ordered_at.notnull() & lines.amount.notnull())
    key = ibis.literal(TOTAL) if by == "total" else _split(data, lines, by, top)
    order = lines["order_id" if "order_id" in lines.columns else "ordered_at"]
    sums = {"value": lines.amount.sum(), "last": lines.ordered_at.max(), "orders": order.nunique()}
    frame = data.frame(lines.group_by(series_id=key, time=lines.ordered_at.truncate("D")).aggregate(**sums))
    who = lines.customer_id if "customer_id" in lines.columns else order
    people = data.frame(lines.group_by(series_id=key).aggregate(buyers=who.nunique()))
    frame = frame.sort_values(["series_id", "time"], ignore_index=True)
    frame.attrs["buyers"] = {str(name): int(n) for name, n in zip(people["series_id"], people["buyers"], strict=True)}
    return frame


def _split(data: Dataset, lines: ibis.expr.types.Table, by: str, top: int) -> ibis.expr.types.Value:
    column = next(name for name in COLUMNS[by] if name in lines.columns)
    key = lines[column].cast("string")
    sums = lines.filter(key.notnull()).group_by(name=key).aggregate(total=lines.amount.sum().round(6))
    names = data.frame(sums.order_by([sums.total.desc(), sums.name]).limit(top))["name"].tolist()
    return key.isin(names).ifelse(key, OTHERS).fill_null(OTHERS) if names else ibis.literal(OTHERS)


def history(data: Dataset, by: str, top: int, freq: str) -> History:
    """The series to forecast.

    Raises:
        TooLittleData: fewer than four periods are known.
    """
    frame = features(data, by, top)
    if resolve(data, by) == "series":
        return _measured(frame, freq)
    return replace(_sold(frame, freq, _currency(data)), buyers=frame.attrs["buyers"])


def _currency(data: Dataset) -> str:
    lines = data.table("transactions")
    if "currency" not in lines.columns:
        return ""
    found = data.frame(lines.filter(lines.currency.notnull()).select("currency").distinct().limit(2))
    return str(found["currency"].iloc[0]) if len(found) == 1 else ""


def _measured(frame: pd.DataFrame, freq: str) -> History:
    """An uploaded table on its own calendar, or added up to a coarser one."""
    frame = frame.assign(value=frame["value"].astype("float64").replace([np.inf, -np.inf], np.nan)).dropna()
    frame = frame.sort_values(["series_id", "time"], ignore_index=True)
    _enough(frame["time"].nunique())
    if frame["series_id"].nunique() > MOST_SERIES:
        raise TooLittleData("More than {most} series: choose fewer.", most=f"{MOST_SERIES:,}")
    calendar = infer(frame["time"], frame["series_id"])
    if freq not in ("auto", calendar.name):
        calendar, frame = _coarser(calendar, freq, frame)
    series = fill(frame["series_id"], calendar.index(frame["time"]), frame["value"], "interpolate")
    _enough(max(map(len, series.values)))
    return History(series, calendar, False, pd.DataFrame({"day": [], "value": []}), (), "")


def _coarser(calendar: Calendar, freq: str, frame: pd.DataFrame) -> tuple[Calendar, pd.DataFrame]:
    """Whole periods of a coarser calendar, values added up; running first and last periods are left out."""
    wanted = Calendar.of(freq)
    if calendar.unit == "number" or _days(wanted) <= _days(calendar):
        raise BadParameter(
            "These series cannot be added up to {value}: leave the period on automatic.", name="freq", value=freq
        )
    frame = frame.assign(index=wanted.index(frame["time"]))
    whole = _days(wanted) / _days(calendar)
    sums = frame.groupby(["series_id", "index"])["value"].agg(["sum", "count"]).reset_index()
    edge = sums.groupby("series_id")["index"]
    ends = (sums["index"] == edge.transform("min")) | (sums["index"] == edge.transform("max"))
    kept = sums[~(ends & (sums["count"] < 0.9 * whole))]
    _enough(kept["index"].nunique())
    times = pd.Series(wanted.times(kept["index"].to_numpy()))
    return wanted, pd.DataFrame(
        {"series_id": kept["series_id"].to_numpy(), "time": times, "value": kept["sum"].to_numpy()}
    )


def _days(calendar: Calendar) -> float:
    """About how long a period is."""
    return {"month": 30.44, "business": 1.0}.get(calendar.unit, 1 / 86_400_000_000) * calendar.step


def _sold(frame: pd.DataFrame, freq: str, currency: str) -> History:
    """Sales on whole periods; days without sales count as 0."""
    if frame.empty:
        _enough(0)
    whole = frame.groupby("time").agg(value=("value", "sum"), last=("last", "max"))
    first, until = whole.index[0], _known_until(whole)
    open_days = _open_days(whole)
    calendar = Calendar.of(_frequency(whole) if freq == "auto" else freq)
    start, end = _edges(calendar, first, until, open_days)
    index = calendar.index(frame["time"])
    dropped = sorted({*index[index < start].tolist(), *index[index > end].tolist()})
    inside = (index >= start) & (index <= end)
    _enough(end - start + 1 if inside.any() else 0)
    kept = frame[inside]
    series = fill(kept["series_id"], index[inside], kept["value"], "zero", end)
    orders = fill(kept["series_id"], index[inside], kept["orders"], "zero", end)
    days = pd.DataFrame({"day": whole.index.to_numpy("datetime64[us]"), "value": whole["value"].to_numpy(np.float64)})
    stamps = tuple(str(stamp)[:10] for stamp in calendar.times(np.array(dropped, dtype=np.int64)))
    opening = _opening(calendar, end, open_days)
    return History(series, calendar, True, days, stamps, currency, opening, orders.values)


def _opening(calendar: Calendar, end: int, open_days: NDArray[np.bool_]) -> tuple[bool, ...]:
    """Days of the week after the last one on which there is business; other periods always have some."""
    if calendar.name != "D":
        return (True,)
    return tuple(open_days[pd.DatetimeIndex(calendar.times(end + 1 + np.arange(7))).day_of_week].tolist())


def _enough(found: int) -> None:
    if found < FEWEST:
        raise TooLittleData(
            "At least {needed} whole periods are needed; there are {found}. Choose a shorter period.",
            needed=FEWEST,
            found=int(found),
        )


def _known_until(days: pd.DataFrame) -> pd.Timestamp:
    """The last day that the data cover to its end, judged by when the last order of a day usually comes."""
    last = days.index[-1]
    clock = (days["last"] - days.index).dt.total_seconds()
    early = clock.iloc[-1] < clock.iloc[:-1].quantile(0.05) if len(days) > 20 and clock.nunique() > 5 else False
    return last - pd.Timedelta(days=1) if early else last


def _open_days(days: pd.DataFrame) -> NDArray[np.bool_]:
    """Weekdays (Monday first) on which there is business; all of them where sales are too rare to tell."""
    weeks = max(1.0, ((days.index[-1] - days.index[0]).days + 1) / 7)
    counts = np.bincount(pd.DatetimeIndex(days.index).day_of_week, minlength=7)
    open_days = counts > CLOSED * weeks
    return open_days if counts.sum() > 2 * weeks and open_days.any() else np.ones(7, dtype=bool)


def _frequency(days: pd.DataFrame) -> str:
    """Days below two years, then weeks, so that a whole season is seen; months where sales are rare over years."""
    span = (days.index[-1] - days.index[0]).days + 1
    rare = len(days) < 0.15 * span
    if rare and span >= 730:
        return "M"
    return "W" if rare or span >= 2 * 366 else "D"


def _edges(
    calendar: Calendar, first: pd.Timestamp, until: pd.Timestamp, open_days: NDArray[np.bool_]
) -> tuple[int, int]:
    """First and last period that the data cover, closed days aside."""
    start, end = calendar.index(pd.Series([first, until])).tolist()
    stamps = calendar.times(np.array([start, end, end + 1])).astype("datetime64[D]")
    before = _business(stamps[0], np.datetime64(first, "D"), open_days)
    after = _business(np.datetime64(until, "D") + 1, stamps[2], open_days)
    return int(start + before), int(end - after)


def _business(low: np.datetime64, high: np.datetime64, open_days: NDArray[np.bool_]) -> bool:
    """Whether any day from ``low`` to before ``high`` is one with business."""
    weekdays = (np.arange(low, high).astype(np.int64) + 3) % 7
    return bool(open_days[weekdays].any())


def ids_of(data: Dataset) -> list[str]:
    """Names of the uploaded series, for the choice of what to show; empty where there are sales."""
    if not data.has("series", "time", "value", "series_id"):
        return []
    table = data.table("series")
    frame = data.frame(table.select(name=table.series_id.cast("string")).distinct().limit(1_000))
    return sorted(frame["name"].dropna().tolist())
