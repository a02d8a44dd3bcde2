"""Quality of answers beside scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from crm_ai.replies import evaluation

NAMES = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(NAMES, NAMES, st.booleans()), min_size=1, max_size=30))
def test_figures_are_those_of_scikit_learn(rows):
    truth, said, alone = (list(part) for part in zip(*rows, strict=True))
    found = evaluation.quality(truth, said, alone)
    assert found.accuracy == pytest.approx(np.mean([a == b for a, b in zip(truth, said, strict=True)]))
    labels = sorted(set(truth))
    assert found.macro_f1 == pytest.approx(f1_score(truth, said, labels=labels, average="macro", zero_division=0))
    assert found.coverage + found.hand_over == pytest.approx(1)
    assert (found.precision is None) == (not any(alone))


def test_a_message_from_outside_that_is_answered_alone_counts_as_wrong():
    found = evaluation.quality(["a", ""], ["a", "a"], [True, True])
    assert (found.accuracy, found.precision) == (1.0, 0.5)


def test_nothing_to_count_is_none():
    found = evaluation.quality([], [], [])
    assert (found.accuracy, found.coverage, found.messages) == (None, None, 0)


def test_mistakes_come_first():
    found = evaluation.confusion(["a", "a", "a", "b", "b"], ["a", "b", "b", "b", None])
    assert found.iloc[0].tolist() == ["a", "b", 2, 2 / 3]
    assert found["messages"].sum() == 5


def test_examples_are_judged_by_models_that_had_not_seen_them(by_meaning):
    found = evaluation.of_examples(by_meaning, 0.0)
    assert found.messages == len(by_meaning.texts)
    assert 0.5 < found.accuracy <= 1.0


def test_last_months_messages_are_answered_on_paper(desk):
    messages = ["Where is my order?", "转人工", None]
    found = evaluation.replay(desk, messages)
    assert found["message"].tolist() == ["Where is my order?", "转人工", ""]
    assert found["hand_over"].tolist() == [True, True, True]
    assert found["why"].map(bool).all()
    assert list(evaluation.replay(desk, []).columns) == list(found.columns)
