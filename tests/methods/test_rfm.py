"""RFM scores beside a naive twin, and the grid of names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.methods import rfm

VALUES = st.lists(st.integers(-20, 20), min_size=1, max_size=60)


def naive(values: list[int]) -> list[int]:
    """Count, for each customer, those who do worse."""
    if len(set(values)) == 1:
        return [3] * len(values)
    return [1 + 5 * sum(other < value for other in values) // len(values) for value in values]


@given(VALUES)
def test_scores_equal_those_of_the_naive_twin(values):
    assert rfm.scores(np.array(values)).tolist() == naive(values)


@given(VALUES)
def test_equal_values_have_equal_scores_and_more_is_never_worse(values):
    scores = dict(zip(values, rfm.scores(np.array(values)).tolist(), strict=True))
    assert rfm.scores(np.array(values)).tolist() == [scores[v] for v in values]
    ranked = [scores[v] for v in sorted(scores)]
    assert ranked == sorted(ranked)
    assert set(ranked) <= {1, 2, 3, 4, 5}


def test_different_values_make_fifths_of_equal_size():
    scores = rfm.scores(np.random.default_rng(0).permutation(100))
    assert np.bincount(scores).tolist() == [0, 20, 20, 20, 20, 20]


def test_many_customers_with_one_order_all_score_one():
    orders = np.array([1] * 70 + [2] * 20 + [3] * 10)
    assert rfm.scores(orders).tolist() == [1] * 70 + [4] * 20 + [5] * 10


def test_scores_of_others_stay_within_one_and_five():
    assert rfm.scores(np.array([-99, 99]), np.arange(10)).tolist() == [1, 5]


def test_frequency_and_money_count_alike_and_halves_go_up():
    f, m = np.array([1, 2, 5, 5]), np.array([1, 3, 4, 2])
    assert rfm.together(f, m).tolist() == [1, 3, 5, 4]


@pytest.mark.parametrize(
    ("recency", "both", "name"),
    [
        (5, 5, "Champions"),
        (5, 1, "New"),
        (4, 1, "Promising"),
        (3, 4, "Loyal"),
        (3, 3, "Need attention"),
        (2, 4, "At risk"),
        (1, 5, "Cannot lose them"),
        (2, 1, "Hibernating"),
        (1, 1, "Lost"),
    ],
)
def test_the_grid_names_the_corners_of_the_customer_base(recency, both, name):
    assert rfm.segment(np.array([recency]), np.array([both])).tolist() == [name]


def test_every_cell_has_a_known_name_and_every_name_a_cell():
    assert {name for row in rfm.GRID for name in row} == set(rfm.NAMES)
    assert [len(row) for row in rfm.GRID] == [5] * 5
