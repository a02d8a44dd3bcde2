"""What a series usually is at each moment: a running median for the trend, medians for the seasons.

Backfitting with medians (after Tukey's resistant smoothing, and STL of Cleveland et al. 1990 in spirit): trend and
seasons in turn, so that outliers neither bend the trend nor enter a season. A season counts only where it explains
the other half of the cycles (even ones fitted, odd ones predicted, and the other way round).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_ai.methods.outliers import MOST_NEGATIVE, POWERS, Rung, lopsided, robust_zscore, rung, symmetric

DAY = 86_400.0
ROUNDS = 2
FEWEST_CYCLES = 4
GAIN = 0.95
"""A season must bring the median deviation on unseen cycles below this share."""
RARE, NEAR = 0.1, 2 / 3
"""Zeros are a shut shop up to this share, where no more values than they lie this far up to the median."""
CLOSED = 0.8
"""Share of a weekday's values that are zero from which the shop counts as closed on it."""
EVERY_YEAR = 3.0
"""A day belongs to the yearly season where the same day of another year stood out by this many robust deviations,
and by at least half as many as this one."""


@dataclass(frozen=True)
class Usual:
    """A series taken apart, on a rung of the ladder of powers: value = trend + season + rest.

    Attributes:
        rung: of the ladder of powers.
        trend, season, rest: (n,) each.
        open: (n,) whether values are judged; days of the week on which the shop is closed are not.
        shut: (n,) whether nothing was sold though the shop should have been open.
        medians: how many medians were fitted; what they take from the rest, ``allowance`` gives back.
    """

    rung: Rung
    trend: np.ndarray
    season: np.ndarray
    rest: np.ndarray
    open: np.ndarray
    shut: np.ndarray
    medians: float

    @property
    def expected(self) -> np.ndarray:
        """What each value should have been; not a number where the shop is closed."""
        return self.rung.back(self.trend + self.season)

    @property
    def allowance(self) -> float:
        """By how much scores of the rest are too large, as the medians were fitted to the same values."""
        size = max(1, int(self.open.sum()))
        return size / max(size - self.medians, size / 4)


def level(values: np.ndarray, learnt: np.ndarray | slice = slice(None)) -> Usual:
    """Values without an order in time: the median of those learnt from is what is usual."""
    values = np.asarray(values, dtype=float)
    scale = symmetric(values[learnt])
    y = scale.up(values)
    middle = np.full(len(y), np.median(y[learnt]))
    return Usual(
        scale, middle, np.zeros(len(y)), y - middle, np.ones(len(y), dtype=bool), np.zeros(len(y), dtype=bool), 1.0
    )


def take_apart(
    times: pd.Series,
    values: np.ndarray,
    exponents: tuple[float, ...] = POWERS,
    shut: np.ndarray | None = None,
) -> Usual:
    """Trend, seasons and rest on the rung where the rest is most even.

    Args:
        times: (n,) sorted; values: (n,) finite.
        exponents: rungs to try; (0.5,) suits counts.
        shut: (n,) moments known to say nothing on trend and season; by default zeros far from all else.
    """
    values = np.asarray(values, dtype=float)
    opened = ~closed(times, values)
    exponents = exponents if np.mean(values[opened] < 0) <= MOST_NEGATIVE else (1.0,)
    tried = [_on_rung(times, values, opened, exponent, shut) for exponent in exponents]
    return min(tried, key=_unevenness)


def closed(times: pd.Series, values: np.ndarray) -> np.ndarray:
    """Values of weekdays that are nearly always zero while others are not; only for daily series."""
    if abs(step(times) - DAY) > 1:
        return np.zeros(len(values), dtype=bool)
    zero = pd.Series(values == 0).groupby(times.dt.day_of_week.to_numpy()).transform("mean").to_numpy()
    return np.zeros(len(values), dtype=bool) if zero.min(initial=1.0) > 0.5 else zero >= CLOSED


def step(times: pd.Series) -> float:
    """The usual distance of two moments in seconds."""
    return float(np.median(np.diff(times.to_numpy()).astype("timedelta64[s]").astype(float))) if len(times) > 1 else DAY


def _on_rung(
    times: pd.Series, values: np.ndarray, opened: np.ndarray, exponent: float, known: np.ndarray | None
) -> Usual:
    scale = rung(values[opened], exponent)
    y, when = scale.up(values[opened]), times[opened].reset_index(drop=True)
    shut = _shut(values[opened], y) if known is None else known[opened]
    trend, season, medians = _backfit(when, np.where(shut, np.nan, y))
    rest = _without_yearly(when, y - trend - season)
    trend, season, rest = (_spread_out(part, opened) for part in (trend, y - trend - rest, rest))
    return Usual(scale, trend, season, rest, opened, _spread_out(shut, opened) == 1, medians)


