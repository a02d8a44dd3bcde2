"""TF-IDF in plain arrays beside scikit-learn's, and logistic regression kept as arrays."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from crm_ai.replies import wording

TEXTS = ["Where is my order?", "cancel my order now", "我的订单到哪里了", "取消訂單", "order 12, where is it", "a"]


def theirs(analyzer):
    model = TfidfVectorizer(analyzer=analyzer, sublinear_tf=True)
    return model.fit_transform(TEXTS).toarray() / np.sqrt(2)


def test_the_matrix_is_that_of_scikit_learn():
    found = wording.vocabulary(TEXTS)
    twin = np.hstack([theirs(lambda text, kind=kind: wording._said(text)[kind]) for kind in (0, 1)])
    ours = found.matrix(TEXTS).toarray()
    np.testing.assert_allclose(ours, twin, atol=1e-5)


def test_traditional_and_simplified_chinese_are_the_same_words():
    found = wording.vocabulary(TEXTS)
    np.testing.assert_array_equal(found.matrix(["取消訂單"]).toarray(), found.matrix(["取消订单"]).toarray())


@given(st.lists(st.text(max_size=40), max_size=5))
def test_rows_have_at_most_unit_length_whatever_is_written(texts):
    rows = wording.vocabulary(TEXTS).matrix(texts)
    assert rows.shape[0] == len(texts)
    assert (np.sqrt(rows.multiply(rows).sum(axis=1)) <= 1 + 1e-5).all()


def test_the_model_says_what_scikit_learn_says_for_two_and_more_intents():
    matrix = wording.vocabulary(TEXTS).matrix(TEXTS)
    for intent in (np.array([0, 1, 0, 1, 0, 1]), np.array([0, 1, 0, 1, 2, 2])):
        theirs = LogisticRegression(C=wording.STRENGTH, max_iter=wording.STEPS, tol=1e-3).fit(matrix, intent)
        ours = wording.fit(matrix, intent, 4)(matrix)
        np.testing.assert_allclose(np.exp(ours)[:, : intent.max() + 1], theirs.predict_proba(matrix), atol=1e-4)
        assert (np.exp(ours[:, 3]) < 1e-6).all()
