"""What is to be expected next, how sure is that, and is it better than repeating the last season?

Seasonal naive, exponential smoothing, Theta, ARIMA, linear, polynomial and support-vector regression, tested from many
past cutoffs (``crm_ai.methods.forecasting``); the best few are averaged for each series. Errors are those of the M4
competition (Makridakis, Spiliotis & Assimakopoulos 2020; Hyndman & Koehler 2006).
"""

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
import pandas as pd

from crm_ai.analyses import require
from crm_ai.analyses.forecast import rhythm, tables
from crm_ai.analyses.forecast.drawing import figures
from crm_ai.analyses.forecast.history import History, choices, features, history, ids_of
from crm_ai.analyses.forecast.wording import findings
from crm_ai.analyses.options import Choice, Pick, Range
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter
from crm_ai.methods.forecasting import MODELS, NAIVE, Outcome, accuracy, forecast_all, seasons
from crm_ai.progress import Progress, silent

__all__ = ["CARDS", "DRILL", "ICON", "METHODS", "NEEDS", "READING", "TABLES", "TERMS", "TITLE", "Params", "Result"]
__all__ += ["features", "figures", "findings", "run"]

TITLE = "Forecast"
ICON = ":material/trending_up:"
NEEDS = ({"transactions": ("ordered_at", "amount")}, {"series": ("time", "value")})
CARDS = {
    "next_value": "number",
    "improvement_over_naive": "percent",
    "wape": "percent",
    "coverage_80": "percent",
    "coverage_95": "percent",
    "mase": "score",
}
TABLES = {
    "forecast": "Forecast",
    "models": "Models compared",
    "backtest": "Test on the past",
    "steps": "Error by steps ahead",
    "rhythm": "Pattern of the season",
    "history": "History",
}
DRILL = {"models": ("models", "model")}
READING = (
    "The line is what is expected; the darker band should hold the truth in 80 of 100 cases, the lighter one in 95. "
    "How often they really did is measured on past dates, with forecasts that knew nothing later than their cutoff. "
    "The simple forecast repeats the last season, or the last value where there is no season: a model that does not "
    "beat it is not worth trusting. Errors grow with the number of steps ahead; look at the step you plan for. "
    "Periods that have just begun are left out, because half a week of sales is not a bad week."
)
TERMS = {
    "next_value": "What is expected for the next period of the largest series.",
    "improvement_over_naive": "How much smaller the error is than that of repeating the last season; below 0 is worse.",
    "mase": "Mean absolute error, in units of the usual change from season to season; small is good.",
    "mase_seasonal_naive": "The same error for repeating the last season.",
    "smape": "Mean error as a percentage of the middle between forecast and truth, from 0 to 200.",
    "wape": "Sum of all errors as a share of the sum of all values.",
    "bias": "Forecasts minus truth as a share of the truth: above 0 the forecasts were too high.",
    "msis": "Width of the 95 % interval plus a fine for misses, in units of MASE; small is good.",
    "coverage_80": "Share of past values inside the 80 % interval; 80 % is right.",
    "coverage_95": "Share of past values inside the 95 % interval; 95 % is right.",
    "lo_80": "Lower end of the 80 % interval.",
    "hi_80": "Upper end of the 80 % interval.",
    "lo_95": "Lower end of the 95 % interval.",
    "hi_95": "Upper end of the 95 % interval.",
    "cutoff": "The last period that the forecast knew.",
    "weight": "Share of the model in the forecast.",
    "scale": "Usual change from season to season before the test: the unit of MASE.",
    "ratio": "1 is the usual level; 1.2 is 20 % above it.",
    "error": "Mean error in units of MASE.",
    "naive_error": "The same for repeating the last season.",
    "n_cutoffs": "Past cutoffs whose errors make the intervals.",
    "n_tested": "Past cutoffs on which errors and intervals are measured.",
}
METHODS = MODELS
CANDIDATES = (24, 12, 7, 4, 52)
"""Seasons that series without dates are searched for."""
DAYS_OF_CLOCKS = (24, 48, 96)
"""Observations in a day, which seven times are a week."""
HORIZONS = {"H": 48, "D": 28, "B": 20, "W": 13, "M": 12, "Q": 8, "Y": 5, "": 12}


