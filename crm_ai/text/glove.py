"""GloVe: word vectors from how often words stand near each other (Pennington, Socher & Manning 2014).

The loss of the paper, sum of f(X_ij) (w_i . v_j + b_i + c_j - log X_ij)^2 with f(x) = min(1, (x / x_max)^0.75), is
minimised by alternating weighted least squares with a small ridge instead of AdaGrad: no learning rate, no chance.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

X_MAX = 20.0
"""Counts from which on a pair weighs fully; the paper's 100 is meant for billions of words."""
RIDGE = 0.1
SWEEPS = 8


def vectors(texts: Sequence[Sequence[int]], size: int, dimensions: int = 40, window: int = 8) -> np.ndarray:
    """Vectors of words 0 .. size - 1, float32 (size, dimensions): word plus context vector, as the paper says."""
    words, contexts = fitted(cooccurrences(texts, size, window), dimensions)
    return (words + contexts)[:, :dimensions].astype(np.float32)


def fitted(counts: Any, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Word and context vectors of counts, (size, dimensions + 2) each; the last column but one is the bias."""
    rng = np.random.default_rng(0)
    words, contexts = (rng.normal(0, 0.1, (counts.shape[0], dimensions + 2)) for _ in range(2))
    rows = [(counts.indices[a:b], counts.data[a:b]) for a, b in zip(counts.indptr, counts.indptr[1:], strict=False)]
    for _ in range(SWEEPS):
        words = _solved(rows, contexts)
        contexts = _solved(rows, words)  # the counts are symmetric
    return words, contexts


def cooccurrences(texts: Sequence[Sequence[int]], size: int, window: int) -> Any:
    """Symmetric sparse (size, size): pairs within the window, each counting 1 / distance."""
    from scipy.sparse import coo_array

    ends = np.cumsum([len(text) for text in texts])
    flat = np.fromiter((word for text in texts for word in text), np.int64, int(ends[-1]) if len(ends) else 0)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    counts = coo_array((size, size)).tocsr()
    for distance in range(1, min(window, max(len(flat) - 1, 0)) + 1):
        here = owner[distance:] == owner[:-distance]
        a, b = flat[:-distance][here], flat[distance:][here]
        pairs = coo_array((np.full(len(a), 1.0 / distance), (a, b)), shape=(size, size)).tocsr()
        counts = counts + pairs + pairs.T
    return counts.tocsr()


def _solved(rows: list[tuple[np.ndarray, np.ndarray]], other: np.ndarray) -> np.ndarray:
    """Best vectors of one side given the other's; the last two columns are (own bias, 1) against (1, other's bias)."""
    fixed = other.copy()
    fixed[:, -1] = 1.0
    found = np.zeros_like(other)
    ridge = RIDGE * np.eye(other.shape[1] - 1)
    inputs = np.delete(fixed, -2, axis=1)
    for row, (near, count) in enumerate(rows):
        weight = np.minimum(1.0, (count / X_MAX) ** 0.75)
        x = inputs[near]
        weighted = x.T * weight
        solution = np.linalg.solve(weighted @ x + ridge, weighted @ (np.log(count) - other[near, -2]))
        found[row, :-2], found[row, -2] = solution[:-1], solution[-1]
    return found
