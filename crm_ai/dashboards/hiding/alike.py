"""Rows that are alike, put together so that none stands alone."""

import numpy as np
import pandas as pd


def alike(blocks: np.ndarray, values: pd.DataFrame, least: int) -> np.ndarray:
    """The group of each row: ``least`` to twice as many rows of one block that are alike in all columns.

    Each group that is large enough is halved along the column in which it is widest, by ranks, until none is.

    Args:
        blocks: (rows,) code of the block, each with at least ``least`` rows.
        values: (rows, columns) numbers or moments; missing ones count as the least.
    """
    groups = _numbered(blocks)
    ranks = values.rank(pct=True, na_option="top").to_numpy(float)
    if not ranks.shape[1]:
        ranks = np.arange(len(groups), dtype=float)[:, None]
    while (open_ := np.flatnonzero(np.bincount(groups)[groups] >= 2 * least)).size:
        groups[open_] = 2 * groups[open_] + _upper(groups[open_], ranks[open_]) + groups.max() + 1
        groups = _numbered(groups)
    return groups


def usual(codes: pd.Series, groups: np.ndarray) -> pd.Series:
    """The commonest code of each group, for all its rows."""
    counts = pd.DataFrame({"group": groups, "code": codes.to_numpy()}).value_counts(dropna=False).reset_index()
    first = counts.drop_duplicates("group").set_index("group")["code"]
    return pd.Series(first.loc[groups].to_numpy(), index=codes.index, dtype=codes.dtype)


def _upper(groups: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """(rows,) bool: the upper half of its group, along the group's widest column."""
    groups = _numbered(groups)
    parts = pd.DataFrame(ranks).groupby(groups)
    widest = (parts.max() - parts.min()).to_numpy().argmax(axis=1)
    along = ranks[np.arange(len(ranks)), widest[groups]]
    order = np.lexsort((along, groups))
    sizes = np.bincount(groups)
    place = np.empty(len(groups), dtype=np.int64)
    place[order] = np.arange(len(groups)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return place >= sizes[groups] // 2


def _numbered(groups: np.ndarray) -> np.ndarray:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)
