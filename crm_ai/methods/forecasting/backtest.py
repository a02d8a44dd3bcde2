"""Rolling-origin backtest: every model forecasts from every cutoff with what was known there (Tashman 2000)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.arima import arima
from crm_ai.methods.forecasting.naive import seasonal_naive
from crm_ai.methods.forecasting.panel import Array, Batch, Cuts, Model
from crm_ai.methods.forecasting.regression import linear, polynomial, svr
from crm_ai.methods.forecasting.seasons import grows_with_level
from crm_ai.methods.forecasting.smoothing import ets, theta

MODELS: Mapping[str, Model] = {
    "seasonal_naive": seasonal_naive,
    "ets": ets,
    "theta": theta,
    "arima": arima,
    "linear": linear,
    "polynomial": polynomial,
    "svr": svr,
}
MOST_CUTOFFS = 40
FEWEST_CUTOFFS = 3
BLOCKS = 3
"""How often costly models are learnt anew during the backtest."""


@dataclass(frozen=True)
class Plan:
    """Cutoffs as the number of observations after them, farthest first."""

    offsets: tuple[int, ...]
    horizon: int

    @classmethod
    def of(cls, size: int, horizon: int, season: int) -> "Plan":
        least = max(8, size // 3, min(2 * season + 3, size // 2))
        room = size - horizon - least
        if room + 1 < FEWEST_CUTOFFS:
            return cls((), horizon)
        span = min(room, max(4 * horizon, 60))
        stride = max(1, -(-span // (MOST_CUTOFFS - 1)))
        stride += stride > 1 and stride % season == 0  # else every cutoff would stand at the same point of the season
        return cls(tuple(horizon + stride * k for k in range(span // stride, -1, -1)), horizon)

    @property
    def tested(self) -> int:
        """The last so many cutoffs measure the choice and the intervals."""
        return (len(self.offsets) + 1) // 2

    def known(self) -> NDArray[np.bool_]:
        """Shape (cutoffs, horizon, cutoffs + 1): is step j of the forecast from cutoff k past at the third's cutoff?"""
        made, read = np.array(self.offsets, dtype=int), np.array([*self.offsets, 0])
        return (made[:, None] - np.arange(1, self.horizon + 1))[:, :, None] >= read

    def actual(self, batch: Batch) -> Array:
        """What followed each cutoff: (series, cutoffs, horizon)."""
        cuts = batch.columns - np.array(self.offsets, dtype=int)
        return batch.values[:, cuts[:, None] + np.arange(self.horizon)]


def forecasts(batch: Batch, plan: Plan, models: Sequence[str]) -> Array:
    """Every model from every cutoff, and from the end: (models, series, cutoffs + 1, horizon)."""
    cuts = np.array([batch.columns - offset for offset in plan.offsets], dtype=int)
    blocks = [block.tolist() for block in np.array_split(cuts, BLOCKS) if len(block)]
    found = [[_careful(MODELS[name], batch, block) for block in [*blocks, [batch.columns]]] for name in models]
    return np.stack([np.concatenate(parts, axis=1) for parts in found])


def _careful(model: Model, batch: Batch, cuts: Cuts) -> Array:
    """Logarithms where swings grow with the level; nothing far outside what was ever seen."""
    growing = grows_with_level(batch, cuts[0])
    positive = np.where(growing[:, None], np.maximum(batch.values, 1e-9), 1.0)
    values = np.where(growing[:, None], np.log(positive), batch.values)
    shift = values[:, cuts[0] - 1]
    ahead = model(batch.with_values(values - shift[:, None]), cuts) + shift[:, None, None]
    low, high = _limits(batch.with_values(values), cuts)
    last = values[:, [cut - 1 for cut in cuts], None]
    ahead = np.clip(np.where(np.isfinite(ahead), ahead, last), low, high)
    return np.where(growing[:, None, None], np.exp(np.where(growing[:, None, None], ahead, 0.0)), ahead)


def _limits(batch: Batch, cuts: Cuts) -> tuple[Array, Array]:
    """Twice the range of what was known at each cut, on either side (series, cuts, 1)."""
    lows = np.stack([batch.values[:, :cut].min(axis=1) for cut in cuts], axis=1)[:, :, None]
    highs = np.stack([batch.values[:, :cut].max(axis=1) for cut in cuts], axis=1)[:, :, None]
    return lows - 2 * (highs - lows), highs + 2 * (highs - lows)
