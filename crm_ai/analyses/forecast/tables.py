"""Outcomes of the methods as tidy tables: forecast, backtest, errors by model and by step."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from crm_ai.analyses.forecast.history import History
from crm_ai.methods.forecasting import NAIVE, Outcome, accuracy
from crm_ai.methods.forecasting.calendars import Calendar

AUTO = "auto"
BANDS = ("lo_80", "hi_80", "lo_95", "hi_95")
FORECAST = ("series_id", "time", "mean", *BANDS, "model")
BACKTEST = ("series_id", "cutoff", "time", "step", "actual", "mean", *BANDS, NAIVE, "scale", "model")
MODELS = ("series_id", "model", "mase", "smape", "wape", "weight")


def history_table(known: History) -> pd.DataFrame:
    """series_id, time, value of what is forecast, and of sales the orders."""
    lengths = [len(values) for values in known.series.values]
    index = np.concatenate([np.arange(end - n + 1, end + 1) for end, n in zip(known.series.ends, lengths, strict=True)])
    names = np.repeat(np.array(known.series.ids, dtype=object), lengths)
    values = np.concatenate(known.series.values)
    table = pd.DataFrame({"series_id": names, "time": known.calendar.times(index), "value": values})
    return table.assign(orders=np.concatenate(known.orders)) if known.orders else table


def forecast_table(known: History, outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """The columns FORECAST, sorted by series and time."""
    parts = [_forecast(known, outcome) for outcome in outcomes]
    return _sorted(parts, FORECAST, ["series_id", "time"])


def _forecast(known: History, outcome: Outcome) -> pd.DataFrame:
    horizon = outcome.mean.shape[1]
    ends = known.series.ends[outcome.rows]
    index = (ends[:, None] + np.arange(1, horizon + 1)).ravel()
    frame = {
        "series_id": np.repeat(_ids(known, outcome), horizon),
        "time": known.calendar.times(index),
        "mean": _floored(known, outcome.mean, outcome).ravel(),
        **_bands(known, outcome.mean, outcome.half_width, outcome),
        "model": np.repeat(names_of(outcome), horizon),
    }
    return pd.DataFrame(frame)


def backtest_table(known: History, outcomes: Iterable[Outcome], season: int) -> pd.DataFrame:
    """The columns BACKTEST, sorted by series, cutoff and time; ``scale`` is the unit of MASE."""
    parts = [_backtest(known, outcome, season) for outcome in outcomes if outcome.offsets]
    return _sorted(parts, BACKTEST, ["series_id", "cutoff", "time"])


def _backtest(known: History, outcome: Outcome, season: int) -> pd.DataFrame:
    count, cuts, horizon = outcome.actual.shape
    each = cuts * horizon
    cutoff = known.series.ends[outcome.rows][:, None] - np.array(outcome.offsets)
    index = cutoff[:, :, None] + np.arange(1, horizon + 1)
    naive = outcome.models_mean[outcome.models.index(NAIVE)]
    frame = {
        "series_id": np.repeat(_ids(known, outcome), each),
        "cutoff": known.calendar.times(np.repeat(cutoff.ravel(), horizon)),
        "time": known.calendar.times(index.ravel()),
        "step": np.tile(np.arange(1, horizon + 1), count * cuts),
        "actual": outcome.actual.ravel(),
        "mean": _floored(known, outcome.backtest_mean, outcome).ravel(),
        **_bands(known, outcome.backtest_mean, outcome.backtest_half_width, outcome),
        NAIVE: naive.ravel(),
        "scale": np.repeat(scales(known, outcome, season), each),
        "model": np.repeat(names_of(outcome), each),
    }
    return pd.DataFrame(frame)


def models_table(known: History, outcomes: Iterable[Outcome], season: int) -> pd.DataFrame:
    """The columns MODELS: errors of each model at the tested cutoffs, and its weight in the forecast."""
    parts = [_models(known, outcome, season) for outcome in outcomes if outcome.offsets]
    return _sorted(parts, MODELS, ["series_id", "mase", "model"])


def _models(known: History, outcome: Outcome, season: int) -> pd.DataFrame:
    scale = scales(known, outcome, season)[:, None, None]
    means = np.concatenate([outcome.models_mean, outcome.backtest_mean[None]])
    weights = np.concatenate([outcome.weights, np.full((1, len(outcome.rows)), np.nan)])
    floor = 0.0 if known.sales else -np.inf
    means, rows = np.maximum(means, _floor(known, outcome, floor)[:, None, None]), []
    errors = np.abs(outcome.actual - means)
    size = np.abs(outcome.actual) + np.abs(means)
    total = np.abs(outcome.actual).sum(axis=(1, 2))
    for place, name in enumerate((*outcome.models, AUTO)):
        rows.append(
            pd.DataFrame(
                {
                    "series_id": _ids(known, outcome),
                    "model": name,
                    "mase": (errors[place] / scale).mean(axis=(1, 2)),
                    "smape": np.divide(
                        200 * errors[place], size[place], out=0 * size[place], where=size[place] > 0
                    ).mean(axis=(1, 2)),
                    "wape": np.divide(
                        errors[place].sum(axis=(1, 2)), total, out=np.full(len(total), np.nan), where=total > 0
                    ),
                    "weight": weights[place],
                }
            )
        )
    return pd.concat(rows)


def steps_table(backtest: pd.DataFrame) -> pd.DataFrame:
    """step, error and naive_error (in units of MASE), coverage_80, coverage_95, forecasts: by steps ahead.

    Steps on which the shop is closed count for the errors, not for the coverage.
    """
    unsure = backtest["hi_95"] > backtest["lo_95"]
    judged = (unsure | (not unsure.any())).map({True: 1.0, False: np.nan})
    frame = pd.DataFrame(
        {
            "step": backtest["step"],
            "error": (backtest["actual"] - backtest["mean"]).abs() / backtest["scale"],
            "naive_error": (backtest["actual"] - backtest[NAIVE]).abs() / backtest["scale"],
            "coverage_80": backtest["actual"].between(backtest["lo_80"], backtest["hi_80"]) * judged,
            "coverage_95": backtest["actual"].between(backtest["lo_95"], backtest["hi_95"]) * judged,
            "forecasts": 1,
        }
    )
    grouped = frame.groupby("step", as_index=False)
    return grouped.agg({name: "sum" if name == "forecasts" else "mean" for name in frame.columns[1:]})


def names_of(outcome: Outcome) -> np.ndarray:
    """The models in each series' forecast, joined with " + "."""
    models = np.array(outcome.models, dtype=object)
    return np.array([" + ".join(models[weights > 0]) for weights in outcome.weights.T], dtype=object)


