"""Groups of rows: k-means, Ward's tree and DBSCAN on a float32 matrix (rows, features) that is already on one scale.

K-means (Lloyd 1982, started as Arthur & Vassilvitskii 2007) is written out here because choosing a number of groups
fits it hundreds of times to a few thousand rows, where the start-up of a library call costs most. Ward's tree is
scipy's; DBSCAN (Ester et al. 1996) takes its radius from the knee of the sorted neighbour distances.
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
        labels: group of each fitted row, shape (rows,); NOISE where it has none.
        predict: matrix (n, features) -> group of each row, shape (n,).
        details: what else the method knows: ``centres`` (k, features), ``tree``, ``radius``, ``distances``.
    """

    labels: np.ndarray
    predict: Callable[[Matrix], np.ndarray]
    details: Mapping[str, Any] = field(default_factory=dict)


Splitter = Callable[[Matrix, Sequence[int], int], dict[int, Groups]]
"""(matrix, numbers of groups, seed) -> number of groups -> Groups."""


# ---- k-means -----------------------------------------------------------------------------------------------------


def kmeans(x: Matrix, counts: Sequence[int], seed: int = 0, starts: int = 4) -> dict[int, Groups]:
    """K-means for each number of groups; the best of several starts."""
    rng = np.random.default_rng(seed)
    return {k: _best(x, k, rng, starts) for k in counts}


def refined(x: Matrix, centres: Matrix, steps: int = 30) -> Groups:
    """K-means on all rows, started from the centres that a sample gave."""
    labels, centres, _ = _lloyd(x, centres, steps)
    return around(labels, centres)


def around(labels: np.ndarray, centres: Matrix) -> Groups:
    """Groups whose new rows go to the nearest centre."""
    return Groups(labels, lambda rows: nearest(rows, centres)[0], {"centres": centres})


