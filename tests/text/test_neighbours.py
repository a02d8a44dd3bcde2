"""Word vectors of the user's own texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.text import glove, neighbours

COMPANY = {"tea": ["cup", "leaf", "green", "hot"], "shoe": ["sole", "lace", "leather", "size"]}


def corpus(n: int = 400) -> list[list[str]]:
    """Texts in which pot and tea share their company, and so do boot and shoe."""
    rng = np.random.default_rng(0)
    rows = []
    for k in range(n):
        first, second = (("tea", "pot"), ("shoe", "boot"))[k % 2]
        rows.append([rng.choice([first, second]), *rng.permutation(COMPANY[first])])
    return [[str(word) for word in row] for row in rows]


@pytest.mark.parametrize("kind", neighbours.KINDS)
def test_words_in_the_same_company_are_neighbours(kind):
    space = neighbours.train(corpus(), kind)
    similarity = {word: value for word, value, _ in space.near("tea", 20)}
    assert similarity.get("pot", 0) > max(similarity.get("boot", 0), similarity.get("lace", 0))


@pytest.mark.parametrize("kind", neighbours.KINDS)
def test_equal_texts_give_equal_neighbours(kind):
    assert neighbours.train(corpus(), kind).near("shoe") == neighbours.train(corpus(), kind).near("shoe")


def test_only_fasttext_places_misspelt_words():
    texts = [["delivery", "late", "courier"], ["quality", "broken", "cheap"]] * 150
    assert neighbours.train(texts, "word2vec").near("delivry") == []
    assert neighbours.train(texts, "fasttext").near("delivry")[0][0] == "delivery"


@pytest.mark.parametrize("texts", [[], [[]], [["one"]], [["a", "b"]], [["same", "same"]] * 9])
@pytest.mark.parametrize("kind", neighbours.KINDS)
def test_too_few_words_have_no_neighbours(texts, kind):
    assert neighbours.train(texts, kind).near("one") == []


def test_several_words_are_looked_around_together():
    space = neighbours.train(corpus())
    assert not {"tea", "cup"} & {word for word, _, _ in space.near("tea cup")}


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=6), st.integers(1, 5))
def test_counts_of_company_are_those_of_a_loop(texts, window):
    twin = np.zeros((6, 6))
    for text in texts:
        for i, a in enumerate(text):
            for j, b in enumerate(text[i + 1 : i + 1 + window], 1):
                twin[a, b] += 1 / j
                twin[b, a] += 1 / j
    np.testing.assert_allclose(glove.cooccurrences(texts, 6, window).toarray(), twin)


def test_glove_explains_the_logarithm_of_the_counts():
    rng = np.random.default_rng(0)
    texts = [rng.choice(30, 12, p=np.arange(30, 0, -1) / 465).tolist() for _ in range(300)]
    counts = glove.cooccurrences(texts, 30, 8)
    words, contexts = glove.fitted(counts, 10)
    row, column = counts.nonzero()
    said = (words[row, :-2] * contexts[column, :-2]).sum(axis=1) + words[row, -2] + contexts[column, -2]
    wanted = np.log(counts.data)
    assert np.square(said - wanted).mean() < 0.25 * wanted.var()
