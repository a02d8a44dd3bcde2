"""Exponential smoothing and Theta for many series at once.

Every candidate of a grid of parameters runs beside the others through the series once. The sum of squared one-step
errors up to a cut chooses the candidate for that cut, so that one pass fits a model anew at every cut, without a
look ahead and without an optimiser (Hyndman, Koehler, Ord & Snyder 2008; Fiorucci et al. 2016).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.panel import Array, Batch, Cuts
from crm_ai.methods.forecasting.seasons import pattern, patterns, seasonal_rows

LEVELS = np.array([0.02, 0.06, 0.12, 0.2, 0.3, 0.42, 0.56, 0.72, 0.88, 0.99])
TRENDS = np.array([0.0, 0.03, 0.1, 0.3])
"""As a share of the weight of the level."""
DAMPING = np.array([1.0, 0.97, 0.9, 0.8])
SEASONS = np.array([0.03, 0.12, 0.35])
"""As a share of what the level leaves."""
THETAS = np.array([1.0, 1.5, 2.0, 3.0, 5.0])


@dataclass(frozen=True)
class Grid:
    """Candidates (arrays of shape (candidates,)); the first ``plain`` have no season."""

    alpha: Array
    beta: Array
    phi: Array
    gamma: Array
    trend: NDArray[np.bool_]
    plain: int
    parameters: Array

    @classmethod
    def of(cls, season: int) -> "Grid":
        simple = np.array([(a, 0.0, 1.0, 0.0) for a in LEVELS])
        trended = np.array([(a, a * b, p, 0.0) for a in LEVELS for b in TRENDS for p in DAMPING])
        plain = np.concatenate([simple, trended])
        seasonal = [plain * [1, 1, 1, 0] + np.outer(1 - plain[:, 0], [0, 0, 0, g]) for g in SEASONS if season > 1]
        alpha, beta, phi, gamma = np.concatenate([plain, *seasonal]).T
        trend = np.tile(np.arange(len(plain)) >= len(simple), 1 + len(seasonal))
        parameters = 3.0 + 2 * trend + (phi < 1) + (np.arange(len(alpha)) >= len(plain)) * float(season)
        return cls(alpha, beta, phi, gamma, trend, len(plain), parameters)


def ets(batch: Batch, cuts: Cuts) -> Array:
    """Exponential smoothing with or without (damped) trend and season, chosen by AICc at each cut."""
    first = cuts[0] - batch.starts
    able = (first >= 2 * batch.season + 3) & (batch.season > 1)
    grid = Grid.of(batch.season if able.any() else 1)
    level, slope, season = _beginning(batch, cuts[0], able)
    return np.stack([*_smooth(batch, cuts, grid, (level, slope, season, able))], axis=1)


def _beginning(batch: Batch, cut: int, able: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Level, slope and seasonal indices (season, series) before the first observation of each series."""
    count, season = len(batch.values), batch.season
    level, slope, indices = np.zeros(count), np.zeros(count), np.zeros((season, count))
    for row, start in enumerate(batch.starts):
        early = batch.values[row, start : min(cut, start + max(10, 3 * season))]
        if able[row]:
            found = pattern(early, season)
            early = early - found[np.arange(len(early)) % season]
            indices[(start + np.arange(season)) % season, row] = found
        slope[row], middle = _line(early)
        level[row] = middle - slope[row] * (len(early) + 1) / 2
    return level, slope, indices


def _line(values: Array) -> tuple[float, float]:
    """Slope (by least squares) and mean."""
    when = np.arange(len(values)) - (len(values) - 1) / 2
    power = float(when @ when)
    return (float(when @ values) / power if power else 0.0), float(values.mean())


def _smooth(
    batch: Batch, cuts: Cuts, grid: Grid, beginning: tuple[Array, Array, Array, NDArray[np.bool_]]
) -> Iterator[Array]:
    """Forecasts (series, horizon) at each cut."""
    level0, slope0, season0, able = beginning
    count, width, m = len(batch.values), len(grid.alpha), batch.season
    level, slope, errors = np.zeros((count, width)), np.zeros((count, width)), np.zeros((count, width))
    season = np.repeat(season0[:, :, None], width - grid.plain, axis=2)
    wanted, born = set(cuts), {int(start) for start in batch.starts}
    seen, update = np.empty_like(level), np.empty_like(level)
    for column in range(cuts[-1] + 1):
        if column in wanted:
            yield _ahead(batch, column, grid, (level, slope, season, errors), able)
        if column == cuts[-1]:
            return
        if column in born:
            rows = batch.starts == column
            level[rows], errors[rows] = level0[rows, None], 0.0
            slope[rows] = slope0[rows, None] * grid.trend
            season[:, rows] = season0[:, rows, None]
        np.multiply(slope, grid.phi, out=slope)
        np.add(level, slope, out=level)
        np.subtract(batch.values[:, column, None], level, out=seen)
        if width > grid.plain:
            now = season[column % m]
            seen[:, grid.plain :] -= now
            now += grid.gamma[grid.plain :] * seen[:, grid.plain :]
        level += np.multiply(seen, grid.alpha, out=update)
        slope += np.multiply(seen, grid.beta, out=update)
        errors += np.multiply(seen, seen, out=update)


