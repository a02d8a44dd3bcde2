"""What is too much to bring into Python is learnt from a sample, and said so; small data never notice."""

import numpy as np
import pandas as pd
import pytest

from crm_ai.analyses import anomalies, baskets, feedback, purchases, segments
from crm_ai.analyses.purchases import asking
from crm_ai.analyses.purchases import everyone as scoring
from crm_ai.analyses.segments import customers, everyone, people
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.i18n import translator
from crm_ai.methods import clusters
from crm_ai.methods.histories import Histories, timetable
from tests.engines import spark_local

CHINESE = translator("zh")


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return samples.demo(seed=5, customers=600)


@pytest.fixture(scope="module")
def shop(frames) -> Dataset:
    return Dataset.from_frames("demo", **frames)


@pytest.fixture(scope="module")
def in_spark(frames) -> Dataset:
    return Dataset.from_frames("demo", spark_local(), **frames)


def said(module, result, part: str) -> None:
    """The sample is told, in both languages."""
    assert any(part in sentence for sentence in module.findings(result))
    assert not {*module.findings(result)} & {*module.findings(result, CHINESE)}


@pytest.mark.parametrize("method", ["kmeans", "hierarchical", "rfm", "dbscan"])
def test_segments_of_a_sample_count_every_customer(method, shop, monkeypatch):
    params = segments.Params(method=method, n_clusters=3)
    whole = segments.run(shop, params)
    monkeypatch.setattr(segments, "MOST", 300)
    part = segments.run(shop, params)
    assert part.n_customers == whole.n_customers == 600
    assert part.customers_listed == len(part.customers) < 350
    assert part.segments["customers"].sum() == pytest.approx(600, abs=15)
    assert part.segments["revenue"].sum() == pytest.approx(whole.segments["revenue"].sum(), rel=0.05)
    assert part.segments["share_of_customers"].sum() == pytest.approx(1)
    said(segments, part, f"sample of {part.customers_listed} of 600 customers")
    assert not any("sample of 600" in sentence for sentence in segments.findings(whole))


def test_a_customer_is_in_the_same_segment_as_in_the_sample(shop, monkeypatch):
    monkeypatch.setattr(segments, "MOST", 300)
    result = segments.run(shop, segments.Params(n_clusters=3))
    frame = segments.features(shop)
    batches = pd.concat(customers.every_purchase(shop, frame.attrs["newest"])).set_index("customer_id")
    pd.testing.assert_frame_equal(
        batches.loc[frame["customer_id"]].reset_index(), frame, check_dtype=False, check_flags=False
    )
    sizes = result.customers.groupby("segment").size()
    counted = result.segments.set_index("segment")["customers"]
    assert (counted >= sizes).all()


def test_attributes_of_very_many_customers_are_those_of_a_sample(shop, monkeypatch):
    monkeypatch.setattr(segments, "MOST", 300)
    result = segments.run(shop, segments.Params(basis="attributes", n_clusters=3))
    assert result.n_customers == 600
    assert result.segments["customers"].sum() == result.customers_listed < 350
    said(segments, result, "are those of a sample of")


@pytest.mark.parametrize("url", ["duckdb://", pytest.param("spark", marks=pytest.mark.slow)])
def test_columns_scaled_inside_the_engine_are_those_scaled_here(url, frames):
    data = Dataset.from_frames("demo", spark_local() if url == "spark" else url, **frames)
    frame = customers.purchases(data, 10**6)
    lines = frames["transactions"]
    newest = lines["ordered_at"].max().normalize()
    known = people.from_purchases(frame, segments.Params(features="all"))
    sums = customers.sums(data).order_by("customer_id")
    found = data.frame(everyone.scaled(sums, newest, known.scales))
    assert list(found.columns) == list(known.scales)
    np.testing.assert_allclose(found.to_numpy(), known.scaled, atol=2e-4)


@pytest.mark.slow
def test_in_spark_k_means_learns_from_all_customers(shop, in_spark, monkeypatch):
    params = segments.Params(n_clusters=3)
    whole = segments.run(shop, params)
    monkeypatch.setattr(segments, "MOST", 300)
    part = segments.run(in_spark, params)
    assert part.segments["customers"].sum() == 600
    np.testing.assert_allclose(part.segments["customers"], whole.segments["customers"], atol=12)


def test_features_added_up_by_the_engine_are_those_of_histories(shop):
    days = shop.frame(asking.purchase_days(shop))
    past = Histories.of(days)
    plan = timetable(int(past.day.min()), int(past.day.max()), 30)
    ours = past.before(plan.score, plan.windows, plan.horizon, plan.history)
    sums = shop.frame(scoring.sums(asking.purchase_days(shop), plan).order_by("customer_id"))
    theirs = scoring.described(sums, plan.score)
    assert past.customers[ours.index].tolist() == sums["customer_id"].tolist()
    assert "same_season" in ours or plan.history < 395
    pd.testing.assert_frame_equal(ours.reset_index(drop=True), theirs[list(ours)], check_dtype=False)


