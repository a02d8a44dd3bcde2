"""No text that leaves the program begins a formula."""

import pytest

from crm_ai.data.formulas import harmless


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(text):
    assert harmless(text) == harmless(text, numbers=True) == f"'{text}"


@pytest.mark.parametrize("text", ["-1.5", "+3", "-1,234.50", "+12%"])
def test_numbers_stay_where_they_are_known_to_be_numbers(text):
    assert harmless(text, numbers=True) == text
    assert harmless(text) == f"'{text}"


def test_other_texts_stay():
    assert harmless("Tea = good") == "Tea = good"
