"""Intents by the words: TF-IDF of words, pairs of words and pieces of words, then logistic regression.

Words and pieces (two to five characters within a word, or one to five of a run of Chinese) count alike. Everything is
kept as plain arrays.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from crm_ai.text.words import simplified, terms, tokens

PIECES = range(2, 6)
STRENGTH = 10.0
"""Inverse regularisation."""
STEPS = 60
RARE_FROM = 2_000
"""Examples from which on a term must occur twice."""

_WORD = re.compile(r"\w+")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Vocabulary:
    """Terms and their weights.

    Attributes:
        words: words and pairs of words.
        pieces: pieces of words.
        idf: float32 (len(words) + len(pieces),).
    """

    words: tuple[str, ...]
    pieces: tuple[str, ...]
    idf: np.ndarray

    @cached_property
    def places(self) -> tuple[dict[str, int], dict[str, int]]:
        first = {term: place for place, term in enumerate(self.words)}
        return first, {term: place + len(self.words) for place, term in enumerate(self.pieces)}

    def matrix(self, texts: Sequence[str]) -> Any:
        """Sparse float32 (n, terms); rows have unit length, or less where a text has no known word or piece."""
        from scipy.sparse import csr_array

        columns: list[int] = []
        values: list[np.ndarray] = []
        ends = [0]
        for text in texts:
            for said, places in zip(_said(text), self.places, strict=True):
                counts = Counter(places[term] for term in said if term in places)
                columns += counts
                values.append(self._weights(counts))
            ends.append(len(columns))
        joined = np.concatenate(values) if values else np.zeros(0, np.float32)
        return csr_array((joined, np.array(columns, np.int32), ends), shape=(len(texts), len(self.idf)))

    def _weights(self, counts: Counter[int]) -> np.ndarray:
        there = np.fromiter(counts, np.int64, len(counts))
        weights = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * self.idf[there]
        return (weights / max(float(np.linalg.norm(weights)), 1e-9) / np.sqrt(2)).astype(np.float32)


def vocabulary(texts: Sequence[str]) -> Vocabulary:
    """The terms of texts with smoothed inverse document frequencies."""
    said = [_said(text) for text in texts]
    least = 1 if len(texts) < RARE_FROM else 2
    kinds = [_frequent((one[kind] for one in said), least) for kind in (0, 1)]
    counts = np.array([count for kind in kinds for count in kind.values()], np.float32)
    idf = (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)
    return Vocabulary(tuple(kinds[0]), tuple(kinds[1]), idf)


@dataclass(frozen=True)
class Wording:
    """Log-odds of each intent by the words.

    Attributes:
        weights: float32 (terms, intents).
        offset: float32 (intents,).
    """

    weights: np.ndarray
    offset: np.ndarray

    def __call__(self, matrix: Any) -> np.ndarray:
        """Log-probabilities (n, intents) of the rows of ``Vocabulary.matrix``."""
        return log_softmax(matrix @ self.weights + self.offset)


def fit(matrix: Any, intent: np.ndarray, intents: int) -> Wording:
    """Learn from rows and their intents, numbers below ``intents``; one that never occurs gets hardly any chance."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=1e-3).fit(matrix, intent)
    weights = np.zeros((matrix.shape[1], intents), np.float32)
    offset = np.full(intents, -20.0, np.float32)
    two = len(model.classes_) == 2  # scikit-learn then keeps one column
    weights[:, model.classes_] = np.vstack([-model.coef_ / 2, model.coef_ / 2]).T if two else model.coef_.T
    offset[model.classes_] = np.r_[-model.intercept_ / 2, model.intercept_ / 2] if two else model.intercept_
    return Wording(weights, offset)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities along the last axis."""
    high = logits - logits.max(axis=-1, keepdims=True)
    return high - np.log(np.exp(high).sum(axis=-1, keepdims=True))


def _said(text: str) -> tuple[list[str], list[str]]:
    """Words with pairs, and pieces."""
    lower = simplified(text.lower())
    return terms(tokens(lower)), list(_pieces(lower))


def _pieces(text: str) -> Iterable[str]:
    for word in _WORD.findall(text):
        padded = f" {word[:60]} "
        yield from (padded[at : at + n] for n in PIECES for at in range(max(1, len(padded) - n + 1)))
        yield from _HAN.findall(word[:60])


def _frequent(said: Iterable[list[str]], least: int) -> dict[str, int]:
    counts = Counter(term for one in said for term in set(one))
    return {term: count for term, count in sorted(counts.items()) if count >= least}
