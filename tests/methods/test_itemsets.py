import csv
import gzip
from functools import cache
from importlib import import_module
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.methods import itemsets
from crm_ai.methods.itemsets import ALGORITHMS, Baskets, TooMany, find, least_count
from tests.conftest import shared

lists = st.lists(st.sets(st.integers(0, 7), max_size=7), max_size=30)
BUDGETS = [("apriori", "PAIRS"), ("apriori", "WORDS"), ("eclat", "WORDS"), ("fpgrowth", "BUDGET"), ("levels", "BUDGET")]
every_method = pytest.mark.parametrize("method", ALGORITHMS)


def by_enumeration(baskets: list[set[int]], least: int, longest: int) -> dict[tuple[int, ...], int]:
    """The naive twin: every subset of the items, counted basket by basket."""
    items = sorted(set().union(*baskets))
    counts = {
        some: sum(set(some) <= basket for basket in baskets)
        for size in range(1, longest + 1)
        for some in combinations(items, size)
    }
    return {some: count for some, count in counts.items() if count >= least}


def as_dict(found: itemsets.Itemsets) -> dict[tuple[int, ...], int]:
    return {
        tuple(map(int, row)): int(count)
        for rows, counts in zip(found.levels, found.counts, strict=True)
        for row, count in zip(rows, counts, strict=True)
    }


def coded(baskets: list[list[str]]) -> Baskets:
    names = {name: code for code, name in enumerate(sorted({name for basket in baskets for name in basket}))}
    return Baskets.of([[names[name] for name in basket] for basket in baskets])


@cache
def groceries() -> Baskets:
    with shared("groceries/groceries.csv").open(encoding="utf-8") as file:
        return coded([[name.strip() for name in row if name.strip()] for row in csv.reader(file)])


@cache
def fimi(path: Path) -> Baskets:
    with gzip.open(path, "rt") as file:
        return coded([line.split() for line in file])


@every_method
@given(lists, st.integers(1, 5), st.integers(1, 7))
def test_a_method_finds_what_enumeration_finds(method, baskets, least, longest):
    found = find(Baskets.of(baskets), least, method, longest)
    assert as_dict(found) == by_enumeration(baskets, least, longest)


@every_method
@settings(max_examples=25)
@given(lists=lists, least=st.integers(1, 3))
def test_work_cut_into_the_smallest_pieces_gives_the_same(method, lists, least):
    with pytest.MonkeyPatch.context() as small:
        for module, budget in BUDGETS:
            small.setattr(import_module(f"crm_ai.methods.itemsets.{module}"), budget, 1)
        found = find(Baskets.of(lists), least, method)
    assert as_dict(found) == by_enumeration(lists, least, 7)


@every_method
def test_baskets_of_more_than_one_block_of_words_are_counted_whole(method):
    rng = np.random.default_rng(0)
    baskets = [set(np.flatnonzero(rng.random(6) < 0.5)) for _ in range(1000)]
    assert as_dict(find(Baskets.of(baskets), 20, method)) == by_enumeration(baskets, 20, 6)


@every_method
def test_rows_are_ascending_and_sorted_so_that_results_can_be_compared(method):
    found = find(groceries(), 50, method)
    for rows in found.levels:
        assert (np.diff(rows, axis=1) > 0).all()
        assert [tuple(row) for row in rows] == sorted(tuple(row) for row in rows)


@every_method
@pytest.mark.parametrize(("support", "sets"), [(0.01, 333), (0.006, 747), (0.001, 13_492)])
def test_groceries_gives_the_published_item_sets(method, support, sets):
    baskets = groceries()
    assert (baskets.n_baskets, baskets.n_items) == (9835, 169)
    assert len(find(baskets, least_count(support, 9835), method)) == sets


@every_method
@pytest.mark.parametrize(("support", "sets"), [(0.01, 385), (0.002, 13_255)])
def test_t10i4d100k_gives_the_published_item_sets(method, support, sets):
    baskets = fimi(shared("fimi/T10I4D100K.dat.gz"))
    assert len(find(baskets, least_count(support, baskets.n_baskets), method)) == sets


@every_method
def test_mushroom_gives_the_published_item_sets(method):
    """565 of them: the 564 that one old program lists lack the single item that every mushroom has."""
    baskets = fimi(shared("fimi/mushroom.dat.gz"))
    found = find(baskets, least_count(0.4, baskets.n_baskets), method)
    assert len(found) == 565
    assert found.counts[0].max() == baskets.n_baskets == 8124


@every_method
def test_far_too_many_are_stopped_before_they_are_made(method):
    alike = Baskets.of([range(60)] * 5)
    with pytest.raises(TooMany, match=r"More than 1,000 bundles"):
        find(alike, 5, method, most=1000)


def test_an_item_counts_once_in_a_basket():
    assert as_dict(find(Baskets.of([[1, 1, 2], [1]]), 1)) == {(1,): 2, (2,): 1, (1, 2): 1}


@pytest.mark.parametrize(
    ("share", "n", "least"),
    [(0.07, 100, 7), (0.01, 9835, 99), (2 / 3, 3, 2), (0.5, 3, 2), (1.0, 4, 4), (0.00001, 5, 1)],
)
def test_a_share_becomes_the_number_of_baskets_a_person_means(share, n, least):
    assert least_count(share, n) == least


@given(lists, st.integers(1, 3), st.integers(1, 3))
def test_the_rules_looked_at_are_the_splits_of_sets_all_of_whose_parts_are_frequent(baskets, least, widest):
    found = find(Baskets.of(baskets), least)
    frequent = set(as_dict(found))
    items = sorted(code for (code,) in (some for some in frequent if len(some) == 1))
    expected = 0
    for size in range(2, 8):
        for some in combinations(items, size):
            if size == 2 or all(part in frequent for part in combinations(some, size - 1)):
                expected += sum(len(list(combinations(some, width))) for width in range(1, min(widest, size - 1) + 1))
    assert found.tested(10, widest) == expected


def test_prefixes_know_what_is_not_there():
    found = find(Baskets.of([[0, 1, 2], [0, 1, 2], [3]]), 1)
    places = found.prefixes().find(np.array([[0, 2], [0, 3], [1, 2]]))
    assert places.tolist() == [1, -1, 2]
