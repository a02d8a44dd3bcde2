"""Segments of planted, real and broken data."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from crm_ai.analyses import options, results, segments
from crm_ai.analyses.segments import names, traits
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter, CrmError, MissingColumns, TooLittleData
from crm_ai.i18n import catalogue, heading, translator
from crm_ai.methods import rfm
from tests.conftest import shared

Params = segments.Params
CHINESE = translator("zh")


def shop(rows: list[tuple[str, str, float]]) -> Dataset:
    """Orders as (customer, day, amount)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"]).astype({"amount": float})
    return Dataset.from_frames(
        transactions=frame.assign(
            ordered_at=pd.to_datetime(frame.ordered_at), order_id=[f"o{n}" for n in range(len(frame))]
        )
    )


def people(**columns: object) -> Dataset:
    frame = pd.DataFrame(columns)
    return Dataset.from_frames(customers=frame.assign(customer_id=[f"c{n:06d}" for n in range(len(frame))]))


@pytest.fixture(scope="module")
def demo() -> dict[str, pd.DataFrame]:
    return samples.demo()


@pytest.fixture(scope="module")
def demo_shop(demo) -> Dataset:
    return Dataset.from_frames("demo", **demo)


@pytest.fixture(scope="module")
def ran(demo_shop) -> Callable[..., segments.Result]:
    """The segments of the demo with these parameters, computed once."""
    return cache(lambda **params: segments.run(demo_shop, Params(**params)))


@pytest.fixture(scope="module")
def answer(ran) -> segments.Result:
    return ran()


@pytest.fixture(scope="module")
def mall() -> Dataset:
    frame = pd.read_csv(shared("mall_customers/Mall_Customers.csv")).rename(columns={"CustomerID": "customer_id"})
    return Dataset.from_frames("mall", customers=frame)


# ---- what was planted or published is found -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["kmeans", "hierarchical", "dbscan"])
def test_the_planted_segments_of_the_demo_are_recovered(method, ran):
    result = ran(method=method)
    planted = samples.truth().segments.set_index("customer_id")["segment"]
    found = result.customers.set_index("customer_id")["segment"]
    assert adjusted_rand_score(planted.reindex(found.index), found) > 0.95
    assert result.verdict == "clear"
    if method != "dbscan":
        assert result.n_clusters == planted.nunique() == 5


def test_the_textbook_five_groups_of_the_mall_are_found(mall):
    result = segments.run(mall, Params(columns="annual income (k$), spending score (1-100)"))
    assert result.n_clusters == 5
    assert result.verdict != "none"
    assert dict(result.favourites)["silhouette"] == 5
    assert set(result.axes) == {"Annual Income (k$)", "Spending Score (1-100)"}
    assert sorted(result.segments["customers"]) == pytest.approx([21, 23, 35, 39, 81], abs=4)


def test_online_retail_is_called_a_cloud_and_still_cut_into_steady_slices(retail):
    result = segments.run(retail)
    assert result.n_customers == 4338
    assert result.verdict == "none"
    assert result.stability_ari > 0.8
    assert result.n_clusters > 2
    assert result.customers["monetary"].sum() == pytest.approx(8_911_407.90, abs=0.01)
    assert result.customers["frequency"].sum() == 18_532
    assert any("no separate groups" in sentence for sentence in segments.findings(result))


def test_customers_without_groups_are_said_to_have_none():
    rng = np.random.default_rng(0)
    result = segments.run(people(a=rng.normal(size=400), b=rng.normal(size=400), c=rng.normal(size=400)))
    assert result.verdict == "none"
    assert any("no separate groups" in sentence for sentence in segments.findings(result))


def test_clear_groups_are_said_to_be_clear():
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 3, 300)
    result = segments.run(people(a=rng.normal(size=300) + 9 * (kind == 1), b=rng.normal(size=300) + 9 * (kind == 2)))
    assert (result.verdict, result.n_clusters) == ("clear", 3)
    assert adjusted_rand_score(kind, result.customers.sort_values("customer_id")["segment"]) > 0.99


# ---- the numbers ----------------------------------------------------------------------------------------------------


