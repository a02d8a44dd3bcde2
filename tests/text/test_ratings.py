"""Learning from ratings, honestly measured."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.text import ratings, sentiment


def test_stars_are_praise_complaint_or_left_out():
    found = ratings.truth(None, pd.Series([1, 2, 3, 4, 5, None]))
    np.testing.assert_equal(found, [0, 0, np.nan, 1, 1, np.nan])


def test_stars_out_of_ten_count_alike():
    np.testing.assert_equal(ratings.truth(None, pd.Series([1, 4, 5, 7, 8, 10])), [0, 0, np.nan, np.nan, 1, 1])


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        ([0, 1, None], [0, 1, np.nan]),
        (["positive", "Negative", "neutral"], [1, 0, np.nan]),
        (["好评", "差评", "中评"], [1, 0, np.nan]),
        ([-1, 0, 1], [0, np.nan, 1]),
        ([True, False, True], [1, 0, 1]),
    ],
)
def test_labels_come_as_numbers_or_words(labels, known):
    np.testing.assert_equal(ratings.truth(pd.Series(labels), None), known)


def test_a_label_counts_before_the_rating():
    np.testing.assert_equal(ratings.truth(pd.Series([1, None]), pd.Series([1.0, 5.0])), [1, 1])


@given(st.lists(st.integers(0, 30), min_size=10, max_size=120))
def test_equal_texts_share_a_fold(codes):
    codes = np.array(codes)
    folds = ratings._folds((codes % 2).astype(float), codes)
    assert pd.Series(folds).groupby(codes).nunique().max() == 1


def planted(noise: float, copies: int = 1, n: int = 600):
    """Texts whose first word is the side, right but for the noise; each one several times."""
    rng = np.random.default_rng(1)
    right = np.repeat(rng.random(n // copies) < 0.5, copies)
    word = np.where(rng.random(n // copies).repeat(copies) < noise, ~right, right)
    number = np.repeat(np.arange(n // copies), copies)
    texts = [["good" if w else "bad", f"u{k}"] for w, k in zip(word, number, strict=True)]
    return right.astype(float), texts, number


def test_what_can_be_learnt_is_learnt():
    known, texts, codes = planted(noise=0.1)
    learnt = ratings.learn(known, np.zeros(600), sentiment.tfidf(texts), np.zeros((600, 4)), codes)
    assert ratings.scores(known, learnt.opinion)[0] == pytest.approx(0.9, abs=0.04)
    assert learnt.mix != "zero_label"


def test_copies_of_a_text_do_not_leak():
    known, texts, codes = planted(noise=0.5, copies=4)
    learnt = ratings.learn(known, np.zeros(600), sentiment.tfidf(texts), np.zeros((600, 4)), codes)
    assert ratings.scores(known, learnt.opinion)[0] < 0.65


def test_a_better_zero_label_opinion_is_kept():
    known, texts, codes = planted(noise=0.5)
    zero = np.where(known > 0, 1.0, -1.0) * np.where(np.arange(600) % 20, 1, -1)
    learnt = ratings.learn(known, zero, sentiment.tfidf(texts), np.zeros((600, 4)), codes)
    assert learnt.mix == "zero_label"
    assert ratings.scores(known, learnt.opinion)[0] == pytest.approx(0.95, abs=0.01)


def test_texts_without_a_rating_are_judged_too():
    known, texts, codes = planted(noise=0.0)
    hidden = known.copy()
    hidden[::3] = np.nan
    learnt = ratings.learn(hidden, np.zeros(600), sentiment.tfidf(texts), np.zeros((600, 4)), codes)
    assert ratings.scores(known[::3], learnt.opinion[::3])[0] == 1.0


def test_being_sure_is_being_right_that_often():
    known, texts, codes = planted(noise=0.2, n=2000)
    learnt = ratings.learn(known, np.zeros(2000), sentiment.tfidf(texts), np.zeros((2000, 4)), codes)
    sure = (1 + np.abs(np.tanh(learnt.opinion))).mean() / 2
    assert sure == pytest.approx(ratings.scores(known, learnt.opinion)[0], abs=0.05)


def test_few_ratings_are_not_learnt_from():
    assert not ratings.can_learn(np.r_[np.ones(149), np.zeros(150)])
    assert not ratings.can_learn(np.r_[np.ones(500), np.zeros(5)])
    assert ratings.can_learn(np.r_[np.ones(200), np.zeros(100), np.full(9, np.nan)])
