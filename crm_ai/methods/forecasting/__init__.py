"""Forecasts of many series at once: models, rolling-origin backtest, choice and intervals.

    >>> for outcome in forecast_all(series, season=7, horizon=14): ...

Everything is written on matrices of series, so that hundreds of series take seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.backtest import MODELS, Plan, forecasts
from crm_ai.methods.forecasting.panel import Array, Batch, batches
from crm_ai.methods.forecasting.selection import LEVELS, choose, combine, half_widths
from crm_ai.methods.forecasting.short import short_forecast

__all__ = ["LEVELS", "MODELS", "NAIVE", "Outcome", "forecast_all"]

NAIVE = "seasonal_naive"


@dataclass(frozen=True)
class Outcome:
    """What is found for series of about one length.

    Attributes:
        rows: positions of the series.
        models: their names, the first axis of ``models_mean`` and ``weights``.
        offsets: observations after each tested cutoff, farthest first; empty where the series are too short.
        mean: forecasts (series, horizon) from the end.
        half_width: (levels, series, horizon).
        weights: (models, series) with which models enter ``mean``.
        actual: (series, cutoffs, horizon) what followed the tested cutoffs.
        backtest_mean: (series, cutoffs, horizon) of the choice.
        backtest_half_width: (levels, series, cutoffs, horizon).
        models_mean: (models, series, cutoffs, horizon) of each model.
        cutoffs: how many cutoffs the intervals of ``mean`` rest on.
    """

    rows: NDArray[np.int64]
    models: tuple[str, ...]
    offsets: tuple[int, ...]
    mean: Array
    half_width: Array
    weights: Array
    actual: Array
    backtest_mean: Array
    backtest_half_width: Array
    models_mean: Array
    cutoffs: int


def forecast_all(
    series: Sequence[Array],
    season: int,
    horizon: int,
    model: str = "auto",
    longer: tuple[float, ...] = (),
    opening: tuple[bool, ...] = (True,),
) -> Iterator[Outcome]:
    """Forecast every series ``horizon`` steps ahead, batch by batch.

    Args:
        series: at least one finite value each, oldest first, without gaps.
        season: observations in a season; 1 where there is none.
        model: ``"auto"`` averages the best models of the backtest, anything else is one of MODELS.
        longer: lengths of further, longer seasons that regressions may use.
        opening: whether there is business in the periods after the end, in turn; where there is none, 0 is certain.
    """
    from threadpoolctl import threadpool_limits

    models = tuple(MODELS) if model == "auto" else tuple(dict.fromkeys((NAIVE, model)))
    for rows, batch in batches(series, season, longer, horizon):
        plan = Plan.of(batch.size, horizon, season)
        open_steps = _open_steps(plan, opening)
        with threadpool_limits(1, "blas"):  # small matrices: several threads only wait for each other
            tested = _tested(rows, batch, plan, models, model, open_steps) if plan.offsets else None
        yield tested or _untested(rows, batch, open_steps)


def _open_steps(plan: Plan, opening: tuple[bool, ...]) -> Array:
    """1 where there is business at a step after a cutoff, else 0 (cutoffs + 1, horizon)."""
    after_end = np.arange(plan.horizon) - np.array([*plan.offsets, 0], dtype=int)[:, None]
    return np.array(opening, dtype=np.float64)[after_end % len(opening)]


def _tested(
    rows: NDArray[np.int64], batch: Batch, plan: Plan, models: tuple[str, ...], model: str, open_steps: Array
) -> Outcome:
    means, actual = forecasts(batch, plan, models) * open_steps, plan.actual(batch)
    weights = choose(means, actual, plan)
    if model != "auto":
        weights = np.zeros_like(weights)
        weights[models.index(model)] = 1.0
    mean, first = combine(means, weights), len(plan.offsets) - plan.tested
    widths = half_widths(mean, actual, plan, open_steps)
    return Outcome(
        rows=rows,
        models=models,
        offsets=plan.offsets[first:],
        mean=mean[:, -1],
        half_width=widths[:, :, -1],
        weights=weights[:, :, -1],
        actual=actual[:, first:],
        backtest_mean=mean[:, first:-1],
        backtest_half_width=widths[:, :, :-1],
        models_mean=means[:, :, first:-1],
        cutoffs=len(plan.offsets),
    )


def _untested(rows: NDArray[np.int64], batch: Batch, open_steps: Array) -> Outcome:
    horizon = batch.horizon
    found = [
        short_forecast(values[start:], batch.season, horizon)
        for values, start in zip(batch.values, batch.starts, strict=True)
    ]
    models, nothing = (NAIVE, "mean"), np.zeros((len(rows), 0, horizon))
    return Outcome(
        rows=rows,
        models=models,
        offsets=(),
        mean=np.stack([mean for _, mean, _ in found]) * open_steps[-1],
        half_width=np.stack([width for _, _, width in found], axis=1) * open_steps[-1],
        weights=np.array([[float(name == model) for name, _, _ in found] for model in models]),
        actual=nothing,
        backtest_mean=nothing,
        backtest_half_width=np.zeros((len(LEVELS), *nothing.shape)),
        models_mean=np.zeros((len(models), *nothing.shape)),
        cutoffs=0,
    )
