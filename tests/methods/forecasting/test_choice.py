"""The choice of models, the intervals and their coverage, the M4 figures."""

import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.methods.forecasting import LEVELS, MODELS, NAIVE, accuracy, forecast_all
from crm_ai.methods.forecasting.backtest import Plan
from crm_ai.methods.forecasting.selection import choose, half_widths
from crm_ai.methods.forecasting.short import short_forecast
from tests.conftest import shared


def m4(kind: str) -> tuple[list[np.ndarray], np.ndarray]:
    with gzip.open(shared(f"m4/{kind}-train.csv.gz"), "rt") as file:
        train = [np.array([float(x) for x in row[1:] if x]) for row in list(csv.reader(file))[1:]]
    with shared(f"m4/{kind}-test.csv").open() as file:
        test = [np.array([float(x) for x in row[1:] if x]) for row in list(csv.reader(file))[1:]]
    return train, np.array(test)


def forecast_means(train: list[np.ndarray], season: int, horizon: int, model: str) -> np.ndarray:
    means = np.zeros((len(train), horizon))
    for outcome in forecast_all(train, season, horizon, model):
        means[outcome.rows] = outcome.mean
    return means


@pytest.mark.parametrize(
    ("kind", "season", "horizon", "smape", "mase"), [("Weekly", 1, 13, 9.161, 2.777), ("Hourly", 24, 48, 13.912, 1.193)]
)
def test_seasonal_naive_has_the_errors_published_for_m4(
    kind: str, season: int, horizon: int, smape: float, mase: float
) -> None:
    train, test = m4(kind)
    scale = np.array([accuracy.naive_scale(values, season) for values in train])[:, None]
    means = forecast_means(train, season, horizon, NAIVE)
    assert accuracy.smape(test, means) == pytest.approx(smape, abs=5e-4)
    assert accuracy.mase(test, means, scale) == pytest.approx(mase, abs=5e-4)


@pytest.mark.slow
def test_the_choice_beats_the_theta_and_comb_benchmarks_on_m4_weekly() -> None:
    train, test = m4("Weekly")
    scale = np.array([accuracy.naive_scale(values, 1) for values in train])[:, None]
    means = forecast_means(train, 1, 13, "auto")
    assert accuracy.smape(test, means) < 8.944
    assert accuracy.mase(test, means, scale) < 2.432


def test_plans_leave_a_third_for_learning_and_end_one_horizon_before_the_end() -> None:
    plan = Plan.of(120, 10, 7)
    assert plan.offsets[-1] == 10
    assert plan.offsets[0] <= 80
    assert list(plan.offsets) == sorted(plan.offsets, reverse=True)
    assert Plan.of(12, 10, 1).offsets == ()


@given(st.integers(1, 400), st.integers(1, 60), st.sampled_from([1, 4, 7, 12, 24, 52]))
def test_plans_never_ask_for_more_than_there_is(size: int, horizon: int, season: int) -> None:
    plan = Plan.of(size, horizon, season)
    assert all(horizon <= offset < size for offset in plan.offsets)
    assert len(plan.offsets) <= 40
    strides = set(-np.diff(plan.offsets)) if len(plan.offsets) > 1 else {1}
    assert len(strides) == 1


def test_a_step_counts_as_known_once_its_time_has_come() -> None:
    plan = Plan((5, 4, 3), 3)
    known = plan.known()
    assert not known[:, :, 0].any()
    np.testing.assert_array_equal(known[0, :, 2], [True, True, False])
    assert known[:, :, 3].all()


