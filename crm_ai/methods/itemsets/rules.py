"""Association rules: which items follow from which, and how far that is from chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from crm_ai.errors import BadParameter
from crm_ai.methods.itemsets.baskets import Array
from crm_ai.methods.itemsets.levels import Itemsets

MOST = 3_000_000
"""Rules held at a time."""


@dataclass(frozen=True)
class Rules:
    """All splits of the frequent item sets, as counts of baskets; sizes may differ from rule to rule.

    Attributes:
        shapes: for each run of rules of equal shape: antecedents (m, a) and consequents (m, c), as item codes.
        both, left, right: baskets with the whole set, with the antecedents, with the consequents; shape (rules,).
        n: all baskets.
    """

    shapes: tuple[tuple[Array, Array], ...]
    both: Array
    left: Array
    right: Array
    n: int

    def __len__(self) -> int:
        return len(self.both)

    def confident(self, numerator: int, denominator: int) -> Array:
        """Which rules hold in at least this share of the baskets with the antecedents; exact, in whole numbers."""
        return self.both * denominator >= self.left * numerator

    def measures(self) -> dict[str, Array]:
        """The measures under the names of mlxtend and arules.

        ``conviction`` is infinite for a rule that never fails, ``zhangs_metric`` 0 where it is not defined.
        """
        both, left, right = self.both / self.n, self.left / self.n, self.right / self.n
        fails = (self.left - self.both) / self.left
        leverage = both - left * right
        return {
            "support": both,
            "confidence": self.both / self.left,
            "lift": self.both / (self.left * right),
            "leverage": leverage,
            "conviction": np.divide(1 - right, fails, out=np.full(len(self), np.inf), where=fails > 0),
            "zhangs_metric": _zhang(leverage, both, left, right),
        }


def rules_of(itemsets: Itemsets, max_consequents: int = 1, most: int = MOST) -> Rules:
    """Every rule with at most ``max_consequents`` items on its right.

    Raises:
        BadParameter: there are more than ``most``.
    """
    shapes, counts, seen = [], [], 0
    for shape, count in _splits(itemsets, max_consequents):
        seen += len(count[0])
        if seen > most:
            raise BadParameter(
                "More than {most} rules would come out: raise the support or take fewer consequents.", most=f"{most:,}"
            )
        shapes.append(shape)
        counts.append(count)
    both, left, right = np.concatenate(counts, axis=1) if counts else np.zeros((3, 0), dtype=np.int64)
    return Rules(tuple(shapes), both, left, right, itemsets.n_baskets)


def _splits(itemsets: Itemsets, max_consequents: int) -> Iterator[tuple[tuple[Array, Array], Array]]:
    """Runs of rules of equal shape, with the counts of both, left and right, shape (3, m)."""
    prefixes = itemsets.prefixes()
    for rows, both in zip(itemsets.levels[1:], itemsets.counts[1:], strict=True):
        size = rows.shape[1]
        for width in range(1, min(max_consequents, size - 1) + 1):
            for chosen in combinations(range(size), width):
                right = rows[:, chosen]
                left = np.delete(rows, chosen, axis=1)
                parts = [itemsets.counts[part.shape[1] - 1][prefixes.find(part)] for part in (left, right)]
                yield (left, right), np.stack([both, *parts])


def _zhang(leverage: Array, both: Array, left: Array, right: Array) -> Array:
    """Zhang (2000): from -1, never together, to 1, always together."""
    scale = np.maximum(both * (1 - left), left * (right - both))
    return np.divide(leverage, scale, out=np.zeros_like(leverage), where=scale > 0)
