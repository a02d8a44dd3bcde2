"""Purchases: no leakage, planted truth, honest words, and sentences for data that cannot carry an answer."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.analyses import options, purchases, results
from crm_ai.analyses.purchases import Params, Result, asking, reasons, wording
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter, CrmError, MissingColumns, TooLittleData
from crm_ai.i18n import translator
from crm_ai.methods import evaluation, labels
from crm_ai.methods.histories import Histories

START = datetime(2024, 1, 1, 12)
FAST = Params(model="logistic_regression")


def shop(customers: int = 300, length: int = 300, seed: int = 0, link: float = 1.0) -> pd.DataFrame:
    """Customers with a daily chance of buying that differs between them; ``link`` 0 makes all alike."""
    rng = np.random.default_rng(seed)
    rate = 0.012 * np.exp(link * rng.normal(size=customers))
    bought = rng.random((customers, length)) < rate[:, None]
    who, day = np.nonzero(bought)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i:03}" for i in who],
            "ordered_at": [START + timedelta(days=int(d)) for d in day],
            "amount": rng.gamma(2, 20, len(who)).round(2),
        }
    )


def table(rows: int = 400, seed: int = 0, strength: float = 1.5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    visits, plan = rng.poisson(4, rows), rng.choice(["basic", "plus"], rows)
    chance = 1 / (1 + np.exp(strength * (visits - 3 - (plan == "basic"))))
    return pd.DataFrame(
        {
            "customer_id": [f"k{i}" for i in range(rows)],
            "visits": visits,
            "plan": plan,
            "shade": rng.choice(["red", "blue", "green"], rows),
            "churned": np.where(rng.random(rows) < chance, "yes", "no"),
        }
    )


def bought(frame: pd.DataFrame, params: Params = FAST) -> Result:
    return purchases.run(Dataset.from_frames(transactions=frame), params)


def labelled(frame: pd.DataFrame, params: Params = FAST) -> Result:
    return purchases.run(Dataset.from_frames(customers=frame), params)


@pytest.fixture(scope="module")
def of_shop() -> Result:
    return bought(shop())


@pytest.fixture(scope="module")
def of_table() -> Result:
    return labelled(table())


@pytest.fixture(scope="module")
def of_retail(retail: Dataset) -> Result:
    return purchases.run(retail)


# ---- Online Retail -----------------------------------------------------------------------------------------------


def test_online_retail_is_trained_before_it_is_tested(of_retail: Result) -> None:
    assert (of_retail.train_cutoffs, of_retail.test_cutoff) == (("2011-06-13", "2011-03-15"), "2011-09-11")
    assert (of_retail.horizon_days, of_retail.score_date) == (90, "2011-12-10")
    assert of_retail.n_customers == len(of_retail.scores) == 4338


def test_online_retail_beats_the_recency_rule_and_says_so(of_retail: Result) -> None:
    assert of_retail.roc_auc > 0.735
    assert of_retail.roc_auc_gain_low > 0.03
    assert of_retail.roc_auc_low < of_retail.roc_auc < of_retail.roc_auc_high
    assert of_retail.brier < of_retail.brier_baseline
    assert any("beats the simple rule" in sentence for sentence in purchases.findings(of_retail))


def test_online_retail_labels_equal_a_count_over_the_order_lines(of_retail: Result, retail_frame: pd.DataFrame) -> None:
    later = retail_frame[retail_frame["ordered_at"] >= "2011-09-11"]["customer_id"].unique()
    earlier = retail_frame[retail_frame["ordered_at"] < "2011-09-11"]["customer_id"].unique()
    assert sorted(of_retail.holdout["customer_id"]) == sorted(earlier)
    assert of_retail.holdout["actual"].sum() == len(set(later) & set(earlier))


def test_online_retail_compares_every_model_with_the_rule_and_the_average(of_retail: Result) -> None:
    assert set(of_retail.models["model"]) == {*purchases.METHODS, "rule", "average"}
    assert of_retail.models["role"].tolist() == ["used", "model", "model", "model", "rule", "average"]
    assert of_retail.models.set_index("model")["roc_auc"]["average"] == 0.5


def test_a_result_repeats(retail: Dataset, of_retail: Result) -> None:
    again = purchases.run(retail)
    pd.testing.assert_frame_equal(again.scores, of_retail.scores)
    assert results.metrics(again) == results.metrics(of_retail)


# ---- no leakage --------------------------------------------------------------------------------------------------


def test_orders_after_the_cutoff_change_labels_and_nothing_else() -> None:
    days = shop().assign(day=lambda f: f["ordered_at"].dt.normalize())[["customer_id", "day", "amount"]]
    plan = asking.ask_purchase(days.assign(lines=1), 60).timetable
    cut = pd.Timestamp(plan.test, unit="D")
    later = days["day"] >= cut
    people = np.random.default_rng(1).permutation(days["customer_id"].unique())[:60]
    few = days[later].assign(customer_id=np.resize(people, int(later.sum())))  # all later orders go to sixty others
    mixed = pd.concat([days[~later], few]).drop_duplicates(["customer_id", "day"])
    found = [asking.ask_purchase(frame.assign(lines=1), 60).exams[0] for frame in (days, mixed)]
    pd.testing.assert_frame_equal(found[0].test.frame, found[1].test.frame)
    pd.testing.assert_frame_equal(found[0].train.frame, found[1].train.frame)
    assert (found[0].train.labels == found[1].train.labels).all()
    assert (found[0].test.labels != found[1].test.labels).any()


def test_shuffled_customers_after_the_cutoff_leave_nothing_to_predict(retail_frame: pd.DataFrame) -> None:
    later = retail_frame["ordered_at"] >= "2011-09-11"
    buyers = retail_frame.loc[later, "customer_id"]
    known = retail_frame.loc[~later, "customer_id"].unique()
    others = dict(zip(buyers.unique(), np.random.default_rng(0).permutation(known), strict=False))
    mixed = retail_frame.assign(customer_id=retail_frame["customer_id"].where(~later, buyers.map(others)))
    found = bought(mixed.dropna(subset="customer_id"))
    assert found.roc_auc == pytest.approx(0.5, abs=0.03)
    assert any("no better than guessing" in sentence for sentence in purchases.findings(found))


def test_shuffled_labels_of_a_table_leave_nothing_to_predict() -> None:
    frame = table(3000).assign(churned=lambda f: np.random.default_rng(0).permutation(f["churned"]))
    assert labelled(frame, Params(target="churned")).roc_auc == pytest.approx(0.5, abs=0.05)


def test_customers_of_the_test_are_not_those_of_training() -> None:
    frame = pd.concat([table(3000), table(3000)], ignore_index=True)  # every customer twice
    question = asking.ask_label(frame, "churned", "")
    exam = question.exams[0]
    assert not set(exam.train.groups) & set(exam.test.groups)


# ---- planted truth -----------------------------------------------------------------------------------------------


def test_the_planted_churn_of_the_demo_is_recovered() -> None:
    data, planted = samples.demo(), samples.truth().churn
    people = data["customers"].assign(
        plan=(data["customers"]["plan"] == "Plus"),
        newsletter=data["customers"]["newsletter"].isin(["yes", "Yes", True]),
    )
    score = sum(weight * people[name].astype(float) for name, weight in planted.items() if name in people)
    best = evaluation.roc_auc(people["target"].to_numpy(float), score.to_numpy())
    found = purchases.run(Dataset.from_frames(**data), Params(target="target"))
    assert best - 0.03 < found.roc_auc
    acting = [name for name in planted if name in people]
    assert set(found.drivers["feature"].head(len(acting))) == set(acting)
    effects = {name: abs(planted[name]) * people[name].astype(float).std() for name in acting}
    assert found.drivers["feature"].iloc[0] == max(effects, key=lambda name: effects[name])
    direction = found.drivers.set_index("feature")["direction"]
    assert (direction["support_tickets"], direction["tenure_months"]) == ("up", "down")
    assert found.drivers.set_index("feature")["strongest"]["plan"] != "Plus"
    assert not found.checks["why"].isin(wording.SUSPECT).any()


def test_purchases_that_depend_on_nothing_are_said_to_be_unpredictable() -> None:
    found = bought(shop(600, seed=3, link=0.0))
    assert found.roc_auc_gain_low <= 0 or found.roc_auc_low <= 0.5
    said = " ".join(purchases.findings(found))
    assert "no better than guessing" in said or "not clearly better" in said


def test_chances_of_a_steady_shop_add_up_to_its_buyers() -> None:
    found = bought(shop(800, 720, seed=5), Params(horizon_days=30, model="logistic_regression"))
    assert found.expected_rate == pytest.approx(found.base_rate, abs=0.03)
    assert found.ece < 0.05


# ---- tables of customers -----------------------------------------------------------------------------------------


def test_telco_reaches_the_published_quality_without_a_hand(real_telco: pd.DataFrame) -> None:
    found = labelled(real_telco.rename(columns={"customerID": "customer_id"}))
    assert (found.target, found.yes) == ("Churn", "Yes")
    assert found.roc_auc_low < 0.8451 < found.roc_auc_high
    assert found.roc_auc_gain_low > 0
    assert found.ece < 0.03
    assert found.checks.empty


@pytest.fixture
def real_telco() -> pd.DataFrame:
    path = Path(__file__).parents[3] / "shared/data/telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv"
    return pd.read_csv(path) if path.exists() else pytest.skip("needs the shared data telco_churn")


def test_a_leak_is_named_first_with_the_quality_without_it() -> None:
    frame = table(2500)
    noise = np.random.default_rng(1).normal(size=2500)
    leaky = frame.assign(call_duration=np.where(frame["churned"] == "yes", 500, 100) + 90 * noise)
    found = labelled(leaky, Params(target="churned", model="logistic_regression"))
    honest = labelled(leaky, Params(target="churned", model="logistic_regression", leave_out="call_duration"))
    assert found.checks["column"].tolist() == ["call_duration"]
    assert found.roc_auc_without_suspects == pytest.approx(honest.roc_auc, abs=0.005)
    assert found.roc_auc > honest.roc_auc + 0.02
    assert purchases.findings(found)[0].startswith("Check call_duration")
    assert "call_duration" not in honest.drivers["feature"].tolist()


def test_a_small_table_is_tested_customer_by_customer(of_table: Result) -> None:
    assert of_table.n_test == 400
    assert sorted(of_table.holdout["customer_id"]) == sorted(table()["customer_id"])
    assert of_table.roc_auc_low > 0.8


def test_customers_without_a_label_are_predicted() -> None:
    frame = table()
    frame.loc[:99, "churned"] = None
    found = labelled(frame, Params(target="churned", model="logistic_regression"))
    truth = (table()["churned"][:100] == "yes").to_numpy(float)
    chances = found.scores.set_index("customer_id")["probability"].reindex(table()["customer_id"][:100])
    assert (found.n_unknown, found.n_test) == (100, 300)
    assert found.expected_events == pytest.approx(chances.sum())
    assert evaluation.roc_auc(truth, chances.to_numpy()) > 0.8
    assert "100 customers not labelled yet" in " ".join(purchases.findings(found))


def test_the_scores_of_known_customers_do_not_know_them_by_heart() -> None:
    frame = table(500, strength=0.0)
    found = labelled(frame, Params(target="churned", model="gradient_boosting"))
    chances = found.scores.set_index("customer_id")["probability"].reindex(frame["customer_id"])
    assert evaluation.roc_auc((frame["churned"] == "yes").to_numpy(float), chances.to_numpy()) < 0.6


def test_one_of_several_values_can_be_the_target() -> None:
    frame = table(600).assign(tier=lambda f: np.select([f["visits"] > 5, f["visits"] > 3], ["gold", "silver"], "tin"))
    found = labelled(frame, Params(target="tier=gold", model="decision_tree"))
    assert (found.target, found.yes) == ("tier", "gold")
    assert found.roc_auc > 0.95


def test_a_table_without_ids_gets_row_numbers() -> None:
    frame = table().drop(columns="customer_id").rename(columns={"churned": "target"})
    assert sorted(map(int, labelled(frame).scores["customer_id"])) == list(range(1, 401))


# ---- the contract ------------------------------------------------------------------------------------------------


def test_tables_have_the_public_columns(of_shop: Result) -> None:
    assert list(of_shop.scores)[:4] == ["customer_id", "probability", "decile", "reasons"]
    assert list(of_shop.holdout)[:3] == ["customer_id", "actual", "probability"]
    assert list(of_shop.drivers)[:2] == ["feature", "importance"]
    names = ["roc_auc", "average_precision", "brier", "ece", "lift_top_decile"]
    assert {*names, *(f"{name}_baseline" for name in names)} <= set(results.metrics(of_shop))


def test_the_list_is_sorted_by_chance_in_ten_equal_groups(of_shop: Result) -> None:
    assert of_shop.scores["probability"].is_monotonic_decreasing
    assert of_shop.scores["decile"].is_monotonic_increasing
    assert of_shop.scores["probability"].between(0, 1).all()
    assert np.ptp(of_shop.scores["decile"].value_counts()) <= 1


@pytest.mark.parametrize("name", ["of_shop", "of_table"])
def test_a_result_survives_its_folder(request: pytest.FixtureRequest, name: str, tmp_path: Path) -> None:
    found = request.getfixturevalue(name)
    results.save(found, tmp_path)
    back = results.load(Result, tmp_path)
    for table_name, frame in results.tables(found).items():
        pd.testing.assert_frame_equal(results.tables(back)[table_name], frame)
    assert results.metrics(back) == results.metrics(found)
    assert purchases.findings(back) == purchases.findings(found)


@pytest.mark.parametrize("name", ["of_shop", "of_table"])
def test_everything_said_in_chinese_is_chinese(request: pytest.FixtureRequest, name: str) -> None:
    found, t = request.getfixturevalue(name), translator("zh")
    english, chinese = purchases.findings(found), purchases.findings(found, t)
    assert len(english) == len(chinese)
    assert not set(english) & set(chinese)
    titles = [figure.layout.title.text for figure in purchases.figures(found, t).values()]
    assert all(any("一" <= c <= "鿿" for c in title) for title in titles)
    if name == "of_shop":
        words = purchases.shown(found, t)
        assert not words["scores"]["reasons"].str.contains("[a-z]{3}").any()
        assert not words["drivers"][["feature", "direction"]].apply(lambda c: c.str.contains("[a-z]{3}")).any().any()


def test_every_text_is_in_the_catalogue() -> None:
    t = translator("zh")
    texts = [purchases.TITLE, purchases.READING, *purchases.TABLES.values(), *purchases.TERMS.values()]
    for option, _ in options.options(Params).values():
        texts += [option.label, option.help, *getattr(option, "options", {}).values()]
    assert [text for text in texts if t(text) == text] == []


@pytest.mark.parametrize("name", ["of_shop", "of_table"])
def test_figures_are_seven_light_and_leave_the_result_alone(request: pytest.FixtureRequest, name: str) -> None:
    found = request.getfixturevalue(name)
    before = {key: frame.copy() for key, frame in results.tables(found).items()}
    figures = purchases.figures(found)
    assert list(figures) == ["gains", "lift", "calibration", "drivers", "scores", "roc", "precision_recall"]
    assert all(len(figure.to_json()) < 60_000 for figure in figures.values())
    for key, frame in before.items():
        pd.testing.assert_frame_equal(results.tables(found)[key], frame)


def test_a_bar_of_the_lift_chart_picks_its_tenth_of_the_list(of_shop: Result) -> None:
    place, column = purchases.DRILL["lift"]
    picked = purchases.figures(of_shop)["lift"].data[0].customdata[:, 0]
    assert set(picked) <= set(purchases.shown(of_shop)[place][column].astype(str))


def test_shown_tables_have_no_codes(of_table: Result, of_shop: Result) -> None:
    assert "reason_codes" not in purchases.shown(of_shop)["scores"]
    assert purchases.shown(of_shop)["scores"]["reasons"].equals(of_shop.scores["reasons"])
    assert purchases.shown(of_table)["models"]["model"].tolist() == [
        "Logistic regression",
        "Simple rule",
        "Average for everybody",
    ]


def test_every_analysis_parameter_is_public_and_travels() -> None:
    assert {"target", "horizon_days", "model"} <= set(options.to_json(Params()))
    text = {"target": "purchase", "horizon_days": "30", "model": "svm", "leave_out": "a, b"}
    assert options.parse(Params, text) == Params("purchase", 30, "svm", "a, b")


def test_what_can_be_predicted_is_offered() -> None:
    data = Dataset.from_frames(transactions=shop(), customers=table())
    assert asking.targets(data) == ["purchase", "churned", "plan"]
    assert asking.targets(Dataset.from_frames(customers=table())) == ["churned", "plan"]


def test_automatic_takes_purchases_where_there_are_orders() -> None:
    both = Dataset.from_frames(transactions=shop(), customers=table())
    assert purchases.run(both, FAST).target == "purchase"
    assert purchases.run(both, Params(target="churned", model="decision_tree")).target == "churned"


# ---- reasons -----------------------------------------------------------------------------------------------------


def test_reasons_are_plain_facts_of_the_customer(of_shop: Result) -> None:
    days = shop().assign(day=lambda f: f["ordered_at"].dt.normalize())
    for row in of_shop.scores.head(30).itertuples():
        own = days[days["customer_id"] == row.customer_id]["day"].drop_duplicates()
        for name, value, *_ in json.loads(row.reason_codes):
            if name == "orders":
                assert value == len(own)
            if name == "orders_90_days":
                assert value == (own >= pd.Timestamp(of_shop.score_date) - pd.Timedelta(days=90)).sum()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ([["orders", 1.0]], "has bought once"),
        ([["orders_30_days", 3.0]], "bought 3 times in the last 30 days"),
        ([["orders_30_days", 1.0]], "bought once in the last 30 days"),
        ([["orders_365_days", 0.0]], "nothing bought in the last 365 days"),
        ([["overdue", 0.5, 12.0, 24.8]], "last bought 12 days ago, usually buys every 25 days"),
        ([["overdue", None, 40.0, None]], "bought once so far, 40 days ago"),
        ([["same_season", 0.0], ["tenure_days", 9.0]], "did not buy at this time last year; first bought 9 days ago"),
        ([], ""),
    ],
)
def test_codes_read_as_plain_words(code: list[list[object]], text: str) -> None:
    assert reasons.sentence(json.dumps(code)) == text


def test_reasons_of_a_table_name_column_and_value() -> None:
    code = json.dumps([["plan", "a;b"], ["age", 41.0], ["note", None]])
    assert reasons.sentence(code, purchase=False) == "plan: a;b; age: 41; note: not given"


# ---- data that cannot carry an answer ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (shop(50, 15), "at least 21 days are needed; these cover 13"),
        (shop().head(0), "no orders with a customer and a date"),
        (shop().head(1), "these cover 1"),
        (shop(1), "customers who bought within"),
        (shop().assign(customer_id=None), "no orders with a customer"),
    ],
)
def test_orders_that_cannot_carry_an_answer_get_a_sentence(frame: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(TooLittleData, match=sentence):
        bought(frame.astype({"customer_id": "str"}) if frame["customer_id"].notna().any() else frame)


def test_a_horizon_too_long_says_how_many_days_it_needs() -> None:
    with pytest.raises(
        TooLittleData, match="120 days ahead, orders over at least 360 days are needed; these cover 300"
    ):
        bought(shop(), Params(horizon_days=120))


def test_customers_who_all_buy_get_a_sentence() -> None:
    daily = [(f"c{i}", START + timedelta(days=7 * week)) for i in range(40) for week in range(40)]
    frame = pd.DataFrame(daily, columns=["customer_id", "ordered_at"]).assign(amount=1.0)
    with pytest.raises(TooLittleData, match=r"there are .* and 0"):
        bought(frame)


def test_orders_without_amounts_are_enough() -> None:
    found = bought(shop().drop(columns="amount"))
    assert not found.drivers["feature"].str.contains("amount").any()


@pytest.mark.parametrize(
    ("params", "kind", "sentence"),
    [
        (Params(target="nothing"), BadParameter, "no column nothing to predict"),
        (Params(target="shade"), BadParameter, "more than two values"),
        (Params(target="churned", leave_out="a"), BadParameter, "no column a to leave out"),
        (Params(target="purchase"), MissingColumns, "customer_id, ordered_at in the table transactions"),
        (Params(target="churned", leave_out="visits，plan、shade"), TooLittleData, "no other column to learn from"),
    ],
)
def test_a_wrong_parameter_gets_a_sentence(params: Params, kind: type[CrmError], sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        labelled(table(), params)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (table().head(0), "No column of the customers table has two values"),
        (table().head(1), "No column of the customers table has two values"),
        (table().head(15), "At least 10 customers with the label"),
        (table()[["customer_id", "churned"]], "no other column to learn from"),
        (table().assign(churned=np.nan, plan="a").astype({"churned": "float"}), "No column .* has two values"),
    ],
)
def test_tables_that_cannot_carry_an_answer_get_a_sentence(frame: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(TooLittleData, match=sentence):
        labelled(frame)


def test_without_orders_and_customers_the_columns_are_asked_for() -> None:
    with pytest.raises(MissingColumns):
        purchases.run(Dataset.from_frames(feedback=pd.DataFrame({"text": ["fine"]})))


COLUMN = st.sampled_from(["numbers", "same", "gaps", "words", "blank", "flag", "date"])


@given(st.lists(COLUMN, min_size=1, max_size=4, unique=True), st.integers(20, 60), st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
@pytest.mark.filterwarnings("error::UserWarning", "error::RuntimeWarning", "error::FutureWarning")
def test_any_small_table_gives_a_result_or_a_sentence(columns: list[str], rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = {
        "numbers": rng.normal(size=rows),
        "same": np.ones(rows),
        "gaps": np.where(rng.random(rows) < 0.5, np.nan, rng.integers(0, 3, rows)),
        "words": rng.choice(["a", "b", "c", ""], rows),
        "blank": np.full(rows, np.nan),
        "flag": rng.random(rows) < 0.5,
        "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 99, rows), "D"),
    }
    frame = pd.DataFrame({name: made[name] for name in columns}).assign(target=rng.integers(0, 2, rows))
    try:
        found = labelled(frame, Params(model="logistic_regression"))
    except CrmError:
        return
    assert found.scores["probability"].between(0, 1).all()
    assert purchases.figures(found)
    assert purchases.findings(found)
    assert purchases.shown(found)


def test_histories_of_the_engine_are_one_row_a_customer_and_day() -> None:
    twice = pd.concat([shop(), shop().assign(ordered_at=lambda f: f["ordered_at"] + timedelta(hours=3))])
    found = purchases.features(Dataset.from_frames(transactions=twice))
    assert not found.duplicated(["customer_id", "day"]).any()
    assert found["lines"].min() == 2
    assert found["amount"].sum() == pytest.approx(2 * shop()["amount"].sum())
    assert len(Histories.of(found).customers) == shop()["customer_id"].nunique()


def test_labels_of_the_table_are_read_by_the_methods_room() -> None:
    assert asking.ask_label(table(), "", "").target == labels.offered(table().drop(columns="customer_id"))[0]


def test_progress_rises_to_the_end_in_words() -> None:
    told: list[tuple[float, str]] = []
    purchases.run(Dataset.from_frames(customers=table()), FAST, lambda share, stage: told.append((share, stage)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert all(translator("zh")(stage) != stage for _, stage in told)