def errors_of(models: int, series: int, plan: Plan, spread: list[float]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    actual = np.zeros((series, len(plan.offsets), plan.horizon))
    shape = (models, series, len(plan.offsets) + 1, plan.horizon)
    return rng.choice([-1.0, 1.0], shape) * np.array(spread)[:, None, None, None], actual


def test_models_nearly_as_good_as_the_best_are_averaged_and_worse_ones_left_out() -> None:
    plan = Plan(tuple(range(20, 1, -1)), 2)
    means, actual = errors_of(5, 3, plan, [1.0, 1.1, 1.3, 5.0, 1.05])
    weights = choose(means, actual, plan)[:, :, -1]
    np.testing.assert_allclose(weights, np.repeat([[1 / 3], [1 / 3], [0], [0], [1 / 3]], 3, axis=1))


def test_before_anything_is_known_all_models_count_alike() -> None:
    plan = Plan((8, 6, 4), 4)
    means, actual = errors_of(4, 2, plan, [1, 2, 3, 4])
    np.testing.assert_allclose(choose(means, actual, plan)[:, :, 0], 0.25)


def test_the_choice_at_a_cutoff_does_not_know_later_errors() -> None:
    plan = Plan(tuple(range(20, 1, -1)), 2)
    means, actual = errors_of(4, 2, plan, [1, 2, 3, 4])
    changed = actual.copy()
    changed[:, -1] = 1e6
    one, other = choose(means, actual, plan), choose(means, changed, plan)
    np.testing.assert_array_equal(one[:, :, :-2], other[:, :, :-2])


def test_intervals_of_independent_normal_errors_are_about_normal_quantiles() -> None:
    plan = Plan(tuple(range(300, 0, -1)), 1)
    rng = np.random.default_rng(0)
    mean, actual = np.zeros((50, 301, 1)), rng.normal(size=(50, 300, 1))
    widths = half_widths(mean, actual, plan, np.ones((301, 1)))[:, :, -1, 0].mean(axis=1)
    np.testing.assert_allclose(widths, [1.2816, 1.96], rtol=0.05)


def test_intervals_hold_about_as_often_as_they_say_on_simulated_series() -> None:
    rng = np.random.default_rng(5)
    horizon, series, future = 8, [], []
    for kind in range(120):
        noise = rng.normal(0, 1, 158)
        whole = 50 + (noise.cumsum() if kind % 2 else 10 * np.sin(np.arange(158) / 7 * 2 * np.pi) + 2 * noise)
        series.append(whole[:150])
        future.append(whole[150:])
    held = np.zeros(2)
    for outcome in forecast_all(series, 7, horizon):
        error = np.abs(np.array(future)[outcome.rows] - outcome.mean)
        held += (error <= outcome.half_width).sum(axis=(1, 2))
    held /= 120 * horizon
    assert 0.72 < held[0] < 0.90
    assert 0.90 < held[1] < 0.985


def test_intervals_grow_with_the_level_asked_for() -> None:
    series = [np.random.default_rng(seed).normal(size=90).cumsum() for seed in range(5)]
    for outcome in forecast_all(series, 1, 6):
        assert (outcome.half_width[1] >= outcome.half_width[0]).all()
        assert (outcome.backtest_half_width[1] >= outcome.backtest_half_width[0]).all()
        np.testing.assert_allclose(outcome.weights.sum(axis=0), 1)


def test_closed_days_are_zero_for_certain() -> None:
    week = np.tile([5.0, 6, 7, 8, 9, 0, 0], 20)
    (outcome,) = forecast_all([week], 7, 14, opening=(True,) * 5 + (False,) * 2)
    closed = np.tile([False] * 5 + [True] * 2, 2)
    assert (outcome.mean[0, closed] == 0).all()
    assert (outcome.half_width[:, 0, closed] == 0).all()
    np.testing.assert_allclose(outcome.mean[0, ~closed], np.tile([5, 6, 7, 8, 9], 2), rtol=0.05)


def test_every_series_comes_back_once_whatever_its_length() -> None:
    series = [np.arange(float(n)) for n in (1, 2, 3, 9, 30, 31, 200, 2000)]
    outcomes = list(forecast_all(series, 4, 5))
    assert sorted(row for outcome in outcomes for row in outcome.rows) == list(range(8))
    assert all(np.isfinite(outcome.mean).all() and np.isfinite(outcome.half_width).all() for outcome in outcomes)


@pytest.mark.parametrize("model", MODELS)
def test_a_wished_model_alone_makes_the_forecast(model: str) -> None:
    (outcome,) = forecast_all([np.random.default_rng(0).normal(size=80)], 1, 5, model)
    np.testing.assert_allclose(outcome.backtest_mean, outcome.models_mean[outcome.models.index(model)])


def test_short_series_repeat_their_season_or_their_mean_with_wide_intervals() -> None:
    name, mean, width = short_forecast(np.array([1.0, 2, 3, 1, 2, 3]), 3, 4)
    assert (name, list(mean)) == (NAIVE, [1, 2, 3, 1])
    assert (width == 0).all()
    name, mean, width = short_forecast(np.array([4.0]), 7, 2)
    assert (name, list(mean)) == ("mean", [4, 4])
    assert (width[0] > 4).all()
    assert width.shape == (len(LEVELS), 2)


def test_errors_are_those_of_their_definitions() -> None:
    actual, mean = np.array([10.0, 0, 20]), np.array([12.0, 0, 15])
    assert accuracy.smape(actual, mean) == pytest.approx((200 * 2 / 22 + 0 + 200 * 5 / 35) / 3)
    assert accuracy.wape(actual, mean) == pytest.approx(7 / 30)
    assert accuracy.mase(actual, mean, 2.0) == pytest.approx(7 / 6)
    assert accuracy.naive_scale(np.array([1.0, 2, 4, 7]), 1) == pytest.approx(2)
    assert np.isnan(accuracy.naive_scale(np.ones(9), 1))
    low, high = np.array([9.0, 1, 0]), np.array([11.0, 2, 5])
    assert accuracy.msis(actual, low, high, 1.0) == pytest.approx((2 + (1 + 40 * 1) + (5 + 40 * 15)) / 3)
    assert accuracy.coverage(actual, low, high) == pytest.approx(1 / 3)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1e5, allow_nan=False, width=32), min_size=1, max_size=80), st.integers(1, 12))
def test_any_history_gives_finite_intervals(values: list[float], horizon: int) -> None:
    for outcome in forecast_all([np.array(values)], 4, horizon):
        assert np.isfinite(outcome.mean).all()
        assert np.isfinite(outcome.half_width).all()
        assert np.isfinite(outcome.backtest_half_width).all()
