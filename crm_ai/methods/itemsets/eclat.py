"""Eclat: one prefix class after the other, in depth, by intersecting the baskets of its members.

M. J. Zaki: Scalable Algorithms for Association Mining, IEEE TKDE 12(3), 2000.
"""

from collections.abc import Iterator

import numpy as np

from crm_ai.methods.itemsets.baskets import Array, Block, Ranked, bitmaps, ones, spans
from crm_ai.methods.itemsets.levels import joins

WORDS = 1 << 20
"""64-bit words intersected at a time: what stays near the processor."""


def eclat(baskets: Ranked, least: int, longest: int) -> Iterator[Block]:
    """Sets of two items and more, in ranks.

    A class is kept as bitmaps over the baskets of its first item alone, so rare items cost little.
    """
    for first in range(len(baskets.items) - 1 if longest > 1 else 0):
        last, bits, counts = _class(baskets, first, least)
        if len(last):
            rows = np.column_stack([np.full_like(last, first), last])
            yield rows, counts
            yield from _deeper(rows, bits, least, longest)


def _class(baskets: Ranked, first: int, least: int) -> tuple[Array, Array, Array]:
    """The items that go with ``first``: their ranks, their baskets among those of ``first``, their counts."""
    places = baskets.places(first)
    lengths = baskets.end[places] - places - 1
    others = baskets.flat[spans(places + 1, lengths)]
    counts = np.bincount(others, minlength=len(baskets.items))
    last = np.flatnonzero(counts >= least)
    if len(last) < 2:
        return last, np.zeros((len(last), 0), dtype=np.uint64), counts[last]
    row = np.full(len(baskets.items), -1)
    row[last] = np.arange(len(last))
    words = -(-len(places) // 64)
    bit = row[others] * (64 * words) + np.repeat(np.arange(len(places)), lengths)
    return last, bitmaps(np.sort(bit[bit >= 0]), len(last), words), counts[last]


def _deeper(rows: Array, bits: Array, least: int, longest: int) -> Iterator[Block]:
    """Sets one item longer than ``rows``, then theirs; neighbours that share all but the last item are joined."""
    if rows.shape[1] >= longest or len(rows) < 2:
        return
    for left, right in joins(rows[:, :-1], max(1, WORDS // max(1, bits.shape[1]))):
        both = bits[left] & bits[right]
        counts = ones(both)
        kept = np.flatnonzero(counts >= least)
        if len(kept):
            longer = np.hstack([rows[left[kept]], rows[right[kept], -1:]])
            yield longer, counts[kept]
            yield from _deeper(longer, both[kept], least, longest)
