"""The demo shop is repeatable, and what truth() says is really in it."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from crm_ai.data import samples

TABLES = samples.demo()
LINES = TABLES["transactions"]
TRUTH = samples.truth()


def hashed(tables):
    texts = [frame.to_csv(index=False) for frame in tables.values()]
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def daily():
    days = LINES.groupby(LINES["ordered_at"].dt.normalize())
    return days.agg(orders=("order_id", "nunique"), amount=("amount", "sum"))


def test_equal_seeds_give_equal_shops_and_others_do_not():
    samples._planted.cache_clear()
    assert hashed(samples.demo(customers=200)) == hashed(samples.demo(customers=200))
    assert hashed(samples.demo(8, 200)) != hashed(samples.demo(customers=200))


def test_a_caller_cannot_spoil_the_shop_of_another():
    mine = samples.demo(customers=50)
    mine["transactions"].loc[:, "amount"] = 0
    mine.pop("customers")
    assert samples.demo(customers=50)["transactions"]["amount"].sum() > 0
    assert "customers" in samples.demo(customers=50)


def test_the_shop_has_two_years_of_orders_lines_that_add_up_and_products_in_both_languages():
    assert LINES["ordered_at"].dt.normalize().nunique() == 731
    assert LINES["amount"].to_numpy() == pytest.approx((LINES["quantity"] * LINES["unit_price"]).to_numpy())
    assert not LINES.duplicated(["order_id", "product_id"]).any()
    assert LINES["product_name"].str.contains(r"[a-z].*[一-鿿]").all()
    assert LINES["ordered_at"].is_monotonic_increasing
    assert LINES.groupby("order_id")["customer_id"].nunique().eq(1).all()


def test_a_customer_lives_in_one_country_in_both_tables():
    both = LINES.merge(TABLES["customers"], on="customer_id", suffixes=("", "_of_customer"))
    assert len(both) == len(LINES)
    assert (both["country"] == both["country_of_customer"]).all()


def test_the_five_segments_can_be_told_apart_by_recency_frequency_and_money():
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    habits = LINES.groupby("customer_id").agg(
        last=("ordered_at", "max"), frequency=("order_id", "nunique"), monetary=("amount", "sum")
    )
    habits["recency"] = (LINES["ordered_at"].max() - habits.pop("last")).dt.days
    points = np.log1p(habits)
    found = KMeans(5, n_init=10, random_state=0).fit_predict((points - points.mean()) / points.std())
    planted = TRUTH.segments.set_index("customer_id")["segment"].loc[habits.index]
    assert planted.nunique() == 5
    assert adjusted_rand_score(planted, found) > 0.95


def test_the_week_has_the_planted_shape():
    usual = daily().drop(index=[*TRUTH.anomalies["date"], *pd.to_datetime(list(TRUTH.holidays))])
    found = usual["orders"].groupby(usual.index.day_of_week).mean()
    assert np.corrcoef(found, TRUTH.weekly)[0, 1] > 0.97


def test_the_year_has_the_planted_shape():
    usual = daily().drop(index=[*TRUTH.anomalies["date"], *pd.to_datetime(list(TRUTH.holidays))])
    elapsed = (usual.index - usual.index[0]).days
    trend = np.polyval(np.polyfit(elapsed, usual["orders"], 1), elapsed)
    found = (usual["orders"] / trend).groupby(usual.index.month).mean()
    assert np.corrcoef(found, TRUTH.yearly)[0, 1] > 0.9


def test_each_planted_rule_has_a_lift_far_above_one():
    baskets = LINES.groupby("product_id")["order_id"].agg(set)
    total = LINES["order_id"].nunique()
    for antecedent, consequent in TRUTH.rules:
        both = len(baskets[antecedent] & baskets[consequent])
        assert both / total > 0.02
        assert both * total / (len(baskets[antecedent]) * len(baskets[consequent])) > 4
    assert len(TRUTH.rules) == 8


def test_twelve_days_stand_out_from_the_days_around_them():
    days = daily()
    usual = days["orders"].rolling(29, center=True, min_periods=15).median()
    ratio = (days["orders"] / usual).loc[TRUTH.anomalies["date"]].to_numpy()
    surges = TRUTH.anomalies["factor"].to_numpy() > 1
    assert len(ratio) == 12
    assert ratio[surges].min() > 2.2
    assert ratio[~surges].max() < 0.5
    assert not set(TRUTH.anomalies["date"]) & set(pd.to_datetime(list(TRUTH.holidays)))


def test_churn_follows_the_planted_coefficients():
    from sklearn.linear_model import LogisticRegression

    people = samples.demo(1, 20_000)["customers"]
    coded = people.assign(plan=people["plan"].eq("Plus"), newsletter=people["newsletter"].eq("yes"))
    names = [name for name in TRUTH.churn if name != "intercept"]
    model = LogisticRegression(C=1e6, max_iter=5000).fit(coded[names].astype(float), coded["target"])
    assert dict(zip(names, model.coef_[0], strict=True)) == pytest.approx(
        {name: TRUTH.churn[name] for name in names}, abs=0.12
    )
    assert 0.15 < people["target"].mean() < 0.45


def test_comments_are_in_both_languages_varied_and_partly_rated():
    comments, known = TABLES["feedback"], TRUTH.feedback
    assert len(comments) == 4000
    assert comments["text"].nunique() > 3200
    assert known["language"].value_counts(normalize=True).min() > 0.45
    chinese = comments["text"].str.contains("[一-鿿]")
    assert (chinese == known["language"].eq("zh")).all()
    assert 0.5 < comments["rating"].notna().mean() < 0.7
    assert not comments["text"].str.contains("[{}]").any()


def test_stars_go_with_the_planted_sentiment():
    stars = TABLES["feedback"]["rating"].groupby(TRUTH.feedback["sentiment"]).agg(["min", "max"])
    assert stars.loc["positive", "min"] >= 4
    assert stars.loc["negative", "max"] <= 2
    assert set(TRUTH.feedback["topic"]) == set(samples.comments.TOPICS)


@pytest.mark.parametrize("customers", [1, 2, 30])
def test_a_tiny_shop_is_a_shop(customers):
    tables = samples.demo(3, customers)
    assert len(tables["customers"]) == customers
    assert set(tables["transactions"]["customer_id"]) <= set(tables["customers"]["customer_id"])


def test_the_files_carry_business_headings_and_the_same_numbers(tmp_path):
    paths = samples.write(tmp_path, customers=100)
    assert [path.name for path in paths] == ["transactions.csv", "customers.csv", "feedback.csv"]
    lines = pd.read_csv(paths[0])
    assert list(lines.columns) == list(samples.HEADINGS["transactions"].values())
    assert lines["Amount"].sum() == pytest.approx(samples.demo(customers=100)["transactions"]["amount"].sum())