def _ahead(
    batch: Batch, cut: int, grid: Grid, state: tuple[Array, Array, Array, Array], able: NDArray[np.bool_]
) -> Array:
    """Forecasts (series, horizon) of the best candidate at ``cut``."""
    level, slope, season, errors = state
    score = aicc(errors, (cut - batch.starts)[:, None], grid.parameters)
    score[:, grid.plain :][~able] = np.inf
    best, rows = score.argmin(axis=1), np.arange(len(level))
    steps = np.cumsum(grid.phi[best, None] ** np.arange(1, batch.horizon + 1), axis=1)
    mean = level[rows, best, None] + steps * slope[rows, best, None]
    seasonal = np.flatnonzero(best >= grid.plain)
    phases = (cut + np.arange(batch.horizon)) % batch.season
    mean[seasonal] += season[phases][:, seasonal, best[seasonal] - grid.plain].T if len(seasonal) else 0.0
    return mean


def aicc(errors: Array, count: Array | NDArray[np.int64], parameters: Array) -> Array:
    """Akaike's criterion, corrected for small samples, from sums of squared errors; infinite without enough data."""
    left = count - parameters - 1
    fit = count * np.log(np.maximum(errors, 1e-12 * (1 + errors.min(axis=-1, keepdims=True))) / np.maximum(count, 1))
    with np.errstate(divide="ignore"):
        return np.where(left > 0, fit + 2 * parameters * (1 + (parameters + 1) / np.maximum(left, 1e-9)), np.inf)


def theta(batch: Batch, cuts: Cuts) -> Array:
    """The dynamic optimised Theta method on the seasonally adjusted series (Fiorucci et al. 2016)."""
    chosen = seasonal_rows(batch, cuts[0])
    season = patterns(batch, cuts[0], chosen)
    adjusted = batch.with_values(batch.values - season[:, : batch.columns])
    mean = np.stack([*_theta_lines(adjusted, cuts)], axis=1)
    ahead = np.asarray(cuts)[:, None] + np.arange(batch.horizon)
    return mean + season[:, ahead]


def _theta_lines(batch: Batch, cuts: Cuts) -> Iterator[Array]:
    """Forecasts (series, horizon) at each cut."""
    values, keep = batch.values, 1 - LEVELS
    count = len(values)
    level, decay = np.zeros((count, len(LEVELS))), np.ones((count, len(LEVELS)))
    errors = np.zeros((count, len(LEVELS), len(THETAS)))
    mean, slope, origin, first, age = np.zeros((5, count))
    wanted, born = set(cuts), {int(start) for start in batch.starts}
    share = 1 - 1 / THETAS
    for column in range(cuts[-1] + 1):
        if column in wanted:
            yield _theta_ahead(batch.horizon, errors, (level, decay), (first, origin, slope))
        if column == cuts[-1]:
            return
        now = values[:, column]
        if column in born:
            rows = batch.starts == column
            level[rows], decay[rows], errors[rows] = 0.0, 1.0, 0.0
            mean[rows], slope[rows], origin[rows], first[rows], age[rows] = 0.0, 0.0, now[rows], now[rows], 0
        begun = decay * first[:, None]
        line = decay * origin[:, None] + (1 - decay * keep) / LEVELS * slope[:, None] - begun
        seen = (now[:, None] - level - begun)[:, :, None] - line[:, :, None] * share
        errors += seen * seen * (age > 1)[:, None, None]
        level = LEVELS * now[:, None] + keep * level
        decay = decay * keep
        age += 1
        slope = np.where(age > 1, ((age - 2) * slope + 6 / age * (now - mean)) / (age + 1), 0.0)
        mean += (now - mean) / age
        origin = mean - (age + 1) / 2 * slope


def _theta_ahead(horizon: int, errors: Array, smoothed: tuple[Array, Array], line: tuple[Array, Array, Array]) -> Array:
    """Forecasts (series, horizon) of the best candidate."""
    best = errors.reshape(len(errors), -1).argmin(axis=1)
    rows, column = np.arange(len(errors)), best // len(THETAS)
    alpha, share = LEVELS[column], 1 - 1 / THETAS[best % len(THETAS)]
    first, origin, slope = line
    now, left = smoothed[0][rows, column], smoothed[1][rows, column]
    now = now + left * first * (1 - share)
    found = []
    for _ in range(horizon):
        found.append(now + share * (left * origin + (1 - left * (1 - alpha)) / alpha * slope))
        now = alpha * found[-1] + (1 - alpha) * now
        left = left * (1 - alpha)
    return np.stack(found, axis=1)
