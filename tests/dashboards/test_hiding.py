"""Nobody can be recognised in what a link shows, and no number stands for fewer than five people."""

import io
import json
import re
import zipfile
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai import analyses, export, i18n
from crm_ai.analyses import options, results
from crm_ai.dashboards.hiding import LEAST, Hide, hidden, tables
from crm_ai.dashboards.hiding.alike import alike
from crm_ai.dashboards.hiding.kinds import Groups, People
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import TooLittleData

GIVEN = ("Anna", "James", "Maria", "Wei", "Sofia", "Oliver", "Emma", "Lucas")
FAMILY = ("Miller", "Smith", "Garcia", "Rossi", "Novak", "Jensen", "Weber", "Brown")
IDS = re.compile(r"\bC00\d{3}\b|\bB00\d{4}\b|\bF00\d{3}\b")
WAYS = {
    "overview": [{}, {"top": 50, "compare": "year"}],
    "segments": [
        {},
        {"method": "rfm"},
        {"method": "hierarchical", "features": "all"},
        {"method": "dbscan"},
        {"basis": "attributes", "columns": "plan, agent, age_band, support_tickets"},
    ],
    "purchases": [{}, {"target": "target"}],
    "forecast": [{}, {"by": "country"}, {"by": "product", "freq": "D"}],
    "baskets": [{}, {"level": "category", "min_support": 0.001}],
    "anomalies": [{}, {"on": "orders", "sensitivity": "watchful"}, {"on": "customers", "sensitivity": "watchful"}],
    "feedback": [{}],
    "quality": [{}],
}
CASES = [(name, way) for name, ways in WAYS.items() for way in range(len(ways))]
every = pytest.mark.parametrize(("name", "way"), CASES)


