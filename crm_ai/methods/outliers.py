"""How unusual values are, and from where on that is no longer chance.

Scores: the plain z-score, the robust one (median and MAD, Iglewicz & Hoaglin 1993), the distance beyond Tukey's
hinges in quartile ranges (Tukey 1977), and the Isolation Forest (Liu, Ting & Zhou 2008). Bounds: no share is ever
declared unusual. A bound lies where clean data would pass it ``false_flags`` times on average in all the values
looked at, reckoned twice - for a normal distribution, and from the data's own tail (an exponential tail over the
upper tenth, its scale from the median excess, so that outliers in it hardly move it) - and the farther one counts.
"""

from collections.abc import Callable
from math import log
from statistics import NormalDist

import numpy as np

MAD = 1.4826
"""Median absolute deviation -> standard deviation of a normal distribution."""
MEAN_DEVIATION = 1.2533
HINGE, QUARTILE_RANGE = 0.6745, 1.349
"""Upper quartile and quartile range of the standard normal distribution."""
TAIL, FEWEST_IN_TAIL = 0.9, 5
POWERS = (1.0, 0.5, 0.0)
"""Exponents of the ladder of powers; 0 is the logarithm."""
TREES, REFERENCES, MOST_IN_REFERENCE = 100, 3, 20_000


def zscore(values: np.ndarray) -> np.ndarray:
    """Signed standard deviations from the mean, column by column; 0 where all are equal."""
    values = np.asarray(values, dtype=float)
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0, spread, np.inf)


def robust_zscore(values: np.ndarray) -> np.ndarray:
    """Signed robust standard deviations from the median, column by column; 0 where all are equal."""
    values = np.asarray(values, dtype=float)
    away = values - np.median(values, axis=0)
    return away / robust_spread(away)


def robust_spread(away: np.ndarray) -> np.ndarray:
    """Spread of deviations: by the MAD; by their mean where more than half are 0; infinite where all are."""
    size = np.abs(away)
    middle, mean = MAD * np.median(size, axis=0), MEAN_DEVIATION * size.mean(axis=0)
    spread = np.where(middle > 0, middle, mean)
    return np.where(spread > 0, spread, np.inf)


def iqr(values: np.ndarray) -> np.ndarray:
    """Signed distance beyond the nearer quartile in quartile ranges, column by column; 0 between the quartiles."""
    values = np.asarray(values, dtype=float)
    low, high = np.quantile(values, [0.25, 0.75], axis=0)
    width = np.where(high > low, high - low, QUARTILE_RANGE * robust_spread(values - np.median(values, axis=0)))
    return (np.maximum(values - high, 0) - np.maximum(low - values, 0)) / width


SCORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {"zscore": zscore, "robust_zscore": robust_zscore, "iqr": iqr}


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

    Args:
        scores: (n,) signed scores of one of SCORES.
        false_flags: how many clean values may lie outside, on average, of all n.
    """
    normal = _normal_bound(len(scores), false_flags)
    normal = (normal - HINGE) / QUARTILE_RANGE if method == "iqr" else normal
    half = false_flags / 2
    return -max(normal, _tail_bound(-scores, half)), max(normal, _tail_bound(scores, half))


def isolation_bound(values: np.ndarray, scores: np.ndarray, false_flags: float, seed: int = 0) -> float:
    """The Isolation Forest score up to which chance explains it.

    Forests grown on normal data of the same size and rank correlations say what clean data reach; the tail of the
    scores themselves is the second reckoning.

    Args:
        values: (n, d) what the forest saw. scores: (n,) what it said.
    """
    rng = np.random.default_rng(seed)
    size = min(len(values), MOST_IN_REFERENCE)
    root = _correlation_root(values)
    clean = [
        isolation_forest(rng.standard_normal((size, len(root))) @ root.T, seed + 1 + k) for k in range(REFERENCES)
    ]
    allowed = false_flags * REFERENCES * size / len(values)
    return max(_exceeded(np.concatenate(clean), allowed), _tail_bound(scores, false_flags))


def power(values: np.ndarray, exponent: float) -> np.ndarray:
    """Values on a rung of the ladder of powers; below the root and the logarithm, what is not positive is tiny."""
    if exponent == 1.0:
        return values
    positive = values[values > 0]
    least = np.median(positive) / 100 if len(positive) else 1.0
    return np.sqrt(np.maximum(values, 0)) if exponent else np.log(np.maximum(values, 0) + _offset(values, least))


def symmetric_power(values: np.ndarray) -> float:
    """The exponent of POWERS under which the middle 80 % of the values are most symmetric.

    Values of which more than 1 in 50 are negative stay as they are.
    """
    if np.mean(values < 0) > 0.02:
        return 1.0
    return min(POWERS, key=lambda exponent: abs(lopsided(power(values, exponent))))


def lopsided(values: np.ndarray) -> float:
    """Kelly's measure of skewness, from -1 to 1."""
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return float((low + high - 2 * middle) / (high - low)) if high > low else 0.0


def _offset(values: np.ndarray, least: float) -> float:
    """Nothing where all are positive: the logarithm then needs no help."""
    return 0.0 if values.min(initial=1.0) > 0 else float(least)


def _normal_bound(size: int, false_flags: float) -> float:
    """Student's quantile, as the spread is estimated: by Fisher's expansion, with the MAD's efficiency of 37 %."""
    z = -NormalDist().inv_cdf(min(0.5, false_flags / 2 / max(size, 1)))
    return z + (z**3 + z) / (4 * max(0.37 * size, 1))


def _tail_bound(scores: np.ndarray, false_flags: float) -> float:
    """Where an exponential tail over the upper tenth leaves ``false_flags`` values outside."""
    start = np.quantile(scores, TAIL)
    excess = scores[scores > start] - start
    if len(excess) < FEWEST_IN_TAIL:
        return -np.inf
    return float(start + np.median(excess) / log(2) * max(0.0, log(len(excess) / false_flags)))


def _exceeded(scores: np.ndarray, times: float) -> float:
    """The score exceeded ``times`` times, by the tail where that is less than the fifth largest."""
    if times < FEWEST_IN_TAIL:
        top = np.sort(scores)[-max(len(scores) // 50, FEWEST_IN_TAIL + 1) :]
        return float(top[0] + np.median(top[1:] - top[0]) / log(2) * log((len(top) - 1) / times))
    return float(np.quantile(scores, 1 - times / len(scores)))


def _correlation_root(values: np.ndarray) -> np.ndarray:
    """A root of the normal correlation matrix that has the rank correlations of the columns."""
    ranks = np.argsort(np.argsort(values, axis=0), axis=0)
    correlation = 2 * np.sin(np.pi / 6 * np.atleast_2d(np.corrcoef(ranks.T)))
    weights, vectors = np.linalg.eigh(np.nan_to_num(correlation, nan=0.0))
    return vectors * np.sqrt(np.clip(weights, 0, None))
