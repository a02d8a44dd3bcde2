"""Errors as the M4 competition measures them (Makridakis, Spiliotis & Assimakopoulos 2020; Hyndman & Koehler 2006)."""

import numpy as np

from crm_ai.methods.forecasting.panel import Array


def naive_scale(history: Array, season: int) -> float:
    """Mean absolute error of the seasonal naive forecast inside the history: the unit of MASE; NaN where it is 0."""
    season = season if len(history) > season else 1
    steps = np.abs(history[season:] - history[:-season]) if len(history) > season else np.zeros(0)
    return float(steps.mean()) if len(steps) and steps.mean() > 0 else float("nan")


def mase(actual: Array, mean: Array, scale: float | Array) -> float:
    """Mean absolute error in units of ``scale``; below 1 is better than naive inside the history."""
    return _finite_mean(np.abs(actual - mean) / scale)


def smape(actual: Array, mean: Array) -> float:
    """Symmetric mean absolute percentage error, from 0 to 200; two zeros count as no error."""
    size = np.abs(actual) + np.abs(mean)
    error = np.abs(actual - mean)
    return _finite_mean(200 * np.divide(error, size, out=np.zeros_like(error), where=size > 0))


def wape(actual: Array, mean: Array) -> float:
    """Sum of absolute errors as a share of the sum of absolute values; NaN where all are 0."""
    total = float(np.abs(actual).sum())
    return float(np.abs(actual - mean).sum()) / total if total else float("nan")


def msis(actual: Array, low: Array, high: Array, scale: float | Array, level: float = 0.95) -> float:
    """Mean scaled interval score: width plus a fine for every miss, in units of ``scale``."""
    fine = 2 / (1 - level)
    below, above = np.maximum(low - actual, 0), np.maximum(actual - high, 0)
    return _finite_mean((high - low + fine * (below + above)) / scale)


def coverage(actual: Array, low: Array, high: Array) -> float:
    """Share of the values inside the interval."""
    return _finite_mean(((actual >= low) & (actual <= high)).astype(np.float64))


def _finite_mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
