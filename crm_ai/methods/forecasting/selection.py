"""Which models to trust for a series, and how wide the intervals are, from the backtest alone.

At each cutoff only errors that were known by then count, so that the errors and the coverage of the choice itself
are out of sample too. Averages of a few good models beat the best one (Makridakis et al. 2020); intervals rest on the
errors' own quantiles (conformal: Vovk, Gammerman & Shafer 2005), pooled over the steps of the horizon.
"""

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.backtest import Plan
from crm_ai.methods.forecasting.panel import Array

MOST_CHOSEN = 3
NEARLY = 1.15
"""Models whose error is at most this many times the best one's are averaged with it."""
LEVELS = (0.80, 0.95)
PRIOR = 10
"""How many cutoffs the smooth curve of errors over the horizon counts for, against each step's own error."""
POWERS = np.linspace(0.0, 1.0, 6)


def choose(means: Array, actual: Array, plan: Plan) -> Array:
    """Weights (models, series, cutoffs + 1), which sum to 1 over the models.

    Args:
        means: forecasts (models, series, cutoffs + 1, horizon).
        actual: (series, cutoffs, horizon).
    """
    known = plan.known()
    errors = np.abs(means[:, :, :-1] - actual)
    scores = np.tensordot(errors, known.astype(np.float64), axes=([2, 3], [0, 1]))
    scores = scores / np.maximum(known.sum(axis=(0, 1)), 1)
    rank = scores.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    best = scores.min(axis=0)
    good = (scores <= best * NEARLY) & ((rank < MOST_CHOSEN) | ~known.any(axis=(0, 1)))
    return good / good.sum(axis=0)


def combine(means: Array, weights: Array) -> Array:
    """The weighted mean of the models (series, cutoffs + 1, horizon)."""
    return np.einsum("mskh,msk->skh", means, weights)


def half_widths(mean: Array, actual: Array, plan: Plan, open_steps: Array) -> Array:
    """Half the width of the intervals at the tested cutoffs and at the end: (levels, series, tested + 1, horizon).

    Args:
        open_steps: 1 where there is business, 0 where nothing is certain (cutoffs + 1, horizon).
    """
    errors, known = np.abs(mean[:, :-1] - actual), plan.known() & (open_steps[:-1] > 0)[:, :, None]
    places = range(len(plan.offsets) - plan.tested, len(plan.offsets) + 1)
    widths = [_widths(errors, known[:, :, place], plan) for place in places]
    return np.stack(widths, axis=2) * open_steps[places[0] :]


def _widths(errors: Array, known: NDArray[np.bool_], plan: Plan) -> Array:
    """(levels, series, horizon): quantiles of the known errors in units of their usual size at each step."""
    if not known.any():
        return np.zeros((len(LEVELS), len(errors), errors.shape[2]))
    size = _usual(errors, known)
    pooled = (errors / size[:, None])[:, known]
    factors = _small_sample(_independent(known, plan))
    quantiles = np.quantile(pooled, LEVELS, axis=1) * factors[:, None]
    return quantiles[:, :, None] * size


def _usual(errors: Array, known: NDArray[np.bool_]) -> Array:
    """Mean absolute error a step (series, horizon), drawn towards the power of the step that fits best."""
    counts = known.sum(axis=0).astype(np.float64)
    own = np.where(known, errors, 0.0).sum(axis=1) / np.maximum(counts, 1)
    curves = np.arange(1.0, len(counts) + 1) ** POWERS[:, None]
    heights = (own @ (counts * curves).T) / (counts * curves**2).sum(axis=1)
    fits = heights[:, :, None] * curves
    best = (counts * (own[:, None] - fits) ** 2).sum(axis=2).argmin(axis=1)
    smooth = fits[np.arange(len(own)), best]
    return np.maximum((counts * own + PRIOR * smooth) / (counts + PRIOR), 1e-12)


def _independent(known: NDArray[np.bool_], plan: Plan) -> float:
    """About how many of the errors are independent: forecasts from near cutoffs share most of their errors."""
    stride = plan.offsets[0] - plan.offsets[1] if len(plan.offsets) > 1 else plan.horizon
    steps = np.arange(1, plan.horizon + 1)
    return 1 + float(np.mean(known.sum(axis=0) * np.minimum(1.0, stride / steps)))


def _small_sample(independent: float) -> Array:
    """How much wider Student's quantiles are than normal ones, for each level."""
    from scipy.special import ndtri, stdtrit

    upper = (1 + np.array(LEVELS)) / 2
    return np.asarray(stdtrit(independent, upper) / ndtri(upper))
