"""Topics and aspects."""

import math
from collections import Counter

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, homogeneity_score

from crm_ai.text import aspects, topics
from crm_ai.text.language import languages
from crm_ai.text.vectors import default_embedder, embed
from crm_ai.text.words import words

SUBJECTS = {
    "music": ["The {a} concert was {f}", "Their {a} song sounds {f}", "The {a} guitar player is {f}"],
    "food": ["The {a} soup tastes {f}", "We ate a {a} pizza and it was {f}", "The {a} noodles were {f}"],
    "travel": ["The {a} train journey was {f}", "Our {a} flight to the coast was {f}", "The {a} bus tour was {f}"],
}


@pytest.fixture(scope="module")
def planted():
    """180 sentences about three subjects, praising and complaining alike."""
    rng = np.random.default_rng(0)
    rows = [
        (
            subject,
            form.format(a=rng.choice(["first", "last", "long", "short"]), f=rng.choice(["great", "awful", "bad"])),
        )
        for subject, forms in SUBJECTS.items()
        for form in forms
        for _ in range(20)
    ]
    return [subject for subject, _ in rows], [f"{text} on day {n}." for n, (_, text) in enumerate(rows)]


def found(texts, n_topics=None):
    read = embed(texts)
    places = topics.subjects(read, languages(texts), aspects.mentions(texts))
    return topics.group(places, np.ones(len(texts), dtype=bool), [words(text) for text in texts], n_topics)


def test_planted_subjects_are_found_whatever_the_feeling(planted):
    subject, texts = planted
    assert adjusted_rand_score(subject, found(texts, 3).topic) > 0.9


def test_topics_of_a_chosen_number_do_not_mix_subjects(planted):
    subject, texts = planted
    chosen = found(texts)
    assert len(chosen.words) >= 3
    assert homogeneity_score(subject, chosen.topic) > 0.9


def test_topics_are_numbered_by_size_and_shown_by_one_of_their_texts(planted):
    chosen = found(planted[1], 4)
    sizes = np.bincount(chosen.topic)[1:]
    assert (np.diff(sizes) <= 0).all()
    assert [chosen.topic[row] for row in chosen.example] == [1, 2, 3, 4]


def test_naming_words_are_those_of_a_loop():
    texts = [["a", "b"], ["a", "c"], ["a", "d"], ["x", "b"], ["x", "y"], ["x", "y"]]
    topic = np.array([1, 1, 1, 2, 2, 2])
    counts = [Counter(w for w, k in zip(texts, topic, strict=True) if k == n for w in set(w)) for n in (1, 2)]
    total = sum(sum(c.values()) for c in counts) / 2

    def weight(word, n):
        return counts[n][word] * math.log1p(total / sum(c[word] for c in counts)) if counts[n][word] >= 3 else 0

    for n, named in enumerate(topics.naming(texts, topic, 2)):
        twin = sorted((w for w in counts[n] if weight(w, n) > 0), key=lambda w: -weight(w, n))
        assert named == twin


@pytest.mark.parametrize("texts", [["only one text here"], ["the same words"] * 50, ["!!!"] * 3])
def test_too_little_to_part_is_one_topic(texts):
    assert len(found(texts).words) == 1


def test_no_text_has_no_topic():
    none = topics.group(np.zeros((2, 1)), np.zeros(2, dtype=bool), [[], []])
    assert none.topic.tolist() == [0, 0]
    assert none.names == []


def test_texts_that_were_not_embedded_join_the_topic_of_their_words():
    from scipy.sparse import csr_array

    matrix = csr_array(np.array([[1.0, 0], [0, 1], [1, 0], [0, 1]]))
    spread = topics.spread(np.array([1, 2, 0, 0]), matrix, np.array([False, False, True, True]))
    assert spread.tolist() == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("The parcel was late and overpriced", "delivery + price"),
        ("快递太慢，客服不理人", "delivery + service"),
        ("快遞太慢，客服態度差", "delivery + service"),
        ("It does not fit, the sleeves are too long", "fit"),
        ("这部电影剧情无聊", "story"),
        ("unrelated words", ""),
        ("", ""),
    ],
)
def test_aspects_are_found_in_both_languages(text, named):
    assert aspects.joined(aspects.mentions([text])) == [named]


def test_other_languages_are_compared_by_meaning():
    near = aspects.nearest(default_embedder()(["Die Lieferung war langsam", "Ich bin sechzig Jahre alt"]))
    assert "delivery" in aspects.joined(near)[0]
    assert aspects.joined(near)[1] == ""
