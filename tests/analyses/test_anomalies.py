"""Planted anomalies are found, clean data left alone, and every flag says why."""

import re

import numpy as np
import pandas as pd
import pytest

from crm_ai import i18n
from crm_ai.analyses import anomalies
from crm_ai.analyses.anomalies.occasions import occasion
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import MissingColumns, TooLittleData
from tests.conftest import shared

CHINESE = i18n.translator("zh")


def look(frames: dict[str, pd.DataFrame], **params: str) -> anomalies.Result:
    return anomalies.run(Dataset.from_frames(**frames), anomalies.Params(**params))


def sales(amounts: np.ndarray, start: str = "2023-01-02") -> dict[str, pd.DataFrame]:
    """One order a day; a day without one where the amount is 0."""
    days = pd.date_range(start, periods=len(amounts)).astype("datetime64[us]")
    frame = pd.DataFrame({"ordered_at": days, "amount": amounts, "order_id": np.arange(len(days)).astype(str)})
    return {"transactions": frame[frame["amount"] != 0]}


def series(**values: np.ndarray) -> dict[str, pd.DataFrame]:
    parts = [
        pd.DataFrame({"series_id": name, "time": pd.date_range("2024-01-01", periods=len(v), freq="h"), "value": v})
        for name, v in values.items()
    ]
    return {"series": pd.concat(parts, ignore_index=True)}


@pytest.fixture(scope="module")
def shop() -> dict[str, pd.DataFrame]:
    return {"transactions": samples.demo()["transactions"]}


@pytest.fixture(scope="module")
def found(shop) -> anomalies.Result:
    return look(shop)


def test_all_twelve_planted_days_are_found_and_hardly_any_other(found):
    truth = samples.truth()
    days = set(found.flags["time"].dt.strftime("%Y-%m-%d"))
    planted = set(pd.to_datetime(truth.anomalies["date"]).dt.strftime("%Y-%m-%d"))
    assert planted <= days
    assert len(days - planted - set(truth.holidays)) <= 1


@pytest.mark.slow
def test_planted_days_are_found_with_other_seeds():
    hits, false = 0, 0
    for seed in (1, 2, 3, 4):
        flags = look({"transactions": samples.demo(seed)["transactions"]}).flags
        truth = samples.truth(seed)
        planted = set(pd.to_datetime(truth.anomalies["date"]))
        hits += len(planted & set(flags["time"]))
        false += len(set(flags["time"]) - planted - set(pd.to_datetime(list(truth.holidays))))
    assert hits >= 40
    assert false <= 4


@pytest.mark.slow
@pytest.mark.parametrize("method", ["zscore", "iqr", "isolation_forest"])
def test_each_method_finds_most_planted_days(shop, method):
    planted = set(pd.to_datetime(samples.truth().anomalies["date"]))
    flags = look(shop, method=method).flags
    assert len(planted & set(flags["time"])) >= 6
    assert set(flags["method"]) == {method}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["normal", "counts", "week"])
def test_clean_days_get_less_than_one_flag_on_average(kind):
    flagged = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        week = np.array([0.9, 0.8, 0.9, 1.0, 1.2, 1.5, 1.1])[np.arange(300) % 7]
        values = {
            "normal": lambda rng=rng: rng.normal(500, 50, 300),
            "counts": lambda rng=rng: rng.poisson(12, 300) + 0.0,
            "week": lambda rng=rng, week=week: 200 * week * rng.lognormal(0, 0.25, 300),
        }[kind]()
        flagged.append(look(sales(values)).n_flagged)
    assert np.mean(flagged) <= 1.0


@pytest.mark.parametrize("on", ["orders", "customers"])
def test_clean_orders_and_customers_get_less_than_one_flag_on_average(on):
    flagged = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {
                "ordered_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 900), unit="D"),
                "amount": rng.lognormal(4, 0.5, 900),
                "quantity": 1 + rng.poisson(10, 900),
                "customer_id": rng.integers(0, 200, 900).astype(str),
                "order_id": np.arange(900).astype(str),
            }
        )
        flagged.append(look({"transactions": frame}, on=on).n_flagged)
    assert np.mean(flagged) <= 1.0


def test_a_stricter_look_flags_no_more(shop):
    counts = [look(shop, sensitivity=how).n_flagged for how in ("sure", "balanced", "watchful")]
    assert counts == sorted(counts)


def test_planted_orders_are_flagged_with_the_figure_that_is_off():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "ordered_at": pd.date_range("2024-01-01", periods=1000, freq="3h"),
            "quantity": 1 + rng.poisson(8, 1000),
            "order_id": [f"o{n}" for n in range(1000)],
        }
    )
    frame["amount"] = frame["quantity"] * rng.lognormal(2, 0.3, 1000)
    frame.loc[[10, 20], "amount"] *= 100
    flags = look({"transactions": frame}, on="orders").flags.set_index("id")
    assert {"o10", "o20"} <= set(flags.index)
    assert set(flags.loc[["o10", "o20"], "measure"]) <= {"amount", "price_per_unit"}
    assert (flags.loc[["o10", "o20"], "value"] > 20 * flags.loc[["o10", "o20"], "expected"]).all()


