"""Features against a naive twin, and no look beyond the cut-off."""

import itertools
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.errors import TooLittleData
from crm_ai.methods.histories import Histories, timetable

START = date(2024, 1, 1)
FIRST = (START - date(1970, 1, 1)).days
ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 500)), min_size=1, max_size=60, unique=True)


def days(rows: list[tuple[int, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [f"c{who}" for who, _ in rows],
            "day": pd.to_datetime([START + timedelta(days=day) for _, day in rows]),
            "amount": [10.0 + day for _, day in rows],
            "lines": [1 + day % 3 for _, day in rows],
        }
    )


def naive(rows: list[tuple[int, int]], cut: int) -> dict[str, dict[str, float]]:
    """The same features, one customer at a time."""
    found = {}
    for who in sorted({who for who, day in rows if day < cut}):
        past = sorted(day for other, day in rows if other == who and day < cut)
        gap = (past[-1] - past[0]) / (len(past) - 1) if len(past) > 1 else np.nan
        found[f"c{who}"] = {
            "recency_days": cut - past[-1],
            "tenure_days": cut - past[0],
            "orders": len(past),
            "usual_gap_days": gap,
            "overdue": (cut - past[-1]) / gap,
            "orders_30_days": sum(day >= cut - 30 for day in past),
            "same_season": sum(cut - 365 <= day < cut - 365 + 20 for day in past),
            "amount": sum(10.0 + day for day in past),
            "average_amount": np.mean([10.0 + day for day in past]),
            "average_lines": np.mean([1 + day % 3 for day in past]),
        }
    return found


@given(ROWS, st.integers(1, 500))
@settings(max_examples=100, deadline=None)
def test_features_equal_a_count_by_hand(rows: list[tuple[int, int]], cut: int) -> None:
    past = Histories.of(days(rows))
    found = past.before(FIRST + cut, (30,), 20, 400)
    expected = pd.DataFrame.from_dict(naive(rows, cut), orient="index")
    assert past.customers[found.index].tolist() == expected.index.tolist()
    if len(expected):
        pd.testing.assert_frame_equal(
            found.reset_index(drop=True), expected.reset_index(drop=True)[list(found)].astype(float)
        )


@given(ROWS, ROWS, st.integers(1, 500))
@settings(max_examples=100, deadline=None)
def test_whatever_happens_from_the_cutoff_on_leaves_the_features_as_they_are(
    rows: list[tuple[int, int]], other: list[tuple[int, int]], cut: int
) -> None:
    past = [row for row in rows if row[1] < cut]
    future = [row for row in other if row[1] >= cut]
    if not past:
        return
    tables = [Histories.of(days(part)) for part in (past, past + future)]
    found = [table.before(FIRST + cut, (7, 30), 20, 400) for table in tables]
    first, second = (f.set_axis(t.customers[f.index]) for f, t in zip(found, tables, strict=True))
    pd.testing.assert_frame_equal(first, second)


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = [(1, 3), (0, 9), (1, 50), (0, 2), (2, 40)]
    found = [Histories.of(days(part)).before(FIRST + 60, (30,)) for part in (rows, rows[::-1])]
    pd.testing.assert_frame_equal(*found)


def test_bought_counts_the_first_day_and_not_the_last() -> None:
    past = Histories.of(days([(0, 10), (1, 20), (2, 15)]))
    assert past.bought(FIRST + 10, FIRST + 20).tolist() == [True, False, True]


def test_amounts_are_absent_where_the_data_lack_them() -> None:
    found = Histories.of(days([(0, 1), (0, 5)]).drop(columns=["amount", "lines"])).before(FIRST + 9)
    assert list(found) == ["recency_days", "tenure_days", "orders", "usual_gap_days", "overdue"]


@given(st.integers(0, 20_000), st.integers(3, 3_000), st.integers(1, 400))
def test_no_training_label_reaches_into_the_test_period(first: int, length: int, horizon: int) -> None:
    last = first + length - 1
    if length < 3 * horizon:
        with pytest.raises(TooLittleData) as error:
            timetable(first, last, horizon)
        assert {"needed": 3 * horizon, "found": length}.items() <= error.value.values.items()
        return
    plan = timetable(first, last, horizon)
    windows = [(cut, cut + horizon) for cut in (*plan.train[::-1], plan.test)]
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(windows))
    assert windows[-1][1] == plan.score == last + 1
    assert min(plan.train) - first == plan.history >= horizon
    assert all(window <= plan.history for window in plan.windows)


@pytest.mark.parametrize(("length", "horizon"), [(1000, 90), (270, 90), (269, 60), (100, 30), (45, 14), (21, 7)])
def test_automatic_takes_the_longest_usual_horizon_that_fits(length: int, horizon: int) -> None:
    assert timetable(0, length - 1).horizon == horizon


def test_a_history_too_short_says_how_many_days_are_needed() -> None:
    with pytest.raises(TooLittleData, match="at least 21 days are needed; these cover 20"):
        timetable(0, 19)
