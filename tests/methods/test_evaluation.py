"""The figures of quality against scikit-learn, hand counts, and what must hold for any data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from crm_ai.methods import evaluation

PAIRS = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=4, max_size=60).filter(
    lambda rows: 0 < sum(event for event, _ in rows) < len(rows)
)


def arrays(rows: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([float(event) for event, _ in rows]), np.array([score / 8 for _, score in rows])


@given(PAIRS)
@settings(max_examples=150, deadline=None)
def test_ranking_figures_equal_scikit_learn_ties_included(rows: list[tuple[bool, int]]) -> None:
    actual, score = arrays(rows)
    assert evaluation.roc_auc(actual, score) == pytest.approx(roc_auc_score(actual, score))
    assert evaluation.average_precision(actual, score) == pytest.approx(average_precision_score(actual, score))


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_a_weight_of_two_counts_as_two_rows(rows: list[tuple[bool, int]]) -> None:
    actual, score = arrays(rows)
    weight = np.ones((1, len(actual)))
    weight[0, 0] = 2
    twice = evaluation.roc_auc(np.r_[actual, actual[0]], np.r_[score, score[0]])
    assert evaluation.weighted_roc_auc(evaluation.Ranking(actual, score), weight)[0] == pytest.approx(twice)


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_gains_rise_from_nobody_to_everybody(rows: list[tuple[bool, int]]) -> None:
    found = evaluation.gains(*arrays(rows))
    assert found.iloc[0].tolist() == [0, 0]
    assert found.iloc[-1].tolist() == pytest.approx([1, 1])
    assert (found.diff().dropna() >= 0).all().all()


def test_lift_of_the_top_tenth_is_counted_by_hand() -> None:
    actual = np.r_[np.ones(8), np.zeros(2), np.ones(12), np.zeros(78)]
    score = np.arange(100, 0, -1) / 100
    assert evaluation.lift_top_decile(actual, score) == pytest.approx(0.8 / 0.2)


def test_lift_of_equal_scores_is_one_whatever_the_order_of_the_rows() -> None:
    actual = np.r_[np.ones(20), np.zeros(80)]
    assert evaluation.lift_top_decile(actual, np.full(100, 0.3)) == pytest.approx(1)


def test_calibration_error_is_counted_by_hand() -> None:
    actual = np.array([1.0, 0, 0, 0, 1, 1, 1, 0])
    chance = np.array([0.15, 0.15, 0.15, 0.15, 0.95, 0.95, 0.95, 0.95])
    assert evaluation.ece(actual, chance) == pytest.approx(0.5 * abs(0.15 - 0.25) + 0.5 * abs(0.95 - 0.75))
    assert evaluation.brier(actual, chance) == pytest.approx(np.mean((actual - chance) ** 2))


def test_chances_that_are_true_have_no_calibration_error_in_the_long_run() -> None:
    rng = np.random.default_rng(1)
    chance = rng.random(200_000)
    assert evaluation.ece((rng.random(200_000) < chance).astype(float), chance) < 0.01


def test_the_interval_holds_the_true_ranking_quality_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    truth, hits = 0.760, 0  # two normal distributions one deviation apart: Phi(1 / sqrt 2)
    for seed in range(80):
        actual = (rng.random(300) < 0.4).astype(float)
        draws = evaluation.bootstrap(actual, {"m": rng.normal(actual)}, evaluation.weighted_roc_auc, 200, seed)
        low, high = evaluation.interval(draws["m"])
        hits += low <= truth <= high
    assert 0.88 <= hits / 80 <= 1


def test_equal_models_differ_by_nothing_in_every_draw() -> None:
    rng = np.random.default_rng(0)
    actual, score = (rng.random(200) < 0.3).astype(float), rng.random(200)
    scores = {"a": score, "b": score * 2}
    draws = evaluation.bootstrap(actual, scores, evaluation.weighted_roc_auc, 50)
    assert evaluation.interval(draws["a"] - draws["b"]) == (0, 0)


def test_draws_in_blocks_equal_draws_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    actual, score = (rng.random(100) < 0.3).astype(float), rng.random(100)
    whole = evaluation.bootstrap(actual, {"m": score}, evaluation.weighted_average_precision, 20)
    monkeypatch.setattr(evaluation, "_CHUNK", 700)
    parts = evaluation.bootstrap(actual, {"m": score}, evaluation.weighted_average_precision, 20)
    np.testing.assert_allclose(whole["m"], parts["m"])


def test_an_interval_without_draws_is_none() -> None:
    assert evaluation.interval(np.full(5, np.nan)) == (None, None)


@given(st.integers(1, 97))
def test_deciles_are_of_equal_size_and_fall_with_the_score(rows: int) -> None:
    score = np.random.default_rng(rows).random(rows)
    found = evaluation.deciles(score)
    sizes = np.bincount(found, minlength=11)[1:]
    assert sizes.max() - sizes.min() <= 1
    assert found[score.argmax()] == 1


def test_rates_of_deciles_average_to_the_rate_of_all() -> None:
    rng = np.random.default_rng(0)
    actual, score = (rng.random(1000) < 0.3).astype(float), rng.random(1000)
    found = evaluation.by_decile(actual, score)
    assert (found["rate"] * found["customers"]).sum() / 1000 == pytest.approx(actual.mean())
    assert found["decile"].tolist() == list(range(1, 11))


def test_curves_begin_and_end_in_the_corners() -> None:
    actual, score = np.array([1.0, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    roc, pr = evaluation.roc_curve(actual, score), evaluation.precision_recall(actual, score)
    assert roc.iloc[[0, -1]].to_numpy().tolist() == [[0, 0], [1, 1]]
    assert pr["recall"].iloc[[0, -1]].tolist() == [0, 1]
    assert pr["precision"].tolist() == pytest.approx([1, 1, 0.5, 2 / 3, 0.5])
