"""From the rows of a feedback table to what each text says: the steps of run, one after the other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.progress import Progress
from crm_ai.text import aspects, neighbours, ratings, sentiment
from crm_ai.text.language import language
from crm_ai.text.sentences import clean, sentences
from crm_ai.text.topics import Topics, group, naming, spread, subjects
from crm_ai.text.vectors import Embedded, embed
from crm_ai.text.words import telling, tokens

MOST_SENTENCES = 16_000
"""Sentences that are embedded, half a minute of work: of more, a sample of the texts; a student reads the rest."""


@dataclass(frozen=True)
class Reading:
    """Texts and what was found in them; arrays have a row a text.

    Attributes:
        texts: clean texts; languages: their codes; words: their telling words.
        embedded: the sentences of the texts that were read by meaning.
        pieces: opinion of each sentence.
        read: bool, the texts that were read by meaning.
        says: bool, the texts that say anything.
        mentions: bool (n, aspects).
        matrix: TF-IDF, or None.
        zero: zero-label opinion.
        known: 1 praise, 0 complaint, NaN unknown, from ratings or labels.
    """

    texts: list[str]
    languages: list[str]
    words: list[list[str]]
    embedded: Embedded
    pieces: np.ndarray
    read: np.ndarray
    says: np.ndarray
    mentions: np.ndarray
    matrix: Any
    zero: np.ndarray
    known: np.ndarray


def read(frame: pd.DataFrame, texts: list[str], languages: list[str], progress: Progress) -> Reading:
    """Read clean texts; the frame gives ratings and labels."""
    progress(0.05, "Reading the texts")
    sample = _sample(texts)
    progress(0.1, "Understanding the sentences")
    embedded = embed(
        [text if chosen else "" for text, chosen in zip(texts, sample, strict=True)],
        tell=lambda share: progress(0.1 + 0.5 * share, "Understanding the sentences"),
    )
    progress(0.6, "Judging the sentiment")
    pieces = sentiment.of_pieces(embedded, languages)
    seen = np.bincount(embedded.text, minlength=len(texts)) > 0
    said = np.array([bool(sentences(text)) for text in texts], dtype=bool)
    smile = sentiment.emoji(texts)
    tokenised = [tokens(text) for text in texts]
    matrix = sentiment.tfidf(tokenised)
    mentions = aspects.mentions(texts)
    return Reading(
        texts=texts,
        languages=languages,
        words=[telling(found) for found in tokenised],
        embedded=embedded,
        pieces=pieces,
        read=seen,
        says=said | (smile != 0),
        mentions=_by_meaning(mentions, embedded, languages),
        matrix=matrix,
        zero=np.where(said, _taught(embedded.means(pieces), matrix, seen), 0.0) + smile / 2,
        known=_known(frame),
    )


def cleaned(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The clean texts of a frame and their languages; equal texts are looked at once."""
    codes, unique = pd.factorize(frame["text"].map(clean))
    texts = [str(text) for text in unique]
    spoken = [language(text) for text in texts]
    return [texts[code] for code in codes], [spoken[code] for code in codes]


def judged(reading: Reading, use_ratings: bool) -> tuple[np.ndarray, str]:
    """The opinion that is shown, (n,), and the one of ``ratings.MIXES`` it comes from."""
    if (
        not use_ratings
        or reading.matrix is None
        or not ratings.can_learn(np.where(reading.says, reading.known, np.nan))
    ):
        return reading.zero, "zero_label"
    learnt = ratings.learn(
        np.where(reading.says, reading.known, np.nan),
        reading.zero,
        reading.matrix,
        reading.embedded.texts(),
        pd.factorize(np.array(reading.texts, dtype=object))[0],
    )
    return np.where(reading.says, learnt.opinion, 0.0), learnt.mix


def _sample(texts: list[str]) -> np.ndarray:
    """The texts that are embedded: all, or a seeded choice that has about MOST_SENTENCES different sentences."""
    order = np.random.default_rng(0).permutation(len(texts))
    chosen = np.zeros(len(texts), dtype=bool)
    seen: set[str] = set()
    for row in order.tolist():
        if len(seen) >= MOST_SENTENCES:
            break
        chosen[row] = True
        seen.update(sentences(texts[row]))
    return chosen


def _taught(opinion: np.ndarray, matrix: Any, seen: np.ndarray) -> np.ndarray:
    return opinion if matrix is None else sentiment.taught(opinion, matrix, seen)


def _by_meaning(mentions: np.ndarray, embedded: Embedded, languages: list[str]) -> np.ndarray:
    """Our word lists know English and Chinese; other languages are compared by meaning."""
    foreign = np.array([sentiment.family(name) == "other" for name in languages], dtype=bool)
    if not foreign[embedded.text].any():
        return mentions
    near = aspects.nearest(embedded.vectors)
    found = np.zeros_like(mentions)
    np.logical_or.at(found, embedded.text, near[embedded.piece])
    return mentions | (found & foreign[:, None])


def _known(frame: pd.DataFrame) -> np.ndarray:
    found = ratings.truth(frame.get("label"), frame.get("rating"))
    return found if len(found) else np.full(len(frame), np.nan)


def topics(reading: Reading, n_topics: int | None) -> Topics:
    """Topics of the texts that were read by meaning, then of the others by their words."""
    places = subjects(reading.embedded, reading.languages, reading.mentions)
    found = group(places, reading.read, reading.words, n_topics)
    rest = reading.says & ~reading.read
    if reading.matrix is None or not rest.any():
        return found
    topic = spread(found.topic, reading.matrix, rest)
    order = np.argsort(-np.bincount(topic, minlength=len(found.words) + 1)[1:], kind="stable")
    topic = np.r_[0, np.argsort(order) + 1][topic]
    return Topics(topic, naming(reading.words, topic, len(order)), [found.example[place] for place in order])


def space(
    reading: Reading, words: pd.DataFrame, score: np.ndarray, vectors: str, word: str
) -> tuple[neighbours.Space, str]:
    """The space of words and the word to look around: the asked one, or the most telling."""
    found = neighbours.train(reading.words, vectors)
    asked = word.strip()
    return found, asked if asked and asked != "auto" else most_telling(words, found, score[reading.says])


def most_telling(words: pd.DataFrame, space: neighbours.Space, score: np.ndarray) -> str:
    """The word, naming an aspect if there is one, whose texts differ most from the others in sentiment; "" for none."""
    known = words[words["word"].isin(space.words)]
    if known.empty:
        return ""
    named = np.flatnonzero(aspects.mentions(list(known["word"])).any(axis=1))
    known = known.iloc[named] if len(named) else known
    evidence = (known["score"] - score.mean()).abs() * np.sqrt(known["count"])
    return str(known["word"][evidence.idxmax()])
