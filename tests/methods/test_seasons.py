"""What is usual, with outliers, closed days, holidays and short series in the way."""

import numpy as np
import pandas as pd
import pytest

from crm_ai.methods import seasons

WEEK = np.array([0.9, 0.8, 0.9, 1.0, 1.2, 1.5, 1.1])


def days(size: int, start: str = "2023-01-02") -> pd.Series:
    return pd.Series(pd.date_range(start, periods=size))


def shop(size: int, seed: int = 0) -> tuple[pd.Series, np.ndarray]:
    """A week, growth and noise of 5 %."""
    times = days(size)
    level = 100 * WEEK[times.dt.day_of_week] * np.linspace(1, 2, size)
    return times, level * np.random.default_rng(seed).lognormal(0, 0.05, size)


def test_the_expected_follows_week_and_growth():
    times, values = shop(300)
    truth = 100 * WEEK[times.dt.day_of_week] * np.linspace(1, 2, 300)
    assert np.median(np.abs(seasons.take_apart(times, values).expected / truth - 1)) < 0.03


def test_outliers_do_not_move_what_is_expected_of_other_days():
    times, values = shop(300)
    clean = seasons.take_apart(times, values, (0.0,)).expected
    values[50:300:25] *= 5
    assert seasons.take_apart(times, values, (0.0,)).expected == pytest.approx(clean, rel=0.05)


def test_noise_seldom_has_a_season():
    noise = [np.random.default_rng(seed).normal(100, 10, 200) for seed in range(20)]
    assert sum(seasons.take_apart(days(200), values).season.any() for values in noise) <= 5


def test_weekdays_on_which_the_shop_is_closed_are_not_judged():
    times, values = shop(140)
    values[times.dt.day_of_week == 6] = 0
    usual = seasons.take_apart(times, values)
    assert (usual.open == (times.dt.day_of_week != 6)).all()
    assert usual.expected[usual.open] == pytest.approx(values[usual.open], rel=0.3)


def test_a_shut_fortnight_does_not_drag_the_trend_down():
    times, values = shop(200)
    truth = values.copy()
    values[100:112] = 0
    usual = seasons.take_apart(times, values, (0.5,))
    assert usual.shut.sum() == 12
    assert usual.expected[100:112] == pytest.approx(truth[100:112], rel=0.25)


def test_few_orders_a_day_are_no_shut_shop():
    values = np.random.default_rng(1).poisson(3, 400).astype(float)
    assert not seasons.take_apart(days(400), values, (0.5,)).shut.any()


def test_a_feast_that_comes_back_belongs_to_the_season():
    times, values = shop(731)
    feast = ((times.dt.month == 3) & (times.dt.day == 8)).to_numpy()
    once = np.flatnonzero(feast)[:1] + 40
    values[feast] *= 3
    values[once] *= 3
    rest = seasons.take_apart(times, values, (0.0,)).rest
    assert np.abs(rest[feast]).max() < 0.3 < 0.8 < rest[once].min()


def test_hours_have_a_day_and_a_week():
    times = pd.Series(pd.date_range("2024-01-01", periods=24 * 42, freq="h"))
    quiet = np.where(times.dt.day_of_week >= 5, 0.4, 1.0)
    truth = 50 * quiet * (2 + np.sin(2 * np.pi * times.dt.hour / 24))
    values = truth * np.random.default_rng(0).lognormal(0, 0.05, len(times))
    assert np.median(np.abs(seasons.take_apart(times, values).expected / truth - 1)) < 0.05


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_very_short_series_are_taken_apart(size):
    usual = seasons.take_apart(days(size), np.arange(size, dtype=float))
    assert np.isfinite(usual.rest[usual.open]).all()


def test_constant_values_are_expected():
    assert seasons.take_apart(days(60), np.full(60, 7.0)).expected == pytest.approx(np.full(60, 7.0))


def test_irregular_moments_are_allowed():
    rng = np.random.default_rng(0)
    times = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 10**6, 300)), unit="s"))
    assert np.isfinite(seasons.take_apart(times, rng.normal(size=300)).rest).all()
