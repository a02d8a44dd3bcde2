from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.analyses import options
from crm_ai.analyses.options import Choice, Pick, Range, Switch, Text
from crm_ai.errors import BadParameter


@dataclass(frozen=True)
class Params:
    groups: Annotated[int | str, Range("Groups", 2, 12, auto=True)] = "auto"
    level: Annotated[float, Range("Level", 0, 1, step=0.05)] = 0.5
    method: Annotated[str, Choice("Method", {"a": "First", "b": "Second"})] = "a"
    series: Annotated[str, Pick("Series", of=lambda data: ["x"])] = ""
    deep: Annotated[bool, Switch("Deep")] = False
    word: Annotated[str, Text("Word")] = ""


def test_text_from_the_shell_becomes_typed_values():
    given = {"groups": "4", "level": "0.25", "method": "b", "deep": "yes", "word": "tea"}
    assert options.parse(Params, given) == Params(4, 0.25, "b", "", True, "tea")


@given(st.integers(2, 12), st.floats(0, 1), st.booleans())
def test_json_gives_the_params_back(groups, level, deep):
    params = Params(groups, level, "b", "x", deep, "w")
    assert options.parse(Params, options.to_json(params)) == params


@pytest.mark.parametrize(
    "wrong",
    [
        {"groups": 1},
        {"groups": 2.5},
        {"groups": "many"},
        {"level": "nan"},
        {"method": "c"},
        {"deep": "maybe"},
        {"word": "x" * 201},
        {"nothing": 1},
    ],
)
def test_what_is_out_of_range_is_named(wrong):
    with pytest.raises(BadParameter, match=next(iter(wrong))):
        options.parse(Params, wrong)


def test_auto_may_be_written_in_three_ways():
    assert {options.parse(Params, {"groups": value}).groups for value in ("auto", "", None)} == {"auto"}
