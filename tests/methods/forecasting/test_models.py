"""Every model against a naive twin, a published method or a planted truth; none looks ahead."""

import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.methods.forecasting.arima import arima
from crm_ai.methods.forecasting.backtest import MODELS, Plan, forecasts
from crm_ai.methods.forecasting.leastsquares import moments, solve
from crm_ai.methods.forecasting.naive import seasonal_naive
from crm_ai.methods.forecasting.panel import Batch, align, batches, size_of
from crm_ai.methods.forecasting.regression import linear, polynomial, svr
from crm_ai.methods.forecasting.smoothing import LEVELS, THETAS, Grid, aicc, ets, theta
from crm_ai.methods.forecasting.support_vectors import COST, TUBE, SupportVectors, _kernel


def batch_of(*series: np.ndarray, season: int = 1, horizon: int = 6) -> Batch:
    values, starts = align(series)
    return Batch(values, starts, season, (), horizon, min(map(len, series)))


def seasonal_series(count: int = 140, season: int = 7, noise: float = 0.5, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    when = np.arange(count)
    return 50 + 0.1 * when + 8 * np.sin(2 * np.pi * when / season) + rng.normal(0, noise, count)


def walk(count: int = 120, seed: int = 1) -> np.ndarray:
    return 100 + np.random.default_rng(seed).normal(0, 1, count).cumsum()


def ets_step_by_step(values: np.ndarray, start: tuple[float, float], parameters: tuple[float, float, float]) -> tuple:
    """Damped trend smoothing as the textbook writes it: (sum of squared errors, level, slope)."""
    (level, slope), (alpha, beta, phi), errors = start, parameters, 0.0
    for value in values:
        error = value - (level + phi * slope)
        level, slope = level + phi * slope + alpha * error, phi * slope + beta * error
        errors += error**2
    return errors, level, slope


def test_smoothing_equals_its_step_by_step_twin() -> None:
    values, grid = walk(60), Grid.of(1)
    early = values[:10]
    b0, a0 = np.polyfit(np.arange(1, 11), early, 1)
    best, forecast = np.inf, None
    for alpha, beta, phi, trend, k in zip(grid.alpha, grid.beta, grid.phi, grid.trend, grid.parameters, strict=True):
        errors, level, slope = ets_step_by_step(values, (a0, b0 * trend), (alpha, beta, phi))
        score = float(aicc(np.array([errors]), np.array([60]), np.array([k]))[0])
        if score < best:
            best, forecast = score, level + slope * np.cumsum(phi ** np.arange(1, 7))
    np.testing.assert_allclose(ets(batch_of(values), [60])[0, 0], forecast, rtol=1e-9)


def test_theta_equals_its_step_by_step_twin() -> None:
    """Recursions of Fiorucci et al. (2016), one candidate at a time."""
    values = walk(50)
    found = {}
    for alpha, th in product(LEVELS, THETAS):
        share, level, a, b, mean, errors = 1 - 1 / th, values[0] / th, values[0], 0.0, 0.0, 0.0
        for t, value in enumerate(values, start=1):
            mu = level + share * ((1 - alpha) ** (t - 1) * a + (1 - (1 - alpha) ** t) / alpha * b)
            errors += (value - mu) ** 2 * (t > 2)
            level = alpha * value + (1 - alpha) * level
            b = ((t - 2) * b + 6 / t * (value - mean)) / (t + 1) if t > 1 else 0.0
            mean += (value - mean) / t
            a = mean - (t + 1) / 2 * b
        steps = []
        for t in range(len(values) + 1, len(values) + 7):
            steps.append(level + share * ((1 - alpha) ** (t - 1) * a + (1 - (1 - alpha) ** t) / alpha * b))
            level = alpha * steps[-1] + (1 - alpha) * level
        found[errors] = steps
    np.testing.assert_allclose(theta(batch_of(values), [50])[0, 0], found[min(found)], rtol=1e-9)


def test_seasonal_naive_repeats_the_last_season() -> None:
    values = np.arange(20.0)
    found = seasonal_naive(batch_of(values, season=7, horizon=10), [14, 20])
    np.testing.assert_array_equal(found[0, 0], [7, 8, 9, 10, 11, 12, 13, 7, 8, 9])
    np.testing.assert_array_equal(found[0, 1], [13, 14, 15, 16, 17, 18, 19, 13, 14, 15])


def test_sums_of_squares_at_every_cut_equal_those_of_the_rows_before_it() -> None:
    rng = np.random.default_rng(0)
    design, target = rng.normal(size=(2, 30, 3)), rng.normal(size=(2, 30))
    known = rng.random((2, 30)) > 0.2
    gram, side, count = moments(design, target, known, [10, 17, 30])
    for row, (place, cut) in product(range(2), enumerate([10, 17, 30])):
        x, y = design[row, :cut][known[row, :cut]], target[row, :cut][known[row, :cut]]
        np.testing.assert_allclose(gram[row, place], x.T @ x)
        np.testing.assert_allclose(solve(gram, side)[row, place], np.linalg.lstsq(x, y, rcond=None)[0], rtol=1e-4)
        assert count[row, place] == len(x)


def test_arima_finds_the_coefficient_of_an_autoregression() -> None:
    rng = np.random.default_rng(2)
    values = np.zeros(800)
    for t in range(1, 800):
        values[t] = 0.7 * values[t - 1] + rng.normal()
    ahead = arima(batch_of(values + 20, horizon=3), [800])[0, 0] - 20
    expected = 0.7 ** np.arange(1, 4) * values[-1]
    np.testing.assert_allclose(ahead, expected, atol=0.35)


def test_arima_of_a_random_walk_stays_where_it_is() -> None:
    values = walk(600, seed=3)
    ahead = arima(batch_of(values, horizon=12), [600])[0, 0]
    assert np.abs(ahead - values[-1]).max() < 2.0


@pytest.mark.parametrize("model", [ets, theta, arima, linear, polynomial, svr])
def test_every_model_beats_repeating_the_season_on_a_season_with_trend(model) -> None:
    series = [seasonal_series(seed=seed) for seed in range(8)]
    known = batch_of(*[values[:126] for values in series], season=7, horizon=14)
    actual = np.stack([values[126:] for values in series])
    error = np.abs(model(known, [126])[:, 0] - actual).mean()
    assert error < 0.9 * np.abs(seasonal_naive(known, [126])[:, 0] - actual).mean()


def test_support_vectors_agree_with_scikit_learn() -> None:
    from sklearn.svm import SVR

    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(1, 120, 4))
    target = np.sin(inputs[..., 0]) + 0.3 * inputs[..., 1] + rng.normal(0, 0.1, (1, 120))
    machine = SupportVectors.fit(inputs, target, np.ones((1, 120), bool))
    scaled = (inputs[0] - machine.centre[0]) / machine.spread[0]
    wanted = (target[0] - machine.middle[0]) / machine.width[0]
    peer = SVR(C=COST, epsilon=TUBE, gamma=0.3 / 4).fit(scaled, wanted).predict(scaled)
    ours = (machine.predict(inputs)[0] - machine.middle[0]) / machine.width[0]
    assert np.abs(ours - peer).max() < 0.05


