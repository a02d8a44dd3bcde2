"""Scores against published figures and naive twins; bounds against clean data and planted outliers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from crm_ai.methods import outliers
from tests.conftest import shared

CLEAN = {
    "normal": lambda rng, n: rng.normal(100, 10, n),
    "log-normal": lambda rng, n: rng.lognormal(3, 1, n),
    "counts": lambda rng, n: rng.poisson(6, n).astype(float),
    "waiting times": lambda rng, n: rng.exponential(1, n),
}
PUBLISHED = {"6_cardio": (0.936, 0.932), "38_thyroid": (0.979, 0.921), "45_wine": (0.796, 0.810)}
"""Set -> ROC AUC of the isolation forest (median of five seeds) and of the largest z-score."""


def flagged(values: np.ndarray, method: str, false_flags: float = 0.5) -> np.ndarray:
    score = outliers.yardstick(values, method).score(values)
    low, high = outliers.bounds(score, false_flags, method)
    return (score < low) | (score > high)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_scores_rank_labelled_outliers_as_published(name):
    from sklearn.metrics import roc_auc_score

    data = np.load(shared(f"adbench/{name}.npz"))
    forest = [roc_auc_score(data["y"], outliers.isolation_forest(data["X"], seed)) for seed in range(5)]
    largest = roc_auc_score(data["y"], outliers.farthest(outliers.zscore(data["X"])))
    assert (np.median(forest), largest) == pytest.approx(PUBLISHED[name], abs=0.0006)


@pytest.mark.slow
def test_scores_rank_the_shuttle_as_published():
    from sklearn.metrics import roc_auc_score

    data = np.load(shared("adbench/32_shuttle.npz"))
    forest = [roc_auc_score(data["y"], outliers.isolation_forest(data["X"], seed)) for seed in range(5)]
    assert np.median(forest) == pytest.approx(0.997, abs=0.0006)
    assert roc_auc_score(data["y"], outliers.farthest(outliers.zscore(data["X"]))) == pytest.approx(0.989, abs=0.0006)


@pytest.mark.parametrize("method", outliers.METHODS)
@pytest.mark.parametrize("kind", CLEAN)
def test_clean_data_get_less_than_one_flag_on_average(method, kind):
    rng, counts = np.random.default_rng(5), []
    for size in (60, 365, 2000):
        for _ in range(60):
            values = CLEAN[kind](rng, size)
            counts.append(flagged(outliers.symmetric(values).up(values), method).sum())
    assert np.mean(counts) <= 1.0


@pytest.mark.slow
def test_the_forest_flags_less_than_one_row_of_clean_data_on_average():
    rng, counts = np.random.default_rng(2), []
    for columns in (1, 2, 3) * 3:
        values = rng.multivariate_normal([0, 0, 0], [[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1]], 300)[:, :columns]
        counts.append((outliers.isolation_forest(values) > outliers.isolation_bound(values, 0.5)).sum())
    assert np.mean(counts) <= 1.0


@pytest.mark.parametrize("method", outliers.METHODS)
def test_planted_outliers_are_flagged_even_when_they_are_many(method):
    values = np.random.default_rng(0).normal(100, 10, 500)
    values[:20] = np.where(np.arange(20) % 2, 200, 0)
    assert flagged(values, method)[:20].all()


def test_the_forest_flags_rows_that_are_far_off():
    values = np.random.default_rng(0).normal(0, 1, (500, 2))
    values[:3] = [[9, 9], [-9, 9], [9, -9]]
    found = outliers.isolation_forest(values) > outliers.isolation_bound(values, 0.5)
    assert found[:3].all()
    assert found[3:].sum() <= 1


def test_more_allowed_false_flags_never_move_a_bound_outwards():
    values = outliers.robust_zscore(np.random.default_rng(1).standard_t(4, 400))
    low, high = zip(*(outliers.bounds(values, allowed) for allowed in (0.05, 0.5, 5.0)), strict=True)
    assert list(high) == sorted(high, reverse=True)
    assert list(low) == sorted(low)


@given(arrays(float, st.integers(1, 60), elements=st.floats(-1e9, 1e9)), st.sampled_from(outliers.METHODS))
@settings(deadline=None, max_examples=60)
def test_any_values_have_finite_scores_and_their_order_is_kept(values, method):
    score = outliers.yardstick(values, method).score(values)
    assert np.isfinite(score).all()
    assert (np.diff(score[np.argsort(values)]) >= 0).all()


def test_scores_agree_with_a_naive_reckoning():
    values = np.array([1.0, 2.0, 2.0, 3.0, 10.0])
    assert outliers.zscore(values) == pytest.approx((values - 3.6) / np.sqrt(np.mean((values - 3.6) ** 2)))
    assert outliers.robust_zscore(values) == pytest.approx((values - 2) / 1.4826)
    assert outliers.iqr(values) == pytest.approx([-1, 0, 0, 0, 7])


@pytest.mark.parametrize("method", outliers.METHODS)
def test_equal_values_are_never_far(method):
    assert not flagged(np.full(50, 0.1 + 0.2), method).any()


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=50), st.sampled_from(outliers.POWERS))
def test_a_rung_leads_back_to_the_values(values, exponent):
    numbers = np.array(values)
    rung = outliers.rung(numbers, exponent)
    assert rung.back(rung.up(numbers)) == pytest.approx(numbers)


def test_the_ladder_finds_logarithms_for_log_normal_values_and_leaves_normal_ones():
    rng = np.random.default_rng(0)
    assert outliers.symmetric(rng.lognormal(0, 1, 2000)).exponent == 0.0
    assert outliers.symmetric(rng.normal(0, 1, 2000)).exponent == 1.0
