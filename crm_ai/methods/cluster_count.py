"""How many groups, and how sure: several criteria for each number of groups, on one sample with shared distances.

silhouette (Rousseeuw 1987), Calinski & Harabasz (1974), Davies & Bouldin (1979), gap (Tibshirani, Walther & Hastie
2001, against one Gaussian cloud of the same spread), integrated classification likelihood (Biernacki, Celeux & Govaert
2000) and stability under the bootstrap (Hennig 2007; agreement as adjusted Rand index, Hubert & Arabie 1985).

The likelihood is given as the gain over a single group: cutting one Gaussian or uniform cloud into pieces loses, so a
gain below zero says that the data show no groups, which no silhouette can say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_ai.methods.clusters import Groups, Matrix, Splitter, means

RIDGE = 0.01
"""Added to each variance (of about 1), so that a group on a line does not count as infinitely likely."""
WEIGHTS = {
    "silhouette": 1.0,
    "calinski_harabasz": 0.5,
    "davies_bouldin": -0.5,
    "likelihood_gain": 4.0,
    "stability": 1.0,
}
"""What each criterion, stretched to 0 .. 1 over the numbers of groups, adds to the score; minus where small is good.

On 120 planted mixtures of 2 to 8 overlapping groups the silhouette alone finds the number in 61 %, the likelihood alone
in 83 %, these weights in 78 %; the others are there for groups that are not Gaussian.
"""
STEADY, SHAKY = 0.8, 0.6
"""Agreement from which a division counts as steady, and below which it counts as chance."""
MARGIN, CLEAR = 0.06, 0.1
"""Likelihood gain per row from which groups count as there, and as clear. Cut into pieces, single clouds of a dozen
shapes (skewed, heavy-tailed, counts, uniform) gained at most 0.056."""
MOST_SLICES = 6
"""Where one cloud is only cut into slices, more of them serve nobody."""


@dataclass(frozen=True)
class Comparison:
    """What the criteria say on a sample.

    Attributes:
        table: k, silhouette, calinski_harabasz, davies_bouldin, gap, gap_error, likelihood_gain, stability, score.
        groups: number of groups -> Groups of the sample.
        overlap: number of groups -> how much of each group comes back in bootstrap samples (Jaccard, 0 .. 1).
    """

    table: pd.DataFrame
    groups: dict[int, Groups]
    overlap: dict[int, np.ndarray]


def compare(
    x: Matrix, counts: Sequence[int], split: Splitter, smooth: Matrix | None = None, seed: int = 0
) -> Comparison:
    """All criteria for each number of groups.

    Args:
        x: the sample, shape (rows, features), at most a few thousand rows.
        counts: numbers of groups.
        smooth: the sample with tied values spread out (see ``crm_ai.methods.scaling.dithered``), for the likelihood.
    """
    groups = split(x, counts, seed)
    distances, spread = distance_matrix(x), x if smooth is None else smooth
    agreement, overlap = _repeats(x, groups, split, seed)
    gaps = _gaps(x, counts, split, seed)
    rows = [
        {
            "k": k,
            "silhouette": silhouette(distances, g.labels),
            "calinski_harabasz": calinski_harabasz(x, g.labels),
            "davies_bouldin": davies_bouldin(x, g.labels),
            "gap": gaps[k][0],
            "gap_error": gaps[k][1],
            "likelihood_gain": likelihood_gain(spread, g.labels),
            "stability": agreement[k],
        }
        for k, g in groups.items()
    ]
    table = pd.DataFrame(rows).astype(dict.fromkeys((*WEIGHTS, "gap", "gap_error"), float))
    return Comparison(table.assign(score=score(table)), groups, overlap)


def score(table: pd.DataFrame) -> pd.Series:
    """Weighted mean of the criteria, each stretched to 0 .. 1."""
    parts = [weight * stretched(table[name]) + max(-weight, 0) for name, weight in WEIGHTS.items()]
    return pd.Series(sum(parts) / sum(map(abs, WEIGHTS.values())), index=table.index)


def choose(table: pd.DataFrame) -> int:
    """The number of groups with the best score where there are groups.

    Where there are none, the largest number (up to MOST_SLICES) of slices that come back steadily.
    """
    real = table[(table["likelihood_gain"] >= MARGIN) & (table["stability"] >= SHAKY)]
    if len(real):
        return _top(real, "score")
    slices = table[table["k"] <= max(MOST_SLICES, table["k"].min())]
    steady = slices[slices["stability"] >= STEADY]
    if len(steady):
        return int(steady["k"].max())
    return _top(slices, "stability")


def favourites(table: pd.DataFrame) -> dict[str, int]:
    """The number of groups each criterion prefers."""
    counts = table["k"].to_numpy()
    best = {name: int(counts[int(np.argmax(_signed(table[name], w)))]) for name, w in WEIGHTS.items()}
    return best | {"gap": _first_gap(table)}


def verdict(gain: float | None, stability: float | None) -> str:
    """Verdict "clear", "fair" or "none": whether the data show the groups, or one cloud was cut into slices."""
    if gain is None or stability is None or gain < MARGIN or stability < SHAKY:
        return "none"
    return "clear" if gain >= CLEAR and stability >= STEADY else "fair"


# ---- the criteria ------------------------------------------------------------------------------------------------


def distance_matrix(x: Matrix) -> Matrix:
    """Euclidean distances between all rows, shape (rows, rows), float32."""
    squares = np.einsum("ij,ij->i", x, x)
    found = x @ (-2 * x.T)
    found += squares
    found += squares[:, None]
    np.maximum(found, 0, out=found)
    np.fill_diagonal(found, 0)
    return np.sqrt(found, out=found)


def silhouette(distances: Matrix, labels: np.ndarray) -> float | None:
    """Mean silhouette of the rows; None with fewer than two groups. Rows alone in a group count 0."""
    kinds, label = np.unique(labels, return_inverse=True)
    if len(kinds) < 2:
        return None
    member = (label[:, None] == np.arange(len(kinds))).astype(np.float32)
    sizes, rows = member.sum(axis=0), np.arange(len(label))
    sums = distances @ member
    own = sums[rows, label] / np.maximum(sizes[label] - 1, 1)
    others = sums / sizes
    others[rows, label] = np.inf
    other = others.min(axis=1)
    widths = (other - own) / np.maximum(np.maximum(other, own), 1e-12)
    return float(np.where(sizes[label] > 1, widths, 0).mean())


def calinski_harabasz(x: Matrix, labels: np.ndarray) -> float | None:
    """Variance between groups over variance within, each per degree of freedom."""
    k, rows = int(labels.max()) + 1, len(x)
    within = _within(x, labels, k)
    if k < 2 or rows <= k or within <= 0:
        return None
    return float((_total(x) - within) / (k - 1) / (within / (rows - k)))


def davies_bouldin(x: Matrix, labels: np.ndarray) -> float | None:
    """Mean over groups of the worst ratio of two groups' widths to the distance of their centres; small is good."""
    k = int(labels.max()) + 1
    centres, sizes = means(x, labels, k), np.bincount(labels, minlength=k)
    away = np.sqrt(((x - centres[labels]) ** 2).sum(axis=1))
    width = np.bincount(labels, away, minlength=k) / np.maximum(sizes, 1)
    apart = np.maximum(distance_matrix(centres), 1e-9)
    ratio = (width[:, None] + width) / apart
    np.fill_diagonal(ratio, 0)
    return float(ratio.max(axis=1).mean()) if k > 1 else None