def scales(known: History, outcome: Outcome, season: int) -> np.ndarray:
    """The unit of MASE: from what was known at the first tested cutoff (series,)."""
    first = outcome.offsets[0]
    return np.array([accuracy.naive_scale(known.series.values[row][:-first], season) for row in outcome.rows])


def _ids(known: History, outcome: Outcome) -> np.ndarray:
    return np.array(known.series.ids, dtype=object)[outcome.rows]


def _floor(known: History, outcome: Outcome, sales: float) -> np.ndarray:
    """Sales do not fall below 0, nor does a series that never did (series,)."""
    lows = np.array([known.series.values[row].min() for row in outcome.rows])
    return np.where(lows >= 0, 0.0, sales)


def _floored(known: History, values: np.ndarray, outcome: Outcome) -> np.ndarray:
    floor = _floor(known, outcome, 0.0 if known.sales else -np.inf)
    return np.maximum(values, floor.reshape(-1, *[1] * (values.ndim - 1)))


def _bands(known: History, mean: np.ndarray, widths: np.ndarray, outcome: Outcome) -> dict[str, np.ndarray]:
    edges = [mean - widths[0], mean + widths[0], mean - widths[1], mean + widths[1]]
    return {name: _floored(known, edge, outcome).ravel() for name, edge in zip(BANDS, edges, strict=True)}


def _sorted(parts: list[pd.DataFrame], columns: tuple[str, ...], by: list[str]) -> pd.DataFrame:
    whole = pd.concat(parts) if parts else pd.DataFrame({name: [] for name in columns})
    return whole[list(columns)].sort_values(by, kind="stable", ignore_index=True)


def times_of(calendar: Calendar, index: int) -> str:
    """The stamp of a period as text."""
    stamp = calendar.times(np.array([index]))[0]
    return (
        str(stamp) if calendar.unit == "number" else str(stamp)[: 16 if calendar.name == "H" else 10].replace("T", " ")
    )
