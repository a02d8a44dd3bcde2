"""Which words stand in the same company: word vectors trained on the user's own texts.

word2vec (Mikolov et al. 2013, skip-gram) is the usual choice, fasttext (Bojanowski et al. 2017) also reads parts of
words and so places rare and misspelt ones, glove (Pennington et al. 2014) counts over all texts at once. Seeded and on
one thread: equal texts give equal neighbours.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm_ai.text.words import words as words_of

KINDS = ("word2vec", "fasttext", "glove")
DIMENSIONS = 50
WINDOW = 6
MOST_TEXTS = 30_000
MOST_WORDS = 4_000
EFFORT = 600_000
"""Words that are read in all passes together, about."""


@dataclass(frozen=True)
class Space:
    """Words and their vectors.

    Attributes:
        words: the words, most frequent first.
        counts: how often each occurs.
        vectors: float32 (words, d), unit length, their common direction taken out (Mu & Viswanath 2018): in small
            collections all words lie close together without that.
        middle: that common direction, (d,).
        model: the FastText model, which also places words that never occurred; else None.
    """

    words: list[str]
    counts: list[int]
    vectors: np.ndarray
    middle: np.ndarray
    model: Any = None

    def near(self, word: str, most: int = 15) -> list[tuple[str, float, int]]:
        """(neighbour, cosine similarity, count), nearest first; [] where the word is not known."""
        place = self._place(word)
        if place is None:
            return []
        similarity = self.vectors @ place
        asked = set(_parts(word))
        order = [i for i in np.argsort(-similarity, kind="stable") if self.words[i] not in asked][:most]
        return [(self.words[i], float(min(1.0, similarity[i])), self.counts[i]) for i in order if similarity[i] > 0]

    def _place(self, word: str) -> np.ndarray | None:
        """Where a word, or the middle of several, lies."""
        rows = [self.words.index(part) for part in _parts(word) if part in self.words]
        if rows:
            return _unit(self.vectors[rows].mean(axis=0, keepdims=True))[0]
        if self.model is None or not _parts(word):
            return None
        return _unit(_unit(self.model.wv[_parts(word)[0]][None]) - self.middle)[0]


def train(texts: Sequence[Sequence[str]], kind: str = "word2vec") -> Space:
    """A space of the words that occur often enough; empty where none do.

    Args:
        texts: the telling words of each text.
        kind: one of ``KINDS``.
    """
    step = max(1, -(-len(texts) // MOST_TEXTS))
    corpus = [list(text) for text in texts[::step] if len(text) > 1]
    counts = Counter(word for text in corpus for word in text)
    fewest = 5 if len(corpus) > 1_000 else 3 if len(corpus) > 100 else 2
    known = [(w, n) for w, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n >= fewest][
        :MOST_WORDS
    ]
    if len(known) < 3:
        return Space([], [], np.zeros((0, DIMENSIONS), np.float32), np.zeros(DIMENSIONS, np.float32))
    names = [word for word, _ in known]
    vectors, model = _glove(corpus, names) if kind == "glove" else _gensim(corpus, names, fewest, kind)
    middle = _unit(vectors).mean(axis=0)
    return Space(names, [n for _, n in known], _unit(_unit(vectors) - middle), middle, model)


def _glove(corpus: list[list[str]], names: list[str]) -> tuple[np.ndarray, None]:
    from crm_ai.text.glove import vectors

    number = {word: row for row, word in enumerate(names)}
    return vectors([[number[w] for w in text if w in number] for text in corpus], len(names)), None


def _gensim(corpus: list[list[str]], names: list[str], fewest: int, kind: str) -> tuple[np.ndarray, Any]:
    from gensim.models import FastText, Word2Vec

    passes = int(np.clip(EFFORT // max(1, sum(map(len, corpus))), 4, 40))
    common = {"vector_size": DIMENSIONS, "window": WINDOW, "min_count": fewest, "sg": 1, "epochs": passes}
    repeatable = {"seed": 1, "workers": 1}
    if kind == "fasttext":
        model = FastText(corpus, min_n=1, max_n=4, bucket=50_000, **common, **repeatable)
        return model.wv[names], model
    return Word2Vec(corpus, **common, **repeatable).wv[names], None


def _parts(word: str) -> list[str]:
    return words_of(word) or [word.strip().lower()]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