def test_recency_counts_from_the_day_after_the_last_order():
    rows = [(f"c{n}", f"2024-01-{n + 1:02d} 23:59", 10.0 * (n + 1)) for n in range(12)]
    result = segments.run(shop([*rows, ("c0", "2024-01-12 00:01", 1.0)]), Params(method="rfm"))
    table = result.customers.set_index("customer_id")
    assert table.loc["c11", "recency_days"] == table.loc["c0", "recency_days"] == 1
    assert table.loc["c1", "recency_days"] == 11
    assert (table.loc["c0", "frequency"], table.loc["c0", "monetary"]) == (2, 11.0)
    assert result.last_day == "2024-01-12"


def test_features_equal_those_that_pandas_adds_up(demo, demo_shop):
    lines = demo["transactions"]
    orders = lines.groupby("order_id").agg(
        customer_id=("customer_id", "first"), day=("ordered_at", "min"), amount=("amount", "sum")
    )
    by = orders.groupby("customer_id")
    day = by["day"].max().dt.normalize()
    expected = pd.DataFrame(
        {
            "recency_days": (day.max() - day).dt.days + 1,
            "frequency": by.size(),
            "monetary": by["amount"].sum(),
            "products": lines.groupby("customer_id")["product_id"].nunique(),
            "categories": lines.groupby("customer_id")["category"].nunique(),
        }
    )
    found = segments.features(demo_shop).set_index("customer_id")
    pd.testing.assert_frame_equal(found[expected.columns], expected, check_names=False)
    once = found["frequency"] == 1
    assert found.loc[once, "days_between_orders"].isna().all()
    assert found.loc[~once, "days_between_orders"].notna().all()


def test_scores_and_names_of_rfm_follow_the_grid(ran):
    result = ran(method="rfm")
    table = result.customers
    digits = table["rfm_score"].astype(int).to_numpy()
    r, f, m = digits // 100, digits // 10 % 10, digits % 10
    assert (r == rfm.scores(-table["recency_days"].to_numpy())).all()
    assert (f == rfm.scores(table["frequency"].to_numpy())).all()
    assert (m == rfm.scores(table["monetary"].to_numpy())).all()
    assert (table["segment"] == rfm.segment(r, rfm.together(f, m))).all()
    assert (table["segment"] == table["name"]).all()
    assert result.n_clusters == table["segment"].nunique()
    assert result.stability_ari > 0.8
    assert result.criteria.empty


def test_the_segment_table_adds_up_to_the_customer_table(answer):
    table, customers = answer.segments, answer.customers
    assert table["customers"].sum() == answer.n_customers == len(customers)
    assert table["share_of_customers"].sum() == pytest.approx(1)
    assert table["share_of_revenue"].sum() == pytest.approx(1)
    for row in table.itertuples():
        own = customers[customers["segment"] == row.segment]
        assert row.customers == len(own)
        assert row.median_monetary == own["monetary"].median()
        assert row.median_recency_days == own["recency_days"].median()
        assert row.revenue == pytest.approx(own["monetary"].sum())
    assert table["median_monetary"].is_monotonic_decreasing
    assert table["stability"].between(0.8, 1).all()
    assert answer.rfm_grid["customers"].sum() == len(customers)


