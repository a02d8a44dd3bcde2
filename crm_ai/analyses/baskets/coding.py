"""From order lines to integer-coded baskets."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.data.sampling import share_for, thinned
from crm_ai.errors import BadParameter, TooLittleData
from crm_ai.methods.itemsets import Baskets

JOIN = " + "
MOST_BASKETS = 5_000_000
MOST_PAIRS = 50_000_000
"""Two whole numbers a row: this many fit."""


def features(data: Dataset, level: str = "product", most: int = MOST_BASKETS) -> dict[str, Any]:
    """The engine's part.

    Args:
        level: "product" or "category".
        most: baskets that are taken; of more, a sample, always the same.

    Returns:
        pairs: basket, code; every item once in a basket, both as whole numbers.
        items: code, item, and the name most lines give it, where there are names.
        known: baskets that there are, None where all were taken.

    Raises:
        MissingColumns: no categories, though they were asked for.
    """
    lines = _lines(data, level)
    keys = _keys(lines)
    known = int(data.value(lines.count()))  # no more baskets than lines
    known = known if known <= most else int(data.value(lines.select(*keys).distinct().count()))
    taken = thinned(lines, keys, share_for(most, known))
    orders = taken.select(*keys).distinct().mutate(basket=ibis.row_number())
    pairs = _pairs(taken, lines).join(orders, keys).select("basket", "code")
    names = lines.group_by([name for name in ("item", "name") if name in lines.columns]).aggregate(lines=lines.count())
    return {
        "pairs": data.frame(pairs, MOST_PAIRS),
        "items": _most_frequent(data.frame(names.join(_codes(lines), "item"))),
        "known": known if known > most else None,
    }


def every_pair(data: Dataset, level: str) -> ir.Table:
    """What names a basket, and code: every item once in a basket, of all baskets, inside the engine."""
    lines = _lines(data, level)
    return _pairs(lines, lines)


def sizes(data: Dataset, pairs: ir.Table) -> pd.DataFrame:
    """items, baskets: how many baskets hold so many different items; ``pairs`` are ``every_pair``."""
    each = pairs.group_by([name for name in pairs.columns if name != "code"]).aggregate(items=pairs.count())
    return data.frame(each.group_by("items").aggregate(baskets=each.count()))


def coded(found: dict[str, Any]) -> tuple[Baskets, list[str], np.ndarray]:
    """Baskets whose item codes follow the alphabet, the name of each code, and the new code of each old one.

    Raises:
        TooLittleData: fewer than two baskets.
    """
    pairs, items = found["pairs"], found["items"]
    n_baskets = int(pairs["basket"].max()) + 1 if len(pairs) else 0
    if n_baskets < 2:
        raise TooLittleData("At least {needed} baskets are needed; there are {found}.", needed=2, found=n_baskets)
    labels = _labels(items)
    order = np.argsort(labels.to_numpy(object), kind="stable")
    code = np.empty(len(items), dtype=np.int64)
    code[items["code"].to_numpy()[order]] = np.arange(len(items))
    baskets = Baskets(pairs["basket"].to_numpy(), code[pairs["code"].to_numpy()], n_baskets, len(items))
    return baskets, [str(labels.iloc[place]) for place in order], code


def matching(names: Sequence[str], part: str) -> np.ndarray | None:
    """Codes of the items whose name contains ``part``, whatever the case; None if all are wanted.

    Raises:
        BadParameter: no name does.
    """
    if not part.strip():
        return None
    found = [code for code, name in enumerate(names) if part.strip().casefold() in name.casefold()]
    if not found:
        raise BadParameter("No item has {text} in its name: try a shorter part of it.", text=part.strip())
    return np.array(found)


def _keys(lines: ir.Table) -> list[str]:
    return [name for name in lines.columns if name not in ("item", "name")]


def _codes(lines: ir.Table) -> ir.Table:
    return lines.select("item").distinct().mutate(code=ibis.row_number().over(order_by="item"))


def _pairs(taken: ir.Table, lines: ir.Table) -> ir.Table:
    """The baskets taken, with the codes that items have among all lines."""
    keys = _keys(taken)
    return taken.select(*keys, "item").distinct().join(_codes(lines), "item").select(*keys, "code")


def _lines(data: Dataset, level: str) -> ir.Table:
    """What makes a basket, the item, and its name if that is not the item itself; no missing values."""
    columns = ("order_id",) if data.has("transactions", "order_id") else ("customer_id", "ordered_at")
    if level == "category":
        item = "category"
    else:
        item = "product_id" if data.has("transactions", "product_id") else "product_name"
    table = data.table("transactions", *columns, item)
    keys = {"customer_id": table.customer_id, "day": table.ordered_at.truncate("D")} if len(columns) > 1 else {}
    lines = {**(keys or {"order_id": table.order_id}), "item": table[item].cast("string")}
    if item == "product_id" and "product_name" in table.columns:
        lines["name"] = table.product_name
    return table.select(**lines).drop_null([name for name in lines if name != "name"])


def _most_frequent(names: pd.DataFrame) -> pd.DataFrame:
    """One name an item: the one of most lines, the first by the alphabet among equals."""
    if "name" not in names:
        return names[["code", "item"]]
    ranked = names.dropna(subset=["name"]).sort_values(["code", "lines", "name"], ascending=[True, False, True])
    items = names[["code", "item"]].drop_duplicates()
    return items.merge(ranked.drop_duplicates("code")[["code", "name"]], on="code", how="left")


def _labels(items: pd.DataFrame) -> pd.Series:
    """A readable name an item; different items never share one, and none contains the joining sign."""
    ids = items["item"].astype(str).str.strip()
    labels = items["name"].astype(object).fillna(ids).astype(str).str.strip() if "name" in items else ids
    labels = labels.where(labels != "", ids).str.replace(JOIN, "+", regex=False)
    shared = labels.duplicated(keep=False)
    labels = labels.where(~shared, labels + " (" + ids.str.replace(JOIN, "+", regex=False) + ")")
    again = labels.groupby(labels).cumcount()
    return labels.where(again == 0, labels + " [" + again.astype(str) + "]")
