import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai import i18n


def test_english_is_its_own_key():
    assert i18n.translator("en")("Anything at all") == "Anything at all"


def test_unknown_text_stays_english():
    assert i18n.translator("zh")("No catalogue has this") == "No catalogue has this"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (0, "0"), (12.345, "12.3"), (0.01234, "0.0123"), (7, "7"), (-3.5, "-3.50"), (math.nan, "–")],
)
def test_numbers_have_three_figures(value, text):
    assert i18n.number(value) == text


def test_shares_and_money_are_written_the_usual_way():
    assert i18n.percent(0.1234) == "12.3\u00a0%"
    assert i18n.percent(math.nan) == "–"
    assert i18n.money(1234.5, "£") == "£ 1,234.50"
    assert i18n.money(8_911_407.904) == "8,911,408"


@given(st.floats())
def test_any_number_can_be_written(value):
    assert i18n.number(value)
    assert i18n.percent(value)
    assert i18n.money(value)


def test_column_names_become_headings():
    assert i18n.heading("average_order_value") == "Average order value"
