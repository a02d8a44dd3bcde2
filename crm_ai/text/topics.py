"""What texts are about: embedding > PCA > k-means > class-based TF-IDF for the names (Grootendorst 2022).

What would hide the subject is taken out first: the mean of each language, the line from complaint to praise, and
sentences that many texts share ("Five stars."). The aspects of ``aspects.py`` lean the groups a little towards the
subjects shops ask for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm_ai.text.sentiment import family, line
from crm_ai.text.vectors import Embedded, Embedder, default_embedder

DIMENSIONS = 50
LEANING = 0.3
"""Weight of the aspects beside the meaning."""
CANDIDATES = (3, 4, 5, 6, 7, 8, 10, 12, 15)
FEWEST = 20
"""Texts from which on topics are looked for, and texts a topic has on average at least when their number is chosen."""
SAMPLE = 3_000
WORDS = 8
NAME_WORDS = 3


@dataclass(frozen=True)
class Topics:
    """Groups of texts, the largest first.

    Attributes:
        topic: int (n,), 1 for the largest group; 0 where a text says nothing.
        words: for each topic its most telling words, the first ones name it.
        example: for each topic the row of the text nearest to its middle.
    """

    topic: np.ndarray
    words: list[list[str]]
    example: list[int]

    @property
    def names(self) -> list[str]:
        return [", ".join(words[:NAME_WORDS]) for words in self.words]


def subjects(
    read: Embedded, languages: Sequence[str], mentions: np.ndarray, embedder: Embedder | None = None
) -> np.ndarray:
    """What each text is about as coordinates, float32 (n, <= DIMENSIONS).

    Args:
        mentions: bool (n, aspects).
    """
    about = _unshared(read)
    names = np.array(languages, dtype=object)
    for name in sorted(set(languages)):
        here = names == name
        about[here] -= about[here].mean(axis=0)
        feeling = line(family(name), embedder or default_embedder()).direction
        about[here] -= np.outer(about[here] @ feeling, feeling)
    leaning = mentions / np.maximum(np.sqrt(mentions.sum(axis=1, keepdims=True)), 1)
    return _reduced(np.hstack([_unit(about), LEANING * (leaning - leaning.mean(axis=0))]).astype(np.float32))


def group(places: np.ndarray, says: np.ndarray, words: Sequence[Sequence[str]], n_topics: int | None = None) -> Topics:
    """Group texts by their coordinates.

    Args:
        places: coordinates (n, d) of ``subjects``.
        says: bool (n,), texts that say something; the others get topic 0.
        words: the telling words of each text.
        n_topics: how many; None chooses by silhouette among ``CANDIDATES``.
    """
    rows = np.flatnonzero(says)
    topic = np.zeros(len(says), dtype=np.int64)
    if not len(rows):
        return Topics(topic, [], [])
    labels, middles = _clusters(places[rows], n_topics)
    order = np.argsort(-np.bincount(labels), kind="stable")
    topic[rows] = np.argsort(order)[labels] + 1
    named = naming(words, topic, len(order))
    return Topics(
        topic, named, [_example(places, middles[k], topic == i + 1, words, named[i]) for i, k in enumerate(order)]
    )


def _example(
    places: np.ndarray, middle: np.ndarray, here: np.ndarray, words: Sequence[Sequence[str]], named: list[str]
) -> int:
    """The row nearest to the middle of its topic, among those that use one of the words that name it."""
    rows = np.flatnonzero(here).tolist()
    fitting = [row for row in rows if set(named[:NAME_WORDS]) & set(words[row])] or rows
    return int(fitting[np.square(places[fitting] - middle).sum(axis=1).argmin()])


def spread(topic: np.ndarray, matrix: Any, rows: np.ndarray) -> np.ndarray:
    """Give texts that were not embedded the topic whose texts use the most similar words.

    Args:
        topic: (n,), of the embedded texts.
        matrix: TF-IDF, sparse (n, terms), rows of unit length.
        rows: bool (n,), the texts to place.
    """
    from scipy.sparse import csr_array

    n = int(topic.max(initial=0))
    if not n or not rows.any():
        return topic
    known = np.flatnonzero(topic > 0)
    member = csr_array((np.ones(len(known)), (topic[known] - 1, known)), shape=(n, len(topic)))
    middles = (member @ matrix).toarray()
    placed = topic.copy()
    placed[rows] = (matrix[rows] @ _unit(middles).T).argmax(axis=1) + 1
    return placed


def naming(words: Sequence[Sequence[str]], topic: np.ndarray, n: int) -> list[list[str]]:
    """The most telling words of topics 1 to n: frequent in the topic, rare in the others (class-based TF-IDF)."""
    numbers: dict[str, int] = {}
    pairs = [
        (numbers.setdefault(word, len(numbers)), k)
        for some, k in zip(words, topic, strict=True)
        for word in sorted(set(some))
    ]
    counts = np.zeros((max(len(numbers), 1), n + 1))
    if pairs:
        np.add.at(counts, tuple(np.array(pairs).T), 1)
    counts = counts[:, 1:]
    counts[counts < min(3, counts.max(initial=0))] = 0
    weight = counts * np.log1p(counts.sum() / max(n, 1) / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    vocabulary = np.array([*numbers, ""], dtype=object)
    best = np.argsort(-weight, axis=0, kind="stable")[:WORDS]
    return [[vocabulary[i] for i in best[:, k] if weight[i, k] > 0] for k in range(n)]


def _unshared(read: Embedded) -> np.ndarray:
    """Mean of the sentences of each text, those that many texts share counting little, unit length."""
    from scipy.sparse import csr_array

    weight = np.log1p(read.n / np.maximum(np.bincount(read.piece, minlength=len(read.pieces)), 1))
    matrix = csr_array((weight[read.piece], (read.text, read.piece)), shape=(read.n, len(read.pieces)))
    return _unit(matrix @ read.vectors)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _reduced(vectors: np.ndarray) -> np.ndarray:
    from sklearn.decomposition import PCA

    size = min(DIMENSIONS, *vectors.shape)
    if size < 2 or np.ptp(vectors, axis=0).max() < 1e-6:
        return np.zeros((len(vectors), 1), np.float32)
    return PCA(size, random_state=0).fit_transform(vectors)


def _clusters(places: np.ndarray, n_topics: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Labels and middles; a single group where there is too little to part."""
    different = len(np.unique(places.round(5), axis=0))
    k = min(n_topics or _best_number(places, different), different)
    if k < 2:
        return np.zeros(len(places), dtype=np.int64), places.mean(axis=0, keepdims=True)
    return _kmeans(places, k, 4)


def _best_number(places: np.ndarray, different: int) -> int:
    """The number of groups with the best silhouette on a sample; 1 where there are few different texts."""
    from sklearn.metrics import silhouette_score

    rows = np.random.default_rng(0).permutation(len(places))[:SAMPLE]
    sample = places[np.sort(rows)]
    tried = [k for k in CANDIDATES if k * FEWEST <= different and k < len(sample)]
    if not tried:
        return 2 if different >= FEWEST else 1
    labels = {k: _kmeans(sample, k, 2)[0] for k in tried}
    return max(tried, key=lambda k: silhouette_score(sample, labels[k]) if len(set(labels[k])) > 1 else -1.0)


def _kmeans(places: np.ndarray, k: int, starts: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.cluster import KMeans

    model = KMeans(k, n_init=starts, random_state=0).fit(places)
    return model.labels_.astype(np.int64), model.cluster_centers_
