"""Differences on cards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.analyses import ALL, load
from crm_ai.dashboards.comparing import LESS_IS_GOOD, MORE_IS_GOOD, delta


@pytest.mark.parametrize(
    ("name", "kind", "now", "before", "text", "good"),
    [
        ("revenue", "money", 110.0, 100.0, "+10.0\u00a0%", True),
        ("revenue", "money", 90.0, 100.0, "-10.0\u00a0%", False),
        ("orders", "number", 3, 2, "+50.0\u00a0%", True),
        ("repeat_rate", "percent", 0.45, 0.40, "+5.0 points", True),
        ("share_negative", "percent", 0.45, 0.40, "+5.0 points", False),
        ("n_clusters", "number", 5, 4, "+25.0\u00a0%", None),
        ("macro_f1", "score", 0.812, 0.800, "+0.012", None),
        ("revenue", "money", 5.0, -5.0, "+10", True),
        ("revenue", "money", 5.0, 0.0, "+5", True),
        ("revenue", "money", 100.0, 100.0, "unchanged", None),
        ("revenue", "money", 100.001, 100.0, "unchanged", None),
        ("revenue", "money", None, 100.0, "", None),
        ("revenue", "money", 100.0, None, "", None),
    ],
)
def test_a_difference_is_written_as_people_say_it(name, kind, now, before, text, good):
    found = delta(name, kind, now, before)
    assert (found.text, found.good) == (text, good)


numbers = st.floats(-1e9, 1e9)


@given(st.sampled_from(["number", "money", "percent", "score"]), numbers, numbers)
def test_its_sign_is_that_of_the_change(kind, now, before):
    text = delta("revenue", kind, now, before).text
    assert text == "unchanged" or text.startswith("+" if now > before else "-")


def test_good_and_bad_are_said_of_cards_that_exist():
    cards = {name for analysis in ALL for name in load(analysis).CARDS}
    assert cards >= MORE_IS_GOOD | LESS_IS_GOOD
    assert not MORE_IS_GOOD & LESS_IS_GOOD
