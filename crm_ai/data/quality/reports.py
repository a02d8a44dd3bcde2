"""What cleaning tells: for every rule how many rows it finds and how many it took out, totals before and after."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

DIGITS = 4  # sums of floats differ far behind the point from run to run


@dataclass(frozen=True)
class Totals:
    """Figures of one table; None where the columns for it are absent."""

    rows: int
    orders: int | None = None
    customers: int | None = None
    amount: float | None = None


@dataclass(frozen=True)
class Finding:
    """What one rule found.

    Attributes:
        id, label, help: of the rule.
        on: whether it took rows out.
        count: rows it finds; None where it is off and the table too large to count by the way.
        removed: rows it took out that no earlier rule had taken.
        sample: up to five rows as the file has them, with ``source`` and ``row``.
    """

    id: str
    label: str
    help: str
    on: bool
    count: int | None
    removed: int
    sample: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class TableReport:
    """What cleaning did to one table; ``rows`` = ``kept`` + ``rejected``.

    Attributes:
        rows: records of all its files, those that could not be read included.
        broken: records that could not be read as rows of a table; part of ``rejected``.
        rules: those that apply, in the order in which they take rows out.
        before, after: totals of the typed rows and of the kept ones.
        empty: mapped columns without a single value, left out.
    """

    rows: int
    kept: int
    rejected: int
    broken: int
    rules: Sequence[Finding]
    before: Totals
    after: Totals
    empty: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def figures(table: ir.Table) -> dict[str, ir.Value]:
    """What the Totals of a canonical table have, by their names."""
    found: dict[str, ir.Value] = {"rows": table.count()}
    if "ordered_at" in table.columns or "order_id" in table.columns:
        found["orders"] = _orders(table)
    if "customer_id" in table.columns:
        found["customers"] = table.customer_id.nunique()
    if "amount" in table.columns:
        found["amount"] = table.amount.sum()
    return found


def read_totals(frame: pd.DataFrame) -> Totals:
    """Totals from one row of ``figures``."""
    row = frame.iloc[0].to_dict()
    amount = row.pop("amount", None)
    known = {str(name): int(value) for name, value in row.items()}
    return Totals(**known, amount=None if amount is None or pd.isna(amount) else round(float(amount), DIGITS))


def _orders(table: ir.Table) -> ir.Value:
    """As ``Dataset.orders`` counts them: by number, else by customer and moment, else each line is one."""
    if "order_id" in table.columns:
        return table.order_id.nunique()
    if "customer_id" in table.columns and "ordered_at" in table.columns:
        pair = ibis.struct({"customer": table.customer_id, "moment": table.ordered_at})
        return pair.nunique()
    return table.count()
