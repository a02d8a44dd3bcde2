"""Sums against published totals and naive twins; incomplete months; data without customers, products or orders."""

import numpy as np
import pandas as pd
import pytest

from crm_ai import i18n
from crm_ai.analyses import overview
from crm_ai.data.dataset import Dataset
from crm_ai.errors import MissingColumns, TooLittleData

CHINESE = i18n.translator("zh")


def lines(days: pd.DatetimeIndex, **columns: object) -> pd.DataFrame:
    """One line a day of 10.0."""
    return pd.DataFrame({"ordered_at": days.astype("datetime64[us]"), "amount": 10.0} | columns)


def show(frame: pd.DataFrame, **params: object) -> overview.Result:
    return overview.run(Dataset.from_frames(transactions=frame), overview.Params(**params))


def complete(first: str, last: str, weekdays: str = "1111111") -> list[bool]:
    days = pd.bdate_range(first, last, freq="C", weekmask=weekdays)
    return show(lines(days)).by_month["complete"].tolist()


@pytest.fixture(scope="module")
def result(retail) -> overview.Result:
    return overview.run(retail)


def test_totals_of_online_retail_are_those_published(result):
    assert result.revenue == pytest.approx(8_911_407.90, abs=0.01)
    assert (result.orders, result.customers) == (18_532, 4_338)
    assert result.average_order_value == pytest.approx(8_911_407.90 / 18_532, abs=0.001)


def test_months_and_products_agree_with_pandas(result, retail_frame):
    month = retail_frame["ordered_at"].dt.to_period("M")
    assert result.by_month["revenue"].to_numpy() == pytest.approx(retail_frame.groupby(month)["amount"].sum())
    assert result.by_month["customers"].tolist() == retail_frame.groupby(month)["customer_id"].nunique().tolist()
    best = retail_frame.groupby("product_id")["amount"].sum().nlargest(10)
    assert result.top_products["revenue"].to_numpy() == pytest.approx(best.to_numpy())
    assert result.repeat_rate == (retail_frame.groupby("customer_id")["order_id"].nunique() > 1).mean()


def test_changes_agree_with_pandas(result, retail_frame):
    month = retail_frame["ordered_at"].dt.strftime("%Y-%m-%d").str[:7]
    sums = retail_frame.pivot_table(index="product_id", columns=month, values="amount", aggfunc="sum", fill_value=0)
    change = sums["2011-11"] - sums["2011-10"]
    assert (result.month, result.month_before) == ("2011-11-01", "2011-10-01")
    assert result.changes["change"].sum() == pytest.approx(change.sum())
    assert result.changes["change"].abs().max() == pytest.approx(change.abs().max())


def test_new_customers_add_up_to_all_customers(result):
    assert result.by_month["new_customers"].sum() == result.customers
    assert (result.by_month["returning_customers"] >= 0).all()


def test_the_running_month_is_marked_and_not_compared(result):
    assert result.by_month["complete"].tolist() == [True] * 12 + [False]
    assert any("2011-12 is not complete" in sentence for sentence in overview.findings(result))
    names = [trace.name for trace in overview.figures(result)["revenue"].data]
    assert "Not covered to its end" in names


def test_the_year_before_is_compared_on_request(retail):
    year = overview.run(retail, overview.Params(compare="year"))
    assert (year.month, year.month_before) == ("2011-11-01", "")
    assert year.changes.empty


@pytest.mark.parametrize(
    ("first", "last", "weekdays", "expected"),
    [
        ("2024-01-01", "2024-02-29", "1111111", [True, True]),
        ("2024-01-01", "2024-02-28", "1111111", [True, False]),
        ("2024-01-02", "2024-02-29", "1111111", [False, True]),
        ("2024-01-01", "2024-03-29", "1111100", [True, True, True]),
        ("2024-01-01", "2024-03-28", "1111100", [True, True, False]),
    ],
)
def test_closed_weekdays_do_not_make_a_month_incomplete(first, last, weekdays, expected):
    assert complete(first, last, weekdays) == expected


