"""Which kinds of customers are there, what is each worth, and how sure is that?

RFM scores with named segments (Hughes 1994), k-means, Ward's tree and DBSCAN on transformed and scaled columns; the
number of groups comes from several criteria and the stability under the bootstrap (``crm_ai.methods.cluster_count``).
Works on purchases, or on the attributes of a customer table.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

import numpy as np
import pandas as pd

from crm_ai.analyses import require
from crm_ai.analyses.options import Choice, Range, Text
from crm_ai.analyses.segments import division, everyone, names, profile
from crm_ai.analyses.segments.customers import attributes, currency, has_purchases, purchases
from crm_ai.analyses.segments.people import People, from_attributes, from_purchases, side_by_side
from crm_ai.analyses.segments.pictures import figures
from crm_ai.analyses.segments.sentences import findings, shown
from crm_ai.data.dataset import Dataset
from crm_ai.methods import cluster_count, clusters, rfm
from crm_ai.progress import Progress, silent

__all__ = ["Params", "Result", "features", "figures", "findings", "run", "shown"]

TITLE = "Segments"
ICON = ":material/groups:"
NEEDS = ({"transactions": ("customer_id", "ordered_at", "amount")}, {"customers": ("customer_id",)})
CARDS = {
    "n_clusters": "number",
    "n_customers": "number",
    "top_fifth_share": "percent",
    "at_risk_share": "percent",
    "stability_ari": "score",
    "silhouette": "score",
}
TABLES = {
    "segments": "The segments",
    "customers": "Customers of the segments",
    "criteria": "How many segments",
    "left_out": "Columns not used",
}
DRILL = {"sizes": ("customers", "segment"), "map": ("customers", "segment")}
READING = (
    "Segments are groups of customers who are alike. Choose a bar or points in a chart, and the table lists the "
    "customers of that segment. RFM scores run from 1 to 5: 5 means better than at least four fifths of the customers. "
    "Where the revenue bar is longer than the customer bar, a customer of the segment is worth more than most. "
    "In the profile, 0 is the average of all customers, and 1 lies above about five sixths of them. "
    "Whether the groups are real is in the findings: when they do not come back in random samples of the customers, "
    "treat them as slices that are handy, not as kinds of people."
)
TERMS = {
    "segment": "The group a customer belongs to.",
    "recency_days": "Days from the last order to the day after the last order in the data.",
    "frequency": "Number of orders.",
    "monetary": "Revenue in all orders.",
    "rfm_score": "Scores of recency, frequency and revenue, 1 to 5 each; 555 is best.",
    "rfm_segment": "The named segment that the RFM scores give, whatever the method.",
    "n_clusters": "Segments, without outliers.",
    "top_fifth_share": "Share of revenue that the best 20 % of the customers bring.",
    "at_risk_share": "Share of revenue that came from customers who were worth much and have been away for long.",
    "stability_ari": "How alike the groups come out in random samples of the customers: 1 the same, 0 by chance.",
    "silhouette": "How far apart the groups are, from -1 to 1; it alone cannot say whether groups exist.",
    "calinski_harabasz": "Spread between the groups over spread within them; large is good.",
    "davies_bouldin": "How much neighbouring groups overlap; small is good.",
    "gap": "How much tighter the groups are than if the same cloud without groups were cut; large is good.",
    "likelihood_gain": "How much better several groups explain the data than one; below 0 there are no groups.",
    "stability": "How alike the group comes out in random samples of the customers: 1 the same.",
    "score": "The criteria taken together, from 0 to 1.",
}
METHODS = {
    "rfm": rfm.scores,
    "kmeans": clusters.kmeans,
    "hierarchical": clusters.ward,
    "dbscan": clusters.dbscan,
}
MOST = 1_000_000
"""Customers of whom is learnt and who are listed; of more, a sample, always the same."""


@dataclass(frozen=True)
class Params:
    """How to group, what by, and into how many groups."""

    method: Annotated[
        str,
        Choice(
            "Method",
            {
                "kmeans": "K-means: groups around centres",
                "rfm": "RFM: named segments by scores",
                "hierarchical": "Hierarchical: a tree of merges",
                "dbscan": "DBSCAN: dense groups and outliers",
            },
            "RFM needs purchases and sets the number of segments itself, as DBSCAN does.",
        ),
    ] = "kmeans"
    n_clusters: Annotated[
        int | str,
        Range(
            "Number of segments",
            2,
            12,
            "Automatic compares 2 to 10 by several criteria. For K-means and Hierarchical.",
            auto=True,
        ),
    ] = "auto"
    basis: Annotated[
        str,
        Choice(
            "Group by",
            {"auto": "Purchases, else attributes", "purchases": "Purchases", "attributes": "Attributes"},
            "Purchases come from the transactions, attributes from the customer table.",
        ),
    ] = "auto"
    features: Annotated[
        str,
        Choice(
            "Purchase habits",
            {"rfm": "Recency, frequency, revenue", "all": "Also order value, tenure, rhythm, variety"},
            "What counts when customers are grouped by purchases.",
        ),
    ] = "rfm"
    columns: Annotated[
        str, Text("Attributes to use", "Column names separated by commas; empty: all that tell customers apart.")
    ] = ""
    text_weight: Annotated[
        float,
        Range("Weight of text attributes", 0.1, 2, "How much a text column counts beside a number column.", step=0.1),
    ] = 0.5
    radius: Annotated[
        float | str,
        Range(
            "DBSCAN radius",
            0.05,
            5,
            "In standard deviations. Automatic takes the knee of the neighbour distances.",
            step=0.05,
            auto=True,
        ),
    ] = "auto"


@dataclass(frozen=True)
class Result:
    """The segments and the evidence for them.

    Attributes:
        customers: customer_id, segment, name; from purchases also recency_days, frequency, monetary, rfm_score (text,
            "545"), rfm_segment, average_order_value, tenure_days, days_between_orders, products, categories,
            last_order; from attributes the columns used. Best customers first.
        segments: segment, name, customers, share_of_customers, share_of_revenue and revenue (purchases), stability
            (share of the group that comes back in bootstrap samples), median_... of the numbers, typical_... texts.
        criteria: k, silhouette, calinski_harabasz, davies_bouldin, gap, gap_error, likelihood_gain, stability, score;
            empty for RFM and DBSCAN.
        profile: segment, feature, value: mean of the transformed column in standard deviations from that of all.
        rfm_grid: recency_score, frequency_score, customers, mean_monetary; empty for attributes.
        concentration: share_of_customers (best first), share_of_revenue; empty for attributes.
        merges: left, right, height, left_customers, right_customers: the top of Ward's tree; else empty.
        neighbours: rank, distance: DBSCAN's sorted neighbour distances; else empty.
        left_out: column, reason: attributes that were not used.
        n_clusters: groups, without outliers.
        silhouette, stability_ari, likelihood_gain: of the division, None where it has one group only.
        n_customers: customers grouped.
        customers_listed: those of whom the groups were learnt, in ``customers``: all, or a sample of very many. Of a
            sample are the medians and the shares of revenue below; sizes and revenue of ``segments`` are of all
            customers, or of the sample where attributes are grouped by.
        n_compared: customers in the sample on which the criteria were measured.
        top_fifth_share, at_risk_share: shares of revenue; None for attributes or without revenue.
        radius: DBSCAN's, else None.
        method, basis: as they were resolved. chosen: "auto" or "given". verdict: "clear", "fair" or "none".
        currency: of the amounts, "" where unknown. last_day: ISO date of the last order, "" for attributes.
        favourites: (criterion, k it prefers). parts: (segment, template, value) of the names, see ``names``.
        axes: the two columns of the map.
    """

    customers: pd.DataFrame
    segments: pd.DataFrame
    criteria: pd.DataFrame
    profile: pd.DataFrame
    rfm_grid: pd.DataFrame
    concentration: pd.DataFrame
    merges: pd.DataFrame
    neighbours: pd.DataFrame
    left_out: pd.DataFrame
    n_clusters: int
    silhouette: float | None
    stability_ari: float | None
    likelihood_gain: float | None
    n_customers: int
    n_compared: int
    top_fifth_share: float | None
    at_risk_share: float | None
    radius: float | None
    method: str
    basis: str
    chosen: str
    verdict: str
    currency: str
    last_day: str
    favourites: tuple[tuple[str, int], ...]
    parts: tuple[tuple[str, str, str], ...]
    axes: tuple[str, ...]
    customers_listed: int = 1


def asked_table(params: Params) -> str:
    """See ``analyses.looked_at``."""
    return "customers" if params.basis == "attributes" else ""


def features(data: Dataset, params: Params = Params()) -> pd.DataFrame:
    """One row a customer, sorted by customer_id: purchases added up, or the customer table; a sample of very many.

    Raises:
        MissingColumns: the columns of the chosen basis are not there.
    """
    needs = {"auto": NEEDS, "purchases": NEEDS[:1], "attributes": NEEDS[1:]}[params.basis]
    require(NEEDS[:1] if params.method == "rfm" else needs, data)
    by_purchases = params.method == "rfm" or (params.basis != "attributes" and has_purchases(data))
    return purchases(data, MOST) if by_purchases else attributes(data, MOST)


def run(data: Dataset, params: Params = Params(), progress: Progress = silent) -> Result:
    """Group the customers.

    Raises:
        MissingColumns, TooLittleData, BadParameter: the data or a parameter cannot carry segments.
    """
    progress(0.0, "Adding up what is known of each customer")
    frame = features(data, params)
    division.need_customers(len(frame))
    known = from_purchases if "recency_days" in frame else from_attributes
    people = known(frame, params)
    place = division.space(people.scaled)
    progress(0.3, "Comparing ways to group the customers")
    many = people.basis == "purchases" and frame.attrs["everyone"] > len(frame)
    newest: Any = frame.attrs.get("newest")
    elsewhere = partial(everyone.centres, data, newest, people.scales) if many else division.nowhere
    found = _divide(place, people, params, elsewhere)
    progress(0.9, "Describing the segments")
    money = currency(data) if people.basis == "purchases" else ""
    result = _result(people, found, params, currency=money, n_compared=len(place.sample))
    result = replace(result, n_customers=frame.attrs["everyone"])
    if not many:
        return result
    sizes = everyone.counted(data, newest, _placed(result, people, found), result.segments["segment"].tolist())
    return replace(result, segments=result.segments.assign(**sizes))


def _placed(result: Result, people: People, found: division.Division) -> Callable[[pd.DataFrame], np.ndarray]:
    """Which segment customers belong to who were not in the sample."""
    if found.predict is None:
        return lambda frame: division.score(frame, people.customers)["rfm_segment"].to_numpy()
    predict = found.predict
    codes = dict(zip(found.labels, _codes(people, found, result.method), strict=True))

    def segment(frame: pd.DataFrame) -> np.ndarray:
        labels = predict(side_by_side(frame, people.scales))
        return np.array([codes.get(label, names.OUTLIERS) for label in labels.tolist()], dtype=object)

    return segment


def _divide(place: division.Space, people: People, params: Params, elsewhere: division.Elsewhere) -> division.Division:
    if params.method == "rfm" and people.scores is not None:
        return division.by_scores(place, people.scores, people.customers)
    if params.method == "dbscan":
        return division.by_density(place, params.radius)
    return division.by_distance(place, params.method, params.n_clusters, elsewhere)


def _result(people: People, found: division.Division, params: Params, **more: Any) -> Result:
    segments = pd.Series(_codes(people, found, params.method))
    order = profile.ordered(segments, rfm.NAMES if params.method == "rfm" else ())
    standing = profile.standing(people.scaled, people.labels, segments, order)
    parts = _parts(people, segments, standing, order, params)
    titles = {code: names.name(parts, code) for code in order}
    customers = people.customers.copy()
    customers.insert(1, "segment", segments)
    customers.insert(2, "name", segments.map(titles))
    curve = profile.concentration(customers)
    return Result(
        customers=profile.best_first(customers, order),
        segments=profile.summary(customers, titles, people.numbers, people.levels, _steady(found, segments)),
        criteria=found.criteria,
        profile=standing.rename_axis("segment").reset_index().melt("segment", var_name="feature"),
        rfm_grid=profile.rfm_grid(customers),
        concentration=curve,
        merges=profile.merges(found.details.get("tree")),
        neighbours=profile.curve(found.details.get("distances")),
        left_out=pd.DataFrame(list(people.left_out), columns=["column", "reason"], dtype=str),
        n_clusters=sum(code != names.OUTLIERS for code in order),
        silhouette=found.silhouette,
        stability_ari=found.stability,
        likelihood_gain=found.gain,
        n_customers=len(customers),
        customers_listed=len(customers),
        top_fifth_share=profile.carried(curve, 0.2),
        at_risk_share=profile.share_of(customers, rfm.WATCH),
        radius=found.details.get("radius"),
        method=params.method,
        basis=people.basis,
        chosen="auto" if params.n_clusters == "auto" else "given",
        verdict=cluster_count.verdict(found.gain, found.stability),
        last_day=str(customers["last_order"].max().date()) if "last_order" in customers else "",
        favourites=tuple(cluster_count.favourites(found.criteria).items()) if len(found.criteria) else (),
        parts=tuple(parts),
        axes=profile.axes(people.basis, standing, segments, people.numbers),
        **more,
    )


def _codes(people: People, found: division.Division, method: str) -> np.ndarray:
    """The segment of each customer: a name for RFM, else a number by worth or by size."""
    if method == "rfm":
        return np.array(rfm.NAMES, dtype=object)[found.labels]
    worth = people.customers["monetary"].to_numpy() if people.basis == "purchases" else None
    return profile.codes(found.labels, worth)


def _parts(
    people: People, segments: pd.Series, standing: pd.DataFrame, order: list[str], params: Params
) -> list[names.Part]:
    if params.method == "rfm":
        return names.plain(order)
    if people.scores is None:
        return names.by_traits(standing)
    return names.by_scores(people.scores, segments, people.customers["monetary"].groupby(segments).median())


def _steady(found: division.Division, segments: pd.Series) -> pd.Series:
    """Segment -> how much of it comes back in bootstrap samples; missing for outliers."""
    groups = pd.Series(found.labels, index=segments.to_numpy())
    groups = groups[~groups.index.duplicated()]
    return pd.Series(np.append(found.overlap, np.nan)[groups.to_numpy()], index=groups.index)
