"""How unusual values are, and from where on that is no longer chance.

Scores: the plain z-score, the robust one (median and MAD, Iglewicz & Hoaglin 1993), the distance beyond Tukey's
hinges in quartile ranges (Tukey 1977), and the Isolation Forest (Liu, Ting & Zhou 2008). Bounds: no share is ever
declared unusual. A bound lies where clean data would pass it ``false_flags`` times on average in all the values
looked at, reckoned twice - for a normal distribution, and from the data's own tail (an exponential tail over the
upper tenth, its scale from the median excess, so that outliers in it hardly move it) - and the farther one counts.
"""

from dataclasses import dataclass
from math import log
from statistics import NormalDist

import numpy as np

MAD = 1.4826
"""Median absolute deviation -> standard deviation of a normal distribution."""
MEAN_DEVIATION = 1.2533
HINGE, QUARTILE_RANGE = 0.6745, 1.349
"""Upper quartile and quartile range of the standard normal distribution."""
TAIL, FEWEST_IN_TAIL, MOST_ROUNDS = 0.9, 5, 5
SHAPE = 1.5
"""How tails fall: between the exponential (1) and the normal distribution (2)."""
TINY = 1e-12
MOST_NEGATIVE = 0.02
POWERS = (1.0, 0.5, 0.0)
"""Exponents of the ladder of powers; 0 is the logarithm."""
TREES, REFERENCES, MOST_IN_REFERENCE, TOP = 100, 3, 20_000, 12
NODES, FAR = 101, 8.0


METHODS = ("zscore", "robust_zscore", "iqr")


@dataclass(frozen=True)
class Yardstick:
    """What usual values are, column by column: from ``low`` to ``high`` scores 0, a ``unit`` beyond scores 1."""

    low: np.ndarray
    high: np.ndarray
    unit: np.ndarray

    def score(self, values: np.ndarray) -> np.ndarray:
        """Signed scores of (n,) or (n, d) values."""
        return (np.maximum(values - self.high, 0) - np.maximum(self.low - values, 0)) / self.unit

    def value(self, score: float) -> np.ndarray:
        """The value with this signed score, other than 0."""
        unit = np.where(np.isfinite(self.unit), self.unit, 0.0)
        return (self.high if score > 0 else self.low) + score * unit


def yardstick(values: np.ndarray, method: str) -> Yardstick:
    """The yardstick of one of METHODS; values that are all equal score 0."""
    values = np.asarray(values, dtype=float)
    if method == "zscore":
        mean, deviation = values.mean(axis=0), values.std(axis=0)
        return Yardstick(mean, mean, _unit(deviation))
    middle = np.median(values, axis=0)
    spread = robust_spread(values - middle)
    if method == "robust_zscore":
        return Yardstick(middle, middle, _unit(spread))
    low, high = np.quantile(values, [0.25, 0.75], axis=0)
    return Yardstick(low, high, _unit(np.where(high > low, high - low, QUARTILE_RANGE * spread)))


def zscore(values: np.ndarray) -> np.ndarray:
    """Signed standard deviations from the mean, column by column."""
    return yardstick(values, "zscore").score(values)


def robust_zscore(values: np.ndarray) -> np.ndarray:
    """Signed robust standard deviations from the median, column by column."""
    return yardstick(values, "robust_zscore").score(values)


def iqr(values: np.ndarray) -> np.ndarray:
    """Signed distance beyond the nearer quartile in quartile ranges, column by column."""
    return yardstick(values, "iqr").score(values)


def robust_spread(away: np.ndarray) -> np.ndarray:
    """Spread of deviations: by the MAD, or by their mean where more than half are 0."""
    size = np.abs(away)
    middle, mean = MAD * np.median(size, axis=0), MEAN_DEVIATION * size.mean(axis=0)
    return np.where(middle > 0, middle, mean)


def _unit(spread: np.ndarray) -> np.ndarray:
    """Nothing is far from anything where there is no spread; rounding errors are none."""
    return np.where(np.asarray(spread) > TINY, spread, np.inf)


def farthest(scores: np.ndarray) -> np.ndarray:
    """The largest size of score in each row of (n, d) signed scores."""
    return np.abs(scores).max(axis=1)


def isolation_forest(values: np.ndarray, seed: int = 0, trees: int = TREES) -> np.ndarray:
    """Isolation Forest score of each row of (n, d): from 0 to 1, larger is more unusual."""
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=trees, random_state=seed)
    values = np.asarray(values, dtype=np.float32)
    return -forest.fit(values).score_samples(values)


def bounds(scores: np.ndarray, false_flags: float, method: str = "robust_zscore") -> tuple[float, float]:
    """The lowest and highest signed score that chance still explains.

    What lies outside is left out and the tails are reckoned again, until nothing more falls outside: else large
    outliers would hide smaller ones.

    Args:
        scores: (n,) signed scores of one of METHODS.
        false_flags: how many clean values may lie outside, on average, of all n.
    """
    normal = _normal_bound(len(scores), false_flags)
    normal = (normal - HINGE) / QUARTILE_RANGE if method == "iqr" else normal
    inside, low, high = scores, -np.inf, np.inf
    for _ in range(MOST_ROUNDS):
        low = -max(normal, _tail_bound(-inside, false_flags / 2))
        high = max(normal, _tail_bound(inside, false_flags / 2))
        kept = inside[(inside >= low) & (inside <= high)]
        if len(kept) == len(inside):
            break
        inside = kept
    return low, high