@dataclass(frozen=True)
class Params:
    """What to forecast, how far, and with which model."""

    by: Annotated[
        str, Pick("Forecast", choices, "Total sales, or sales by product, category or country; or uploaded series.")
    ] = "total"
    freq: Annotated[
        str,
        Choice(
            "Period",
            {
                "auto": "Automatic",
                "H": "Hour",
                "D": "Day",
                "W": "Week",
                "M": "Month",
                "Q": "Quarter",
                "Y": "Year",
            },
            "Automatic takes days for sales of up to two years, then weeks; for an uploaded series, its own period.",
        ),
    ] = "auto"
    horizon: Annotated[int | str, Range("Periods ahead", 1, 365, "How many periods to forecast.", auto=True)] = "auto"
    model: Annotated[
        str,
        Choice(
            "Model",
            {
                "auto": "Best by test on the past",
                "seasonal_naive": "Repeat the last season",
                "ets": "Exponential smoothing",
                "theta": "Theta",
                "arima": "ARIMA",
                "linear": "Linear regression",
                "polynomial": "Polynomial regression",
                "svr": "Support-vector regression",
            },
            "Best by test averages up to three models whose errors on past dates were smallest.",
        ),
    ] = "auto"
    season_length: Annotated[
        int | str,
        Range(
            "Season length", 1, 400, "Periods after which the pattern repeats: 7 for days, 12 for months.", auto=True
        ),
    ] = "auto"
    top: Annotated[
        int, Range("Series to show", 1, 50, "The largest products, categories or countries; the others are added up.")
    ] = 4
    show: Annotated[str, Pick("Series in the charts", ids_of, "Automatic shows the largest.")] = ""


@dataclass(frozen=True)
class Result:
    """Forecasts and the evidence for them.

    Attributes:
        forecast: series_id, time, mean, lo_80, hi_80, lo_95, hi_95, model (names joined with " + "); sorted by series
            and time, from one step after the last observation.
        models: series_id, model (auto is the choice), mase, smape, wape, weight in the forecast.
        backtest: series_id, cutoff, time, step, actual, mean, lo_80 ... hi_95, seasonal_naive, scale, model; the
            choice at each cutoff made with what was known there.
        steps: step, error, naive_error, coverage_80, coverage_95, forecasts.
        rhythm: cycle, place, position, ratio, observations.
        history: series_id, time, value, and orders where it is made of sales.
        mase, smape, wape, bias, msis, coverage_80, coverage_95: of the choice at the tested cutoffs (MASE as the mean
            over the series); None where nothing could be tested. mase_seasonal_naive: of repeating the last season.
        next_value: mean of the first step of the largest series.
        n_series, n_short: series, and those too short to be tested.
        n_cutoffs, n_tested: cutoffs behind the intervals, and behind the errors, of the largest series.
        horizon, season_length: as resolved. by, freq, shown: as resolved; freq is "" for other periods.
        gaps: values filled in. sales: made from order lines. dropped: stamps of unfinished periods left out.
        largest, last_time, next_time, currency: names and stamps as text.
        whole_year_seen: whether two years are known.
        buyers: series -> customers (orders where nobody is known) behind it; {} for uploaded series.
    """

    forecast: pd.DataFrame
    models: pd.DataFrame
    backtest: pd.DataFrame
    steps: pd.DataFrame
    rhythm: pd.DataFrame
    history: pd.DataFrame
    mase: float | None
    smape: float | None
    wape: float | None
    bias: float | None
    msis: float | None
    coverage_80: float | None
    coverage_95: float | None
    mase_seasonal_naive: float | None
    next_value: float
    n_series: int
    n_short: int
    n_cutoffs: int
    n_tested: int
    horizon: int
    season_length: int
    by: str
    freq: str
    shown: tuple[str, ...]
    gaps: int
    sales: bool
    dropped: tuple[str, ...]
    largest: str
    last_time: str
    next_time: str
    currency: str
    whole_year_seen: bool
    buyers: dict[str, int] = field(default_factory=dict)

    @property
    def improvement_over_naive(self) -> float | None:
        """1 - MASE / MASE of the seasonal naive forecast."""
        if self.mase is None or not self.mase_seasonal_naive:
            return None
        return 1 - self.mase / self.mase_seasonal_naive


def asked_table(params: Params) -> str:
    """See ``analyses.looked_at``."""
    return "series" if params.by == "series" else ""


def run(data: Dataset, params: Params = Params(), progress: Progress = silent) -> Result:
    """Forecast, and test the forecasts on the past.

    Raises:
        MissingColumns, TooLittleData, BadParameter: the data or the wish cannot carry it.
    """
    require(NEEDS, data)
    progress(0.0, "Adding up the past")
    known = history(data, params.by, params.top, params.freq)
    horizon = _horizon(known, params.horizon)
    season, longer = _season(known, params.season_length, horizon)
    outcomes = _outcomes(known, season, longer, horizon, params.model, progress)
    progress(0.95, "Measuring errors and intervals")
    return _result(known, outcomes, season, horizon, params)


