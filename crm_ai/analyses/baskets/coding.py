"""From order lines to integer-coded baskets."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter, TooLittleData
from crm_ai.methods.itemsets import Baskets

JOIN = " + "
MOST_PAIRS = 50_000_000
"""Two whole numbers a row: this many fit."""


def features(data: Dataset, level: str = "product") -> dict[str, pd.DataFrame]:
    """The engine's part.

    Args:
        level: "product" or "category".

    Returns:
        pairs: basket, code; every item once in a basket, both as whole numbers.
        items: code, item, and the name most lines give it, where there are names.

    Raises:
        MissingColumns: no categories, though they were asked for.
    """
    lines = _lines(data, level)
    items = lines.select("item").distinct().mutate(code=ibis.row_number().over(order_by="item"))
    keys = [name for name in lines.columns if name not in ("item", "name")]
    orders = lines.select(*keys).distinct().mutate(basket=ibis.row_number())
    pairs = lines.select(*keys, "item").distinct().join(items, "item").join(orders, keys).select("basket", "code")
    names = lines.group_by([name for name in ("item", "name") if name in lines.columns]).aggregate(lines=lines.count())
    return {
        "pairs": data.frame(pairs, MOST_PAIRS),
        "items": _most_frequent(data.frame(names.join(items, "item"))),
    }


def coded(found: dict[str, pd.DataFrame]) -> tuple[Baskets, list[str]]:
    """Baskets whose item codes follow the alphabet, and the name of each code.

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
    return baskets, [str(labels.iloc[place]) for place in order]


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
