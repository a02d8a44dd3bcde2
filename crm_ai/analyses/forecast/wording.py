"""What the forecast says, in sentences with their numbers and how sure they are."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from crm_ai.analyses.forecast.drawing import title_of
from crm_ai.i18n import money, number, percent

UNITS = {
    "H": "hours",
    "D": "days",
    "B": "working days",
    "W": "weeks",
    "M": "months",
    "Q": "quarters",
    "Y": "years",
    "": "periods",
}
CLEAR = 0.02
"""A smaller difference from the simple forecast is no difference."""
TOO_NARROW = 0.7
"""Intervals that should hold in 80 of 100 cases and held in fewer than this share are called too narrow."""


def findings(result: Any, t: Callable[[str], str] = str) -> list[str]:
    """Plain sentences, the most important first."""
    found = [_next(result, t), _sum(result, t), *_tested(result, t), *_data(result, t)]
    return [sentence for sentence in found if sentence]


def _value(result: Any, value: float) -> str:
    return money(value, result.currency) if result.currency else number(value, 0 if abs(value) >= 100 else None)


def _ahead(result: Any) -> pd.DataFrame:
    return result.forecast[result.forecast["series_id"] == result.shown[0]]


def _next(result: Any, t: Callable[[str], str]) -> str:
    """The first period, with its interval."""
    first = _ahead(result).iloc[0]
    sentence = t("{series}: about {mean} is expected for {time}, with 80 % certainty between {low} and {high}.")
    return sentence.format(
        series=title_of(result.shown[0], t),
        mean=_value(result, first["mean"]),
        time=result.next_time if result.shown[0] == result.largest else str(first["time"])[:10],
        low=_value(result, first["lo_80"]),
        high=_value(result, first["hi_80"]),
    )


def _sum(result: Any, t: Callable[[str], str]) -> str:
    """All steps together, beside as many periods before."""
    ahead = _ahead(result)
    past = result.history.loc[result.history["series_id"] == result.shown[0], "value"].tail(result.horizon)
    before, after = float(past.mean()), float(ahead["mean"].mean())
    if len(past) < result.horizon or before <= 0 or result.horizon < 2:
        return ""
    sentence = t("On average over the next {n} {unit} that is {mean} each, {change} against the {n} {unit} before.")
    change = f"{100 * (after / before - 1):+.1f} %"
    return sentence.format(n=result.horizon, unit=t(UNITS[result.freq]), mean=_value(result, after), change=change)


def _tested(result: Any, t: Callable[[str], str]) -> list[str]:
    if result.mase is None and result.wape is None:
        return [t("The history is too short to test forecasts on the past: take this as a rough guess.")]
    return [_against_naive(result, t), _intervals(result, t)]


def _against_naive(result: Any, t: Callable[[str], str]) -> str:
    """How far off past forecasts were, and whether the effort paid."""
    gain = result.improvement_over_naive
    off = t("On {n} past dates forecasts were off by {wape} of the values, {gain} less than repeating the last season.")
    if gain is None or abs(gain) < CLEAR:
        off = t("On {n} past dates forecasts were off by {wape} of the values, no less than repeating the last season.")
    elif gain < 0:
        off = t(
            "On {n} past dates forecasts were off by {wape} of the values, {gain} more than repeating the last season: "
            "rather trust the simple forecast."
        )
    return off.format(n=number(result.n_tested), wape=percent(result.wape), gain=percent(abs(gain or 0.0)))


def _intervals(result: Any, t: Callable[[str], str]) -> str:
    """Whether the intervals held, and how much that rests on."""
    sentence = t(
        "The 80 % intervals held for {low} and the 95 % intervals for {high} of the past values; "
        "they rest on {n} past dates, many of which overlap."
    )
    if result.coverage_80 < TOO_NARROW:
        sentence = t(
            "The 80 % intervals held for only {low} and the 95 % intervals for {high} of the past values: the pattern "
            "changed, expect larger surprises. They rest on {n} past dates."
        )
    return sentence.format(
        low=percent(result.coverage_80), high=percent(result.coverage_95), n=number(result.n_cutoffs)
    )


def _data(result: Any, t: Callable[[str], str]) -> list[str]:
    """What was left out, filled in, or could not be seen."""
    found = []
    if result.dropped:
        sentence = t("Left out because the data do not cover them to the end: {periods}.")
        found.append(sentence.format(periods=", ".join(result.dropped[-3:])))
    if result.n_short and result.n_short < result.n_series:
        sentence = t("{n} of {all} series are too short to be tested: their season or mean is repeated.")
        found.append(sentence.format(n=number(result.n_short), all=number(result.n_series)))
    if result.gaps:
        sold, measured = (
            t("Periods without sales, counted as 0: {n}."),
            t("Missing values, filled along a straight line: {n}."),
        )
        found.append((sold if result.sales else measured).format(n=number(result.gaps)))
    if not result.whole_year_seen and result.freq in ("D", "B", "W", "M", "Q"):
        found.append(t("Less than two years are known: a yearly season such as Christmas cannot be seen yet."))
    return found
