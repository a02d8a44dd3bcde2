"""Item sets by size, with a prefix tree of sorted arrays to look them up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

from crm_ai.methods.itemsets.baskets import Array, Block, chunks, spans

BUDGET = 1 << 20
"""Candidates made at a time."""


class Prefixes:
    """Rows of one size after the other; each size is a sorted array of (place of the prefix, last item)."""

    def __init__(self, n_items: int) -> None:
        self.n_items = n_items
        self.keys: list[Array] = []

    def add(self, rows: Array) -> None:
        """Add the rows of the next size: sorted, and with all their prefixes already here."""
        self.keys.append(self.find(rows[:, :-1]) * self.n_items + rows[:, -1])

    def find(self, rows: Array) -> Array:
        """The place of each row among the rows of its size, -1 where it is not."""
        place = np.zeros(len(rows), dtype=np.int64)
        for column, keys in zip(rows.T, self.keys, strict=False):
            key = place * self.n_items + column
            found = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            place = np.where((place >= 0) & (keys[found] == key), found, -1) if len(keys) else np.full(len(rows), -1)
        return place


@dataclass(frozen=True)
class Itemsets:
    """Frequent item sets, each with the number of baskets that hold all of it.

    Attributes:
        levels: for each size from 1 on, the sets as ascending item codes, shape (m, size), sorted by row.
        counts: for each size, the baskets, shape (m,).
        n_baskets: all baskets.
        n_items: all items, frequent or not.
    """

    levels: tuple[Array, ...]
    counts: tuple[Array, ...]
    n_baskets: int
    n_items: int

    @classmethod
    def of(cls, blocks: Iterable[Block], n_baskets: int, n_items: int) -> "Itemsets":
        """Put blocks of any size and order into their place."""
        by_size: dict[int, list[Block]] = {}
        for rows, counts in blocks:
            by_size.setdefault(rows.shape[1], []).append((rows, counts))
        levels = [_sorted(by_size[size]) for size in sorted(by_size)]
        levels = [level for level in levels if len(level[0])]
        return cls(tuple(rows for rows, _ in levels), tuple(counts for _, counts in levels), n_baskets, n_items)

    def __len__(self) -> int:
        return sum(map(len, self.levels))

    def prefixes(self) -> Prefixes:
        """All sets, ready to be looked up."""
        prefixes = Prefixes(self.n_items)
        for rows in self.levels:
            prefixes.add(rows)
        return prefixes

    def tested(self, longest: int, max_consequents: int = 1) -> int:
        """Rules whose counts had to be looked at: every set all of whose parts are frequent, split in every way."""
        prefixes, total = self.prefixes(), 0
        for rows in self.levels[: longest - 1]:
            size = rows.shape[1] + 1
            ways = sum(comb(size, k) for k in range(1, min(max_consequents, size - 1) + 1))
            total += ways * sum(map(len, candidates(rows, prefixes)))
        return total


def candidates(rows: Array, prefixes: Prefixes) -> Iterator[Array]:
    """Sets one item longer, all of whose parts are among ``rows``: the join and prune of Apriori.

    Args:
        rows: frequent sets of one size, sorted, shape (m, k); ``prefixes`` holds them and all shorter ones.

    Yields:
        rows of shape (any, k + 1), sorted over all yields.
    """
    for left, right in joins(rows[:, :-1], BUDGET):
        longer = np.hstack([rows[left], rows[right, -1:]])
        for gone in range(rows.shape[1] - 1):
            parts = np.delete(longer, gone, axis=1)
            longer = longer[prefixes.find(parts) >= 0]
        yield longer


def joins(prefix: Array, budget: int) -> Iterator[tuple[Array, Array]]:
    """Pairs of places (left < right) that share their row of the sorted ``prefix``; about ``budget`` at a time."""
    m = len(prefix)
    new = np.ones(m, dtype=bool)
    new[1:] = (prefix[1:] != prefix[:-1]).any(axis=1) if prefix.shape[1] else False
    starts = np.append(np.flatnonzero(new), m)
    after = np.repeat(starts[1:], np.diff(starts)) - np.arange(m) - 1
    for part in chunks(after, budget):
        lengths = after[part]
        places = np.arange(m)[part]
        yield np.repeat(places, lengths), spans(places + 1, lengths)


def _sorted(blocks: list[Block]) -> Block:
    rows = np.sort(np.concatenate([rows for rows, _ in blocks]), axis=1)
    order = np.lexsort(rows.T[::-1])
    return rows[order], np.concatenate([counts for _, counts in blocks])[order]