def people() -> pd.DataFrame:
    """The customers of the shop, with names, e-mails, telephones and whoever looks after them."""
    customers = samples.demo(seed=3, customers=300)["customers"]
    rows = np.arange(len(customers))
    first, last = (np.array(names)[rows // step % 8] for names, step in ((GIVEN, 1), (FAMILY, 8)))
    mails = [f"{a}.{b}{n}@example.com".lower() for n, (a, b) in enumerate(zip(first, last, strict=True))]
    return customers.assign(
        full_name=[f"{a} {b}" for a, b in zip(first, last, strict=True)],
        email=mails,
        phone=[f"+44 7700 9{n:05d}" for n in rows],
        agent=[f"{GIVEN[n % 4]} {FAMILY[n % 4]}" for n in rows],
    )


@cache
def shop() -> Dataset:
    """A demo shop in whose texts people give their names and addresses."""
    frames, who = samples.demo(seed=3, customers=300), people()
    texts = frames["feedback"].head(300).copy()
    said = texts["text"] + [
        f" My name is {name}, write to {mail} or call {phone}. Anna helped."
        for name, mail, phone in who[["full_name", "email", "phone"]].itertuples(index=False)
    ]
    return Dataset.from_frames("shop", **frames | {"customers": who, "feedback": texts.assign(text=said)})


@cache
def answer(name: str, way: int):
    module = analyses.load(name)
    return module.run(shop(), options.parse(module.Params, WAYS[name][way]))


def texts_of(value) -> list[str]:
    """All texts in a JSON document but packed numbers."""
    if isinstance(value, dict):
        return [text for key, item in value.items() if key != "bdata" for text in [str(key), *texts_of(item)]]
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    return [value] if isinstance(value, str) else []


def said(name: str, result) -> str:
    """Every text that figures, tables and findings of a result hold, in both languages."""
    module, found = analyses.load(name), []
    for t in (i18n.translator("en"), i18n.translator("zh")):
        for chart in module.figures(result, t).values():
            found += texts_of(json.loads(chart.to_json()))
        found += module.findings(result, t)
        shown = getattr(module, "shown", lambda kept, t: results.tables(kept))
        for frame in [*shown(result, t).values(), *results.tables(result).values()]:
            found += [str(value) for column in frame for value in frame[column] if isinstance(value, str)]
    rest = {key: value for key, value in vars(result).items() if not hasattr(value, "columns")}
    found += texts_of(results.strict(rest))
    return "\n".join(found)


def personal(text: str) -> list[str]:
    """What of the shop's people stands in a text."""
    who = people()
    whole = {*who.full_name, *who.email, *who.phone, *who.agent}
    said = [value for value in (*whole, "My name is") if value in text]
    return [*IDS.findall(text)[:5], *said[:5]]


# ---- every analysis --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", analyses.ALL)
def test_every_table_of_every_analysis_is_known(name):
    rules = tables.RULES[name]
    known = {field for field, kind in analyses.load(name).Result.__annotations__.items() if kind is pd.DataFrame}
    assert rules.tables.keys() == known
    assert set(WAYS) == set(analyses.ALL)


@every
def test_the_shop_would_give_people_away_if_nothing_were_hidden_or_has_none(name, way):
    told = personal(said(name, answer(name, way)))
    assert told or name in ("forecast", "baskets") or (name, way) == ("anomalies", 0)


@every
def test_nobody_stands_in_figures_tables_and_findings(name, way):
    assert personal(said(name, hidden(name, answer(name, way), Hide()))) == []
    assert personal(said(name, hidden(name, answer(name, way), Hide(small=False)))) == []


@every
def test_nobody_stands_in_files(name, way):
    section = export.Section(name, hidden(name, answer(name, way), Hide()), WAYS[name][way])
    page = export.report([section], "html", title="Shared").decode()
    assert personal(re.sub(r'"bdata":"[^"]*"', "", page)) == []
    book = zipfile.ZipFile(io.BytesIO(export.report([section], "xlsx", title="Shared")))
    assert personal("\n".join(book.read(part).decode("utf-8", "ignore") for part in book.namelist())) == []


@every
def test_hiding_leaves_the_kept_result_as_it_was(name, way):
    result = answer(name, way)
    before = {table: frame.copy() for table, frame in results.tables(result).items()}
    hidden(name, result, Hide())
    for table, frame in results.tables(result).items():
        pd.testing.assert_frame_equal(frame, before[table])


@every
@pytest.mark.parametrize("least", [20, 60, 150, 10**6])
def test_whatever_is_hidden_the_rest_is_shown_or_a_sentence_says_why_not(name, way, least):
    module = analyses.load(name)
    try:
        result = hidden(name, answer(name, way), Hide(), least=least)
    except TooLittleData:
        return
    assert module.figures(result)
    sentences = module.findings(result)
    assert sentences
    assert not any(re.search(r"\b(nan|None|inf)\b", sentence) for sentence in sentences)


@every
def test_no_count_of_people_in_a_table_is_too_small(name, way):
    result = hidden(name, answer(name, way), Hide())
    counts = {"customers", "orders", "texts", "count", "baskets", "new_customers", "returning_customers", "n_high"}
    counts |= {"n_low", "customers_before", "customers_after", "left_customers", "right_customers"}
    known = tables.RULES[name].of(result)
    for table, frame in results.tables(result).items():
        if isinstance(known[table], People) or (name, table) == ("anomalies", "measures"):
            continue
        for column in counts & set(frame.columns) - ({"orders"} if name == "forecast" else set()):
            few = frame[column][(frame[column] > 0) & (frame[column] < LEAST)]
            assert few.empty, (table, column)


@every
def test_no_row_of_a_person_stands_alone(name, way):
    result = hidden(name, answer(name, way), Hide())
    for table, kind in tables.RULES[name].of(result).items():
        frame = getattr(result, table)
        if isinstance(kind, People) and len(frame):
            same = [column for column in frame if column not in {*kind.ids, *kind.exact}]
            assert frame.groupby(same, dropna=False).size().min() >= LEAST, table


def test_without_anything_to_hide_the_result_is_the_same_object():
    assert hidden("overview", answer("overview", 0), None) is answer("overview", 0)
    assert hidden("overview", answer("overview", 0), Hide(False, False)) is answer("overview", 0)


def test_labels_run_in_the_language_of_whoever_looks():
    result = answer("overview", 0)
    assert list(hidden("overview", result, Hide()).top_customers["customer_id"][:2]) == ["Customer 1", "Customer 2"]
    chinese = hidden("overview", result, Hide(), i18n.translator("zh"))
    assert chinese.top_customers["customer_id"].iloc[0] == "客户 1"


def test_one_customer_has_one_label_in_all_tables():
    before, after = answer("purchases", 0), hidden("purchases", answer("purchases", 0), Hide(small=False))
    labels = dict(zip(before.scores["customer_id"], after.scores["customer_id"], strict=True))
    assert list(before.holdout["customer_id"].map(labels)) == list(after.holdout["customer_id"])


# ---- few people ------------------------------------------------------------------------------------------------------


def lines(customers: dict[str, list[str]]) -> Dataset:
    """Country -> customers, each with an order a month for a year."""
    days = pd.date_range("2024-01-05", periods=12, freq="30D")
    rows = [
        {"customer_id": who, "order_id": f"{who}-{n}", "ordered_at": day, "product_id": f"P{n % 3}", "amount": 10.0 + n}
        | {"country": country}
        for country, names in customers.items()
        for who in names
        for n, day in enumerate(days)
    ]
    return Dataset.from_frames("few", transactions=pd.DataFrame(rows))


def named(country: str, n: int) -> list[str]:
    return [f"{country}{k}" for k in range(n)]


def test_a_country_of_three_takes_the_next_smallest_with_it():
    data = lines({"Big": named("B", 40), "Mid": named("M", 9), "Few": named("F", 3), "Small": named("S", 6)})
    result = analyses.load("overview").run(data)
    assert set(hidden("overview", result, Hide()).parts["name"]) == {"Big", "Mid"}
    assert set(hidden("overview", result, Hide(small=False)).parts["name"]) == {"Big", "Mid", "Few", "Small"}


def test_the_forecast_of_a_country_with_one_customer_is_not_told():
    data = lines({"Big": named("B", 40), "Mid": named("M", 9), "Few": named("F", 1), "Small": named("S", 6)})
    result = analyses.load("forecast").run(data, analyses.load("forecast").Params(by="country", freq="M"))
    shown = hidden("forecast", result, Hide())
    assert set(shown.history["series_id"]) == {"Big", "Mid"}
    assert set(shown.forecast["series_id"]) == {"Big", "Mid"}
    assert "Few" not in said("forecast", shown)


def test_a_part_of_the_data_with_four_customers_gives_a_sentence():
    data = lines({"Few": named("F", 4)})
    with pytest.raises(TooLittleData, match="fewer than 5"):
        hidden("overview", analyses.load("overview").run(data), Hide())
    with pytest.raises(TooLittleData, match="fewer than 5"):
        hidden("forecast", analyses.load("forecast").run(data), Hide())


@pytest.mark.parametrize("name", ["baskets", "anomalies", "quality"])
def test_many_orders_of_four_customers_give_a_sentence_in_every_analysis(name):
    days = pd.date_range("2024-01-05", periods=400, freq="D")
    rows = pd.DataFrame({"ordered_at": days.repeat(4), "amount": 1.0 + np.arange(1600) % 7})
    rows = rows.assign(customer_id=[f"K{n % 4}" for n in rows.index], order_id=[f"R{n // 2}" for n in rows.index])
    rows["product_id"] = [f"P{n % 3}" for n in rows.index]
    result = analyses.load(name).run(Dataset.from_frames("few", transactions=rows))
    with pytest.raises(TooLittleData, match="fewer than 5"):
        hidden(name, result, Hide())
    assert hidden(name, result, Hide(small=False))


def test_texts_of_three_people_give_a_sentence():
    texts = [f"The delivery was {word} and the price is good" for word in ("late", "fast", "slow", "bad")] * 10
    frame = pd.DataFrame(
        {"feedback_id": [str(n) for n in range(40)], "text": texts, "customer_id": ["a", "b", "c", "a"] * 10}
    )
    result = analyses.load("feedback").run(Dataset.from_frames("few", feedback=frame))
    with pytest.raises(TooLittleData, match="fewer than 5"):
        hidden("feedback", result, Hide())


def test_days_of_few_orders_show_no_revenue():
    days = pd.date_range("2024-01-01", periods=400, freq="D")
    rows = pd.DataFrame({"ordered_at": days.repeat(8), "amount": 7.5}).assign(order_id=lambda f: f.index.astype(str))
    rows["customer_id"] = (rows.index % 90).astype(str)
    rows = rows.drop(rows.index[rows["ordered_at"] == days[100]][3:])
    data = Dataset.from_frames("days", transactions=rows)
    module = analyses.load("forecast")
    history = hidden("forecast", module.run(data, module.Params(freq="D")), Hide()).history.set_index("time")
    assert np.isnan(history.loc[days[100], "value"])
    assert history["value"].isna().sum() == 2, "one day alone would be the total minus the rest"
    points = hidden("anomalies", analyses.load("anomalies").run(data), Hide()).points
    assert days[100] not in set(points["time"])


def test_uploaded_series_named_like_people_become_numbers():
    times = pd.date_range("2022-01-01", periods=40, freq="MS")
    names = [f"{a} {b}" for a, b in zip(GIVEN, FAMILY, strict=True)]
    rows = pd.DataFrame({"series_id": np.repeat(names, 40), "time": np.tile(times, 8), "value": np.arange(320.0) % 17})
    module = analyses.load("forecast")
    result = module.run(Dataset.from_frames("series", series=rows))
    assert "Anna Miller" in said("forecast", result)
    assert "Miller" not in said("forecast", hidden("forecast", result, Hide()))


# ---- how it is done --------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 30), min_size=1, max_size=25), st.integers(2, 9))
def test_what_is_left_out_cannot_be_reckoned_back(sizes, least):
    frame = pd.DataFrame({"customers": sizes, "revenue": range(len(sizes))})
    kept = Groups(sizes=("customers",)).safe(frame, Hide(), least)
    gone = frame[~frame["revenue"].isin(kept["revenue"])]["customers"]
    assert not ((kept["customers"] > 0) & (kept["customers"] < least)).any()
    others = kept["customers"] > 0
    assert not len(gone) or not others.any() or (len(gone) >= 2 and gone.sum() >= least)
    assert len(gone) or not ((frame["customers"] > 0) & (frame["customers"] < least)).any()


@given(st.lists(st.integers(0, 2), min_size=1, max_size=120), st.integers(2, 7), st.integers(0, 3))
def test_rows_that_are_alike_come_together_in_groups_of_enough(codes, least, columns):
    counts = pd.Series(codes).value_counts()
    blocks = np.array([code for code in codes if counts[code] >= least], dtype=np.int64)
    values = pd.DataFrame(np.random.default_rng(0).normal(size=(len(blocks), columns)))
    groups = alike(blocks, values, least)
    sizes = np.bincount(groups) if len(groups) else np.array([least])
    assert sizes[sizes > 0].min() >= least
    assert sizes.max() < 2 * least
    assert pd.Series(blocks).groupby(groups).nunique().max() == 1 or not len(blocks)


def test_means_of_alike_rows_keep_sums_and_stay_near_the_values():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"customer_id": range(500), "x": rng.lognormal(size=500), "y": rng.normal(size=500)})
    safe = People(ids={"customer_id": "Customer {n}"}).safe(frame, Hide(), 5)
    assert safe[["x", "y"]].sum().to_numpy() == pytest.approx(frame[["x", "y"]].sum().to_numpy())
    assert np.corrcoef(safe["x"].rank(), frame["x"].rank())[0, 1] > 0.95
    assert np.corrcoef(safe["y"].rank(), frame["y"].rank())[0, 1] > 0.95


def test_a_result_of_an_unknown_analysis_is_refused():
    with pytest.raises(KeyError):
        hidden("guesses", answer("overview", 0), Hide())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overview", "segments", "purchases", "anomalies"])
def test_customers_of_online_retail_are_nowhere(name, retail):
    module = analyses.load(name)
    params = module.Params(on="customers") if name == "anomalies" else module.Params()
    result = module.run(retail, params)
    ids = set(retail.frame(retail.table("transactions").select("customer_id").distinct())["customer_id"])
    tokens = re.compile(r"(?<![\d.,])\d{5}(?![\d.,]\d|\d)")
    assert set(tokens.findall(said(name, result))) & ids
    assert set(tokens.findall(said(name, hidden(name, result, Hide())))) & ids == set()
