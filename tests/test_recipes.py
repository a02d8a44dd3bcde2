import pytest

from crm_ai.errors import BadParameter, UnknownName
from crm_ai.recipes import Recipe


def test_json_gives_the_recipe_back():
    recipe = Recipe("abc", "overview", {"top": 7})
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_defaults_and_text_values_make_no_difference_to_the_key():
    keys = {Recipe("a", "overview", params).key("f") for params in ({}, {"top": 10}, {"top": "10"})}
    assert len(keys) == 1


def test_other_data_or_parameters_make_another_key():
    assert Recipe("a", "overview").key("f") != Recipe("a", "overview").key("g")
    assert Recipe("a", "overview").key("f") != Recipe("a", "overview", {"top": 11}).key("f")


def test_what_does_not_exist_is_named():
    with pytest.raises(UnknownName, match="nonsense"):
        Recipe("a", "nonsense").parsed()
    with pytest.raises(BadParameter, match="no_such"):
        Recipe("a", "overview", {"no_such": 1}).parsed()
