"""Bounds that keep what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from crm_ai.replies.confidence import CERTAINTY, at_least, curve, threshold


def messages(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidence that is true: right with that chance."""
    rng = np.random.default_rng(seed)
    sure = rng.beta(4, 1, n)
    return rng.random(n) < sure, sure


@given(st.integers(1, 200), st.data())
def test_the_bound_is_exact(number, data):
    hits = data.draw(st.integers(1, number))
    assert binom.sf(hits - 1, number, at_least(hits, number)) == pytest.approx(1 - CERTAINTY, abs=1e-6)


@pytest.mark.parametrize("wished", [0.85, 0.95])
def test_the_wish_holds_in_nearly_all_repetitions(wished):
    broken = 0
    for seed in range(100):
        bound = threshold(*messages(400, seed), wished)
        if bound.least is not None:
            right, sure = messages(20_000, 10_000 + seed)
            broken += right[sure >= bound.least].mean() < wished
    assert broken <= 0.05 * 100 + 5


def test_more_is_answered_where_less_is_wished():
    right, sure = messages(3_000, 1)
    covered = [threshold(right, sure, wished).coverage for wished in (0.99, 0.95, 0.9, 0.8)]
    assert covered == sorted(covered)
    assert covered[2] > 0.4


def test_nothing_goes_out_where_nothing_is_sure_or_too_little_is_known():
    rng = np.random.default_rng(0)
    sure = rng.random(2_000)
    assert threshold(rng.random(2_000) < 0.5, sure).least is None
    assert threshold(np.ones(30, dtype=bool), sure[:30]).least is None
    assert threshold(np.zeros(0, dtype=bool), np.zeros(0)).least is None


def test_messages_a_person_gets_anyway_are_not_let_in():
    bound = threshold(np.ones(200, dtype=bool), np.r_[np.zeros(100), np.full(100, 0.7)])
    assert bound.least == 0.7
    assert bound.coverage == 0.5


def test_the_curve_rises_in_coverage():
    found = curve(*messages(500, 2))
    assert (np.diff(found["coverage"]) > 0).all()
    assert found["coverage"][-1] == 1.0