def test_a_cheap_order_of_many_pieces_is_flagged_by_its_price():
    rng = np.random.default_rng(1)
    amount = rng.lognormal(4, 0.6, 2000)
    quantity = np.maximum(1, np.round(amount / 10 * rng.lognormal(0, 0.05, 2000)))
    frame = pd.DataFrame({"amount": amount, "quantity": quantity, "order_id": np.arange(2000).astype(str)})
    frame["ordered_at"] = pd.date_range("2024-01-01", periods=2000, freq="h")
    frame.loc[5, ["amount", "quantity"]] = [frame["amount"].quantile(0.03), frame["quantity"].quantile(0.97)]
    flags = look({"transactions": frame}, on="orders").flags
    assert flags[["id", "measure", "kind"]].iloc[0].tolist() == ["5", "price_per_unit", "low"]


def test_days_on_which_the_shop_is_always_closed_are_not_flagged(retail):
    flags = anomalies.run(retail).flags
    assert not (flags["time"].dt.day_of_week == 5).any()
    assert (flags["kind"] == "none").sum() >= 12


def test_bank_holidays_without_sales_are_flagged_and_explained(retail):
    flags = anomalies.run(retail).flags.set_index("label")
    assert {"2011-04-22", "2011-05-02", "2011-08-29"} <= set(flags.index)
    assert flags.loc["2011-04-22", "occasion"] == "easter"


def test_the_running_day_is_left_out(retail):
    assert anomalies.run(retail).points["time"].max() == pd.Timestamp("2011-12-08")


def test_rare_sales_are_judged_by_whole_weeks():
    rng = np.random.default_rng(0)
    days = np.sort(rng.choice(400, 130, replace=False))
    amounts = np.zeros(400)
    amounts[days] = rng.lognormal(4, 0.3, 130)
    result = look(sales(amounts))
    assert result.unit == "week"
    assert (result.points["time"].dt.day_of_week == 0).all()


def test_an_hourly_series_is_judged_by_its_hour():
    rng = np.random.default_rng(0)
    hour = np.arange(24 * 28) % 24
    value = 100 + 80 * np.sin(2 * np.pi * hour / 24) + rng.normal(0, 4, len(hour))
    value[6 + 24 * 10 + 12] = 180
    result = look(series(a=value, b=rng.normal(0, 1, 300)))
    assert result.flags["series_id"].iloc[0] == "a"
    assert result.flags["time"].iloc[0] == pd.Timestamp("2024-01-11 18:00")
    assert result.n_flagged <= 3
    assert result.looked_at == len(value) + 300


def test_taxi_days_that_everybody_remembers_are_found():
    table = pd.read_csv(shared("nab/data/realKnownCause/nyc_taxi.csv"), parse_dates=["timestamp"])
    result = look({"series": table.rename(columns={"timestamp": "time"})})
    days = result.flags["time"].dt.strftime("%m-%d")
    for window in (["11-02"], ["11-27", "11-28"], ["12-25"], ["01-01"], ["01-26", "01-27"]):
        assert days.isin(window).any()
    assert result.share_flagged < 0.02


@pytest.mark.parametrize("on", ["days", "orders", "customers"])
def test_every_flag_says_why_in_both_languages(retail, on):
    result = anomalies.run(retail, anomalies.Params(on=on))
    assert len(result.flags) == result.n_flagged > 0
    assert result.flags["reason"].str.len().min() > 15
    chinese = anomalies.shown(result, CHINESE)["flags"]
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in chinese["reason"])
    assert not chinese["reason"].str.contains("expected|may explain").any()
    assert result.flags["score"].ge(0).all()
    assert result.flags["strength"].is_monotonic_decreasing


@pytest.mark.parametrize("on", ["days", "orders", "customers"])
def test_each_look_has_three_to_seven_figures_in_both_languages(retail, on):
    result = anomalies.run(retail, anomalies.Params(on=on))
    for t in (str, CHINESE):
        assert 3 <= len(anomalies.figures(result, t)) <= 7
        assert 3 <= len(anomalies.findings(result, t)) <= 6


def test_constant_sales_have_nothing_unusual():
    result = look(sales(np.full(60, 25.0)))
    assert result.n_flagged == 0
    assert "None of the 60 days" in anomalies.findings(result)[0]


def test_a_few_days_are_too_few():
    with pytest.raises(TooLittleData, match="20 days"):
        look(sales(np.array([1.0, 2.0])))


def test_customers_must_be_known():
    with pytest.raises(MissingColumns, match="customer_id"):
        look(sales(np.full(60, 25.0)), on="customers")


def test_short_series_are_refused_with_their_length():
    with pytest.raises(TooLittleData, match="longest has 5"):
        look(series(a=np.arange(5.0)))


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2011-04-22", "easter"),
        ("2024-03-31", "easter"),
        ("2023-11-24", "black_friday"),
        ("2024-02-10", "lunar_new_year"),
        ("2024-11-11", "singles_day"),
        ("2024-12-25", "christmas"),
        ("2024-07-04", ""),
    ],
)
def test_occasions_fall_on_their_days(day, code):
    assert occasion(pd.Timestamp(day).date()) == code
