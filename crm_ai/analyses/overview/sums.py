"""The engine's part of the overview: bounded per hour, month, customer, product and part."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.errors import TooLittleData

PARTS = ("country", "category", "channel")


def dated(rows: ir.Table) -> ir.Table:
    """The rows with a date, which must be one."""
    if not rows.ordered_at.type().is_temporal():
        raise _no_dates()
    dated = rows.mutate(ordered_at=rows.ordered_at.cast("timestamp"), amount=rows.amount.cast("float64"))
    return dated.filter(dated.ordered_at.notnull() & dated.amount.notnull())


def hours(data: Dataset, orders: ir.Table) -> pd.DataFrame:
    """One row a day and hour with orders: day, hour, revenue, orders."""
    timed = orders.mutate(day=orders.ordered_at.truncate("D"), hour=orders.ordered_at.hour())
    sums = timed.group_by("day", "hour").aggregate(revenue=timed.amount.sum(), orders=timed.count())
    hours = _tidy(data.frame(sums), "day", "hour")
    if hours.empty:
        raise _no_dates()
    return hours


def active(data: Dataset, orders: ir.Table) -> pd.DataFrame:
    """Customers a month; empty without customers."""
    if "customer_id" not in orders.columns:
        return _no_months()
    dated = orders.mutate(month=orders.ordered_at.truncate("M"))
    return _tidy(data.frame(dated.group_by("month").aggregate(customers=dated.customer_id.nunique())), "month")


@dataclass(frozen=True)
class Customers:
    """What the engine says of all customers together.

    Attributes:
        top: customer_id, revenue, orders, last_order of the best; empty without customers.
        new: month, customers, repeat, revenue of those whose first order falls into it.
        known, repeat: how many there are, and how many have two orders or more.
        top_tenth: revenue of the best tenth, None with fewer than ten.
        revenue: of all of them.
    """

    top: pd.DataFrame
    new: pd.DataFrame
    known: int = 0
    repeat: int = 0
    top_tenth: float | None = None
    revenue: float = 0.0


def customers(data: Dataset, orders: ir.Table, top: int) -> Customers:
    """The best ``top`` customers, and sums over all; no row a customer comes back."""
    nobody = pd.DataFrame(columns=["customer_id", "revenue", "orders", "last_order"])
    if "customer_id" not in orders.columns:
        return Customers(nobody, _no_months())
    known = orders.filter(orders.customer_id.notnull())
    each = known.group_by("customer_id").aggregate(
        revenue=known.amount.sum(),
        orders=known.count(),
        first_order=known.ordered_at.min(),
        last_order=known.ordered_at.max(),
    )
    starts = each.mutate(month=each.first_order.truncate("M"))
    repeat = starts.orders.count(where=starts.orders > 1)
    sums = {"customers": starts.count(), "repeat": repeat, "revenue": starts.revenue.sum()}
    new = _tidy(data.frame(starts.group_by("month").aggregate(**sums)), "month")
    found = int(new["customers"].sum())
    best = each.order_by([each.revenue.round(6).desc(), each.customer_id])
    tenth = best.limit(round(found / 10)).revenue.sum() if found >= 10 else None
    return Customers(
        top=_best_first(data.frame(best.limit(top)), "customer_id")[list(nobody)],
        new=new,
        known=found,
        repeat=int(new["repeat"].sum()),
        top_tenth=None if tenth is None else float(data.value(tenth)),
        revenue=float(new["revenue"].sum()),
    )


def products(data: Dataset, lines: ir.Table, compared: tuple[Any, Any]) -> pd.DataFrame:
    """One row a product: product, revenue, lines, quantity (where known), and whoever bought it (see ``_buyers``).

    ``compared`` are the months whose revenue goes into after and before, their lines into lines_after ..., and their
    buyers into customers_after ... Empty without products.
    """
    key = next((name for name in ("product_id", "product_name") if name in lines.columns), None)
    if key is None:
        return pd.DataFrame(columns=["product", "revenue", "quantity", "lines"])
    known = lines.filter(lines[key].notnull()).mutate(month=lines.ordered_at.truncate("M"))
    who, buyer = _buyers(known)
    sums = {"revenue": known.amount.sum(), "lines": known.count(), who: buyer.nunique()}
    if "quantity" in known.columns:
        sums["quantity"] = known.quantity.sum()
    if "product_name" in known.columns:
        sums["product"] = known.product_name.max()
    for name, month in zip(("after", "before"), compared, strict=True):
        if month is not None:
            here = known.month == ibis.literal(month)
            sums |= {name: known.amount.sum(where=here), f"lines_{name}": known.count(where=here)}
            sums[f"{who}_{name}"] = buyer.nunique(where=here)
    return _best_first(_named(data.frame(known.group_by(key).aggregate(**sums)), key), "product")


def parts(data: Dataset, lines: ir.Table) -> pd.DataFrame:
    """Revenue and buyers by country, category and channel, where the data have more than one of them."""
    found = [_part(data, lines, name) for name in PARTS if name in lines.columns]
    found = [frame for frame in found if len(frame) > 1]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["part", "name", "revenue"])


def _part(data: Dataset, lines: ir.Table, part: str) -> pd.DataFrame:
    known = lines.filter(lines[part].notnull())
    who, buyer = _buyers(known)
    sums = {"revenue": known.amount.sum(), who: buyer.nunique()}
    frame = data.frame(known.group_by(name=known[part].cast("string")).aggregate(**sums))
    return _best_first(frame, "name").assign(part=part)[["part", "name", "revenue", who]]


def _buyers(lines: ir.Table) -> tuple[str, ir.Column]:
    """What the buyers of a line are counted by, and its name: customers, else orders, else moments."""
    keys = {"customer_id": "customers", "order_id": "orders", "ordered_at": "orders"}
    key = next(name for name in keys if name in lines.columns)
    return keys[key], lines[key]


def currencies(data: Dataset, lines: ir.Table) -> pd.DataFrame:
    if "currency" not in lines.columns:
        return pd.DataFrame(columns=["currency"])
    return data.frame(lines.filter(lines.currency.notnull()).select("currency").distinct().limit(2))


def _no_months() -> pd.DataFrame:
    return pd.DataFrame({"month": pd.Series(dtype="datetime64[us]"), "customers": pd.Series(dtype="int64")})


def _tidy(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Sorted, and sums rounded so that the order of adding up cannot show."""
    if "revenue" in frame:
        frame = frame.assign(revenue=frame["revenue"].round(6))
    return frame.sort_values(list(keys), ignore_index=True)


def _best_first(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    rounded = frame.assign(revenue=frame["revenue"].round(6))
    return rounded.sort_values(["revenue", key], ascending=[False, True], ignore_index=True)


def _named(products: pd.DataFrame, key: str) -> pd.DataFrame:
    """A readable ``product`` that is unique: the name, with the id where two products share it."""
    ids = products[key].astype(str)
    names = products["product"].fillna(ids).astype(str).str.strip() if "product" in products else ids
    twice = names.duplicated(keep=False)
    return products.assign(product=names.where(~twice, names + " (" + ids + ")"))


def _no_dates() -> TooLittleData:
    return TooLittleData("There are no dated orders in these data: check the date and amount columns.")
