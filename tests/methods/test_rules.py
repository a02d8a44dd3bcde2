import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom
from statsmodels.stats.multitest import multipletests

from crm_ai.errors import BadParameter
from crm_ai.methods.itemsets import Baskets, exact, find, least_count, rules_of
from crm_ai.methods.itemsets.significance import p_values, q_values
from tests.methods.test_itemsets import groceries

TEA, MILK, JAM = range(3)
BREAKFASTS = [[TEA, MILK], [TEA, MILK], [TEA, MILK, JAM], [TEA], [MILK], [JAM], [JAM, TEA], [JAM]]


def by_sides(rules) -> dict[tuple[tuple[int, ...], tuple[int, ...]], int]:
    """(antecedents, consequents) -> place of the rule."""
    sides = [
        (tuple(a), tuple(c)) for left, right in rules.shapes for a, c in zip(left.tolist(), right.tolist(), strict=True)
    ]
    return {side: place for place, side in enumerate(sides)}


def as_frame(baskets: Baskets) -> pd.DataFrame:
    table = np.zeros((baskets.n_baskets, baskets.n_items), dtype=bool)
    table[baskets.basket, baskets.item] = True
    return pd.DataFrame(table)


def test_measures_are_those_of_the_hand():
    rules = rules_of(find(Baskets.of(BREAKFASTS), 1))
    place = by_sides(rules)[(TEA,), (MILK,)]
    found = {name: float(values[place]) for name, values in rules.measures().items()}
    # 8 baskets: tea in 5, milk in 4, both in 3
    assert found == pytest.approx(
        {
            "support": 3 / 8,
            "confidence": 3 / 5,
            "lift": (3 / 5) / (4 / 8),
            "leverage": 3 / 8 - 5 / 8 * 4 / 8,
            "conviction": (1 - 4 / 8) / (1 - 3 / 5),
            "zhangs_metric": (3 / 8 - 20 / 64) / max(3 / 8 * 3 / 8, 5 / 8 * (4 / 8 - 3 / 8)),
        }
    )


def test_a_rule_that_never_fails_has_infinite_conviction():
    rules = rules_of(find(Baskets.of([[0, 1], [0, 1], [1]]), 1))
    place = by_sides(rules)
    conviction = rules.measures()["conviction"]
    assert np.isinf(conviction[place[(0,), (1,)]])
    assert np.isfinite(conviction[place[(1,), (0,)]])


@pytest.mark.parametrize("widest", [1, 3])
def test_every_measure_of_every_rule_is_that_of_mlxtend(widest):
    from mlxtend.frequent_patterns import association_rules, fpgrowth

    baskets, least = groceries(), 60
    frame = as_frame(baskets)
    theirs = association_rules(fpgrowth(frame, (least - 0.5) / len(frame)), metric="support", min_threshold=0)
    theirs = theirs[theirs["consequents"].map(len) <= widest]
    ours = rules_of(find(baskets, least), widest)
    places = by_sides(ours)
    order = [
        places[tuple(sorted(a)), tuple(sorted(c))] for a, c in zip(theirs.antecedents, theirs.consequents, strict=True)
    ]
    assert len(ours) == len(theirs)
    for name, values in ours.measures().items():
        np.testing.assert_allclose(values[order], theirs[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    ("support", "confidence", "published"), [(0.01, 0.5, 15), (0.006, 0.25, 463), (0.001, 0.5, 5668), (0.001, 0.8, 410)]
)
def test_groceries_gives_the_published_rules(support, confidence, published):
    found = find(groceries(), least_count(support, 9835))
    assert rules_of(found).confident(*exact(confidence).as_integer_ratio()).sum() == published


def test_confidence_is_compared_in_whole_numbers():
    rules = rules_of(find(Baskets.of([[0, 1]] * 3 + [[0]] * 7), 1))
    kept = rules.confident(*exact(0.3).as_integer_ratio())
    assert kept[by_sides(rules)[(0,), (1,)]]
    assert not rules.confident(*exact(0.300001).as_integer_ratio())[by_sides(rules)[(0,), (1,)]]


def test_far_too_many_rules_are_refused():
    with pytest.raises(BadParameter, match="More than 10 rules"):
        rules_of(find(Baskets.of([range(5)] * 3), 3), most=10)


@st.composite
def tables(draw):
    """both, left, right, n of a rule."""
    n = draw(st.integers(2, 3000))
    left, right = draw(st.integers(1, n)), draw(st.integers(1, n))
    return draw(st.integers(max(0, left + right - n), min(left, right))), left, right, n


@given(tables())
def test_p_values_are_the_upper_tail_of_scipy(table):
    both, left, right, n = table
    ours = p_values(np.array([both]), np.array([left]), np.array([right]), n)
    assert ours == pytest.approx(hypergeom.sf(both - 1, n, left, right), rel=1e-8, abs=1e-12)


def test_p_values_are_those_of_fishers_exact_test():
    both, left, right, n = 132, 180, 210, 18_532
    table = [[both, left - both], [right - both, n - left - right + both]]
    ours = p_values(np.array([both]), np.array([left]), np.array([right]), n)
    assert ours[0] == pytest.approx(fisher_exact(table, "greater").pvalue, rel=1e-7)


def test_p_values_of_many_rules_are_those_of_each():
    rules = rules_of(find(groceries(), 30))
    together = p_values(rules.both, rules.left, rules.right, rules.n)
    alone = [p_values(*(x[[k]] for x in (rules.both, rules.left, rules.right)), rules.n)[0] for k in range(0, 2000, 97)]
    assert together[:2000:97] == pytest.approx(alone, rel=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(0, 200))
def test_q_values_are_those_of_statsmodels_where_rules_not_listed_count_as_one(p, unlisted):
    expected = multipletests([*p, *[1.0] * unlisted], method="fdr_bh")[1][: len(p)]
    assert q_values(np.array(p), len(p) + unlisted) == pytest.approx(expected, rel=1e-12, abs=1e-15)
