"""Frequent item sets and association rules, in numpy: Apriori, Eclat and FP-Growth find exactly the same sets."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import ceil

from crm_ai.errors import BadParameter
from crm_ai.methods.itemsets.apriori import apriori, pairs
from crm_ai.methods.itemsets.baskets import Baskets, Block, Ranked
from crm_ai.methods.itemsets.eclat import eclat
from crm_ai.methods.itemsets.fpgrowth import fpgrowth
from crm_ai.methods.itemsets.levels import Itemsets
from crm_ai.methods.itemsets.rules import Rules, rules_of

__all__ = ["ALGORITHMS", "Baskets", "Itemsets", "Rules", "TooMany", "exact", "find", "least_count", "pairs", "rules_of"]

Algorithm = Callable[[Ranked, int, int], Iterator[Block]]
ALGORITHMS: Mapping[str, Algorithm] = {"apriori": apriori, "eclat": eclat, "fpgrowth": fpgrowth}


class TooMany(BadParameter):
    """More item sets than asked for: the support is too low for these baskets."""


def find(baskets: Baskets, least: int, method: str = "eclat", longest: int = 10, most: int = 200_000) -> Itemsets:
    """All sets of up to ``longest`` items that lie in at least ``least`` baskets; the same by every method.

    Raises:
        TooMany: there are more than ``most``; found out before they are all made.
    """
    ranked = Ranked.of(baskets, least)
    counts = baskets.counts[ranked.items]
    blocks, seen = [(ranked.items[:, None], counts)], len(counts)
    _check(seen, most)
    for rows, counts in ALGORITHMS[method](ranked, least, longest):
        seen += len(rows)
        _check(seen, most)
        blocks.append((ranked.items[rows], counts))
    return Itemsets.of(blocks, baskets.n_baskets, baskets.n_items)


def least_count(share: float, n_baskets: int) -> int:
    """The smallest number of baskets that is at least this share of them, in exact arithmetic."""
    return max(1, ceil(exact(share) * n_baskets))


def exact(share: float) -> Fraction:
    """The fraction a person means: 0.07 is 7/100, not the nearest binary number."""
    return Fraction(share).limit_denominator(1_000_000)


def _check(seen: int, most: int) -> None:
    if seen > most:
        raise TooMany("More than {most} bundles reach this support: raise it.", most=f"{most:,}")
