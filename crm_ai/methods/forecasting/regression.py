"""Linear, polynomial and support-vector regression on lags and the calendar, one step ahead and repeated.

Lags are taken relative to the mean of the last season, so that a model learns changes, not levels. One function makes
the features for learning and for forecasting.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.leastsquares import moments, solve
from crm_ai.methods.forecasting.panel import Array, Batch, Cuts
from crm_ai.methods.forecasting.support_vectors import SupportVectors

MOST_LAGS = 24
MOST_HARMONICS = 4
SVR_ROWS = 240
RIDGE = 0.01
"""Of the penalty, in units of a feature's own sum of squares, at 100 rows."""

Combine = Callable[[Array, Array], Array]
"""(lags, waves) -> features, or a step's forecasts."""


@dataclass(frozen=True)
class Features:
    """Which lags and which waves of the calendar a batch can carry."""

    lags: tuple[int, ...]
    window: int
    waves: tuple[float, ...]

    @classmethod
    def of(cls, batch: Batch, known: int) -> "Features":
        """As many as ``known`` observations can carry: about four rows a feature."""
        season, room = batch.season, max(2, known // 8)
        near = range(1, 1 + min(room, MOST_LAGS, max(season, 8)))
        far = [lag for lag in (season, season + 1, 2 * season, *map(round, batch.longer)) if 1 < lag <= known // 3]
        periods = [float(season)] * (season > 1 and known >= 2 * season)
        periods += [period for period in batch.longer if known >= 2 * period]
        waves = [(k / p) for p in periods for k in range(1, 1 + min(MOST_HARMONICS, int(p) // 2, max(1, room // 3)))]
        window = season if season <= known // 3 else 1
        return cls(tuple(sorted({*near, *far})), window, tuple(sorted(set(waves))))

    @property
    def back(self) -> int:
        return max(*self.lags, self.window)

    def calendar(self, columns: Array) -> Array:
        """Waves (..., 2 x waves) at columns counted from the end, so that a series alone decides."""
        angle = 2 * np.pi * columns[..., None] * np.array(self.waves)
        return np.concatenate([np.sin(angle), np.cos(angle)], axis=-1)

    def lagged(self, history: Array) -> tuple[Array, Array]:
        """(lags relative to the anchor, anchor) from the last ``back`` values on the last axis."""
        anchor = history[..., -self.window :].mean(axis=-1)
        picked = history[..., [history.shape[-1] - lag for lag in self.lags]]
        return picked - anchor[..., None], anchor


def linear(batch: Batch, cuts: Cuts) -> Array:
    """Ridge regression on lags and calendar."""
    return _least_squares(batch, cuts, _plain)


def polynomial(batch: Batch, cuts: Cuts) -> Array:
    """Ridge regression on lags and calendar, squares and products of the main lags."""
    return _least_squares(batch, cuts, _squares)


def _plain(lagged: Array, waves: Array) -> Array:
    return np.concatenate([np.ones((*lagged.shape[:-1], 1)), lagged, waves], axis=-1)


def _squares(lagged: Array, waves: Array) -> Array:
    """Second-degree terms of the nearest three lags, the farthest one and the first wave, cut at three deviations."""
    main = np.clip(np.concatenate([lagged[..., :3], lagged[..., -1:], waves[..., :1]], axis=-1), -3, 3)
    left, right = np.triu_indices(main.shape[-1])
    return np.concatenate([_plain(lagged, waves), main[..., left] * main[..., right]], axis=-1)


def _prepare(batch: Batch, cuts: Cuts) -> tuple[Features, Batch, Array]:
    """Features and the batch in units of each series' usual change before the first cut."""
    features = Features.of(batch, max(4, int(min(batch.size, batch.columns) - (batch.columns - cuts[0]))))
    change = np.diff(batch.values[:, : cuts[0]], axis=1)
    sums, counts = np.square(change).sum(axis=1), np.maximum(1, cuts[0] - batch.starts - 1)
    scale = np.sqrt(sums / counts)
    scale[scale <= 0] = 1.0
    return features, batch.with_values(batch.values / scale[:, None]), scale


def _rows(features: Features, batch: Batch) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """(lagged, waves, target, known) for every column that has ``back`` columns before it; others are unknown."""
    back = features.back
    windows = np.lib.stride_tricks.sliding_window_view(batch.values, back, axis=1)[:, :-1]
    lagged, anchor = features.lagged(windows)
    columns = np.arange(back, batch.columns)
    waves = np.broadcast_to(
        features.calendar((columns - batch.columns).astype(np.float64)),
        (len(lagged), len(columns), 2 * len(features.waves)),
    )
    known = columns >= (batch.starts + back)[:, None]
    return lagged, waves, batch.values[:, back:] - anchor, known


def _least_squares(batch: Batch, cuts: Cuts, expand: Combine) -> Array:
    features, scaled, scale = _prepare(batch, cuts)
    lagged, waves, target, known = _rows(features, scaled)
    gram, side, count = moments(expand(lagged, waves), target, known, [cut - features.back for cut in cuts])
    weights = solve(gram, side, RIDGE * 100 / np.maximum(count, 1))

    def step(lagged: Array, waves: Array) -> Array:
        return (expand(lagged, waves) * weights).sum(axis=-1)

    return _repeat(features, scaled, cuts, step) * scale[:, None, None]


def _repeat(features: Features, batch: Batch, cuts: Cuts, step: Combine) -> Array:
    """Forecast one step, take it for known, forecast the next (series, cuts, horizon)."""
    back = features.back
    past = batch.values[:, np.asarray(cuts)[:, None] + np.arange(-back, 0)]
    limit = 4 * np.ptp(past, axis=2) + 4
    middle = past.mean(axis=2)
    for ahead in range(batch.horizon):
        lagged, anchor = features.lagged(past)
        waves = features.calendar(np.asarray(cuts, dtype=float) + ahead - batch.columns)
        waves = np.broadcast_to(waves, (*anchor.shape, waves.shape[-1]))
        now = np.clip(anchor + step(lagged, waves), middle - limit, middle + limit)
        past = np.concatenate([past, now[:, :, None]], axis=2)
    return past[:, :, back:]


def svr(batch: Batch, cuts: Cuts) -> Array:
    """Support-vector regression (radial basis) on lags and calendar, learnt at the first cut."""
    features, scaled, scale = _prepare(batch, cuts)
    lagged, waves, target, known = _rows(features, scaled)
    last = cuts[0] - features.back
    recent = slice(max(0, last - SVR_ROWS), last)
    inputs = np.concatenate([lagged, waves], axis=-1)
    machine = SupportVectors.fit(inputs[:, recent], target[:, recent], known[:, recent])

    def step(lagged: Array, waves: Array) -> Array:
        return machine.predict(np.concatenate([lagged, waves], axis=-1))

    return _repeat(features, scaled, cuts, step) * scale[:, None, None]
