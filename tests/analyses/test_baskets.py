import csv
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai import i18n
from crm_ai.analyses import baskets, results
from crm_ai.analyses.baskets import Params, drawing, network, support
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter, MissingColumns, TooLittleData
from crm_ai.methods.itemsets import Baskets, find, least_count
from tests.conftest import shared

CHINESE = i18n.translator("zh")


def dataset(lists: list[list[str]], **columns) -> Dataset:
    """Orders that hold these products."""
    lines = [(f"o{number}", name) for number, names in enumerate(lists) for name in names]
    frame = pd.DataFrame(lines, columns=["order_id", "product_name"], dtype="str").assign(**columns)
    return Dataset.from_frames(transactions=frame)


def random_baskets(seed: int, n: int = 2000, items: int = 60) -> list[list[str]]:
    """Baskets in which no item knows of another."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.02, 0.15, items)
    return [[f"item {code}" for code in np.flatnonzero(rng.random(items) < share)] for _ in range(n)]


@pytest.fixture(scope="module")
def groceries() -> Dataset:
    with shared("groceries/groceries.csv").open(encoding="utf-8") as file:
        return dataset([[name.strip() for name in row if name.strip()] for row in csv.reader(file)])


@pytest.mark.parametrize("method", ["apriori", "eclat", "fpgrowth"])
@pytest.mark.parametrize(
    ("support", "confidence", "sets", "rules"),
    [(0.01, 0.5, 333, 15), (0.006, 0.25, 747, 463), (0.001, 0.5, 13_492, 5668), (0.001, 0.8, 13_492, 410)],
)
def test_groceries_gives_the_published_counts(groceries, method, support, confidence, sets, rules):
    found = baskets.run(groceries, Params(support, confidence, method=method))
    assert (found.n_baskets, found.n_items, found.n_itemsets, found.n_rules) == (9835, 169, sets, rules)


def test_bakery_gives_the_known_counts():
    frame = pd.read_csv(shared("bakery/BreadBasket_DMS.csv.gz"))
    frame = frame[frame["Item"] != "NONE"].rename(columns={"Transaction": "order_id", "Item": "product_name"})
    data = Dataset.from_frames(transactions=frame[["order_id", "product_name"]])
    one, half = (baskets.run(data, Params(share, 0.5)) for share in (0.01, 0.005))
    assert (one.n_baskets, one.n_itemsets, one.n_rules) == (9465, 61, 11)
    assert (half.n_itemsets, half.n_rules) == (114, 17)


def test_rules_planted_in_the_demo_shop_are_found_and_stand():
    demo = samples.demo()
    planted = samples.truth().rules
    names = demo["transactions"].drop_duplicates("product_id").set_index("product_id")["product_name"]
    result = baskets.run(Dataset.from_frames(**demo))
    rules = result.rules.set_index(["antecedents", "consequents"])
    assert len(planted) == 8
    for left, right in planted:
        assert rules.loc[(names[left], names[right]), "q_value"] < 0.001
    top = baskets.wording.strongest(result.rules, 3)
    assert {(rule["antecedents"], rule["consequents"]) for rule in top} <= {
        sides for a, b in planted for sides in ((names[a], names[b]), (names[b], names[a]))
    }


@pytest.mark.parametrize("seed", range(5))
def test_baskets_filled_at_random_have_no_rule_that_stands(seed):
    result = baskets.run(dataset(random_baskets(seed)), Params(min_confidence=0))
    assert result.n_rules > 500
    assert (result.rules["p_value"] < 0.05).sum() > 20  # uncorrected, chance looks like a find
    assert result.n_significant <= 1


def test_findings_admit_that_nothing_stands():
    result = baskets.run(dataset(random_baskets(1)), Params(min_confidence=0.1))
    text = " ".join(baskets.findings(result))
    assert "chance alone could give them" in text
    assert "times as often as chance" not in text


def test_correction_is_over_all_rules_tested_not_only_those_listed():
    from statsmodels.stats.multitest import multipletests

    data = dataset(random_baskets(3, 500, 12))
    every, sure = baskets.run(data, Params(0.001, 0)), baskets.run(data, Params(0.001, 0.3))
    unlisted = np.ones(every.n_tested - every.n_rules)
    expected = multipletests(np.concatenate([every.rules["p_value"], unlisted]), method="fdr_bh")[1][: every.n_rules]
    np.testing.assert_allclose(every.rules["q_value"], expected, rtol=1e-12)
    both = sure.rules.merge(every.rules, on=["antecedents", "consequents"])
    assert 0 < len(both) == sure.n_rules < every.n_rules
    np.testing.assert_array_equal(both["q_value_x"], both["q_value_y"])


def test_the_automatic_support_written_in_gives_the_same(retail):
    chosen = baskets.run(retail)
    again = baskets.run(retail, Params(min_support=chosen.min_support))
    pd.testing.assert_frame_equal(chosen.rules, again.rules)
    assert chosen.automatic
    assert not again.automatic


def test_online_retail_gives_a_useful_number_without_a_click(retail):
    result = baskets.run(retail)
    assert (result.n_baskets, result.n_items) == (18_532, 3665)
    assert 100 < result.n_rules < 20_000
    assert 200 < result.n_itemsets < 20_000
    assert all(len(frame) for frame in results.tables(result).values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.integers(0, 30), max_size=31), min_size=2, max_size=40))
def test_an_automatic_support_always_ends_well(lists):
    data = Baskets.of(lists)
    found, share, length = support.mined(data, "auto", 10, "eclat")
    assert len(found) <= support.PLENTY
    same = find(data, least_count(share, data.n_baskets), "eclat", length)
    assert len(same) == len(found)


def test_baskets_all_alike_get_shorter_bundles_and_the_page_says_so():
    result = baskets.run(dataset([[f"item {code}" for code in range(30)]] * 10))
    assert result.max_length == 3
    assert "at most 3 items" in baskets.findings(result)[-1]


def test_baskets_far_too_wide_and_alike_are_refused_with_a_sentence():
    with pytest.raises(TooLittleData, match="too much alike"):
        baskets.run(dataset([[f"item {code}" for code in range(250)]] * 3))


def test_far_too_low_a_support_names_one_that_works():
    wide = dataset([[f"item {code}" for code in range(40)]] * 3 + [["item 1", "item 2"]] * 7)
    with pytest.raises(BadParameter, match="try") as caught:
        baskets.run(wide, Params(min_support=0.1))
    support, length = re.findall(r"support of ([\d.]+) with at most (\d+)", str(caught.value))[0]
    assert baskets.run(wide, Params(min_support=float(support), max_length=int(length))).n_rules > 0


def test_an_items_filter_keeps_the_numbers_of_each_rule(groceries):
    every = baskets.run(groceries, Params(0.01, 0.1))
    some = baskets.run(groceries, Params(0.01, 0.1, item="WHOLE milk"))
    with_milk = (every.rules["antecedents"] + every.rules["consequents"]).str.contains("whole milk")
    pd.testing.assert_frame_equal(some.rules, every.rules[with_milk].reset_index(drop=True))
    assert some.itemsets["items"].str.contains("whole milk").all()
    assert 0 < some.n_rules < every.n_rules
    baskets.figures(some)


def test_an_item_that_is_not_there_is_named():
    with pytest.raises(BadParameter, match="caviar"):
        baskets.run(dataset([["tea"], ["milk", "tea"]]), Params(item="caviar"))


def test_categories_can_be_items():
    data = dataset([["a", "b"], ["a", "c"], ["c"]], category=["x", "y", "x", "x", "x"])
    assert set(baskets.run(data, Params(0.3, level="category")).itemsets["items"]) == {"x", "y", "x + y"}
    with pytest.raises(MissingColumns, match="category"):
        baskets.run(dataset([["a", "b"], ["a"]]), Params(level="category"))


def test_without_orders_a_basket_is_a_customers_day():
    when = pd.to_datetime(["2024-01-01 09:00", "2024-01-01 21:00", "2024-01-02 09:00", "2024-01-01 10:00"])
    frame = pd.DataFrame(
        {"customer_id": ["a", "a", "a", "b"], "ordered_at": when, "product_id": ["tea", "milk", "tea", "tea"]}
    )
    result = baskets.run(Dataset.from_frames(transactions=frame), Params(0.1))
    assert result.n_baskets == 3
    assert result.itemsets.set_index("items")["count"].to_dict() == {"tea": 3, "milk": 1, "milk + tea": 1}


def test_a_product_has_the_name_most_lines_give_it_and_no_two_share_one():
    frame = pd.DataFrame(
        {
            "order_id": ["1", "1", "2", "2", "3", "3"],
            "product_id": ["p1", "p2", "p1", "p3", "p1", "p4"],
            "product_name": ["Tea", "Cup", "Tee", "Cup", "Tea", None],
        }
    )
    result = baskets.run(Dataset.from_frames(transactions=frame), Params(0.1, 0))
    single = set(result.itemsets.loc[result.itemsets["size"] == 1, "items"])
    assert single == {"Tea", "Cup (p2)", "Cup (p3)", "p4"}


def test_the_joining_sign_never_occurs_inside_a_name():
    result = baskets.run(dataset([["salt + pepper", "tea"]] * 3 + [["milk"]]), Params(0.5))
    assert set(result.itemsets["items"]) == {"salt+pepper", "tea", "salt+pepper + tea"}


def test_an_order_line_twice_counts_once():
    result = baskets.run(dataset([["tea", "tea", "milk"], ["tea"]]), Params(0.5))
    assert result.itemsets.set_index("items")["count"].to_dict() == {"tea": 2, "milk": 1, "milk + tea": 1}


def test_one_basket_is_too_few():
    with pytest.raises(TooLittleData, match="2 baskets"):
        baskets.run(dataset([["tea", "milk"]]))


def test_baskets_of_single_items_say_so():
    result = baskets.run(dataset([["tea"], ["milk"], ["tea"]]))
    assert (result.n_rules, result.n_tested, result.share_single) == (0, 0, 1.0)
    assert any("no rule to test" in sentence for sentence in baskets.findings(result))
    assert set(baskets.figures(result)) == {"items", "sizes"}


@pytest.mark.parametrize("t", [str, CHINESE])
def test_names_that_look_like_markup_stay_text_in_charts(t):
    result = baskets.run(dataset([["<b>tea</b> & co", "<script>"]] * 8 + [["milk", "jam"]] * 8), Params(0.1))
    for figure in baskets.figures(result, t).values():
        assert "<script>" not in str([trace.text for trace in figure.data])
        assert "<b>" not in str([trace.hovertext for trace in figure.data if hasattr(trace, "hovertext")])


def test_charts_of_thousands_of_rules_stay_small(retail):
    result = baskets.run(retail, Params(0.005, 0))
    figures = baskets.figures(result)
    assert result.n_rules > drawing.DOTS
    assert len(figures["rules"].data[0].x) == drawing.DOTS
    assert set(figures) == {"rules", "strongest", "network", "heatmap", "items", "sizes"}


def test_short_names_keep_their_beginning_and_their_end():
    assert drawing._short("HERB MARKER ROSEMARY", 16) == "HERB MAR…OSEMARY"
    assert drawing._short("有机红富士苹果五斤装礼盒", 12) == "有机红…礼盒"
    assert drawing._short("tea") == "tea"


def test_linked_items_stand_side_by_side():
    pairs = pd.DataFrame({"left": ["a", "c", "b"], "right": ["b", "d", "e"], "leverage": [0.3, 0.2, 0.1]})
    names, links = network.graph(pairs, 4)
    assert names == ["a", "b", "c", "d"]
    assert links.tolist() == [[0, 1], [2, 3]]
