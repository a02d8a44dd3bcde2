"""Baskets as integer codes, in the layouts the algorithms read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Block = tuple[Array, Array]
"""Item sets of one size as rows of item codes, shape (m, k), and their counts, shape (m,)."""


@dataclass(frozen=True)
class Baskets:
    """Which basket holds which item; every pair once, in any order.

    Attributes:
        basket: code of the basket, 0 .. n_baskets - 1, shape (n,).
        item: code of the item, 0 .. n_items - 1, shape (n,).
        n_baskets: number of baskets, those without any item included.
        n_items: number of items.
    """

    basket: Array
    item: Array
    n_baskets: int
    n_items: int

    @classmethod
    def of(cls, baskets: Iterable[Iterable[int]]) -> "Baskets":
        """Baskets written as lists of item codes; an item counts once in a basket."""
        sets = [sorted(set(basket)) for basket in baskets]
        basket = np.repeat(np.arange(len(sets)), [len(items) for items in sets])
        item = np.array([item for items in sets for item in items], dtype=np.int64)
        return cls(basket, item, len(sets), int(item.max(initial=-1)) + 1)

    @property
    def counts(self) -> Array:
        """Baskets that hold each item, shape (n_items,)."""
        return np.bincount(self.item, minlength=self.n_items)


@dataclass(frozen=True)
class Ranked:
    """The items in at least ``least`` baskets, numbered from the rarest to the commonest.

    Rare first: few items then follow a common one in its basket, which keeps every conditional table small.

    Attributes:
        items: code of the item of each rank, shape (n,).
        flat: ranks, ascending inside a basket, basket after basket; baskets with fewer than two are left out.
        basket: the basket of each place in ``flat``.
        end: the place after the last one of its basket, for each place in ``flat``.
        by_item: places in ``flat`` ordered by rank, then basket.
        first: where each rank begins in ``by_item``, shape (n + 1,).
    """

    items: Array
    flat: Array
    basket: Array
    end: Array
    by_item: Array
    first: Array

    @classmethod
    def of(cls, baskets: Baskets, least: int) -> "Ranked":
        counts = baskets.counts
        items = np.flatnonzero(counts >= least)
        items = items[np.argsort(counts[items], kind="stable")]
        rank = np.full(baskets.n_items, -1)
        rank[items] = np.arange(len(items))
        basket, flat = _sorted_pairs(baskets.basket, rank[baskets.item], len(items).bit_length())
        sizes = np.bincount(basket)
        by_item = np.argsort(flat.astype(np.uint16) if len(items) < 65_536 else flat, kind="stable")  # 16 bits: radix
        first = np.searchsorted(flat[by_item], np.arange(len(items) + 1))
        return cls(items, flat, basket, np.cumsum(sizes)[basket], by_item, first)

    @property
    def n_baskets(self) -> int:
        return int(self.basket[-1]) + 1 if len(self.basket) else 0

    @property
    def n_pairs(self) -> int:
        """Pairs of items in the baskets, counted in each: what it costs to count them."""
        return int((self.end - np.arange(len(self.flat)) - 1).sum())

    def places(self, rank: int) -> Array:
        """Where an item lies in ``flat``: one place a basket that holds it."""
        return self.by_item[self.first[rank] : self.first[rank + 1]]


def spans(starts: Array, lengths: Array) -> Array:
    """The numbers start .. start + length - 1 of each span, one span after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - ends + lengths, lengths)


def chunks(sizes: Array, budget: int) -> Iterator[slice]:
    """Cut neighbours into runs whose sizes add up to at most ``budget`` (one at least in each run)."""
    ends = np.cumsum(sizes)
    start, done = 0, 0
    while start < len(sizes):
        stop = max(start + 1, int(np.searchsorted(ends, done + budget, side="right")))
        yield slice(start, stop)
        start, done = stop, int(ends[stop - 1])


def bitmaps(places: Array, n_rows: int, words: int) -> Array:
    """Set bits, packed into 64-bit words, shape (n_rows, words).

    Args:
        places: which bits, counted through all rows of 64 * words bits each; ascending.
    """
    bits = np.zeros(n_rows * words, dtype=np.uint64)
    word, bit = places >> 6, np.uint64(1) << (places & 63).astype(np.uint64)
    starts = np.flatnonzero(np.diff(word, prepend=-1))
    if len(starts):
        bits[word[starts]] = np.bitwise_or.reduceat(bit, starts)
    return bits.reshape(n_rows, words)


def ones(bits: Array) -> Array:
    """Number of set bits in each row."""
    return np.add.reduce(np.bitwise_count(bits), axis=1, dtype=np.int64)


def _sorted_pairs(basket: Array, rank: Array, width: int) -> tuple[Array, Array]:
    """Pairs with a rank (of ``width`` bits), sorted, without the baskets that hold only one; baskets numbered anew."""
    kept = rank >= 0
    key = np.sort((basket[kept].astype(np.int64) << width) | rank[kept])
    basket, rank = key >> width, key & ((1 << width) - 1)
    new = np.ones(len(key) + 1, dtype=bool)
    np.not_equal(basket[1:], basket[:-1], out=new[1:-1])
    paired = ~(new[1:] & new[:-1])  # no basket of one: not both the first and the last of its basket
    return np.cumsum(new[:-1][paired]) - 1, rank[paired]
