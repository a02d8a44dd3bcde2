"""FP-Growth: no candidates; the baskets become a prefix tree, and each item's paths in it the next tree.

J. Han, J. Pei, Y. Yin: Mining Frequent Patterns without Candidate Generation, SIGMOD 2000.

The conditional trees of many items are kept and grown as one forest of arrays.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crm_ai.methods.itemsets.baskets import Array, Block, Ranked, chunks, spans

BUDGET = 1 << 21
"""Items on paths that are followed at a time."""


@dataclass(frozen=True)
class Forest:
    """FP-trees side by side. A node is a path's first ``depth`` items and one more; nodes are in order of their group.

    Attributes:
        flat: the items of all paths, common ones first.
        start: where the path of each node begins in ``flat``.
        depth: how many ancestors each node has.
        count: baskets that run through each node.
        group: which (tree, item) each node belongs to.
        tree, item: of each group.
    """

    flat: Array
    start: Array
    depth: Array
    count: Array
    group: Array
    tree: Array
    item: Array


def fpgrowth(baskets: Ranked, least: int, longest: int) -> Iterator[Block]:
    """Sets of two items and more, in ranks."""
    n, lengths = max(1, len(baskets.items)), np.bincount(baskets.basket)
    begin = baskets.end - lengths[baskets.basket]
    common_first = baskets.flat[begin + baskets.end - 1 - np.arange(len(baskets.flat))]
    if longest > 1 and len(lengths):
        one = np.ones(len(lengths), dtype=np.int64)
        forest = _plant(common_first, lengths, one, np.zeros_like(one), n)
        yield from _grow(forest, np.zeros((1, 0), dtype=np.int64), n, least, longest)


def _grow(forest: Forest, suffix: Array, n: int, least: int, longest: int) -> Iterator[Block]:
    """Sets of an item of the forest and the suffix of its tree, then those of the conditional trees."""
    rows = np.column_stack([forest.item, suffix[forest.tree]])
    if rows.shape[1] > 1:
        yield rows, np.bincount(forest.group, forest.count).astype(np.int64)
    if rows.shape[1] >= longest:
        return
    work = np.bincount(forest.group, forest.depth, minlength=len(rows)).astype(np.int64) + n // 8
    first = np.searchsorted(forest.group, np.arange(len(rows) + 1))
    for part in chunks(work, BUDGET):
        nodes = slice(first[part.start], first[part.stop])
        conditional = _conditional(forest, nodes, part.start, n, least)
        if conditional is not None:
            yield from _grow(conditional, rows[part], n, least, longest)


def _conditional(forest: Forest, nodes: slice, base: int, n: int, least: int) -> Forest | None:
    """The conditional trees of these nodes' groups: what lies above them, as far as it is frequent there."""
    depth, count, group = forest.depth[nodes], forest.count[nodes], forest.group[nodes] - base
    items = forest.flat[spans(forest.start[nodes], depth)]
    node = np.repeat(np.arange(len(depth)), depth)
    key = group[node] * n + items
    kept = np.bincount(key, count[node])[key] >= least if len(key) else np.zeros(0, dtype=bool)
    lengths = np.bincount(node[kept], minlength=len(depth))
    some = lengths > 0
    return _plant(items[kept], lengths[some], count[some], group[some], n) if some.any() else None


def _plant(flat: Array, lengths: Array, count: Array, tree: Array, n: int) -> Forest:
    """A tree of paths: equal beginnings become one node; the first path that has it keeps it."""
    start = np.cumsum(lengths) - lengths
    paths, parent = np.arange(len(lengths)), tree
    found: list[tuple[Array, ...]] = []
    for depth in range(int(lengths.max())):
        here = lengths[paths] > depth
        paths, parent = paths[here], parent[here]
        item = flat[start[paths] + depth]
        _, first, parent = np.unique(parent * n + item, return_index=True, return_inverse=True)
        passing = np.bincount(parent, count[paths]).astype(np.int64)
        found.append((start[paths[first]], np.full(len(first), depth), passing, tree[paths[first]] * n + item[first]))
    begin, depths, passing, key = map(np.concatenate, zip(*found, strict=True))
    groups, group = np.unique(key, return_inverse=True)
    order = np.argsort(group, kind="stable")
    return Forest(flat, begin[order], depths[order], passing[order], group[order], groups // n, groups % n)
