"""Dividing the customers: the method, the number of groups, and how sure both are."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.errors import BadParameter, TooLittleData
from crm_ai.methods import cluster_count, clusters, rfm
from crm_ai.methods.clusters import Groups
from crm_ai.methods.scaling import dithered, leading

FEWEST = 10
"""Customers below which groups mean nothing."""
SAMPLE = 2_000
"""Customers on whom numbers of groups are compared; all of them where there are no more."""
MOST_AXES = 10
"""Columns beyond which distances are taken along the main directions only."""

Elsewhere = Callable[[int], np.ndarray | None]

SPLITTERS: dict[str, clusters.Splitter] = {"kmeans": clusters.kmeans, "hierarchical": clusters.ward}


def nowhere(groups: int) -> None:
    """All customers are here."""


@dataclass(frozen=True)
class Division:
    """Which customer is in which group, with the evidence, measured on a sample.

    Attributes:
        labels: group of each customer, 0 .. k-1; clusters.NOISE for outliers.
        criteria: a row for each number of groups compared; empty where the method sets the number itself.
        silhouette, gain, stability: of this division; None where they do not exist.
        overlap: how much of each group comes back in bootstrap samples, shape (k,).
        predict: rows of ``Space.x`` -> group, for customers who were not in it; None for scores.
        details: of the method, see ``clusters.Groups``.
    """

    labels: np.ndarray
    criteria: pd.DataFrame
    silhouette: float | None
    gain: float | None
    stability: float | None
    overlap: np.ndarray
    details: dict[str, Any] = field(default_factory=dict)
    predict: Callable[[np.ndarray], np.ndarray] | None = None


@dataclass(frozen=True)
class Space:
    """Where distances are taken.

    Attributes:
        x: shape (customers, axes), float32.
        smooth: the same with tied values spread out, so that the steps of a count are not taken for groups.
        sample: rows on which evidence is gathered, in order.
    """

    x: np.ndarray
    smooth: np.ndarray
    sample: np.ndarray


def space(scaled: np.ndarray, seed: int = 0) -> Space:
    """The scaled columns, turned to their main directions where they are many.

    Raises:
        TooLittleData: too few customers, or all of them equal.
    """
    need_customers(len(scaled))
    rows = np.arange(len(scaled))
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
    if not scaled.size or (scaled[rows] == scaled[rows[0]]).all():
        raise TooLittleData("The customers do not differ in any column that can be used: there is nothing to group.")
    spread = dithered(scaled)
    if scaled.shape[1] <= MOST_AXES:
        return Space(scaled, spread, rows)
    axes = leading(scaled)
    return Space(scaled @ axes, spread @ axes, rows)


def need_customers(found: int) -> None:
    """Stop where groups would mean nothing.

    Raises:
        TooLittleData: fewer than FEWEST customers.
    """
    if found < FEWEST:
        raise TooLittleData(
            "At least {needed} customers are needed for segments; there are {found}.", needed=FEWEST, found=found
        )


def by_distance(place: Space, method: str, wanted: int | str, elsewhere: Elsewhere = nowhere) -> Division:
    """K-means or Ward's tree; ``wanted`` groups, or as many as the criteria favour.

    Args:
        elsewhere: number of groups -> centres of k-means on more customers than are here, where there is such a thing.
    """
    part = place.x[place.sample]
    counts = _counts(part, wanted)
    compared = cluster_count.compare(part, counts, SPLITTERS[method], place.smooth[place.sample])
    k = cluster_count.choose(compared.table) if wanted == "auto" else int(wanted)
    groups = compared.groups[k]
    everyone = _everyone(place, groups, method, elsewhere)
    stability = dict(zip(compared.table["k"], compared.table["stability"].astype(float), strict=True))[k]
    found = _evidence(place, everyone.labels, stability, compared.overlap[k], compared.table, groups.details)
    return replace(found, predict=everyone.predict)


def by_density(place: Space, radius: float | str) -> Division:
    """DBSCAN on the sample; every other customer joins the nearest core row within the radius, or is an outlier."""
    part = place.smooth[place.sample]
    groups = clusters.dbscan(part, radius=None if radius == "auto" else float(radius))
    found, near = groups.details["radius"], groups.details["neighbours"]

    def again(rows: np.ndarray, _: int) -> np.ndarray:
        share = len(rows) / len(part)  # a thinner sample has fewer neighbours within the same radius
        return clusters.dbscan(part[rows], max(2, round(near * share)), found).labels

    stability, overlap = _repeated(part, groups.labels, again)
    labels = groups.predict(place.smooth) if len(part) < len(place.smooth) else groups.labels
    return replace(_evidence(place, labels, stability, overlap, pd.DataFrame(), groups.details), predict=groups.predict)


def by_scores(place: Space, scored: pd.DataFrame, values: pd.DataFrame) -> Division:
    """The named RFM segments; group numbers are places in rfm.NAMES.

    Args:
        scored: column ``rfm_segment``.
        values: recency_days, frequency, monetary.
    """
    number = {name: n for n, name in enumerate(rfm.NAMES)}
    labels = scored["rfm_segment"].map(number).to_numpy()
    part = values.iloc[place.sample].reset_index(drop=True)

    def again(rows: np.ndarray, _: int) -> np.ndarray:
        return score(part.iloc[rows], part.iloc[rows])["rfm_segment"].map(number).to_numpy()

    stability, overlap = _repeated(place.x[place.sample], labels[place.sample], again, len(rfm.NAMES))
    return _evidence(place, labels, stability, overlap, pd.DataFrame())


def score(values: pd.DataFrame, reference: pd.DataFrame | None = None) -> pd.DataFrame:
    """recency_score, frequency_score, monetary_score, rfm_score (as text, "545") and rfm_segment of each customer."""
    scale = values if reference is None else reference
    r = rfm.scores(-values["recency_days"].to_numpy(), -scale["recency_days"].to_numpy())
    f = rfm.scores(values["frequency"].to_numpy(), scale["frequency"].to_numpy())
    m = rfm.scores(values["monetary"].to_numpy(), scale["monetary"].to_numpy())
    text = pd.Series(100 * r + 10 * f + m).astype(str)
    scores = {"recency_score": r, "frequency_score": f, "monetary_score": m, "rfm_score": text}
    return pd.DataFrame(scores | {"rfm_segment": rfm.segment(r, rfm.together(f, m))})


def _counts(part: np.ndarray, wanted: int | str) -> list[int]:
    """The numbers of groups to compare: 2 to 10, as far as the customers differ, and the wanted one.

    Raises:
        BadParameter: more groups are wanted than customers differ.
    """
    different = len(np.unique(part, axis=0))
    counts = range(2, min(10, different, max(2, len(part) // 3)) + 1)
    if wanted == "auto":
        return list(counts)
    if int(wanted) > different:
        raise BadParameter(
            "{wanted} groups are too many: only {found} customers differ from each other.",
            wanted=wanted,
            found=different,
        )
    return sorted({*counts, int(wanted)})


def _everyone(place: Space, groups: Groups, method: str, elsewhere: Elsewhere) -> Groups:
    """All customers in the groups of the sample; k-means starts from there once more, on as many as can be had."""
    if method == "kmeans" and (centres := elsewhere(len(groups.details["centres"]))) is not None:
        return clusters.around(clusters.nearest(place.x, centres)[0], centres)
    if len(place.sample) == len(place.x):
        return groups
    if method == "kmeans":
        return clusters.refined(place.x, groups.details["centres"])
    labels = groups.predict(place.x)
    labels[place.sample] = groups.labels
    return replace(groups, labels=labels)


def _repeated(
    part: np.ndarray, labels: np.ndarray, again: Callable[[np.ndarray, int], np.ndarray], groups: int | None = None
) -> tuple[float | None, np.ndarray]:
    """Stability and overlap; none where there is one group only."""
    size = int(labels.max()) + 1 if groups is None else groups
    if len(np.unique(labels)) < 2:
        return None, np.ones(size)
    return cluster_count.bootstrap(part, labels, again, size)


def _evidence(
    place: Space,
    labels: np.ndarray,
    stability: float | None,
    overlap: np.ndarray,
    criteria: pd.DataFrame,
    details: Any = None,
) -> Division:
    """Silhouette and likelihood of the final labels on the sample; outliers count for neither."""
    rows = labels[place.sample] != clusters.NOISE
    part, kinds = place.x[place.sample][rows], labels[place.sample][rows]
    if len(np.unique(kinds)) < 2:
        return Division(labels, criteria, None, None, stability, overlap, dict(details or {}))
    width = cluster_count.silhouette(cluster_count.distance_matrix(part), kinds)
    gain = cluster_count.likelihood_gain(place.smooth[place.sample][rows], kinds)
    return Division(labels, criteria, width, gain, stability, overlap, dict(details or {}))
