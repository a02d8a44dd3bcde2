from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_ai.analyses import results
from crm_ai.data import intake
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


@pytest.mark.parametrize("chosen", [{}, {"amount": "paid"}], ids=["as guessed", "with a chosen column"])
def test_the_copied_code_gives_the_same_numbers(chosen, tmp_path, monkeypatch):
    days = pd.date_range("2024-01-01", periods=90).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"order_id": range(90), "customer_id": [f"c{i % 9}" for i in range(90)], "order_date": days})
    frame.assign(quantity=2, unit_price=1.5, paid=2.5).to_csv(tmp_path / "sales.csv", index=False)
    monkeypatch.chdir(tmp_path)
    here = intake.stage([Path("sales.csv")], tmp_path / "shop")
    data = intake.finish(tmp_path / "shop", intake.wished(here, chosen), {"missing_customer": False})
    recipe = Recipe("shop", "overview", {"top": 7})
    copied: dict[str, Any] = {}
    exec(recipe.python(data.manifest), copied)
    assert results.metrics(copied["result"]) == results.metrics(recipe.run(data))
    assert results.metrics(copied["result"])["revenue"] == (225 if chosen else 270)
