"""Sentiment without labels; the levels it must reach on public reviews."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from crm_ai.text import sentiment
from crm_ai.text.language import languages
from crm_ai.text.ratings import scores
from crm_ai.text.sentences import clean, lines
from crm_ai.text.vectors import embed
from crm_ai.text.words import tokens
from tests.conftest import shared

ROWS = 1_500


def opinion(typed) -> np.ndarray:
    """The zero-label opinion of texts, the way the feedback analysis forms it."""
    texts = [clean(text) for text in typed]
    read = embed(texts)
    teacher = read.means(sentiment.of_pieces(read, languages(texts)))
    matrix = sentiment.tfidf([tokens(text) for text in texts])
    return teacher if matrix is None else sentiment.taught(teacher, matrix, np.ones(len(texts), dtype=bool))


def uci(name: str) -> tuple[list[str], np.ndarray]:
    raw = shared(f"uci_sentences/{name}_labelled.txt").read_bytes().decode("latin-1").replace("\r\n", "\n")
    rows = [row for row in csv.reader(io.StringIO(raw.replace("\r", "\n")), delimiter="\t") if len(row) == 2]
    return [row[0] for row in rows], np.array([int(row[1]) for row in rows])


@pytest.mark.parametrize(
    ("praise", "complaint"),
    [
        ("Wonderful shoes, I wear them every day", "These shoes fell apart within a week"),
        ("这双鞋非常舒服，天天穿", "这双鞋一周就坏了，太差"),
        ("這雙鞋非常舒服，很滿意", "這雙鞋一週就壞了，太差"),
        ("Tolle Schuhe, ich bin sehr zufrieden", "Schlechte Schuhe, nach einer Woche kaputt"),
        ("Des chaussures magnifiques, je suis ravi", "Chaussures horribles, très déçu"),
    ],
)
def test_praise_is_above_and_complaint_below_zero(praise, complaint):
    good, bad = opinion([praise, complaint])
    assert good > 0 > bad


def test_both_languages_are_asked_with_as_many_phrases():
    sizes = {
        len(lines(f"phrases/{language}_{kind}.txt")) for language in ("en", "zh") for kind in ("praise", "complaint")
    }
    assert len(sizes) == 1
    assert sizes.pop() >= 60


def test_scores_near_zero_are_unclear():
    said = sentiment.label(np.array([-1, -0.15, -0.1, 0, 0.14, 0.15, 1]))
    assert said.tolist() == ["negative"] * 2 + ["unclear"] * 3 + ["positive"] * 2


def test_emoji_speak_for_themselves():
    assert sentiment.emoji(["👍", "😡😡", "👍😡", "none", ""]).tolist() == [1, -1, 0, 0, 0]


def test_a_student_corrects_the_teacher_where_the_words_are_clear():
    rng = np.random.default_rng(0)
    good = rng.random(400) < 0.5
    texts = [["fine", f"w{rng.integers(9)}"] if g else ["broken", f"w{rng.integers(9)}"] for g in good]
    teacher = np.where(good, 1.0, -1.0) + rng.normal(0, 1.2, 400)
    matrix = sentiment.tfidf(texts)
    taught = sentiment.taught(teacher, matrix, np.ones(400, dtype=bool))
    assert scores(good, taught)[0] > scores(good, teacher)[0] + 0.1


def test_a_student_reads_what_the_teacher_has_not():
    texts = [["fine", f"a{n % 7}"] if n % 2 else ["broken", f"a{n % 7}"] for n in range(300)]
    known = np.arange(300) < 200
    teacher = np.where(known, np.where(np.arange(300) % 2, 0.8, -0.8), 0.0)
    taught = sentiment.taught(teacher, sentiment.tfidf(texts), known)
    assert ((taught > 0) == (np.arange(300) % 2 == 1)).all()


def test_texts_of_one_side_have_no_student():
    teacher = np.full(100, 0.7)
    assert sentiment.taught(teacher, sentiment.tfidf([["good", "thing"]] * 100), teacher > 0) is teacher


@pytest.mark.slow
@pytest.mark.parametrize("name", ["amazon_cells", "imdb", "yelp"])
def test_english_reviews_are_read_better_than_by_vader(name):
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    texts, right = uci(name)
    vader = SentimentIntensityAnalyzer()
    theirs = scores(right, np.array([vader.polarity_scores(text)["compound"] for text in texts]))
    ours = scores(right, opinion(texts))
    assert ours > theirs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "level"), [("zh_reviews/waimai_10k.csv", 0.77), ("zh_reviews/online_shopping_10_cats.csv.gz", 0.80)]
)
def test_chinese_reviews_reach_their_level_without_labels(file, level):
    frame = pd.read_csv(shared(file)).dropna().sample(ROWS, random_state=0)
    assert scores(frame["label"].to_numpy(), opinion(frame["review"]))[1] >= level
