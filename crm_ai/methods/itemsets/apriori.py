"""Apriori: size by size, every candidate counted in one pass over the baskets.

R. Agrawal, R. Srikant: Fast Algorithms for Mining Association Rules, VLDB 1994.
"""

from collections.abc import Iterator

import numpy as np

from crm_ai.methods.itemsets.baskets import Array, Block, Ranked, bitmaps, chunks, ones, spans
from crm_ai.methods.itemsets.levels import Prefixes, candidates

PAIRS = 1 << 22
"""Pairs written out at a time in the second pass."""
WORDS = 1 << 24
"""64-bit words of a block of baskets (128 MB), and of the candidates that are counted at a time."""


def apriori(baskets: Ranked, least: int, longest: int) -> Iterator[Block]:
    """Sets of two items and more, in ranks.

    The second pass counts pairs as it reads them, as the paper does. Later passes join, prune and count the candidates
    against a bitmap an item; baskets are read in blocks, so that memory stays bounded.
    """
    prefixes = Prefixes(len(baskets.items))
    prefixes.add(np.arange(len(baskets.items))[:, None])
    blocks: list[Block] = list(pairs(baskets, least)) if longest > 1 else []
    while blocks:
        yield from blocks
        rows = np.concatenate([rows for rows, _ in blocks])
        prefixes.add(rows)
        blocks = list(_next(baskets, rows, prefixes, least)) if rows.shape[1] < longest else []


def pairs(baskets: Ranked, least: int) -> Iterator[Block]:
    """Pairs of items in at least ``least`` baskets, sorted, counted from the baskets in one pass."""
    n = len(baskets.items)
    after = (baskets.end - np.arange(len(baskets.flat)) - 1)[baskets.by_item]
    work = np.add.reduceat(np.append(after, 0), baskets.first[:-1]) if n else np.zeros(0, dtype=int)
    work[np.diff(baskets.first) == 0] = 0
    for part in chunks(work + n, PAIRS):
        inside = slice(baskets.first[part.start], baskets.first[part.stop])
        places, lengths = baskets.by_item[inside], after[inside]
        left = np.repeat(baskets.flat[places] - part.start, lengths)
        counts = np.bincount(left * n + baskets.flat[spans(places + 1, lengths)])
        found = np.flatnonzero(counts >= least)
        if len(found):
            yield np.column_stack([found // n + part.start, found % n]), counts[found]


def _next(baskets: Ranked, rows: Array, prefixes: Prefixes, least: int) -> Iterator[Block]:
    for longer in candidates(rows, prefixes):
        counts = _count(baskets, longer)
        kept = counts >= least
        if kept.any():
            yield longer[kept], counts[kept]


def _count(baskets: Ranked, rows: Array) -> Array:
    """In how many baskets each row of items lies."""
    counts = np.zeros(len(rows), dtype=np.int64)
    if not len(rows):
        return counts
    wanted, codes = np.unique(rows, return_inverse=True)
    for bits in _blocks(baskets, wanted):
        for part in chunks(np.full(len(rows), bits.shape[1]), WORDS // 64):
            counts[part] += ones(_all_of(bits, codes.reshape(rows.shape)[part]))
    return counts


def _all_of(bits: Array, rows: Array) -> Array:
    """The baskets that hold every item of a row; what neighbours share is intersected once."""
    new = np.append(True, (rows[1:, :-1] != rows[:-1, :-1]).any(axis=1))
    stems = rows[new, :-1]
    shared = bits[stems[:, 0]]
    for column in stems.T[1:]:
        shared &= bits[column]
    return shared[np.cumsum(new) - 1] & bits[rows[:, -1]]


def _blocks(baskets: Ranked, wanted: Array) -> Iterator[Array]:
    """Bitmaps of the wanted items, for one block of baskets after the other."""
    row = np.repeat(np.arange(len(wanted)), np.diff(baskets.first)[wanted])
    basket = baskets.basket[np.concatenate([baskets.places(rank) for rank in wanted])]
    words = max(1, min(WORDS // len(wanted), -(-baskets.n_baskets // 64)))
    for start in range(0, baskets.n_baskets, 64 * words):
        inside = (basket >= start) & (basket < start + 64 * words)
        yield bitmaps(row[inside] * (64 * words) + basket[inside] - start, len(wanted), words)
