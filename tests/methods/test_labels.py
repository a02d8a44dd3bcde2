"""What people write for yes and no, and what can be learnt from."""

import numpy as np
import pandas as pd
import pytest

from crm_ai.errors import BadParameter
from crm_ai.methods import labels


@pytest.mark.parametrize(
    ("values", "yes"),
    [
        (["Yes", "No", "No"], "Yes"),
        (["yes", "no", "yes"], "yes"),
        ([1, 0, 1], "1"),
        ([1.0, 0.0, None], "1"),
        ([True, False, True], "True"),
        (["是", "否", "否"], "是"),
        (["已流失", "未流失", "未流失"], "已流失"),
        (["TRUE", "FALSE", " "], "TRUE"),
        (["Y", "N", "N"], "Y"),
        ([-1, 3, -1], "3"),
        (["gold", "silver", "silver"], "gold"),
    ],
)
def test_yes_is_understood(values: list[object], yes: str) -> None:
    found = labels.label(pd.DataFrame({"x": values}), "x")
    assert found.yes == yes
    said = [None if value in (None, " ") else str(value).removesuffix(".0") == yes for value in values]
    assert [None if np.isnan(value) else value == 1 for value in found.values] == said


def test_one_value_of_several_can_be_predicted_against_the_rest() -> None:
    table = pd.DataFrame({"plan": ["a", "b", "c", "a", None]})
    found = labels.label(table, "plan=a")
    assert (found.column, found.yes) == ("plan", "a")
    np.testing.assert_array_equal(found.values, [1, 0, 0, 1, np.nan])


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("plan", "more than two values: say which one is to be predicted, such as plan=a, plan=b"),
        ("plan=z", "plan never has the value z: use one of a, b, c"),
        ("nothing", "no column nothing to predict: choose one of churned"),
        ("same", "has only one value"),
    ],
)
def test_a_target_that_cannot_be_predicted_gets_a_sentence(target: str, sentence: str) -> None:
    table = pd.DataFrame({"plan": list("abca"), "churned": ["yes", "no"] * 2, "same": 1})
    with pytest.raises(BadParameter, match=sentence):
        labels.label(table, target)


def test_a_heading_with_an_equals_sign_is_still_a_heading() -> None:
    assert labels.label(pd.DataFrame({"a=b": ["yes", "no"]}), "a=b").column == "a=b"


def test_columns_of_two_values_are_offered_the_likely_ones_first() -> None:
    table = pd.DataFrame({"gender": ["f", "m"], "age": [3, 3], "Churn": [0, 1], "target": [1, 0], "note": ["", "x"]})
    assert labels.offered(table) == ["target", "Churn", "gender"]


def test_text_with_numbers_and_blanks_becomes_numbers() -> None:
    found = labels.attributes(pd.DataFrame({"charges": ["12.5", " ", "7", "8"] * 10})).frame["charges"]
    assert found.dtype == float
    assert found.head(3).tolist()[::2] == [12.5, 7]
    assert np.isnan(found[1])


def test_dates_become_days() -> None:
    written = labels.attributes(pd.DataFrame({"since": ["2024-01-01", "2024-01-31", None]})).frame["since"]
    typed = labels.attributes(pd.DataFrame({"since": pd.to_datetime(["2024-01-01", "2024-01-31"])})).frame["since"]
    assert written[1] - written[0] == typed[1] - typed[0] == 30


def test_ids_constants_and_free_text_are_left_out_with_the_reason() -> None:
    rows = 80
    table = pd.DataFrame(
        {
            "CustomerID": np.random.default_rng(0).permutation(rows),
            "row": range(5, rows + 5),
            "name": [f"Jane {i}" for i in range(rows)],
            "country": "UK",
            "empty": np.nan,
            "score": np.random.default_rng(0).permutation(rows) / 2,
            "plan": ["a", "b"] * (rows // 2),
            "note": ["seen", None] * (rows // 2),
        }
    )
    found = labels.attributes(table)
    assert found.left_out == {
        "CustomerID": "id",
        "row": "id",
        "name": "free_text",
        "country": "constant",
        "empty": "constant",
    }
    assert list(found.frame) == ["score", "plan", "note"]


def test_truth_values_are_numbers_and_infinity_is_missing() -> None:
    found = labels.attributes(pd.DataFrame({"flag": [True, False], "x": [np.inf, 2.0]})).frame
    assert found["flag"].tolist() == [1, 0]
    assert np.isnan(found["x"][0])
