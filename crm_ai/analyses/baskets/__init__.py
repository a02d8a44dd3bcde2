"""What is bought together more often than chance would have it?

Frequent item sets by Apriori (Agrawal & Srikant 1994), Eclat (Zaki 2000) or FP-Growth (Han, Pei & Yin 2000), which give
the same sets; association rules with the measures of mlxtend and arules, Fisher's exact test for each rule, and the
correction of Benjamini & Hochberg (1995) over every rule that was looked at, not only those listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd

from crm_ai.analyses import people, require
from crm_ai.analyses.baskets import coding, listing, support
from crm_ai.analyses.baskets.drawing import figures
from crm_ai.analyses.baskets.wording import findings
from crm_ai.analyses.options import Choice, Range, Text
from crm_ai.data.dataset import Dataset
from crm_ai.methods import itemsets as mining
from crm_ai.progress import Progress, silent

__all__ = ["Params", "Result", "features", "figures", "findings", "run"]

TITLE = "Baskets"
ICON = ":material/shopping_basket:"
NEEDS = (
    {"transactions": ("order_id", "product_id")},
    {"transactions": ("order_id", "product_name")},
    {"transactions": ("customer_id", "ordered_at", "product_id")},
    {"transactions": ("customer_id", "ordered_at", "product_name")},
)
CARDS = {
    "n_baskets": "number",
    "n_items": "number",
    "n_itemsets": "number",
    "n_rules": "number",
    "n_significant": "number",
}
TABLES = {"rules": "Rules", "itemsets": "Bundles", "pairs": "Pairs", "sizes": "Basket sizes"}
DRILL = {
    "rules": ("rules", "antecedents"),
    "strongest": ("rules", "antecedents"),
    "network": ("rules", "antecedents"),
    "items": ("itemsets", "items"),
}
READING = (
    "A rule reads from left to right: baskets with the items on the left hold the item on the right as well. "
    "Confidence says in how many of them, lift how many times as often as in baskets at large; 1 is chance. "
    "A rule with a q-value below 0.05 stands: among all rules that stand, at most about one in twenty is chance. "
    "High lift with few baskets is a strong habit of few; look at support, too, before you act. "
    "Rules show what is bought together, not that one purchase brings the other about: "
    "try a bundle before you count on it."
)
TERMS = {
    "n_baskets": "Orders; where the data has no order number, all that a customer bought on one day.",
    "n_items": "Different products, or categories, in the baskets.",
    "n_itemsets": "Sets of one or more items that enough baskets hold.",
    "n_rules": "Rules that reach the smallest confidence.",
    "n_significant": "Listed rules with a q-value below 0.05.",
    "support": "Share of all baskets that hold every item of the bundle or rule.",
    "count": "Number of baskets that hold every item of the bundle or rule.",
    "confidence": "Of the baskets with the left side, the share that holds the right side as well.",
    "lift": "How many times as often the two sides meet as they would by chance.",
    "leverage": "Share of all baskets in which the two sides meet beyond what chance gives.",
    "conviction": "How many times as often the rule would fail without a link; infinite if it never fails.",
    "zhangs_metric": "From -1 (never together) over 0 (no link) to 1 (always together).",
    "p_value": "How easily chance alone gives that many baskets with both sides, by Fisher's exact test.",
    "q_value": "The p-value corrected for all rules that were tested (Benjamini and Hochberg).",
}
METHODS: Mapping[str, Any] = mining.ALGORITHMS
FASTEST = "eclat"
MOST = coding.MOST_BASKETS
"""Baskets that are taken; of more, a sample, always the same - or all of them, where Spark can."""


@dataclass(frozen=True)
class Params:
    """How often, how sure, how long, and of what."""

    min_support: Annotated[
        float | str,
        Range(
            "Smallest support",
            0.00001,
            1,
            "Share of all baskets that must hold a bundle. Automatic: low enough for about a thousand pairs.",
            step=0.0001,
            auto=True,
        ),
    ] = "auto"
    min_confidence: Annotated[
        float, Range("Smallest confidence", 0, 1, "How often the right side must follow the left.", step=0.01)
    ] = 0.3
    max_consequents: Annotated[int, Range("Most items on the right", 1, 5, "One is easiest to read and to act on.")] = 1
    max_length: Annotated[int, Range("Most items in a bundle", 2, 10, "Longer bundles are not looked for.")] = 10
    level: Annotated[
        str, Choice("Items", {"product": "Products", "category": "Categories"}, "What counts as an item of a basket.")
    ] = "product"
    item: Annotated[str, Text("Only with", "A part of an item's name; empty shows all.")] = ""
    method: Annotated[
        str,
        Choice(
            "Method",
            {"auto": "Automatic", "apriori": "Apriori", "eclat": "Eclat", "fpgrowth": "FP-Growth"},
            "All give the same bundles; they differ in speed only.",
        ),
    ] = "auto"


@dataclass(frozen=True)
class Result:
    """Bundles, rules and how sure they are.

    Attributes:
        itemsets: items (names in order of the alphabet, joined by " + "; a name never contains that), size, support,
            count; the most frequent first.
        rules: antecedents, consequents (joined alike), support, confidence, lift, leverage, conviction (infinite where
            the rule never fails), zhangs_metric, p_value, q_value, count; the highest lift first.
        pairs: left, right (items), lift, leverage, q_value, count of the pairs most often above chance, whatever their
            confidence; at most 1,000.
        sizes: items (how many, as text), baskets (that hold so many).
        n_baskets, n_items: baskets with an item, different items.
        n_itemsets, n_rules: rows of the tables; single items count.
        n_significant: listed rules with a q-value below 0.05.
        n_tested: rules whose baskets were counted, listed or not: the correction is for all of these.
        min_support, min_count: what a bundle needed, as a share and as a number of baskets.
        min_confidence, max_length: what was asked for; the length is shorter where alike baskets forced it.
        share_single: share of baskets with one item only.
        method, level, item: what was used. automatic: whether the support was chosen here.
        baskets_known: baskets there are; more than ``n_baskets`` where a sample was drawn.
        people: customers whose orders they are, None where unknown.
    """

    rules: pd.DataFrame
    itemsets: pd.DataFrame
    pairs: pd.DataFrame
    sizes: pd.DataFrame
    n_baskets: int
    n_items: int
    n_itemsets: int
    n_rules: int
    n_significant: int
    n_tested: int
    min_support: float
    min_count: int
    min_confidence: float
    max_length: int
    share_single: float
    method: str
    level: str
    item: str
    automatic: bool
    baskets_known: int = 0
    people: int | None = None


def features(data: Dataset, params: Params = Params()) -> dict[str, Any]:
    """pairs (basket, code) and items (code, item, name): which basket holds which item, as whole numbers; known."""
    return coding.features(data, params.level, MOST)


def run(data: Dataset, params: Params = Params(), progress: Progress = silent) -> Result:
    """Find the bundles, then the rules in them.

    Raises:
        MissingColumns: nothing says what was bought together.
        TooLittleData: fewer than two baskets, or baskets too much alike.
        BadParameter: far too many bundles or rules, or no item of that name.
    """
    require(NEEDS, data)
    progress(0.05, "Reading the baskets")
    read = features(data, params)
    baskets, names, code = coding.coded(read)
    wanted = coding.matching(names, params.item)
    progress(0.4, "Finding what is bought together")
    method = FASTEST if params.method == "auto" else params.method
    found, share, longest = support.mined(baskets, params.min_support, params.max_length, method)
    sizes = listing.sizes(np.bincount(baskets.basket, minlength=baskets.n_baskets))
    if read["known"] is not None:
        pairs = coding.every_pair(data, params.level)
        of_all = support.everywhere(pairs, share, longest, read["known"], code)
        found, sizes = (of_all, listing.rows(coding.sizes(data, pairs))) if of_all is not None else (found, sizes)
    progress(0.7, "Comparing the rules with chance")
    tested = found.tested(longest, params.max_consequents)
    every = mining.rules_of(found, params.max_consequents)
    measures = listing.numbers(every, tested)
    rules = listing.rules(every, measures, params.min_confidence, names, wanted)
    bundles = listing.itemsets(found, names, wanted)
    return Result(
        rules=rules,
        itemsets=bundles,
        pairs=listing.pairs(every, measures, names, wanted),
        sizes=sizes,
        n_baskets=found.n_baskets,
        n_items=baskets.n_items,
        n_itemsets=len(bundles),
        n_rules=len(rules),
        n_significant=int((rules["q_value"] < 0.05).sum()),
        n_tested=tested,
        min_support=share,
        min_count=mining.least_count(share, found.n_baskets),
        min_confidence=params.min_confidence,
        max_length=longest,
        share_single=float(sizes["baskets"].iloc[0] / found.n_baskets),
        method=method,
        level=params.level,
        item=params.item,
        automatic=params.min_support == "auto",
        baskets_known=read["known"] or found.n_baskets,
        people=people(data, "transactions"),
    )
