"""How likely chance alone makes a rule, and what that means for many rules at once."""

import math

import numpy as np

from crm_ai.methods.itemsets.baskets import Array

HALF_LOG_TAU = math.log(math.tau) / 2
SMALL = np.array([math.lgamma(k + 1) for k in range(16)])


def p_values(both: Array, left: Array, right: Array, n: int) -> Array:
    """Fisher's exact test, one-sided: the chance of at least ``both`` shared baskets if left and right had no link.

    The upper tail of the hypergeometric distribution, all rules at once.

    Args:
        both, left, right: whole numbers of baskets, shape (m,).
        n: all baskets.
    """
    counts, back = np.unique(
        np.stack([both, np.minimum(left, right), np.maximum(left, right)]), axis=1, return_inverse=True
    )
    return _upper_tail(counts[0], counts[1], counts[2], n)[back]


def q_values(p: Array, tested: int | None = None) -> Array:
    """Benjamini & Hochberg (1995): the share of false finds among all rules at least as significant.

    Args:
        tested: how many rules were looked at, if more than ``p`` lists; those left out count as p = 1.
    """
    order = np.argsort(p)
    scaled = p[order] * max(len(p), tested or 0) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return q


def _upper_tail(both: Array, left: Array, right: Array, n: int) -> Array:
    """P(X >= both): summed upwards above the mean, one minus the sum downwards below it."""
    above = both * n > left * right
    below = ~above & (both > np.maximum(0, left + right - n))
    tail = np.ones(len(both))
    tail[above] = _sum(both[above], left[above], right[above], n, 1)
    tail[below] = 1 - _sum(both[below] - 1, left[below], right[below], n, -1)
    return np.clip(tail, 0, 1)


def _sum(start: Array, left: Array, right: Array, n: int, step: int) -> Array:
    """The probability of ``start`` and of all that lie beyond it in the direction of ``step``."""
    term, total = np.exp(_log_probability(start, left, right, n)), np.zeros(len(start))
    x, left, right, going = start.astype(float), left.astype(float), right.astype(float), np.arange(len(start))
    while len(going):
        total[going] += term
        term, x = term * (_up(x, left, right, n) if step > 0 else _down(x, left, right, n)), x + step
        matters = term > total[going] * 1e-16
        going, term, x, left, right = (values[matters] for values in (going, term, x, left, right))
    return total


def _up(x: Array, left: Array, right: Array, n: int) -> Array:
    """P(X = x + 1) / P(X = x)."""
    return (left - x) * (right - x) / ((x + 1) * (n - left - right + x + 1))


def _down(x: Array, left: Array, right: Array, n: int) -> Array:
    """P(X = x - 1) / P(X = x)."""
    return x * (n - left - right + x) / ((left - x + 1) * (right - x + 1))


def _log_probability(x: Array, left: Array, right: Array, n: int) -> Array:
    """The logarithm of the hypergeometric P(X = x)."""
    return _log_choose(left, x) + _log_choose(n - left, right - x) - _log_choose(n, right)


def _log_choose(n: Array | int, k: Array) -> Array:
    return _log_factorial(n) - _log_factorial(k) - _log_factorial(n - k)


def _log_factorial(k: Array | int) -> Array:
    """Stirling's series, exact to the last digits from 16 on; a table below. SciPy's takes half a second to import."""
    x = np.maximum(k, 16).astype(float)
    series = (x + 0.5) * np.log(x) - x + HALF_LOG_TAU + (1 - (1 / 30 - 1 / (105 * x**2)) / x**2) / (12 * x)
    return np.where(np.less(k, 16), SMALL[np.minimum(k, 15)], series)
