"""Calendars number the periods of any regular series; gaps are filled as stated."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.methods.forecasting import seasons
from crm_ai.methods.forecasting.calendars import Calendar, fill, infer

ONE = "2024-01-01"


@pytest.mark.parametrize(
    ("freq", "name", "usual"),
    [
        ("h", "H", 24),
        ("D", "D", 7),
        ("B", "B", 5),
        ("W-MON", "W", 52),
        ("W-WED", "W", 52),
        ("MS", "M", 12),
        ("ME", "M", 12),
        ("QS", "Q", 4),
        ("QE", "Q", 4),
        ("YS", "Y", None),
        ("15min", "", 96),
        ("2D", "", None),
    ],
)
def test_regular_series_of_any_beat_are_known_and_go_on_in_step(freq: str, name: str, usual: int | None) -> None:
    times = pd.Series(pd.date_range(ONE, periods=40, freq=freq))
    calendar = infer(times[:30], pd.Series(["a"] * 30))
    index = calendar.index(times[:30])
    np.testing.assert_array_equal(np.diff(index), 1)
    ahead = calendar.times(index[-1] + np.arange(1, 11))
    np.testing.assert_array_equal(ahead, times[30:].to_numpy("datetime64[us]"))
    assert calendar.name == name
    if usual:
        assert calendar.seasons[0] == usual


def test_whole_numbers_count_as_time() -> None:
    calendar = infer(pd.Series([1, 2, 3, 5, 1, 2]), pd.Series(list("aaaabb")))
    np.testing.assert_array_equal(calendar.times(calendar.index(pd.Series([1, 2, 7]))), [1, 2, 7])


def test_stamps_that_stray_belong_to_the_nearest_period() -> None:
    times = pd.Series(pd.date_range(ONE, periods=30, freq="h"))
    stray = times + pd.to_timedelta(([0, 20, 0, 0, -25, 0] * 5), unit="min")
    calendar = infer(stray, pd.Series(["a"] * 30))
    np.testing.assert_array_equal(np.diff(calendar.index(stray)), 1)


def test_weeks_begin_on_monday() -> None:
    calendar = Calendar.of("W")
    one, other, third = calendar.index(pd.Series(pd.to_datetime(["2024-01-07", "2024-01-08", "2024-01-14"])))
    assert other == third == one + 1
    assert calendar.times(np.array([other]))[0] == np.datetime64("2024-01-08")


@given(st.integers(-2000, 2000), st.sampled_from(["H", "D", "W", "M", "Q", "Y"]))
def test_a_period_finds_itself_again(index: int, name: str) -> None:
    calendar = Calendar.of(name)
    assert calendar.index(pd.Series(calendar.times(np.array([index])))).tolist() == [index]


def test_gaps_are_zero_for_sales_and_a_straight_line_for_measured_values() -> None:
    ids, index, values = pd.Series(["a", "a", "b"]), np.array([0, 3, 1]), pd.Series([1.0, 4.0, 5.0])
    sold, measured = fill(ids, index, values, "zero", 4), fill(ids, index, values, "interpolate")
    np.testing.assert_array_equal(sold.values[0], [1, 0, 0, 4, 0])
    np.testing.assert_array_equal(sold.values[1], [5, 0, 0, 0])
    np.testing.assert_array_equal(measured.values[0], [1, 2, 3, 4])
    assert (sold.gaps, measured.gaps) == (6, 2)
    assert sold.ends.tolist() == [4, 4]
    assert measured.ends.tolist() == [3, 1]


def test_values_of_one_period_are_added_up_or_averaged() -> None:
    ids, index, values = pd.Series(["a"] * 3), np.array([0, 0, 1]), pd.Series([1.0, 3.0, 5.0])
    assert fill(ids, index, values, "zero").values[0].tolist() == [4, 5]
    assert fill(ids, index, values, "interpolate").values[0].tolist() == [2, 5]


def test_a_planted_pattern_is_found_without_its_trend() -> None:
    planted = np.array([3.0, -1, 0, -2, 0, 1, -1])
    values = np.tile(planted, 12) + 0.5 * np.arange(84)
    np.testing.assert_allclose(seasons.pattern(values, 7), planted, atol=1e-9)


def test_the_strongest_season_is_detected_and_noise_has_none() -> None:
    rng = np.random.default_rng(0)
    yearly = [np.tile(rng.normal(0, 5, 52), 8) + rng.normal(0, 1, 416) for _ in range(5)]
    monthly = [np.tile(rng.normal(0, 5, 12), 20) + rng.normal(0, 1, 240) for _ in range(5)]
    noise = [rng.normal(size=300).cumsum() for _ in range(15)]
    assert seasons.detect(monthly, (24, 12, 7, 4, 52)) == 12
    assert seasons.detect(noise, (24, 12, 7, 4, 52)) == 1
    assert seasons.detect(yearly, (24, 12, 7, 4, 52)) == 52