def test_concentration_and_risk_are_shares_of_revenue(answer):
    money = answer.customers["monetary"]
    best = money.nlargest(len(money) // 5).sum() / money.sum()
    assert answer.top_fifth_share == pytest.approx(best, abs=0.005)
    away = answer.customers["rfm_segment"].isin(["At risk", "Cannot lose them"])
    assert answer.at_risk_share == pytest.approx(money[away].sum() / money.sum())
    assert answer.concentration["share_of_revenue"].is_monotonic_increasing


def test_the_criteria_are_there_for_each_number_of_groups(answer):
    assert answer.criteria["k"].tolist() == list(range(2, 11))
    row = answer.criteria.set_index("k").loc[answer.n_clusters]
    assert answer.silhouette == pytest.approx(row["silhouette"], abs=0.01)
    assert answer.stability_ari == pytest.approx(row["stability"])
    assert row["score"] == answer.criteria["score"].max()


@pytest.mark.parametrize("method", ["kmeans", "hierarchical"])
@pytest.mark.parametrize("k", [2, 12])
def test_a_given_number_of_groups_is_kept(method, k, ran):
    result = ran(method=method, n_clusters=k)
    assert result.n_clusters == k == result.customers["segment"].nunique()
    assert result.chosen == "given"


def test_the_order_of_the_rows_does_not_matter(demo, answer):
    lines = demo["transactions"].sample(frac=1, random_state=1)
    mixed = segments.run(Dataset.from_frames(transactions=lines))
    pd.testing.assert_frame_equal(mixed.customers, answer.customers)
    assert results.metrics(mixed) == pytest.approx(results.metrics(answer))


def test_the_currency_unit_does_not_matter(demo, answer):
    cents = demo["transactions"].assign(amount=lambda lines: lines["amount"] * 100)
    found = segments.run(Dataset.from_frames(transactions=cents)).customers.set_index("customer_id")["segment"]
    agreed = (found == answer.customers.set_index("customer_id")["segment"].reindex(found.index)).mean()
    assert agreed > 0.995


def test_all_purchase_habits_can_be_counted(ran):
    result = ran(features="all")
    assert {"tenure_days", "products", "average_order_value"} <= set(result.profile["feature"])
    assert result.verdict == "clear"


@pytest.mark.slow
def test_many_customers_are_compared_on_a_sample_and_all_are_assigned():
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 4, 30_000)
    centres = 8 * np.eye(4)[kind]
    data = people(**{f"v{n}": centres[:, n] + rng.normal(size=30_000) for n in range(4)})
    for method in ("kmeans", "hierarchical", "dbscan"):
        result = segments.run(data, Params(method=method))
        found = result.customers.sort_values("customer_id")["segment"]
        assert adjusted_rand_score(kind, found) > 0.9, method
        assert result.n_compared == 2_000
        assert any("2,000 of 30,000" in sentence for sentence in segments.findings(result))


# ---- attributes -----------------------------------------------------------------------------------------------------


def test_ids_constants_labels_and_empty_columns_are_left_out_with_the_reason():
    rng = np.random.default_rng(0)
    size = 100
    data = people(
        income=rng.normal(size=size),
        account_no=rng.permutation(10_000)[:size],
        running=np.arange(size) + 7,
        country=["DE"] * size,
        target=rng.integers(0, 2, size),
        fax=[None] * 90 + [1.0] * 10,
        comment=[f"text {n}" for n in range(size)],
        gender=rng.choice(["f", "m"], size),
        since=pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 900, size), unit="D"),
        balance_text=rng.normal(size=size).round(2).astype(str),
    )
    result = segments.run(data)
    assert dict(result.left_out.itertuples(index=False)) == {
        "account_no": "an id",
        "running": "an id",
        "country": "the same for all",
        "target": "a label, not a trait",
        "fax": "mostly empty",
        "comment": "too many different texts",
    }
    assert {"income", "gender", "since", "balance_text"} <= set(result.customers.columns)
    assert {"median_income", "median_since", "typical_gender"} <= set(result.segments.columns)


def test_a_wanted_column_is_used_whatever_it_looks_like_and_an_unknown_one_is_refused():
    data = people(target=np.arange(40) % 7, income=np.random.default_rng(0).normal(size=40))
    assert segments.run(data, Params(columns="Target，(Income)")).left_out.empty
    with pytest.raises(BadParameter, match="There is no column height"):
        segments.run(data, Params(columns="height"))


def test_a_text_column_weighs_what_the_parameter_says():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200), "kind": rng.choice(list("xyz"), 200)})
    for weight in (0.5, 1.0):
        scaled, labels = traits.matrix(traits.traits(frame), weight)
        text = [n for n, label in enumerate(labels) if " = " in label]
        assert len(text) == 3
        assert scaled[:, text].var(axis=0).sum() == pytest.approx(weight, rel=1e-4)
        assert scaled[:, :2].var(axis=0) == pytest.approx([1, 1], rel=1e-4)


def test_two_levels_make_one_column_and_rare_texts_are_joined():
    frame = pd.DataFrame({"sex": ["f", "m"] * 150, "city": ["A"] * 150 + ["B"] * 147 + ["C", "D", "E"]})
    labels = traits.matrix(traits.traits(frame), 0.5)[1]
    assert sum(label.startswith("sex") for label in labels) == 1
    assert [label for label in labels if label.startswith("city")] == ["city = A", "city = B", "city = other"]