def nearest(x: Matrix, centres: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """The nearest centre of each row and the squared distance to it."""
    score = _closeness(x, centres)
    return score.argmin(axis=1), np.maximum(score.min(axis=1) + np.einsum("ij,ij->i", x, x), 0)


def means(x: Matrix, labels: np.ndarray, k: int) -> Matrix:
    """Centre of each group, shape (k, features); a group without rows gets the centre of all."""
    sizes = np.bincount(labels, minlength=k)
    sums = np.column_stack([np.bincount(labels, column, minlength=k) for column in x.T])
    centres = sums / np.maximum(sizes, 1)[:, None]
    if not sizes.all():
        centres[sizes == 0] = x.mean(axis=0)
    return centres.astype(np.float32)


def _best(x: Matrix, k: int, rng: np.random.Generator, starts: int) -> Groups:
    fits = [_lloyd(x, _spread(x, k, rng), 60) for _ in range(starts)]
    labels, centres, _ = min(fits, key=lambda fit: fit[2])
    return around(labels, centres)


def _spread(x: Matrix, k: int, rng: np.random.Generator, tries: int = 3) -> Matrix:
    """k-means++: each next start drawn in proportion to its squared distance from those before, the best of tries."""
    chosen = [int(rng.integers(len(x)))]
    distance = ((x - x[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        total = distance.cumsum()
        drawn = total.searchsorted(rng.random(tries) * total[-1], side="right").clip(max=len(x) - 1)
        nearer = [np.minimum(distance, ((x - x[row]) ** 2).sum(axis=1)) for row in drawn]
        best = int(np.argmin([float(each.sum()) for each in nearer]))
        chosen.append(int(drawn[best]))
        distance = nearer[best]
    return x[chosen]


def _lloyd(x: Matrix, centres: Matrix, steps: int) -> tuple[np.ndarray, Matrix, float]:
    """Labels, centres and the sum of squared distances, when the centres rest or after ``steps``."""
    for _ in range(steps):
        moved = _moved(x, _closeness(x, centres).argmin(axis=1), centres)
        rests = float(((moved - centres) ** 2).sum()) < 1e-4
        centres = moved
        if rests:
            break
    labels, distance = nearest(x, centres)
    return labels, centres, float(distance.sum())


def _closeness(x: Matrix, centres: Matrix) -> Matrix:
    """Squared distance of each row to each centre, less the row's own square, which does not change the order."""
    score = x @ (-2 * centres.T)
    score += (centres**2).sum(axis=1)
    return score


def _moved(x: Matrix, labels: np.ndarray, centres: Matrix) -> Matrix:
    """The means of the groups; the centre of a group without rows goes to a row that is far from its own."""
    empty = np.flatnonzero(np.bincount(labels, minlength=len(centres)) == 0)
    moved = means(x, labels, len(centres))
    if len(empty):
        far = np.argsort(nearest(x, centres)[1])[::-1]
        moved[empty] = x[np.resize(far, len(empty))]
    return moved


# ---- Ward's tree -------------------------------------------------------------------------------------------------


def ward(x: Matrix, counts: Sequence[int], seed: int = 0) -> dict[int, Groups]:
    """One tree of merges (Ward 1963), cut at each number of groups; new rows go to the nearest centre."""
    from scipy.cluster.hierarchy import cut_tree, linkage

    tree = linkage(x.astype(float), "ward")
    cuts = cut_tree(tree, list(counts))
    return {k: _cut(x, labels, k, tree) for k, labels in zip(counts, cuts.T, strict=True)}


def _cut(x: Matrix, labels: np.ndarray, k: int, tree: np.ndarray) -> Groups:
    centres = means(x, labels, k)
    return Groups(labels, lambda rows: nearest(rows, centres)[0], {"centres": centres, "tree": tree})


# ---- DBSCAN ------------------------------------------------------------------------------------------------------


def dbscan(x: Matrix, neighbours: int | None = None, radius: float | None = None) -> Groups:
    """Dense regions, numbered by size; the rows between them are NOISE.

    Args:
        neighbours: rows (itself included) within the radius that make a row part of a core; 2 x features by default.
        radius: in units of the matrix; the knee of the sorted distances to the neighbours-th row by default.
    """
    from scipy.spatial import cKDTree

    rows = np.asarray(x, dtype=float)
    count = min(neighbours or max(5, 2 * rows.shape[1]), len(rows))
    reach = cKDTree(rows).query(rows, k=[count])[0][:, 0]
    found = knee(np.sort(reach)) if radius is None else radius
    core = rows[reach <= found]
    groups = _connected(core, found)
    predict = _within(core, groups, found)
    return Groups(predict(rows), predict, {"radius": found, "distances": np.sort(reach), "neighbours": count})


def knee(curve: np.ndarray) -> float:
    """The value of a rising curve where it is farthest below the line between its ends (Satopaa et al. 2011)."""
    span = curve[-1] - curve[0]
    if span <= 0:
        return float(max(curve[-1], 1e-9))
    below = np.linspace(0, 1, len(curve)) - (curve - curve[0]) / span
    return float(max(curve[int(below.argmax())], 1e-9))


def _connected(core: np.ndarray, radius: float) -> np.ndarray:
    """Number of the connected part of each core row, the largest part first."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    if not len(core):
        return np.zeros(0, dtype=int)
    pairs = cKDTree(core).query_pairs(radius, output_type="ndarray")
    links = coo_array((np.ones(len(pairs), dtype=bool), pairs.T), shape=(len(core),) * 2)
    labels = connected_components(links, directed=False)[1]
    order = np.argsort(-np.bincount(labels), kind="stable")
    return np.argsort(order)[labels]


def _within(core: np.ndarray, groups: np.ndarray, radius: float) -> Callable[[Matrix], np.ndarray]:
    """The group of the nearest core row, where one lies within the radius."""
    from scipy.spatial import cKDTree

    if not len(core):
        return lambda rows: np.full(len(rows), NOISE)
    tree = cKDTree(core)

    def predict(rows: Matrix) -> np.ndarray:
        distance, index = tree.query(np.asarray(rows, dtype=float))
        return np.where(distance <= radius, groups[index], NOISE)

    return predict