def likelihood_gain(x: Matrix, labels: np.ndarray) -> float | None:
    """Integrated classification likelihood, per row, over that of a single group; above 0 the groups are real."""
    kinds, label = np.unique(labels, return_inverse=True)
    if len(kinds) < 2:
        return None
    return _likelihood(x, label, len(kinds)) - _likelihood(x, np.zeros(len(x), dtype=int), 1)


def agreement(a: np.ndarray, b: np.ndarray) -> float:
    """Adjusted Rand index: 1 for the same division, about 0 for chance."""
    table = contingency(a, b).astype(float)
    both, left, right = _pairs(table), _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    chance = left * right / max(len(a) * (len(a) - 1) / 2, 1)
    most = (left + right) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def contingency(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Rows in each pair of groups, shape (groups of a, groups of b)."""
    left, right = np.unique(a, return_inverse=True), np.unique(b, return_inverse=True)
    width = len(right[0])
    return np.bincount(left[1] * width + right[1], minlength=len(left[0]) * width).reshape(-1, width)


# ---- how sure ----------------------------------------------------------------------------------------------------


def bootstrap(
    x: Matrix,
    labels: np.ndarray,
    again: Callable[[np.ndarray, int], np.ndarray],
    groups: int,
    repeats: int = 10,
    seed: int = 0,
) -> tuple[float, np.ndarray]:
    """Mean agreement of a division with those of bootstrap samples, and the mean overlap of each of its groups.

    Args:
        labels: the division of all rows, groups 0 .. groups-1 (and NOISE).
        again: (rows of the sample, seed) -> labels of these rows.
    """
    rng = np.random.default_rng(seed)
    drawn = [_drawn(rng, len(x)) for _ in range(repeats)]
    return _agreed([(labels[rows], again(rows, seed + n + 1)) for n, rows in enumerate(drawn)], groups)


def _repeats(
    x: Matrix, groups: dict[int, Groups], split: Splitter, seed: int, repeats: int = 10
) -> tuple[dict[int, float], dict[int, np.ndarray]]:
    """``bootstrap`` for several numbers of groups; each sample is divided into all of them at once."""
    rng = np.random.default_rng(seed)
    drawn = [_drawn(rng, len(x)) for _ in range(repeats)]
    fits = [split(x[rows], [k for k in groups if k < len(rows)], seed + n + 1) for n, rows in enumerate(drawn)]
    pairs = {
        k: [(g.labels[rows], fit[k].labels) for rows, fit in zip(drawn, fits, strict=True) if k in fit]
        for k, g in groups.items()
    }
    found = {k: _agreed(pairs[k], k) for k in groups}
    return {k: both[0] for k, both in found.items()}, {k: both[1] for k, both in found.items()}


def _drawn(rng: np.random.Generator, rows: int, most: int = 1_000) -> np.ndarray:
    """The different rows of a bootstrap sample, at most ``most``: small samples are the harder test."""
    found = np.unique(rng.integers(0, rows, rows))
    return found if len(found) <= most else np.sort(rng.choice(found, most, replace=False))


def _agreed(pairs: Sequence[tuple[np.ndarray, np.ndarray]], k: int) -> tuple[float, np.ndarray]:
    if not pairs:
        return 0.0, np.zeros(k)
    overlap = pd.DataFrame([_jaccard(a, b, k) for a, b in pairs]).mean().fillna(0.0).to_numpy()
    return float(np.mean([agreement(a, b) for a, b in pairs])), overlap


def _jaccard(a: np.ndarray, b: np.ndarray, k: int) -> np.ndarray:
    """For each group of ``a`` the share it has in common with the most similar group of ``b``; NaN without rows."""
    other = np.unique(b, return_inverse=True)[1]
    inside = a >= 0
    both = np.zeros((k, other.max() + 1))
    np.add.at(both, (a[inside], other[inside]), 1)
    sizes = both.sum(axis=1)[:, None]
    share = (both / np.maximum(sizes + np.bincount(other) - both, 1)).max(axis=1)
    return np.where(sizes[:, 0] > 0, share, np.nan)


def _gaps(
    x: Matrix, counts: Sequence[int], split: Splitter, seed: int, clouds: int = 6, rows: int = 1_000
) -> dict[int, tuple[float, float]]:
    """Gap and its standard error: how much tighter the groups are than those of one cloud of the same spread."""
    rng = np.random.default_rng(seed)
    part = x[:rows]
    drawn = [_cloud(part, rng) for _ in range(clouds)]
    tight = _log_within(part, counts, split, seed)
    loose = [_log_within(cloud, counts, split, seed + n) for n, cloud in enumerate(drawn)]
    found = {k: np.array([one[k] for one in loose]) for k in counts}
    return {k: (float(v.mean() - tight[k]), float(v.std() * np.sqrt(1 + 1 / clouds))) for k, v in found.items()}


def _log_within(x: Matrix, counts: Sequence[int], split: Splitter, seed: int) -> dict[int, float]:
    fits = split(x, [k for k in counts if k < len(x)], seed)
    return {k: float(np.log(max(_within(x, fits[k].labels, k), 1e-9))) if k in fits else 0.0 for k in counts}


def _cloud(x: Matrix, rng: np.random.Generator) -> Matrix:
    """One Gaussian cloud with the centre and the covariance of the rows."""
    values, axes = np.linalg.eigh(np.atleast_2d(np.cov(x.T)))
    standard = rng.normal(size=x.shape) * np.sqrt(np.maximum(values, 0))
    return (x.mean(axis=0) + standard @ axes.T).astype(np.float32)


def _first_gap(table: pd.DataFrame) -> int:
    """The smallest number of groups whose gap the next one does not beat by its standard error."""
    gap, error, k = (table[name].to_numpy() for name in ("gap", "gap_error", "k"))
    enough = np.flatnonzero(gap[:-1] >= gap[1:] - error[1:])
    return int(k[enough[0]] if len(enough) else k[-1])


def _pairs(counts: np.ndarray) -> float:
    return float((counts * (counts - 1) / 2).sum())


def _likelihood(x: Matrix, labels: np.ndarray, k: int) -> float:
    """Of Gaussian groups with these labels, per row: the better of free and axis-parallel shapes.

    The log-likelihood, less half the number of parameters times log(rows).
    """
    rows, width = x.shape
    sizes = np.bincount(labels, minlength=k)
    spreads = [_covariance(x[labels == group]) for group in range(k)]
    free = np.array([np.linalg.slogdet(spread)[1] for spread in spreads])
    parallel = np.array([np.log(spread.diagonal()).sum() for spread in spreads])
    fits = [(sizes * (np.log(sizes / rows) - 0.5 * logs - 0.5 * width)).sum() for logs in (free, parallel)]
    parameters = [k * (width + shape) + k - 1 for shape in (width * (width + 1) / 2, width)]
    return max(float(f - 0.5 * p * np.log(rows)) / rows for f, p in zip(fits, parameters, strict=True))


def _covariance(x: Matrix) -> np.ndarray:
    centred = x - x.mean(axis=0)
    return centred.T @ centred / len(x) + RIDGE * np.eye(x.shape[1])


def _within(x: Matrix, labels: np.ndarray, k: int) -> float:
    return float(((x - means(x, labels, k)[labels]) ** 2).sum())


def _signed(values: pd.Series, weight: float) -> np.ndarray:
    """Values of which the largest is the best, missing ones last."""
    return np.nan_to_num(np.sign(weight) * values.to_numpy(dtype=float), nan=-np.inf)


def _top(table: pd.DataFrame, criterion: str) -> int:
    return int(table["k"].to_numpy()[int(table[criterion].to_numpy().argmax())])


def _total(x: Matrix) -> float:
    return float(((x - x.mean(axis=0)) ** 2).sum())


def stretched(values: pd.Series) -> pd.Series:
    """Values from 0 to 1, the missing ones 0; all 0 where they are equal."""
    numbers = values.astype(float)
    span = numbers.max() - numbers.min()
    return ((numbers - numbers.min()) / span if span > 0 else numbers * 0).fillna(0)