def isolation_bound(values: np.ndarray, false_flags: float, seed: int = 0) -> float:
    """The Isolation Forest score up to which chance explains it.

    Forests grown on clean data of the same size say what those reach: rows with the same rank correlations and, in
    each column, the values that lie within the robust bounds.

    Args:
        values: (n, d) what the forest saw.
    """
    rng = np.random.default_rng(seed)
    size, columns = min(len(values), MOST_IN_REFERENCE), [_quantiles(column, false_flags) for column in values.T]
    root = _correlation_root(values)
    clean = []
    for k in range(REFERENCES):
        normal = rng.standard_normal((size, len(root))) @ root.T
        rows = np.column_stack([np.interp(g, *column) for g, column in zip(normal.T, columns, strict=True)])
        clean.append(isolation_forest(rows, seed + 1 + k))
    return _exceeded(np.concatenate(clean), false_flags * REFERENCES * size / len(values))


def _quantiles(column: np.ndarray, false_flags: float) -> tuple[np.ndarray, np.ndarray]:
    """Normal quantiles and those of the values within the column's bounds; the slopes of both tails go on."""
    score = robust_zscore(column)
    low, high = bounds(score, false_flags)
    clean, normal = column[(score >= low) & (score <= high)], NormalDist()
    reach = normal.inv_cdf(1 - 0.5 / max(len(clean), 3))
    nodes = np.linspace(-reach, reach, NODES)
    found = np.quantile(clean, [normal.cdf(node) for node in nodes], method="hazen")
    part = NODES // 5
    width, farther = nodes[part] - nodes[0], FAR - reach
    low_end = found[0] - (found[part] - found[0]) / width * farther
    high_end = found[-1] + (found[-1] - found[-1 - part]) / width * farther
    return np.array([-FAR, *nodes, FAR]), np.array([low_end, *found, high_end])


@dataclass(frozen=True)
class Rung:
    """A rung of the ladder of powers: values, their square roots or their logarithms.

    Below root and logarithm, what is not positive counts as 0, and ``offset`` keeps the logarithm finite.
    """

    exponent: float = 1.0
    offset: float = 0.0

    def up(self, values: np.ndarray) -> np.ndarray:
        if self.exponent == 1.0:
            return np.asarray(values, dtype=float)
        positive = np.maximum(values, 0.0)
        return np.sqrt(positive) if self.exponent else np.log(positive + self.offset)

    def back(self, values: np.ndarray) -> np.ndarray:
        if self.exponent == 1.0:
            return np.asarray(values, dtype=float)
        return np.maximum(values, 0.0) ** 2 if self.exponent else np.maximum(np.exp(values) - self.offset, 0.0)


def rung(values: np.ndarray, exponent: float) -> Rung:
    """The rung of that exponent for these values."""
    positive = values[values > 0]
    if exponent or len(positive) == len(values):
        return Rung(exponent)
    return Rung(exponent, float(np.median(positive)) / 100 if len(positive) else 1.0)


def symmetric(values: np.ndarray) -> Rung:
    """The rung on which the middle 80 % of the values lie most symmetrically.

    Values of which more than 1 in 50 are negative stay as they are.
    """
    if np.mean(values < 0) > MOST_NEGATIVE:
        return Rung()
    return min((rung(values, exponent) for exponent in POWERS), key=lambda rung: abs(lopsided(rung.up(values))))


def lopsided(values: np.ndarray) -> float:
    """Kelly's measure of skewness, from -1 to 1."""
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return float((low + high - 2 * middle) / (high - low)) if high > low else 0.0


def _normal_bound(size: int, false_flags: float) -> float:
    """Student's quantile, as the spread is estimated: by Fisher's expansion, with the MAD's efficiency of 37 %."""
    z = -NormalDist().inv_cdf(min(0.5, false_flags / 2 / max(size, 1)))
    return z + (z**3 + z) / (4 * max(0.37 * size, 1))


def _tail_bound(scores: np.ndarray, false_flags: float) -> float:
    """Where a tail over the upper tenth that falls like exp(-score ** 1.5) leaves ``false_flags`` values outside."""
    start = max(0.0, float(np.quantile(scores, TAIL)))
    beyond = scores[scores > start]
    if len(beyond) < FEWEST_IN_TAIL:
        return -np.inf
    scale = (np.median(beyond) ** SHAPE - start**SHAPE) / log(2)
    return float((start**SHAPE + scale * max(0.0, log(len(beyond) / false_flags))) ** (1 / SHAPE))


def _exceeded(scores: np.ndarray, times: float) -> float:
    """The score exceeded ``times`` times; beyond the largest by an exponential tail through the TOP ones."""
    if times >= 1:
        return float(np.quantile(scores, 1 - (times - 1) / (len(scores) - 1)))
    start, *top = np.sort(scores)[-TOP - 1 :]
    return float(start + np.median(np.array(top) - start) / log(2) * log(TOP / times))


def _correlation_root(values: np.ndarray) -> np.ndarray:
    """A root of the normal correlation matrix that has the rank correlations of the columns."""
    ranks = np.argsort(np.argsort(values, axis=0), axis=0)
    correlation = 2 * np.sin(np.pi / 6 * np.atleast_2d(np.corrcoef(ranks.T)))
    weights, vectors = np.linalg.eigh(np.nan_to_num(correlation, nan=0.0))
    return vectors * np.sqrt(np.clip(weights, 0, None))
