"""Bundles and rules as tables, in the names of the items."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crm_ai.analyses.baskets.coding import JOIN
from crm_ai.methods.itemsets import Itemsets, Rules, exact
from crm_ai.methods.itemsets.significance import p_values, q_values

PAIRS = 1_000
"""Pairs listed at most: those most often above chance."""
SIZES = {1: "1", 2: "2", 3: "3", 4: "4", 5: "5", 6: "6-9", 10: "10-19", 20: "20-49", 50: "50+"}
"""From how many items on a basket falls into which row."""


def itemsets(found: Itemsets, names: Sequence[str], wanted: np.ndarray | None) -> pd.DataFrame:
    """items, size, support, count; the most frequent first."""
    kept = [_with(rows, wanted) for rows in found.levels]
    count = _joined([counts[here] for counts, here in zip(found.counts, kept, strict=True)], np.int64)
    size = _joined([np.full(int(here.sum()), size) for size, here in enumerate(kept, 1)], np.int64)
    items = _joined([text(rows[here], names) for rows, here in zip(found.levels, kept, strict=True)], object)
    table = pd.DataFrame({"items": items.astype(str), "size": size, "support": count / found.n_baskets, "count": count})
    return table.sort_values(["count", "size", "items"], ascending=[False, True, True], ignore_index=True)


def numbers(found: Rules, tested: int) -> pd.DataFrame:
    """The measures of every rule, with q-values over all that were tested."""
    p = p_values(found.both, found.left, found.right, found.n)
    return pd.DataFrame(found.measures() | {"p_value": p, "q_value": q_values(p, tested), "count": found.both})


def rules(
    found: Rules, measures: pd.DataFrame, least: float, names: Sequence[str], wanted: np.ndarray | None
) -> pd.DataFrame:
    """antecedents, consequents and the measures of the rules of enough confidence; the highest lift first."""
    kept = found.confident(*exact(least).as_integer_ratio())
    if wanted is not None:
        kept &= _joined([_with(np.hstack(shape), wanted) for shape in found.shapes], bool)
    left, right, start = [], [], 0
    for antecedents, consequents in found.shapes:
        here = kept[start : start + len(antecedents)]
        left.append(text(antecedents[here], names))
        right.append(text(consequents[here], names))
        start += len(antecedents)
    table = measures[kept].reset_index(drop=True)
    table.insert(0, "antecedents", _joined(left, object).astype(str))
    table.insert(1, "consequents", _joined(right, object).astype(str))
    by = ["lift", "support", "antecedents", "consequents"]
    return table.sort_values(by, ascending=[False, False, True, True], ignore_index=True)


def pairs(found: Rules, measures: pd.DataFrame, names: Sequence[str], wanted: np.ndarray | None) -> pd.DataFrame:
    """left, right, lift, leverage, q_value, count of pairs that meet more often than by chance; most often first."""
    right, left = found.shapes[0] if found.shapes else (np.zeros((0, 1), dtype=int), np.zeros((0, 1), dtype=int))
    kept = _with(np.hstack([left, right]), wanted) & (measures["lift"].to_numpy()[: len(left)] > 1)
    table = measures[["lift", "leverage", "q_value", "count"]][: len(left)][kept].reset_index(drop=True)
    table.insert(0, "left", text(left[kept], names).astype(str))
    table.insert(1, "right", text(right[kept], names).astype(str))
    table = table.sort_values(["leverage", "left", "right"], ascending=[False, True, True], ignore_index=True)
    return table.head(PAIRS)


def sizes(sizes: np.ndarray) -> pd.DataFrame:
    """items, baskets: how many baskets hold so many items, from the size of each basket."""
    return rows(pd.Series(sizes).value_counts().rename_axis("items").reset_index(name="baskets"))


def rows(counts: pd.DataFrame) -> pd.DataFrame:
    """items, baskets in the rows of SIZES, from a row a size."""
    row = np.searchsorted(list(SIZES), counts["items"].to_numpy(), side="right") - 1
    baskets = np.bincount(row, counts["baskets"].to_numpy(), minlength=len(SIZES)).astype(np.int64)
    return pd.DataFrame({"items": list(SIZES.values()), "baskets": baskets})


def text(rows: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Rows of item codes as text, joined."""
    words = np.array(names, dtype=object)[rows]
    joined = words[:, 0]
    for column in range(1, rows.shape[1]):
        joined = joined + JOIN + words[:, column]
    return joined


def _with(rows: np.ndarray, wanted: np.ndarray | None) -> np.ndarray:
    """Which rows hold a wanted item."""
    if wanted is None:
        return np.ones(len(rows), dtype=bool)
    return np.asarray(np.isin(rows, wanted).any(axis=1))


def _joined(parts: list[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype=kind), *parts]) if parts else np.empty(0, dtype=kind)