def test_purchases_come_first_and_the_basis_can_be_chosen(demo_shop, answer):
    assert answer.basis == "purchases"
    result = segments.run(demo_shop, Params(basis="attributes"))
    assert result.basis == "attributes"
    assert "monetary" not in result.customers
    with pytest.raises(MissingColumns, match="customer_id"):
        segments.run(Dataset.from_frames(transactions=pd.DataFrame({"amount": [1.0]})), Params(basis="purchases"))


def test_rfm_of_a_customer_table_asks_for_purchases(mall):
    with pytest.raises(MissingColumns, match="transactions"):
        segments.run(mall, Params(method="rfm"))


# ---- names and words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [2, 5, 9, 12])
def test_every_segment_has_a_name_of_its_own_in_both_languages(k, ran):
    result = ran(n_clusters=k)
    assert result.segments["name"].is_unique
    chinese = segments.shown(result, CHINESE)["segments"]["name"]
    assert chinese.is_unique
    assert not chinese.str.contains("[a-zA-Z]").any()


def test_names_say_what_is_striking(mall):
    result = segments.run(mall, Params(columns="Annual Income (k$), Spending Score (1-100)"))
    named = dict(zip(result.segments["name"], result.segments["median_Annual Income (k$)"], strict=True))
    assert all(value > 70 for name, value in named.items() if "igh Annual Income" in name)
    assert all(value < 40 for name, value in named.items() if "ow Annual Income" in name)
    assert any("igh Annual Income" in name for name in named)


def test_names_that_no_column_tells_apart_are_numbered():
    parts = names.by_traits(pd.DataFrame({"a": [0.1, -0.1]}, index=["1", "2"]))
    assert [names.name(parts, code) for code in "12"] == ["Near the average, no. 1", "Near the average, no. 2"]


def test_texts_of_the_data_cannot_break_names_or_charts():
    rng = np.random.default_rng(0)
    column, level = "<b>{x}</b>", rng.choice(["<i>{y}", "b&c"], 60)
    result = segments.run(people(**{column: rng.normal(size=60), "kind": level}))
    assert all("<b>" not in chart.to_json().replace("\\u003c", "<") for chart in segments.figures(result).values())
    assert segments.findings(result)


def test_every_word_of_names_reasons_and_headings_has_its_chinese(ran):
    words = {*rfm.NAMES, *names.VALUE, *names.RECENCY, *names.FREQUENCY, names.OUTLIERS}
    words |= {"about {value} each", "near the average", "no. {value}"}
    words |= {f"{word} {{value}}" for word in ("high", "low", "often", "seldom")}
    words |= {text for name, text in vars(traits).items() if name.endswith("_REASON")}
    for result in [ran(method=method) for method in ("kmeans", "hierarchical", "dbscan")] + [ran(features="all")]:
        words |= {heading(c) for frame in results.tables(result).values() for c in frame.columns}
        words |= {heading(metric) for metric in results.metrics(result)}
    assert words - catalogue("zh").keys() == set()


# ---- charts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "also"),
    [("kmeans", "criteria"), ("rfm", "rfm"), ("hierarchical", "tree"), ("dbscan", "neighbours")],
)
@pytest.mark.parametrize("t", [str, CHINESE], ids=["en", "zh"])
def test_a_chosen_bar_or_point_lists_the_customers_of_its_segment(method, also, t, ran):
    result = ran(method=method)
    charts, shown = segments.figures(result, t), segments.shown(result, t)
    assert also in charts
    assert 3 <= len(charts) <= 7
    for name, (table, column) in segments.DRILL.items():
        picked = {str(row[0]) for trace in charts[name].data for row in trace.customdata}
        assert picked == set(shown[table][column].astype(str))


def test_the_map_sends_no_more_points_than_a_screen_shows(retail):
    chart = segments.figures(segments.run(retail))["map"]
    assert sum(len(trace.x) for trace in chart.data) <= 4_000
    assert chart.layout.yaxis.type == "log"


