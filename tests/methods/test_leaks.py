"""Columns that know the answer are found on real tables, and honest tables raise no alarm."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from crm_ai.methods import labels, leaks
from crm_ai.methods.propensity import Sample

BANK = ("bank_marketing/UCI_bank-additional-full.csv.gz", {"sep": ";"}, "y")
KNOWN = [
    (*BANK, [], {"duration": "name"}),
    (*BANK, ["duration"], {}),
    ("online_shoppers/online_shoppers_intention.csv", {}, "Revenue", [], {"PageValues": "rests"}),
    ("hillstrom/hillstrom.csv.gz", {}, "visit", [], {"conversion": "pure", "spend": "pure"}),
    ("hillstrom/hillstrom.csv.gz", {}, "visit", ["conversion", "spend"], {}),
    ("telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv", {}, "Churn", [], {}),
    ("marketing_campaign/old.csv", {"sep": ";", "encoding": "utf-8-sig"}, "Response", [], {}),
]


def sample(table: pd.DataFrame, target: str, out: list[str]) -> Sample:
    label, found = labels.label(table, target), labels.attributes(table.drop(columns=[target, *out]))
    return Sample(found.frame, label.values, np.arange(len(table)))


@pytest.mark.parametrize(("path", "how", "target", "out", "expected"), KNOWN)
def test_the_leaks_of_published_tables_are_found_and_nothing_else(
    real: Callable[..., pd.DataFrame],
    path: str,
    how: dict[str, str],
    target: str,
    out: list[str],
    expected: dict[str, str],
) -> None:
    part = sample(real(path, **how), target, out)
    found = leaks.suspects(part, leaks.alone(part))
    assert dict(zip(found["column"], found["why"], strict=True)) == expected


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    churned = rng.random(2000) < 0.2
    return pd.DataFrame(
        {
            "churned": np.where(churned, "yes", "no"),
            "age": rng.normal(40, 10, 2000),
            "visits": rng.poisson(np.where(churned, 3, 4)),
        }
    )


def test_a_copy_of_the_answer_is_found(table: pd.DataFrame) -> None:
    part = sample(table.assign(status=np.where(table["churned"] == "yes", "closed", "open")), "churned", [])
    found = leaks.suspects(part, leaks.alone(part))
    assert found.iloc[0]["column"] == "status"
    assert found.iloc[0]["why"] == "copy"
    assert found.iloc[0]["single_auc"] > 0.99


def test_a_column_filled_in_only_for_events_is_found(table: pd.DataFrame) -> None:
    told = (table["churned"] == "yes") & (np.arange(2000) % 4 == 0)
    part = sample(table.assign(note=np.where(told, "asked to leave", None)), "churned", [])
    assert ("note", "pure") in leaks.suspects(part, leaks.alone(part))[["column", "why"]].itertuples(
        index=False, name=None
    )


def test_columns_of_chance_are_worth_half_alone(table: pd.DataFrame) -> None:
    shuffled = table.assign(churned=np.random.default_rng(1).permutation(table["churned"]))
    assert (leaks.alone(sample(shuffled, "churned", [])) - 0.5).abs().max() < 0.05


def test_rates_are_learnt_from_training_rows_only(table: pd.DataFrame) -> None:
    """A level for each customer ranks nothing once the customers tested are others."""
    named = table.assign(code=[f"c{i // 2}" for i in range(2000)])
    part = Sample(named[["code"]], (named["churned"] == "yes").to_numpy(float), np.arange(2000) // 2)
    assert leaks.alone(part)["code"] == pytest.approx(0.5, abs=0.03)


def test_a_level_not_met_has_the_rate_of_all() -> None:
    rates = leaks.Rates.of(pd.Series(["a", "a", "b", "b"]), np.array([1.0, 1, 0, 0]))
    assert rates(pd.Series(["z"])).tolist() == [0.5]
    assert rates(pd.Series(["a"]))[0] > 0.5 > rates(pd.Series(["b"]))[0]
