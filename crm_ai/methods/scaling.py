"""Columns on one scale: skew (Yeo & Johnson 2000) and heavy tails out, mean 0, variance 1, far values drawn in."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SKEWED = 1.0
"""Skewness from which a column is transformed; below it stays linear, so that its distances keep their meaning."""
HEAVY = 6.0
"""Kurtosis (3 for a Gaussian) from which a column without skew has its tails drawn in."""
FAR = 4.0
"""Standard deviations beyond which a value counts as if it lay there: one giant must not be a group of its own."""
FEW = 5_000
"""Rows that settle the transformation."""


@dataclass(frozen=True)
class Scale:
    """How one column comes to mean 0 and variance 1; learnt from some rows, it holds for any.

    Attributes:
        missing: what stands for a missing value. unit: what values are divided by first; 0: all become 0.
        power: of Yeo & Johnson; None leaves the values as they are.
        middle, width: arcsinh((value - middle) / width) draws the tails in; a width of None leaves them.
        mean, spread: of what came out so far.
    """

    missing: float
    unit: float
    power: float | None = None
    middle: float = 0.0
    width: float | None = None
    mean: float = 0.0
    spread: float = 0.0

    @classmethod
    def of(cls, values: np.ndarray) -> "Scale":
        """Learn from values; NaN are missing."""
        known = np.isfinite(values)
        missing = float(np.median(values[known])) if known.any() else 0.0
        column = np.where(known, values, missing)
        unit = _unit(column)
        if unit == 0 or column.min() == column.max():
            return cls(missing, 0.0)
        column, lean, middle, width = column / unit, None, 0.0, None
        if abs(_moment(column, 3)) > SKEWED:
            lean = power(_part(column))
            column = yeo_johnson(column, lean)
        if _moment(column, 4) > HEAVY:
            middle = float(np.median(column))
            column = column - middle
            width = reach(_part(column))
            column = np.arcsinh(column / width)
        return cls(missing, unit, lean, middle, width, float(column.mean()), float(column.std()))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """The scaled values, float32."""
        if self.unit == 0 or self.spread <= 1e-9:
            return np.zeros(len(values), dtype=np.float32)
        column = np.where(np.isfinite(values), values, self.missing) / self.unit
        column = column if self.power is None else yeo_johnson(column, self.power)
        column = column if self.width is None else np.arcsinh((column - self.middle) / self.width)
        return np.clip((column - self.mean) / self.spread, -FAR, FAR).astype(np.float32)


def scaled(values: np.ndarray) -> np.ndarray:
    """One column with mean 0 and variance 1, float32; missing values in the middle; all 0 where it is constant.

    Multiplying the column by a positive number does not change the answer.
    """
    return Scale.of(values)(values)


def matrix(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """The scaled columns side by side, shape (rows, columns), float32."""
    return np.column_stack([scaled(np.asarray(values, dtype=float)) for values in columns.values()])


def yeo_johnson(x: np.ndarray, power: float) -> np.ndarray:
    """The transformation; 1 leaves the values as they are, 0 is the logarithm of 1 + x above 0."""
    up, down = np.maximum(x, 0), np.maximum(-x, 0)
    return _box_cox(up, power) - _box_cox(down, 2 - power)


def power(x: np.ndarray) -> float:
    """The power, from -2 to 3 in steps of 0.1, under which the values are most nearly normal."""
    lean = float((np.sign(x) * np.log1p(np.abs(x))).sum())
    grid = np.round(np.arange(-2, 3.01, 0.1), 1)
    fits = [(p - 1) * lean - len(x) / 2 * np.log(max(yeo_johnson(x, p).var(), 1e-12)) for p in grid]
    return float(grid[int(np.argmax(fits))])


def reach(x: np.ndarray) -> float:
    """The width, from 1/100 of the spread to all of it, from which arcsinh(x / width) is most nearly normal."""
    grid = x.std() * np.logspace(-2, 0, 21)
    fits = [_bent(x, width) for width in grid]
    return float(grid[int(np.argmax(fits))])


def dithered(x: np.ndarray, seed: int = 0) -> np.ndarray:
    """Each value moved at random within half the gaps to its neighbours: steps of a count are not taken for groups."""
    rng = np.random.default_rng(seed)
    return np.column_stack([_loosened(column, rng) for column in x.T]).astype(np.float32)


def leading(x: np.ndarray, most: int = 12, share: float = 0.9) -> np.ndarray:
    """The directions (features, few) that carry ``share`` of the variance, at most ``most`` of them."""
    values, axes = np.linalg.eigh(np.atleast_2d(np.cov(x.T)))
    carried = np.cumsum(values[::-1]) / max(values.sum(), 1e-12)
    return axes[:, ::-1][:, : min(most, int(np.searchsorted(carried, share)) + 1)].astype(np.float32)


def _loosened(column: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    values, place = np.unique(column, return_inverse=True)
    if len(values) < 2:
        return column
    half = np.diff(values) / 2
    low, high = np.append(half[0], half), np.append(half, half[-1])
    draw = rng.random(len(column))
    return column - low[place] + draw * (low + high)[place]


def _box_cox(x: np.ndarray, power: float) -> np.ndarray:
    """((1 + x)^power - 1) / power for x >= 0."""
    logs = np.log1p(x)
    return logs if abs(power) < 1e-9 else np.expm1(power * logs) / power


def _unit(column: np.ndarray) -> float:
    sizes = np.abs(column)
    return float(np.median(sizes[sizes > 0])) if (sizes > 0).any() else 0.0


def _bent(x: np.ndarray, width: float) -> float:
    """Normal log-likelihood of arcsinh(x / width), up to a constant."""
    spread = np.arcsinh(x / width).var()
    return float(-len(x) / 2 * np.log(max(spread, 1e-12)) - 0.5 * np.log(x**2 + width**2).sum())


def _moment(column: np.ndarray, order: int) -> float:
    """The standardised moment: skewness for 3, kurtosis for 4; 0 where the column is constant."""
    centred = column - column.mean()
    spread = centred.std()
    return float(((centred / spread) ** order).mean()) if spread > 1e-12 else 0.0


def _part(column: np.ndarray) -> np.ndarray:
    """Evenly spaced values of the sorted column: the same for any order of the rows."""
    if len(column) <= FEW:
        return column
    return np.sort(column)[np.linspace(0, len(column) - 1, FEW).astype(int)]