def _shut(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Zeros that are rare and far from all else: the shop was shut, which says nothing on how trade would have been."""
    zero = values == 0
    if not 0 < zero.mean() <= RARE:
        return np.zeros(len(values), dtype=bool)
    near = y[zero].max() + NEAR * (np.median(y) - y[zero].max())
    return zero & (np.sum((y < near) & ~zero) <= zero.sum())


def _spread_out(part: np.ndarray, opened: np.ndarray) -> np.ndarray:
    """Values of the open days at their places among all days."""
    whole = np.full(len(opened), np.nan)
    whole[opened] = part
    return whole


def _backfit(times: pd.Series, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Trend, season, and the number of medians in them (twice the windows that fit, and the phases)."""
    width, seasons = _width(times), _seasons(times)
    trend = smooth(y, width)
    found = {name: np.zeros(len(y)) for name in seasons}
    for _ in range(ROUNDS):
        for name, phases in seasons.items():
            rest = y - trend - sum(part for other, part in found.items() if other != name)
            found[name] = _season(rest, *phases)
        trend = smooth(y - sum(found.values()), width)
    used = [len(np.unique(seasons[name][0])) for name, part in found.items() if np.any(part)]
    return trend, sum(found.values(), np.zeros(len(y))), 2 * len(y) / width + sum(used)


def smooth(y: np.ndarray, width: int) -> np.ndarray:
    """Running median of odd ``width``, then the running median of what is left; ends continue the slope there."""
    once = _running_median(y, width)
    return once + _running_median(y - once, width)


def _running_median(y: np.ndarray, width: int) -> np.ndarray:
    half = min(width // 2, (len(y) - 1) // 2)
    if half < 1:
        return np.full(len(y), np.median(y) if len(y) else 0.0)
    left, right = _beyond(y[: half + 1]), _beyond(y[::-1][: half + 1])[::-1]
    padded = pd.Series(np.concatenate([left, y, right]))
    running = padded.rolling(2 * half + 1, center=True, min_periods=1).median()
    return running.interpolate(limit_direction="both").to_numpy()[half:-half]


def _beyond(end: np.ndarray) -> np.ndarray:
    """What may lie before the first values: the same turned about their median, so that a slope goes on."""
    known = end[np.isfinite(end)]
    return 2 * (np.median(known) if len(known) else 0.0) - end[1:][::-1]


def _width(times: pd.Series) -> int:
    """Values in the window of the trend: about four weeks of days, a week of hours, a year of weeks or months."""
    seconds = step(times)
    if seconds < DAY / 2:
        return 2 * round(3.5 * DAY / seconds) + 1
    return 29 if seconds < 2 * DAY else 2 * round(182.6 * DAY / seconds) + 1


def _seasons(times: pd.Series) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Name -> (phase, cycle) of each moment, for the seasons a series of this step can have."""
    seconds = step(times)
    week = ((times - pd.Timestamp("1970-01-05")).dt.days // 7).to_numpy()
    if seconds < DAY / 2:
        slot = ((times - times.dt.normalize()).dt.total_seconds() // max(seconds, 1)).to_numpy()
        weekday = times.dt.day_of_week.to_numpy()
        day = times.dt.normalize().astype("int64").to_numpy() // 86_400_000_000
        return {"day": (slot, day), "week": (weekday * 100_000 + slot, week)}
    if seconds < 2 * DAY:
        return {"week": (times.dt.day_of_week.to_numpy(), week)}
    phase = times.dt.month if seconds > 20 * DAY else times.dt.day_of_year // 7
    return {"year": (phase.to_numpy(), times.dt.year.to_numpy())}


def _season(rest: np.ndarray, phase: np.ndarray, cycle: np.ndarray) -> np.ndarray:
    """Median of each phase; nothing where there are few cycles or it does not carry over to unseen ones."""
    if len(np.unique(cycle)) < FEWEST_CYCLES:
        return np.zeros(len(rest))
    table = pd.DataFrame({"phase": phase, "rest": rest, "odd": cycle % 2})
    halves = table.groupby(["phase", "odd"])["rest"].median().unstack("odd").reindex(columns=[0, 1])
    other = halves[[1, 0]].set_axis([0, 1], axis=1).stack().reindex(list(zip(phase, cycle % 2, strict=True)))
    unseen = np.nanmedian(np.abs(rest - other.fillna(0.0).to_numpy()))
    if unseen >= GAIN * np.nanmedian(np.abs(rest - np.nanmedian(rest))):
        return np.zeros(len(rest))
    return table.groupby("phase")["rest"].transform("median").fillna(0.0).to_numpy()


def _without_yearly(times: pd.Series, rest: np.ndarray) -> np.ndarray:
    """Take from each day what it has in common with the same days of another year (holidays, sales days).

    Same date or, for a day that moves, same weekday of the same week: the smaller deviation of the two years, where
    both go the same way and stand out.
    """
    if not DAY / 2 <= step(times) < 2 * DAY:
        return rest
    score = pd.Series(robust_zscore(rest), index=pd.DatetimeIndex(times))
    size, common = score.abs().to_numpy(), np.zeros(len(rest))
    for days in (-366, -365, -364, 364, 365, 366):
        other = score.reindex(score.index + pd.Timedelta(days=days)).fillna(0.0).to_numpy()
        alike = (np.sign(other) == np.sign(score)) & (np.abs(other) >= np.maximum(EVERY_YEAR, size / 2))
        common = np.where(alike, np.maximum(common, np.minimum(np.abs(other), size)), common)
    return rest * np.where(common > 0, 1 - common / np.maximum(size, EVERY_YEAR), 1.0)


def _unevenness(usual: Usual) -> float:
    """How lopsided the rest is, and how much it spreads with the level."""
    rest, level = usual.rest[usual.open], (usual.trend + usual.season)[usual.open]
    if len(rest) < 3 or np.ptp(level) == 0:
        return abs(lopsided(rest)) if len(rest) else 0.0
    spread, height = (np.argsort(np.argsort(x)).astype(float) for x in (np.abs(rest), level))
    return abs(lopsided(rest)) + abs(float(np.corrcoef(spread, height)[0, 1]))
