"""Examples are tidied, and the order of the table does not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.errors import TooLittleData
from crm_ai.replies.examples import FOLDS, examples

SOME = [f"where is parcel {n}" for n in range(7)] + [f"cancel order {n}" for n in range(4)]
NAMES = ["status"] * 7 + ["cancel"] * 4


def test_equal_texts_count_once_with_the_intent_they_mostly_have():
    texts = [*SOME, "Where is parcel 1", "WHERE is parcel 1", "where is  parcel 1"]
    found = examples(texts, [*NAMES, "cancel", "cancel", "cancel"])
    assert len(found.texts) == len(SOME)
    assert found.names[found.intent[found.texts.index("where is parcel 1")]] == "cancel"


def test_what_is_no_text_is_left_out():
    found = examples([*SOME, None, "", float("nan"), "  "], [*NAMES, "status", "status", "status", "cancel"])
    assert len(found.texts) == len(SOME)


def test_any_first_part_is_even_over_the_intents():
    found = examples(SOME, NAMES)
    assert [np.bincount(found.intent[:n], minlength=2).tolist() for n in (2, 4, 8)] == [[1, 1], [2, 2], [4, 4]]


@given(st.permutations(range(len(SOME))))
def test_the_order_of_the_table_does_not_matter(order):
    a, b = examples(SOME, NAMES), examples([SOME[i] for i in order], [NAMES[i] for i in order])
    assert a.texts == b.texts
    assert (a.fold == b.fold).all()


@given(st.lists(st.integers(3, 23), min_size=2, max_size=6))
def test_every_intent_is_spread_evenly_over_the_folds(counts):
    names = [f"intent {i}" for i, count in enumerate(counts) for _ in range(count)]
    found = examples([f"text {i}" for i in range(len(names))], names)
    for intent in range(len(counts)):
        spread = np.bincount(found.fold[found.intent == intent], minlength=FOLDS)
        assert spread.max() - spread.min() <= 1


TOO_FEW = [(SOME[:7], NAMES[:7]), ([*SOME, "a", "b"], [*NAMES, "rare", "rare"]), ([], [])]


@pytest.mark.parametrize(("texts", "names"), TOO_FEW)
def test_too_few_examples_are_refused_with_a_sentence(texts, names):
    with pytest.raises(TooLittleData):
        examples(texts, names)
