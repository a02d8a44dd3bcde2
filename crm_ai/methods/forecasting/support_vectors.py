"""Support-vector regression with a radial kernel, learnt for many series at once.

The method of multipliers splits the problem into a linear system, whose matrix is inverted once, and a step that each
row takes alone; both run over all series together (Boyd et al. 2011; the regression: Drucker et al. 1997).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.panel import Array

COST = 2.0
TUBE = 0.1
"""Errors below this, in standard deviations of the target, cost nothing."""
INTERCEPT = 1.0
"""A constant in the kernel stands for the intercept."""
RHO, RELAX, STEPS = 1.0, 1.6, 150


@dataclass(frozen=True)
class SupportVectors:
    """One machine a series.

    Attributes:
        inputs: (series, rows, features), standardised.
        weights: (series, rows), 0 where a row does not support.
        centre, spread: (series, features), of the inputs.
        middle, width: (series,), of the target.
    """

    inputs: Array
    weights: Array
    centre: Array
    spread: Array
    middle: Array
    width: Array

    @classmethod
    def fit(cls, inputs: Array, target: Array, known: NDArray[np.bool_]) -> "SupportVectors":
        """Learn from the known rows of each series.

        Args:
            inputs: (series, rows, features).
            target: (series, rows).
            known: (series, rows).
        """
        centre, spread = _moments(inputs, known[:, :, None])
        middle, width = _moments(target, known)
        scaled = (inputs - centre[:, None]) / spread[:, None]
        wanted = (target - middle[:, None]) / width[:, None]
        weights = _multipliers(_kernel(scaled, scaled), wanted, known)
        return cls(scaled, weights, centre, spread, middle, width)

    def predict(self, inputs: Array) -> Array:
        """Targets (series, rows) at inputs (series, rows, features)."""
        scaled = (inputs - self.centre[:, None]) / self.spread[:, None]
        found = (_kernel(scaled, self.inputs) @ self.weights[:, :, None])[:, :, 0]
        return found * self.width[:, None] + self.middle[:, None]


def _moments(values: Array, known: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Mean and standard deviation over the known rows; a deviation of 0 counts as 1."""
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, values, 0.0).sum(axis=1) / count
    spread = np.sqrt(np.square(np.where(known, values - mean[:, None], 0.0)).sum(axis=1) / count)
    return mean, np.where(spread > 1e-9, spread, 1.0)


def _kernel(left: Array, right: Array) -> Array:
    """exp(-gamma |x - y|^2) + INTERCEPT, with gamma = 0.3 / features: wide, because lags move together."""
    gamma = 0.3 / left.shape[-1]
    far = np.square(left).sum(-1)[:, :, None] + np.square(right).sum(-1)[:, None] - 2 * left @ right.transpose(0, 2, 1)
    return np.exp(-gamma * np.maximum(far, 0.0)) + INTERCEPT


def _multipliers(kernel: Array, target: Array, known: NDArray[np.bool_]) -> Array:
    """Minimise 1/2 w'Kw + COST * sum(max(0, |target - Kw| - TUBE)) by alternating directions: one inverse, many steps.

    In single precision and series by series, because the inverse then stays in the processor's cache.
    """
    both = known[:, :, None] & known[:, None, :]
    system = np.where(both, kernel, 0.0) + np.eye(target.shape[1]) / RHO
    found = np.stack(
        [
            _alternate(np.linalg.inv(a.astype(np.float32)), b.astype(np.float32))
            for a, b in zip(system, target, strict=True)
        ]
    )
    return np.where(known, found.astype(np.float64), 0.0)


def _alternate(inverse: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weights of one series, from the inverse of K + I / RHO."""
    rest, dual = np.zeros_like(target), np.zeros_like(target)
    for _ in range(STEPS):
        aim = target - rest + dual
        fitted = RELAX * (aim - (inverse @ aim) / RHO) + (1 - RELAX) * (target - rest)
        loose = target - fitted + dual
        near = np.clip(loose, -TUBE, TUBE)
        rest = near + np.sign(loose) * np.maximum(np.abs(loose) - (TUBE + COST / RHO), 0)
        dual = loose - rest
    return np.clip(RHO * dual, -COST, COST)
