"""Series too short for a backtest: the season repeated or the mean, with wide intervals that say so."""

import numpy as np

from crm_ai.methods.forecasting.panel import Array
from crm_ai.methods.forecasting.selection import LEVELS


def short_forecast(values: Array, season: int, horizon: int) -> tuple[str, Array, Array]:
    """(model, mean (horizon,), half widths (levels, horizon)) of at least one value.

    The seasonal naive forecast where two seasons are known, else the mean. Half widths are Student's quantiles of the
    usual change, which grow with the square root of the step (of the season, where there is one).
    """
    from scipy.special import stdtrit

    seasonal = 1 < season <= len(values) // 2
    lag = season if seasonal else 1
    changes = values[lag:] - values[:-lag]
    usual = float(np.sqrt(np.mean(changes**2))) if len(changes) else abs(float(values[-1]))
    steps = np.arange(horizon)
    mean = values[steps % season - season] if seasonal else np.full(horizon, values.mean())
    quantiles = stdtrit(max(1, len(changes)), (1 + np.array(LEVELS)) / 2)
    return "seasonal_naive" if seasonal else "mean", mean, quantiles[:, None] * usual * np.sqrt(1 + steps // lag)