def test_the_tree_has_a_leaf_for_every_customer(ran):
    result = ran(method="hierarchical")
    merges, leaves = result.merges, len(result.merges) + 1
    both = np.concatenate([merges[["left", "left_customers"]], merges[["right", "right_customers"]]])
    assert both[both[:, 0] < leaves, 1].sum() == result.n_customers
    ticks = segments.figures(result)["tree"].layout.xaxis.ticktext
    assert sum(int(text) for text in ticks) == result.n_customers


# ---- data that cannot carry an answer -------------------------------------------------------------------------------


def quietly(data: Dataset, params: Params) -> segments.Result | None:
    """Run and read everything without a warning; None for a sentence that says why not."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        try:
            result = segments.run(data, params)
        except CrmError:
            return None
        assert segments.findings(result)
        assert segments.figures(result)
    assert all(np.isfinite(value) for value in results.metrics(result).values())
    return result


METHODS = st.sampled_from(["kmeans", "rfm", "hierarchical", "dbscan"])
ORDERS = st.lists(
    st.tuples(
        st.integers(0, 14),
        st.integers(0, 3),
        st.sampled_from([-5.0, 0.0, 1.0, 1.0, 250.0, 1e12, float("nan")]),
    ),
    max_size=50,
)


@settings(max_examples=40, deadline=None)
@given(ORDERS, METHODS, st.sampled_from(["auto", 2, 5]))
def test_any_few_orders_give_segments_or_a_sentence(rows, method, k):
    data = shop([(f"c{c}", f"2024-02-{1 + 9 * day:02d}", amount) for c, day, amount in rows])
    result = quietly(data, Params(method=method, n_clusters=k))
    if result is not None:
        assert len(result.customers) == result.n_customers >= 10


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 1.0, 5.5, float("nan")]), st.sampled_from(["x", "y", "z", None]), st.booleans()
        ),
        min_size=1,
        max_size=30,
    ),
    METHODS,
)
def test_any_customer_table_gives_segments_or_a_sentence(rows, method):
    number, text, flag = zip(*rows, strict=True)
    quietly(people(number=list(number), text=pd.array(text, dtype="string"), flag=list(flag)), Params(method=method))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (lambda: shop([("c1", "2024-01-01", 1.0)] * 30), "At least 10 customers"),
        (lambda: shop([(f"c{n}", "2024-01-01", 5.0) for n in range(30)]), "nothing to group"),
        (lambda: people(a=[1.0] * 30), "No column"),
        (lambda: people(a=[float("nan")] * 30), "No column"),
        (lambda: people(a=list(range(5))), "At least 10 customers"),
    ],
)
def test_what_is_missing_is_said(data, says):
    with pytest.raises(TooLittleData, match=says):
        segments.run(data())


def test_dbscan_says_when_there_is_no_dense_group_and_when_there_is_one():
    rng = np.random.default_rng(0)
    data = people(a=rng.normal(size=100), b=rng.normal(size=100))
    nothing, one = (segments.run(data, Params(method="dbscan", radius=radius)) for radius in (0.05, 5))
    assert (nothing.n_clusters, one.n_clusters) == (0, 1)
    assert set(nothing.customers["segment"]) == {"Outliers"}
    assert any("No dense group" in sentence for sentence in segments.findings(nothing))
    assert any("a single group" in sentence for sentence in segments.findings(one))
    assert segments.figures(nothing)
    assert nothing.silhouette is one.silhouette is one.stability_ari is None


def test_more_groups_than_different_customers_are_refused():
    with pytest.raises(BadParameter, match="only 3 customers differ"):
        segments.run(people(a=[0.0, 1.0, 2.0] * 10), Params(n_clusters=6))


def test_five_thousand_columns_are_cut_and_said():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(30, 5000)).round(3), columns=[f"v{n}" for n in range(5000)])
    found = traits.traits(frame)
    assert len(found.numbers) == traits.MOST_COLUMNS
    assert len(found.left_out) == 4800


def test_the_radius_and_the_method_are_checked():
    for wrong in ({"method": "magic"}, {"n_clusters": 1}, {"n_clusters": 2.5}, {"radius": 99}, {"cluster": 3}):
        with pytest.raises(BadParameter):
            options.parse(Params, wrong)
    assert replace(Params(), n_clusters=4) == options.parse(Params, {"n_clusters": "4"})
