"""The tables about the segments: sizes, medians, what sets them apart, the RFM grid, the concentration of revenue."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crm_ai.analyses.segments.names import OUTLIERS
from crm_ai.methods.clusters import NOISE

STEP = 2
"""Percent between the points of the concentration curve."""


def codes(labels: np.ndarray, worth: np.ndarray | None = None) -> np.ndarray:
    """Segment codes "1", "2" ... by falling median worth of the groups, or size; and "Outliers"."""
    groups = pd.Series(labels).groupby(labels).size() if worth is None else pd.Series(worth).groupby(labels).median()
    order = groups.drop(NOISE, errors="ignore").sort_values(ascending=False, kind="stable").index
    text = {int(group): str(n) for n, group in enumerate(order, 1)} | {NOISE: OUTLIERS}
    return np.array([text[int(label)] for label in labels], dtype=object)


def ordered(segments: pd.Series, known: tuple[str, ...] = ()) -> list[str]:
    """The segments that have customers: in the known order, or by number, outliers last."""
    here = set(segments)
    if known:
        return [name for name in known if name in here]
    return sorted(here, key=lambda code: (code == OUTLIERS, int(code) if code.isdigit() else 0))


def best_first(customers: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """By revenue where it is known, else segment by segment."""
    if "monetary" in customers:
        return customers.sort_values(["monetary", "customer_id"], ascending=[False, True], ignore_index=True)
    place = customers["segment"].map({code: n for n, code in enumerate(order)})
    return customers.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)


def summary(
    customers: pd.DataFrame,
    titles: Mapping[str, str],
    numbers: list[str],
    levels: Mapping[str, pd.Series],
    stability: pd.Series,
) -> pd.DataFrame:
    """A row a segment, in the order of the titles: see ``Result.segments``."""
    order = list(titles)
    parts = [
        pd.DataFrame({"segment": order, "name": list(titles.values())}),
        _sizes(customers, order),
        customers.groupby("segment")[numbers].median().reindex(order).add_prefix("median_").reset_index(drop=True),
        _typical(customers["segment"], levels, order),
        stability.reindex(order).rename("stability").reset_index(drop=True),
    ]
    return pd.concat(parts, axis=1)


def _sizes(customers: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """customers, share_of_customers; with revenue also share_of_revenue (missing where none is) and revenue."""
    groups = customers.groupby("segment")
    counts = groups.size().reindex(order).to_numpy()
    table = pd.DataFrame({"customers": counts, "share_of_customers": counts / len(customers)})
    if "monetary" not in customers:
        return table
    revenue, whole = groups["monetary"].sum().reindex(order).to_numpy(), float(customers["monetary"].sum())
    return table.assign(share_of_revenue=revenue / whole if whole > 0 else np.nan, revenue=revenue)


def _typical(segments: pd.Series, levels: Mapping[str, pd.Series], order: list[str]) -> pd.DataFrame:
    """``typical_...``: the most frequent text of each column."""
    found = {
        f"typical_{name}": pd.crosstab(segments, values.to_numpy()).reindex(order).idxmax(axis=1).astype(str).to_numpy()
        for name, values in levels.items()
    }
    return pd.DataFrame(found, index=range(len(order)))


def standing(scaled: np.ndarray, names: list[str], segments: pd.Series, order: list[str]) -> pd.DataFrame:
    """Mean of each column in each segment, in standard deviations from the mean of all: segment x column."""
    spread = scaled.std(axis=0)
    standard = (scaled - scaled.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return pd.DataFrame(standard, columns=names).groupby(segments.to_numpy()).mean().reindex(order)


def axes(basis: str, standing: pd.DataFrame, segments: pd.Series, numbers: list[str]) -> tuple[str, ...]:
    """The two columns of the map: recency and revenue, else those in which the segments differ most."""
    if basis == "purchases":
        return ("recency_days", "monetary")
    weight = segments.value_counts(normalize=True).reindex(standing.index)
    between = standing[numbers].pow(2).mul(weight, axis=0).sum()
    return tuple(map(str, between.sort_values(ascending=False, kind="stable").index[:2]))


def rfm_grid(customers: pd.DataFrame) -> pd.DataFrame:
    """recency_score, frequency_score, customers, mean_monetary: a row a cell with customers."""
    columns = ["recency_score", "frequency_score", "customers", "mean_monetary"]
    if "rfm_score" not in customers:
        return pd.DataFrame(columns=columns, dtype=float)
    scores = customers["rfm_score"].astype(int)
    keys = {"recency_score": scores // 100, "frequency_score": scores // 10 % 10}
    groups = customers.assign(**keys).groupby(list(keys))["monetary"]
    return groups.agg(customers="size", mean_monetary="mean").reset_index()[columns]


def concentration(customers: pd.DataFrame) -> pd.DataFrame:
    """share_of_customers (best first), share_of_revenue; empty without revenue above 0."""
    worth = (
        np.sort(customers["monetary"].clip(lower=0).to_numpy(float))[::-1] if "monetary" in customers else np.zeros(0)
    )
    if worth.sum() <= 0:
        return pd.DataFrame(columns=["share_of_customers", "share_of_revenue"], dtype=float)
    shares = np.arange(0, 101, STEP) / 100
    running = np.append(0, np.cumsum(worth) / worth.sum())
    return pd.DataFrame(
        {"share_of_customers": shares, "share_of_revenue": running[np.round(shares * len(worth)).astype(int)]}
    )


def carried(curve: pd.DataFrame, share: float) -> float | None:
    """The share of revenue that this share of the customers brings."""
    if curve.empty:
        return None
    return float(np.interp(share, curve["share_of_customers"], curve["share_of_revenue"]))


def share_of(customers: pd.DataFrame, kinds: tuple[str, ...]) -> float | None:
    """The share of revenue of these RFM segments."""
    if "monetary" not in customers or customers["monetary"].sum() <= 0:
        return None
    chosen = customers["rfm_segment"].isin(kinds)
    return float(customers.loc[chosen, "monetary"].sum() / customers["monetary"].sum())


def curve(distances: np.ndarray | None, most: int = 400) -> pd.DataFrame:
    """rank, distance: sorted neighbour distances, thinned; empty without them."""
    found = np.zeros(0) if distances is None else distances
    places = np.unique(np.linspace(0, max(len(found) - 1, 0), most).astype(int)) if len(found) else np.zeros(0, int)
    return pd.DataFrame({"rank": places + 1, "distance": found[places]})


def merges(tree: np.ndarray | None, leaves: int = 12) -> pd.DataFrame:
    """left, right, height, left_customers, right_customers of the last merges of Ward's tree.

    Nodes are numbered as scipy does: ``leaves`` groups first, then a node a merge.
    """
    columns = ["left", "right", "height", "left_customers", "right_customers"]
    if tree is None:
        return pd.DataFrame(columns=columns, dtype=float)
    last = tree[-(min(leaves, len(tree) + 1) - 1) :]
    rows = len(tree) + 1
    new = {2 * rows - 1 - len(last) + n: len(last) + 1 + n for n in range(len(last))}
    children = [int(node) for node in last[:, :2].ravel()]
    old = [node for node in children if node not in new]
    number = new | {node: n for n, node in enumerate(old)}
    renamed = np.array([number[node] for node in children]).reshape(-1, 2)
    sizes = np.array([1 if node < rows else tree[node - rows, 3] for node in children]).reshape(-1, 2)
    return pd.DataFrame(np.column_stack([renamed, last[:, 2], sizes]), columns=columns)
