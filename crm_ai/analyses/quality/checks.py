"""The checks of keys, amounts and names: each a group-by or a join that comes back as one row.

A check tells how many things fail it (``found``: orders, products, customers), on how many of how many rows
(``rows``, ``of``), and one example.
"""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from crm_ai.analyses.quality.columns import kind
from crm_ai.data.dataset import Dataset

COLUMNS = ("dimension", "table", "column", "check", "found", "rows", "of", "example")
LINE = ("customer_id", "order_id", "ordered_at", "product_id", "product_name", "quantity", "unit_price", "amount")
"""What makes a line the same as another."""
DATES = {"transactions": "ordered_at", "feedback": "created_at", "series": "time"}
CENT = 0.01
KEYS = {
    "customers": ("repeated_customers", ("customer_id",)),
    "feedback": ("repeated_feedback", ("feedback_id",)),
    "series": ("repeated_times", ("series_id", "time")),
}


def checks(data: Dataset, sizes: dict[str, int]) -> pd.DataFrame:
    """A row a check that the data have columns for, also where nothing is found.

    Args:
        sizes: table -> rows.
    """
    found = [*_repeated(data), *_orders(data), *_products(data), *_amounts(data), *_unknown(data), *_currencies(data)]
    return table([row | {"of": sizes[row["table"]]} for row in found if sizes[row["table"]]])


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Checks as a frame with COLUMNS."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    whole = dict.fromkeys(("found", "rows", "of"), "int64")
    return frame.astype(whole | dict.fromkeys(set(COLUMNS) - set(whole), "str"))


def _repeated(data: Dataset) -> Iterator[dict[str, Any]]:
    """Rows after the first with the same key."""
    lines = data.tables.get("transactions")
    if lines is not None and {"order_id", "customer_id"} & set(lines.columns):
        yield _twice(data, "transactions", "repeated_lines", [name for name in LINE if name in lines.columns])
    for name, (check, keys) in KEYS.items():
        here = [key for key in keys if data.has(name, key)]
        if keys[-1] in here:
            yield _twice(data, name, check, here)


def _twice(data: Dataset, name: str, check: str, keys: list[str]) -> dict[str, Any]:
    rows = data.tables[name]
    known = rows if name == "transactions" else rows.filter(rows[keys[-1]].notnull())
    groups = known.group_by(keys).aggregate(n=known.count())
    more = groups.filter(groups.n > 1)
    shown = next((key for key in ("order_id", "customer_id") if key in keys), keys[-1])
    sums = more.aggregate(found=more.count(), rows=(more.n - 1).sum(), example=more[shown].min())
    return _row(data, sums, "uniqueness", name, shown, check)


def _orders(data: Dataset) -> Iterator[dict[str, Any]]:
    """Orders whose lines have different customers or days: one group-by for both."""
    lines = data.tables.get("transactions")
    if lines is None or "order_id" not in lines.columns:
        return
    known, parts = lines.filter(lines.order_id.notnull()), {}
    if "customer_id" in lines.columns:
        parts["customers_of_order"] = known.customer_id
    if "ordered_at" in lines.columns and kind(lines.ordered_at) == "date":
        parts["days_of_order"] = known.ordered_at.cast("timestamp").truncate("D")
    if parts:
        ends = {f"least_{n}": v.min() for n, v in parts.items()} | {f"most_{n}": v.max() for n, v in parts.items()}
        orders = known.group_by("order_id").aggregate(n=known.count(), **ends)
        sums = [value for check in parts for value in _differ(orders, check)]
        found = data.frame(orders.aggregate(sums)).iloc[0]
        for check in parts:
            yield _read(found, "uniqueness", "transactions", "order_id", check, check)


def _differ(orders: ir.Table, check: str) -> list[ir.Value]:
    """found, rows and example of the orders whose least is not their most."""
    several = (orders[f"least_{check}"] != orders[f"most_{check}"]).fill_null(False)
    found, rows, example = several.sum(), orders.n.sum(where=several), orders.order_id.min(where=several)
    return [found.name(f"found{check}"), rows.name(f"rows{check}"), example.name(f"example{check}")]