def test_a_month_without_orders_is_a_month_of_nothing():
    days = pd.date_range("2024-01-01", "2024-01-31").append(pd.date_range("2024-03-01", "2024-03-31"))
    assert show(lines(days)).by_month["revenue"].tolist() == [310.0, 0.0, 310.0]


def test_the_usual_change_of_steady_sales_is_small_and_a_leap_is_called_unusual():
    days = pd.date_range("2024-01-01", "2024-12-31")
    frame = lines(days)
    frame.loc[frame["ordered_at"].dt.month == 12, "amount"] = 50.0
    assert "unusually large" in " ".join(overview.findings(show(frame)))


@pytest.mark.parametrize(("growth", "word"), [(1.3, "a clear trend"), (1.0, "too much to call it a trend")])
def test_a_trend_over_two_years_is_told_from_the_season(growth, word):
    days = pd.date_range("2022-01-01", "2023-12-31")
    noise = np.random.default_rng(4).normal(1, 0.05, 24)[(days.year - 2022) * 12 + days.month - 1]
    season = 1 + 0.5 * np.sin(days.month / 6 * np.pi)
    result = show(lines(days, amount=100 * season * noise * np.where(days.year == 2023, growth, 1.0)))
    assert result.trend_months == 12
    assert word in " ".join(overview.findings(result))


def test_products_that_change_by_chance_are_not_called_changed():
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", "2024-02-29").repeat(30)
    frame = lines(days, product_id=rng.integers(0, 40, len(days)).astype(str))
    assert any("No product changed" in sentence for sentence in overview.findings(show(frame)))
    risen = (frame["product_id"] == "7") | ((frame["ordered_at"].dt.month == 2) & (rng.random(len(frame)) < 0.1))
    changed = show(frame.assign(product_id=frame["product_id"].where(~risen, "7")))
    assert changed.changes.loc[changed.changes["product"] == "7", "q_value"].item() < 0.01


def test_dates_and_amounts_are_enough():
    result = show(lines(pd.date_range("2024-01-01", "2024-03-31")))
    assert (result.orders, result.customers, result.repeat_rate) == (91, None, None)
    assert result.top_products.empty
    assert result.top_customers.empty
    assert list(overview.figures(result)) == ["revenue", "activity", "rhythm"]


def test_products_of_one_name_are_told_apart():
    frame = lines(pd.date_range("2024-01-01", periods=4), product_id=list("aabb"), product_name=["Tea"] * 4)
    assert set(show(frame).top_products["product"]) == {"Tea (a)", "Tea (b)"}


def test_one_currency_is_named_and_two_are_not():
    days = pd.date_range("2024-01-01", periods=4)
    assert show(lines(days, currency="EUR")).currency == "EUR"
    assert show(lines(days, currency=["EUR", "USD"] * 2)).currency == ""


def test_a_single_day_is_shown_without_comparison():
    result = show(lines(pd.DatetimeIndex(["2024-05-05"])))
    assert (result.month, result.trend) == ("", None)
    assert any("no months are compared" in sentence for sentence in overview.findings(result))


def test_tables_are_shown_in_chinese(result):
    shown = overview.shown(result, CHINESE)
    assert shown["kpis"]["metric"].iloc[0] == "收入"
    assert shown["rhythm"]["weekday"].iloc[0] == "周一"


def test_dates_that_are_no_dates_are_refused():
    with pytest.raises(TooLittleData, match="no dated orders"):
        show(pd.DataFrame({"ordered_at": [None, None], "amount": [1.0, 2.0]}))


def test_missing_amounts_are_named():
    with pytest.raises(MissingColumns, match="amount"):
        show(pd.DataFrame({"ordered_at": pd.date_range("2024-01-01", periods=2)}))
