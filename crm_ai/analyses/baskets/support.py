"""How rare a bundle may be: chosen so that a useful number comes out, whatever the data."""

from math import floor, log10

import ibis.expr.types as ir
import numpy as np

from crm_ai.errors import BadParameter, TooLittleData
from crm_ai.i18n import percent
from crm_ai.methods import itemsets as mining
from crm_ai.methods.itemsets import Baskets, Itemsets, TooMany
from crm_ai.methods.itemsets.baskets import Ranked
from crm_ai.methods.itemsets.spark import mined as mined_in_spark

MOST = 200_000
"""Bundles that one run may give."""
PLENTY = 20_000
"""Bundles that an automatic run may give: more than anybody reads, in less than a second."""
PAIRS = (1000, 300, 100, 30, 10, 3)
"""Pairs of items an automatic run aims at; fewer if those lead to far too many longer bundles."""
FLOOR = 0.001
"""Automatic support does not go below this share of the baskets."""
WORK = 50_000_000
"""Pairs in baskets that are counted to choose a support: about a second."""


def mined(baskets: Baskets, share: float | str, longest: int, method: str) -> tuple[Itemsets, float, int]:
    """The bundles, the support they needed, and how long they could get.

    Raises:
        BadParameter: more than MOST at the support asked for.
        TooLittleData: baskets so much alike that every combination is frequent.
    """
    if share == "auto":
        return _automatic(baskets, longest, method)
    try:
        least = mining.least_count(float(share), baskets.n_baskets)
        return mining.find(baskets, least, method, longest, MOST), float(share), longest
    except TooMany:
        _, better, length = _automatic(baskets, longest, "eclat")
    raise BadParameter(
        "More than {most} bundles have a support of {support}: try a support of {better} with at most {length} items.",
        most=f"{MOST:,}",
        support=percent(float(share), 3),
        better=f"{better:g}",
        length=length,
    )


def everywhere(pairs: ir.Table, share: float, longest: int, n_baskets: int, code: np.ndarray) -> Itemsets | None:
    """The bundles of all baskets, where the engine can find them by itself.

    Args:
        pairs: what names a basket, and code.
        code: the new code of each old one.

    Raises:
        BadParameter: more than MOST.
    """
    found = mined_in_spark(pairs, mining.least_count(share, n_baskets), longest, MOST, n_baskets, len(code))
    if found is None:
        return None
    if len(found) > MOST:
        raise TooMany("More than {most} bundles reach this support: raise it.", most=f"{MOST:,}")
    return Itemsets.of(zip([code[rows] for rows in found.levels], found.counts, strict=True), n_baskets, len(code))


def _automatic(baskets: Baskets, longest: int, method: str) -> tuple[Itemsets, float, int]:
    counts, least = _pair_counts(baskets)
    for length in sorted({longest, min(longest, 3), 2}, reverse=True):
        for wanted in PAIRS:
            share = _rounded(max(least, counts[min(wanted, len(counts)) - 1] if len(counts) else 0), baskets.n_baskets)
            try:
                found = mining.find(baskets, mining.least_count(share, baskets.n_baskets), method, length, PLENTY)
                return found, share, length
            except TooMany:
                continue
    raise TooLittleData("These baskets are too much alike: nearly every combination of items is frequent.")


def _pair_counts(baskets: Baskets) -> tuple[np.ndarray, int]:
    """In how many baskets each pair lies, most first, and from which count on pairs were counted."""
    least = max(2, mining.least_count(FLOOR, baskets.n_baskets))
    while (ranked := Ranked.of(baskets, least)).n_pairs > WORK:
        least *= 2
    counts = [counts for _, counts in mining.pairs(ranked, least)]
    return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *counts]))[::-1], least


def _rounded(least: int, n_baskets: int) -> float:
    """The share as people write it, three digits and rounded down: typed in again, it gives the same."""
    share = min(1.0, least / n_baskets)
    unit = 10.0 ** (floor(log10(share)) - 2)
    return min(1.0, max(0.00001, float(f"{floor(share / unit + 1e-9) * unit:.3g}")))