def _products(data: Dataset) -> Iterator[dict[str, Any]]:
    """Numbers with several names and names with several numbers; the rows are those of the rarer ones."""
    if not data.has("transactions", "product_id", "product_name"):
        return
    lines = data.tables["transactions"]
    known = lines.filter(lines.product_id.notnull() & lines.product_name.notnull())
    pairs = known.group_by("product_id", "product_name").aggregate(n=known.count())
    for key, check in (("product_id", "names_of_product"), ("product_name", "products_of_name")):
        groups = pairs.group_by(key).aggregate(values=pairs.count(), rows=pairs.n.sum(), usual=pairs.n.max())
        more = groups.filter(groups["values"] > 1)
        sums = more.aggregate(found=more.count(), rows=(more.rows - more.usual).sum(), example=more[key].min())
        yield _row(data, sums, "consistency", "transactions", key, check)


def _amounts(data: Dataset) -> Iterator[dict[str, Any]]:
    """Lines whose amount is not quantity times price, beyond what rounding the price to a cent explains."""
    if not data.has("transactions", "quantity", "unit_price", "amount"):
        return
    lines = data.tables["transactions"]
    quantity, price, amount = (lines[name].cast("float64") for name in ("quantity", "unit_price", "amount"))
    differs = lines.filter((amount - quantity * price).abs() > CENT + quantity.abs() * CENT / 2)
    key = next((name for name in ("order_id", "customer_id", "product_id") if name in lines.columns), "amount")
    sums = differs.aggregate(found=differs.count(), rows=differs.count(), example=differs[key].min())
    yield _row(data, sums, "consistency", "transactions", "amount", "amount_differs")


def _unknown(data: Dataset) -> Iterator[dict[str, Any]]:
    """Customers of the orders that the list of customers does not have."""
    if not data.has("transactions", "customer_id") or not data.has("customers", "customer_id"):
        return
    lines, people = data.tables["transactions"], data.tables["customers"]
    known = lines.filter(lines.customer_id.notnull())
    buyers = known.group_by(customer_id=known.customer_id.cast("string")).aggregate(n=known.count())
    strangers = buyers.anti_join(people.select(customer_id=people.customer_id.cast("string")), "customer_id")
    sums = strangers.aggregate(found=strangers.count(), rows=strangers.n.sum(), example=strangers.customer_id.min())
    yield _row(data, sums, "consistency", "transactions", "customer_id", "unknown_customers")


def _currencies(data: Dataset) -> Iterator[dict[str, Any]]:
    """More than one currency; the rows are those of the rarer ones, the example is the usual one."""
    if not data.has("transactions", "currency"):
        return
    lines = data.tables["transactions"]
    known = lines.filter(lines.currency.notnull())
    groups = data.frame(known.group_by(name=known.currency).aggregate(n=known.count()))
    groups = groups.sort_values(["n", "name"], ascending=[False, True])
    mixed = len(groups) > 1
    yield {
        "dimension": "consistency",
        "table": "transactions",
        "column": "currency",
        "check": "currencies",
        "found": len(groups) if mixed else 0,
        "rows": int(groups["n"].iloc[1:].sum()),
        "example": str(groups["name"].iloc[0]) if mixed else "",
    }


def _row(data: Dataset, sums: ir.Table, dimension: str, table: str, column: str, check: str) -> dict[str, Any]:
    return _read(data.frame(sums).iloc[0], dimension, table, column, check)


def _read(sums: pd.Series, dimension: str, table: str, column: str, check: str, mark: str = "") -> dict[str, Any]:
    """A check out of the row that the engine gave; sums over no rows are 0."""
    example = sums[f"example{mark}"]
    text = "" if pd.isna(example) else str(example).removesuffix(" 00:00:00")
    counts = {name: 0 if pd.isna(sums[name + mark]) else int(sums[name + mark]) for name in ("found", "rows")}
    return {"dimension": dimension, "table": table, "column": column, "check": check, "example": text} | counts
