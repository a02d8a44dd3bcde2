"""How values move over the day, the week, the season and the year: shares of what is usual at the time."""

import numpy as np
import pandas as pd

from crm_ai.analyses.forecast.history import History
from crm_ai.methods.forecasting import seasons

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COLUMNS = ("cycle", "place", "position", "ratio", "observations")


def patterns(known: History, season: int) -> pd.DataFrame:
    """cycle (weekday, month, hour, season), position, place (its label), ratio to the usual level, observations.

    Weekdays and months come from the daily sales where there are any; otherwise from the largest series.
    """
    parts = [*_of_sales(known.days)] if known.sales else [_of_series(known, season)]
    whole = pd.concat([part for part in parts if len(part)]) if any(map(len, parts)) else pd.DataFrame(columns=COLUMNS)
    return whole.astype({"place": str, "cycle": str, "position": "int64", "ratio": float, "observations": "int64"})[
        list(COLUMNS)
    ].reset_index(drop=True)


def _of_sales(days: pd.DataFrame) -> list[pd.DataFrame]:
    daily = days.set_index("day")["value"].asfreq("D", fill_value=0.0)
    weekly = _ratios("weekday", daily, 7, pd.DatetimeIndex(daily.index).day_of_week.to_numpy(), WEEKDAYS)
    monthly = daily.resample("MS").sum().iloc[1:-1]
    return [weekly, _ratios("month", monthly, 12, pd.DatetimeIndex(monthly.index).month.to_numpy() - 1, MONTHS)]


def _of_series(known: History, season: int) -> pd.DataFrame:
    """The season of the largest series, named where the calendar names it."""
    largest = int(np.argmax([np.abs(values).sum() for values in known.series.values]))
    values, end = known.series.values[largest], known.series.ends[largest]
    times = pd.Index(known.calendar.times(np.arange(end - len(values) + 1, end + 1)))
    line = pd.Series(values, index=times)
    if known.calendar.name == "M" and season == 12:
        return _ratios("month", line, 12, times.month.to_numpy() - 1, MONTHS)  # type: ignore[attr-defined]
    if known.calendar.name == "D" and season == 7:
        return _ratios("weekday", line, 7, times.day_of_week.to_numpy(), WEEKDAYS)  # type: ignore[attr-defined]
    if known.calendar.name == "H" and season == 24:
        return _ratios("hour", line, 24, times.hour.to_numpy(), tuple(map(str, range(24))))  # type: ignore[attr-defined]
    return _ratios("season", line, season, np.arange(len(line)) % max(season, 1), tuple(map(str, range(1, season + 1))))


def _ratios(cycle: str, line: pd.Series, season: int, position: np.ndarray, labels: tuple[str, ...]) -> pd.DataFrame:
    """1 plus the seasonal index in units of the mean level; empty without two whole cycles or with a level of 0."""
    values = line.to_numpy(np.float64)
    level = float(values.mean()) if len(values) else 0.0
    if season < 2 or len(values) < 2 * season or level <= 0:
        return pd.DataFrame(columns=COLUMNS)
    indices = seasons.pattern(values, season)[np.arange(len(values)) % season]
    ratio = pd.Series(1 + indices / level).groupby(position).mean()
    places = ratio.index.to_numpy()
    counts = np.bincount(position, minlength=season)[places]
    names = [labels[place] for place in places]
    return pd.DataFrame(
        {"cycle": cycle, "place": names, "position": places, "ratio": ratio.to_numpy(), "observations": counts}
    )