def test_support_vectors_ignore_rows_that_are_not_known() -> None:
    rng = np.random.default_rng(1)
    inputs, target = rng.normal(size=(1, 60, 2)), rng.normal(size=(1, 60))
    known = np.arange(60)[None] >= 20
    wild = target.copy()
    wild[:, :20] = 1e6
    one, other = (SupportVectors.fit(inputs, y, known).predict(inputs) for y in (target, wild))
    np.testing.assert_allclose(one, other)


def test_the_kernel_of_a_point_with_itself_is_the_largest() -> None:
    kernel = _kernel(np.random.default_rng(0).normal(size=(1, 9, 3)), np.zeros((1, 1, 3)))
    assert kernel.max() <= _kernel(np.zeros((1, 1, 3)), np.zeros((1, 1, 3)))[0, 0, 0]


@pytest.mark.parametrize("name", MODELS)
def test_changing_the_future_changes_no_earlier_forecast(name: str) -> None:
    values = np.abs(seasonal_series(150, noise=3)) + 5
    plan = Plan.of(150, 7, 7)
    changed = values.copy()
    changed[-20:] = 1e4 * np.arange(1, 21)
    early = [place for place, offset in enumerate(plan.offsets) if offset >= 20]
    one, other = (forecasts(batch_of(v, season=7, horizon=7), plan, [name])[0, 0] for v in (values, changed))
    np.testing.assert_allclose(one[early], other[early], rtol=1e-9)
    assert not np.allclose(one[-1], other[-1])


@pytest.mark.parametrize("name", MODELS)
def test_a_series_is_forecast_alike_alone_and_in_company(name: str) -> None:
    series = [seasonal_series(130 + extra, seed=extra) for extra in range(4)]
    alone = forecasts(batch_of(series[2], season=7), Plan.of(130, 6, 7), [name])
    together = Batch(*align(series), 7, (), 6, 130)
    single = Batch(*align([series[2]]), 7, (), 6, 130)
    assert alone.shape[1] == 1
    left = forecasts(together, Plan.of(130, 6, 7), [name])[0, 2]
    np.testing.assert_allclose(left, forecasts(single, Plan.of(130, 6, 7), [name])[0, 0], rtol=1e-3)


@pytest.mark.parametrize("name", MODELS)
def test_forecasts_follow_the_unit_of_measure(name: str) -> None:
    values = seasonal_series(120)
    plan = Plan.of(120, 6, 7)
    one, thousand = (forecasts(batch_of(v, season=7), plan, [name]) for v in (values, 1000 * values))
    np.testing.assert_allclose(1000 * one, thousand, rtol=1e-3)


ODD = {
    "constant": np.full(40, 7.0),
    "zeros": np.zeros(40),
    "one huge value": np.r_[np.ones(30), 1e12, np.ones(9)],
    "tiny": np.full(40, 1e-12) * np.arange(40),
    "step": np.r_[np.zeros(20), np.full(20, 1e6)],
    "alternating": np.tile([0.0, 1.0], 20),
    "explosive": 2.0 ** np.arange(40),
}


@pytest.mark.parametrize(("name", "kind"), list(product(MODELS, ODD)))
def test_odd_series_give_finite_forecasts_without_a_warning(name: str, kind: str) -> None:
    values = ODD[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = forecasts(batch_of(values, season=4), Plan.of(40, 6, 4), [name])
    reach = 3 * np.ptp(values) + np.abs(values).max() + 1e-9
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 3 * reach if kind != "explosive" else found.max() < 1e30


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False, width=32), min_size=12, max_size=60), st.sampled_from([1, 4, 7]))
def test_any_series_gives_finite_forecasts(values: list[float], season: int) -> None:
    for _, batch in batches([np.array(values)], season, (), 3):
        found = forecasts(batch, Plan.of(batch.size, 3, season), list(MODELS))
        assert np.isfinite(found).all()


@given(st.integers(1, 3000))
def test_the_size_class_is_not_above_the_length(length: int) -> None:
    assert 1 <= size_of(length) <= length
    assert size_of(length) >= 0.8 * min(length, 1200) - 1
