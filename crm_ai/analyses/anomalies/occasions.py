"""Days on which sales are known to be different, so that a flag on them can say so."""

from datetime import date, timedelta

import pandas as pd

FIXED = (
    ((12, 23), (12, 26), "christmas"),
    ((12, 27), (12, 31), "turn_of_the_year"),
    ((1, 1), (1, 2), "turn_of_the_year"),
    ((2, 13), (2, 14), "valentines_day"),
    ((5, 1), (5, 5), "labour_day"),
    ((6, 16), (6, 18), "618"),
    ((10, 1), (10, 7), "national_day"),
    ((11, 10), (11, 11), "singles_day"),
    ((12, 11), (12, 12), "double_twelve"),
)
"""From, to (month, day), code."""
LUNAR_NEW_YEAR = (
    "2005-02-09 2006-01-29 2007-02-18 2008-02-07 2009-01-26 2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 "
    "2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 "
    "2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19"
)


def occasions(days: pd.Series) -> list[str]:
    """The code of the occasion each day falls on, "" where none."""
    found = {day: occasion(day) for day in {moment.date() for moment in days}}
    return [found[moment.date()] for moment in days]


def occasion(day: date) -> str:
    """The code of the occasion a day falls on, "" where none."""
    movable = {code: span for code, span in _movable(day.year).items() if span[0] <= day <= span[1]}
    fixed = (code for first, last, code in FIXED if first <= (day.month, day.day) <= last)
    return next(iter(movable), "") or next(fixed, "")


def _movable(year: int) -> dict[str, tuple[date, date]]:
    easter, thanksgiving = _easter(year), _nth_weekday(year, 11, 3, 4)
    spans = {
        "easter": (easter - timedelta(days=2), easter + timedelta(days=1)),
        "black_friday": (thanksgiving, thanksgiving + timedelta(days=4)),
    }
    lunar = next((date.fromisoformat(day) for day in LUNAR_NEW_YEAR.split() if day.startswith(str(year))), None)
    return spans | ({"lunar_new_year": (lunar - timedelta(days=1), lunar + timedelta(days=6))} if lunar else {})


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones & Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    rest = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)