def _horizon(known: History, wish: int | str) -> int:
    """A fifth of the usual history at most, where nobody wishes otherwise."""
    if wish != "auto":
        return int(wish)
    usual = int(np.median([len(values) for values in known.series.values]))
    return max(1, min(HORIZONS[known.calendar.name], usual // 5))


def _season(known: History, wish: int | str, horizon: int) -> tuple[int, tuple[float, ...]]:
    """The season's length, and longer ones for regression; judged without the part that the test is made of."""
    early = [values[: len(values) - min(len(values) // 2, 5 * horizon + 60)] for values in known.series.values]
    longest = max(map(len, early))
    season = int(wish) if wish != "auto" else _usual_season(known, early, longest)
    usual = known.calendar.seasons or ((7 * season,) if season in DAYS_OF_CLOCKS else ())
    return season, tuple(float(length) for length in usual if length > season and 2 * length <= longest)


def _usual_season(known: History, early: list[np.ndarray], longest: int) -> int:
    """What the calendar says for hours, days, months and quarters; else what most series show."""
    usual = known.calendar.seasons[:1]
    if known.calendar.name in ("H", "D", "B", "M", "Q") and longest >= 2 * usual[0]:
        return usual[0]
    return seasons.detect(early, usual or CANDIDATES)


def _outcomes(
    known: History, season: int, longer: tuple[float, ...], horizon: int, model: str, progress: Progress
) -> list[Outcome]:
    found, done = [], 0
    for outcome in forecast_all(known.series.values, season, horizon, model, longer, known.opening):
        found.append(outcome)
        done += len(outcome.rows)
        progress(0.1 + 0.8 * done / len(known.series.ids), "Testing models on the past")
    return found


def _result(known: History, outcomes: list[Outcome], season: int, horizon: int, params: Params) -> Result:
    backtest = tables.backtest_table(known, outcomes, season)
    forecast, past = tables.forecast_table(known, outcomes), tables.history_table(known)
    sums = [float(np.abs(values).sum()) for values in known.series.values]
    order = np.argsort(-np.array(sums), kind="stable")
    largest = known.series.ids[order[0]]
    behind = next(outcome for outcome in outcomes if order[0] in outcome.rows)
    end = int(known.series.ends[order[0]])
    return Result(
        forecast=forecast,
        models=tables.models_table(known, outcomes, season),
        backtest=backtest,
        steps=tables.steps_table(backtest),
        rhythm=rhythm.patterns(known, season),
        history=past,
        **_errors(backtest),
        next_value=float(forecast.loc[forecast["series_id"] == largest, "mean"].iloc[0]),
        n_series=len(known.series.ids),
        n_short=sum(len(outcome.rows) for outcome in outcomes if not outcome.offsets),
        n_cutoffs=behind.cutoffs,
        n_tested=len(behind.offsets),
        horizon=horizon,
        season_length=season,
        by=params.by if known.sales else "series",
        freq=known.calendar.name,
        shown=_shown(known, order, params.show),
        gaps=known.series.gaps,
        sales=known.sales,
        dropped=known.dropped,
        largest=largest,
        last_time=tables.times_of(known.calendar, end),
        next_time=tables.times_of(known.calendar, end + 1),
        currency=known.currency,
        whole_year_seen=_whole_year(known, len(known.series.values[order[0]])),
        buyers=dict(known.buyers),
    )


def _shown(known: History, order: np.ndarray, wish: str) -> tuple[str, ...]:
    """Up to four series, the largest first, or the one wished for."""
    if not wish:
        return tuple(known.series.ids[place] for place in order[:4])
    if wish not in known.series.ids:
        raise BadParameter("There is no series {value}.", name="show", value=wish)
    return (wish,)


def _whole_year(known: History, length: int) -> bool:
    """Whether two years are known, without which no yearly season can be told from chance."""
    year = {"H": 8766, "D": 365, "B": 261, "W": 52, "M": 12, "Q": 4}.get(known.calendar.name, 0)
    return length >= 2 * year


def _errors(backtest: pd.DataFrame) -> dict[str, float | None]:
    """The metrics of the choice; None where nothing was tested or a unit is missing."""
    names = ("mase", "smape", "wape", "bias", "msis", "coverage_80", "coverage_95", "mase_seasonal_naive")
    if backtest.empty:
        return dict.fromkeys(names)
    columns = {name: backtest[name].to_numpy(np.float64) for name in backtest.columns if backtest[name].dtype == float}
    actual, mean, scale = columns["actual"], columns["mean"], columns["scale"]
    unsure = columns["hi_95"] > columns["lo_95"]  # days on which the shop is closed are no merit of an interval
    judged = unsure if unsure.any() else np.ones(len(unsure), bool)
    total = float(np.abs(actual).sum())
    found = {
        "mase": _by_series(backtest, np.abs(actual - mean) / scale),
        "smape": accuracy.smape(actual, mean),
        "wape": accuracy.wape(actual, mean),
        "bias": float((mean - actual).sum()) / total if total else float("nan"),
        "msis": accuracy.msis(actual, columns["lo_95"], columns["hi_95"], scale),
        "coverage_80": accuracy.coverage(actual[judged], columns["lo_80"][judged], columns["hi_80"][judged]),
        "coverage_95": accuracy.coverage(actual[judged], columns["lo_95"][judged], columns["hi_95"][judged]),
        "mase_seasonal_naive": _by_series(backtest, np.abs(actual - columns[NAIVE]) / scale),
    }
    return {name: float(value) if np.isfinite(value) else None for name, value in found.items()}


def _by_series(backtest: pd.DataFrame, scaled: np.ndarray) -> float:
    """Mean over the series of their means."""
    return float(pd.Series(scaled).groupby(backtest["series_id"].to_numpy()).mean().mean())
