"""Embedding sentences once and putting them together again."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.text.vectors import default_embedder, embed

SEEN: list[str] = []


def counting(texts):
    """A toy embedder: letters counted, unit length; remembers what it was asked."""
    SEEN.extend(texts)
    rows = np.array([[text.count(c) + 0.01 for c in "abcdefgh"] for text in texts], np.float32).reshape(len(texts), 8)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_equal_sentences_are_embedded_once():
    SEEN.clear()
    read = embed(["a bad cable, avoid.", "a bad cable, avoid.", "a good cage, buy it."], counting)
    assert sorted(SEEN) == ["a bad cable, avoid.", "a good cage, buy it."]
    assert read.piece.tolist() == [0, 0, 1]


def test_progress_reaches_one():
    told = []
    embed([f"sentence number {n} of many" for n in range(1200)], counting, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@given(st.lists(st.text("abc. ", max_size=60), max_size=6))
def test_means_are_those_of_a_loop(texts):
    read = embed(texts, counting)
    values = np.arange(len(read.pieces), dtype=float)
    twin = [np.mean(values[read.piece[read.text == row]]) if (read.text == row).any() else 0 for row in range(read.n)]
    np.testing.assert_allclose(read.means(values), np.array(twin))
    assert read.texts().shape == (len(texts), 8)


def test_the_default_embedder_puts_both_languages_into_one_space():
    place = default_embedder()(["The delivery was fast", "物流很快", "The soup was cold"])
    assert place.shape == (3, 512)
    np.testing.assert_allclose(np.linalg.norm(place, axis=1), 1, atol=1e-3)
    assert place[0] @ place[1] > place[0] @ place[2]
