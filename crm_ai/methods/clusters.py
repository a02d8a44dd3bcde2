"""Groups of rows: k-means, Ward's tree, Gaussian mixture, DBSCAN.

Each function takes a float32 matrix (rows, features), already on one scale, and the wanted numbers of groups, and gives a
``Groups`` for each. K-means (Lloyd 1982, started as Arthur & Vassilvitskii 2007) is written out here because choosing a
number of groups fits it hundreds of times to a few thousand rows, where the start-up of a library call costs most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Matrix = np.ndarray
NOISE = -1
"""The label of a row that belongs to no group (DBSCAN)."""


@dataclass(frozen=True)
class Groups:
    """A division of rows into groups 0 .. k-1, and the rule that puts any other row into one.

    Attributes:
        labels: group of each fitted row, shape (rows,).
        predict: matrix (n, features) -> group of each row, shape (n,).
        details: what else the method knows (eps, tree ...).
    """

    labels: np.ndarray
    predict: Callable[[Matrix], np.ndarray]
    details: Mapping[str, Any] = field(default_factory=dict)


Splitter = Callable[[Matrix, Sequence[int], int], dict[int, Groups]]
"""(matrix, numbers of groups, seed) -> number of groups -> Groups."""


def kmeans(x: Matrix, counts: Sequence[int], seed: int = 0, starts: int = 4) -> dict[int, Groups]:
    """K-means for each number of groups; the best of several starts."""
    rng = np.random.default_rng(seed)
    return {k: _best_of(x, k, rng, starts) for k in counts}


def refined(x: Matrix, centres: Matrix, steps: int = 30) -> Groups:
    """K-means on all rows, started from centres that a sample gave."""
    labels, centres, _ = _lloyd(x, centres, steps)
    return around(labels, centres)


def around(labels: np.ndarray, centres: Matrix) -> Groups:
    """Groups whose new rows go to the nearest centre."""
    return Groups(labels, lambda rows: nearest(rows, centres)[0], {"centres": centres})


def nearest(x: Matrix, centres: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """The nearest centre of each row and the squared distance to it."""
    score = x @ (-2 * centres.T)
    score += (centres**2).sum(axis=1)
    labels = score.argmin(axis=1)
    distance = np.take_along_axis(score, labels[:, None], axis=1)[:, 0] + np.einsum("ij,ij->i", x, x)
    return labels, np.maximum(distance, 0)


def means(x: Matrix, labels: np.ndarray, k: int) -> Matrix:
    """Centre of each group, shape (k, features); a group without rows gets the centre of all."""
    sizes = np.bincount(labels, minlength=k)
    sums = np.column_stack([np.bincount(labels, column, minlength=k) for column in x.T])
    centres = sums / np.maximum(sizes, 1)[:, None]
    centres[sizes == 0] = x.mean(axis=0)
    return centres.astype(np.float32)


def _best_of(x: Matrix, k: int, rng: np.random.Generator, starts: int) -> Groups:
    fits = [_lloyd(x, _spread(x, k, rng), 60) for _ in range(starts)]
    labels, centres, _ = min(fits, key=lambda fit: fit[2])
    return around(labels, centres)


def _spread(x: Matrix, k: int, rng: np.random.Generator) -> Matrix:
    """k-means++: each next start is drawn in proportion to its squared distance from those before."""
    chosen = [int(rng.integers(len(x)))]
    distance = ((x - x[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        total = distance.cumsum()
        chosen.append(min(int(total.searchsorted(rng.random() * total[-1])), len(x) - 1))
        np.minimum(distance, ((x - x[chosen[-1]]) ** 2).sum(axis=1), out=distance)
    return x[chosen]


def _lloyd(x: Matrix, centres: Matrix, steps: int) -> tuple[np.ndarray, Matrix, float]:
    """Labels, centres and the sum of squared distances, when the centres rest or after ``steps``."""
    for _ in range(steps):
        labels, distance = nearest(x, centres)
        moved = _filled(x, labels, distance, means(x, labels, len(centres)))
        rests = float(((moved - centres) ** 2).sum()) < 1e-6
        centres = moved
        if rests:
            break
    labels, distance = nearest(x, centres)
    return labels, centres, float(distance.sum())


def _filled(x: Matrix, labels: np.ndarray, distance: np.ndarray, centres: Matrix) -> Matrix:
    """Put the centre of a group without rows onto a row that is far from its own."""
    empty = np.flatnonzero(np.bincount(labels, minlength=len(centres)) == 0)
    if len(empty):
        centres[empty] = x[np.argsort(distance)[::-1][: len(empty)]]
    return centres
