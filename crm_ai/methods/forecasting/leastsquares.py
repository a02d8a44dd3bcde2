"""Least squares at every cut from sums that grow: the past is added up once, not once a cut."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.panel import Array, Cuts


def moments(design: Array, target: Array, known: NDArray[np.bool_], cuts: Cuts) -> tuple[Array, Array, Array]:
    """X'X (series, cuts, f, f), X'y (series, cuts, f) and the number of rows (series, cuts) before each cut.

    Args:
        design: shape (series, columns, features).
        target: shape (series, columns).
        known: shape (series, columns), the rows that count.
    """
    design = np.where(known[:, :, None], design, 0.0)
    edges = [0, *cuts]
    grams, sides = [], []
    for low, high in pairwise(edges):
        rows = design[:, low:high]
        grams.append(rows.transpose(0, 2, 1) @ rows)
        sides.append((rows.transpose(0, 2, 1) @ target[:, low:high, None])[:, :, 0])
    counts = np.stack([known[:, :cut].sum(axis=1) for cut in cuts], axis=1)
    return np.cumsum(np.stack(grams, 1), axis=1), np.cumsum(np.stack(sides, 1), axis=1), counts.astype(np.float64)


def solve(gram: Array, side: Array, ridge: float | Array = 1e-8) -> Array:
    """Coefficients; the first feature is the constant and is not shrunk.

    Args:
        ridge: in units of each feature's own sum of squares.
    """
    power = np.einsum("...ff->...f", gram).copy()
    weight = np.asarray(ridge)[..., None] * power + 1e-9 * (1 + power.max(axis=-1, keepdims=True))
    weight[..., 0] = 1e-9 * (1 + power[..., 0])
    penalty = np.zeros_like(gram)
    index = np.arange(gram.shape[-1])
    penalty[..., index, index] = weight
    return np.linalg.solve(gram + penalty, side[..., None])[..., 0].astype(np.float64)
