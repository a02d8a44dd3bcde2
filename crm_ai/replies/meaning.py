"""Intents by the meaning: ridge regression in the space of a Gaussian kernel over sentence vectors.

Closed form, hence quick to learn, and the same numbers every time. Up to ``LANDMARKS`` examples it is exact (least
squares support vector machine, Suykens & Vandewalle 1999), beyond it the first ones carry the rest (Nystrom method,
Williams & Seeger 2001). Width and penalty are fixed: they hardly matter on unit vectors.
"""

from dataclasses import dataclass

import numpy as np

WIDTH = 2.5
"""The kernel is exp(WIDTH * (cosine - 1))."""
PENALTY = 0.1
LANDMARKS = 4_000


@dataclass(frozen=True)
class Meaning:
    """Scores of each intent, near 1 where examples agree and near 0 where none is close.

    Attributes:
        places: float32 (m, d), the landmarks.
        weights: float32 (m, intents).
    """

    places: np.ndarray
    weights: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Scores (n, intents)."""
        return kernel(vectors, self.places) @ self.weights


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Gaussian kernel of unit vectors, float32 (len(a), len(b))."""
    return np.exp(np.float32(WIDTH) * (a @ b.T - np.float32(1)))


def fit(vectors: np.ndarray, intent: np.ndarray, intents: int, landmarks: int = LANDMARKS) -> Meaning:
    """Learn from vectors (n, d) and the numbers of their intents."""
    places = vectors[:landmarks]
    near, inner = kernel(vectors, places), kernel(places, places)
    return Meaning(places, _solved(near.T @ near, near.T @ _targets(intent, intents), inner))


def held_out(vectors: np.ndarray, intent: np.ndarray, intents: int, fold: np.ndarray) -> np.ndarray:
    """Scores (n, intents) of each example by a model that has not seen the intents of its fold."""
    places = vectors[:LANDMARKS]
    near, inner, target = kernel(vectors, places), kernel(places, places), _targets(intent, intents)
    parts = [np.flatnonzero(fold == number) for number in range(fold.max() + 1)]
    grams = [near[rows].T @ near[rows] for rows in parts]
    moments = [near[rows].T @ target[rows] for rows in parts]
    gram, moment = sum(grams), sum(moments)
    found = np.zeros((len(vectors), intents), np.float32)
    for rows, own, owned in zip(parts, grams, moments, strict=True):
        found[rows] = near[rows] @ _solved(gram - own, moment - owned, inner)
    return found


def _targets(intent: np.ndarray, intents: int) -> np.ndarray:
    return (intent[:, None] == np.arange(intents)).astype(np.float32) - np.float32(1 / intents)


def _solved(gram: np.ndarray, moment: np.ndarray, inner: np.ndarray) -> np.ndarray:
    from scipy.linalg import solve

    normal = gram.astype(np.float64) + PENALTY * inner
    normal.flat[:: len(normal) + 1] += 1e-6 * np.trace(normal) / len(normal)
    return solve(normal, moment.astype(np.float64), assume_a="pos", overwrite_a=True).astype(np.float32)