def test_a_model_of_a_sample_scores_every_customer_and_lists_the_best(shop, monkeypatch):
    params = purchases.Params(model="logistic_regression", horizon_days=30)
    whole = purchases.run(shop, params)
    monkeypatch.setattr(purchases, "MOST", len(purchases.features(shop)) // 2)
    monkeypatch.setattr(purchases, "MOST_LISTED", 60)
    part = purchases.run(shop, params)
    assert part.share_learnt < 1 == whole.share_learnt
    assert part.n_customers == part.n_unknown == whole.n_customers
    assert part.expected_events == pytest.approx(whole.expected_events, rel=0.2)
    assert len(part.scores) == 60
    assert part.scores["decile"].tolist() == (np.arange(60) * 10 // part.n_customers + 1).tolist()
    best = set(whole.scores["customer_id"].head(120))
    assert len(set(part.scores["customer_id"]) & best) > 45
    said(purchases, part, "the 60 with the highest chances are listed")


def test_labels_of_very_many_customers_are_learnt_and_shown_in_part(shop, monkeypatch):
    monkeypatch.setattr(purchases, "MOST", 400)
    result = purchases.run(shop, purchases.Params(target="target", model="logistic_regression"))
    assert 300 < result.n_customers < 500
    said(purchases, result, "rests on a sample")


@pytest.mark.parametrize("on", ["orders", "customers"])
def test_anomalies_are_found_among_all_though_the_usual_was_learnt_from_a_sample(on, frames, monkeypatch):
    lines = frames["transactions"]
    giants = lines.drop_duplicates("customer_id").sample(8, random_state=0)
    lines = pd.concat([lines, giants.assign(order_id="giant" + giants["customer_id"], amount=1e7)])
    shop, params = Dataset.from_frames(transactions=lines), anomalies.Params(on=on)
    whole = anomalies.run(shop, params)
    monkeypatch.setattr(anomalies, "MOST", whole.looked_at // 2)
    part = anomalies.run(shop, params)
    assert part.looked_at == part.known == whole.looked_at
    assert part.learnt_from < whole.looked_at
    found = [set(result.flags["label"]) for result in (whole, part)]
    assert len(found[0] & found[1]) >= 0.8 * len(found[0] | found[1])
    assert set(giants["customer_id"] if on == "customers" else "giant" + giants["customer_id"]) <= found[1]
    assert part.strengths["rows"].sum() == pytest.approx(part.looked_at, abs=20)
    said(anomalies, part, "all of them were judged")


def test_a_forest_judges_its_sample_only(shop, monkeypatch):
    monkeypatch.setattr(anomalies, "MOST", 1_000)
    result = anomalies.run(shop, anomalies.Params(on="orders", method="isolation_forest"))
    assert result.looked_at == result.learnt_from < result.known
    said(anomalies, result, "Looked at: a sample")


def test_bundles_of_a_sample_of_the_baskets_say_so(shop, monkeypatch):
    whole = baskets.run(shop)
    monkeypatch.setattr(baskets, "MOST", whole.n_baskets // 2)
    part = baskets.run(shop, baskets.Params(min_support=whole.min_support))
    assert part.n_baskets < whole.n_baskets == part.baskets_known
    assert part.sizes["baskets"].sum() == part.n_baskets
    items = part.itemsets.merge(whole.itemsets[whole.itemsets["size"] == 1], on="items")
    np.testing.assert_allclose(items["support_x"], items["support_y"], atol=0.02)
    said(baskets, part, "sample of")


@pytest.mark.slow
def test_in_spark_bundles_are_those_of_all_baskets(shop, in_spark, monkeypatch):
    params = baskets.Params(min_support=0.01, level="category")
    whole = baskets.run(shop, params)
    monkeypatch.setattr(baskets, "MOST", 500)
    part = baskets.run(in_spark, params)
    for name in ("itemsets", "rules", "pairs", "sizes"):
        pd.testing.assert_frame_equal(getattr(part, name), getattr(whole, name))
    assert baskets.findings(part) == baskets.findings(whole)


@pytest.mark.parametrize("columns", [["feedback_id", "text", "created_at"], ["text"]])
def test_of_very_many_texts_some_are_read_and_that_is_told(columns, frames, monkeypatch):
    monkeypatch.setattr(feedback, "MOST_TEXTS", 120)
    texts = frames["feedback"][columns].head(400).assign(text=lambda rows: rows["text"] + rows.index.astype(str))
    data = Dataset.from_frames(feedback=texts)
    result = feedback.run(data)
    assert result.n_rows == 400
    assert 60 < result.n_taken == len(result.texts) < 200
    said(feedback, result, "Of 400 texts")
    pd.testing.assert_frame_equal(feedback.features(data), feedback.features(data))


def test_nearest_centres_put_new_rows_where_the_groups_are():
    x = np.array([[0.0, 0.0], [10.0, 10.0]], dtype=np.float32)
    groups = clusters.around(np.array([0, 1]), x)
    assert groups.predict(x + 1).tolist() == [0, 1]
