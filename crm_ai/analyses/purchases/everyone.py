"""Where the model learnt from a sample of the customers: all are scored, batch by batch, and the best are kept."""

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.methods.histories import Timetable, described
from crm_ai.methods.propensity import Propensity

DAY = 86_400
ROOM = 4
"""How many times as many as are kept are held before the worst are let go."""


@dataclass(frozen=True)
class Best:
    """The customers with the highest chances, best first, and what all have together.

    Attributes:
        frame: features; customers: ids; probability: of each.
        found: customers scored. expected: sum of all their chances.
    """

    frame: pd.DataFrame
    customers: np.ndarray
    probability: np.ndarray
    found: int
    expected: float

    @property
    def deciles(self) -> np.ndarray:
        """The tenth of all customers in which each lies."""
        return np.arange(len(self.probability)) * 10 // max(1, self.found) + 1


def scored(data: Dataset, days: ir.Table, model: Propensity, plan: Timetable, most: int) -> Best:
    """Score every customer on the day after the last.

    Args:
        days: a row a customer and day with a purchase, see ``asking.purchase_days``.
        most: how many are kept.
    """
    found, expected = 0, 0.0
    kept = pd.DataFrame()
    for batch in data.batches(sums(days, plan)):
        frame = described(batch, plan.score)
        chance = model.probability(frame)
        found, expected = found + len(chance), expected + float(chance.sum())
        frame = frame.assign(_id=batch["customer_id"].astype(str), _chance=chance)
        kept = pd.concat([kept, frame], ignore_index=True)
        kept = _best(kept, most) if len(kept) > ROOM * most else kept
    kept = _best(kept, most)
    features = kept.drop(columns=["_id", "_chance"])
    return Best(features, kept["_id"].to_numpy(object), kept["_chance"].to_numpy(), found, expected)


def sums(days: ir.Table, plan: Timetable) -> ir.Table:
    """A row a customer: customer_id, first, last (days since 1970), orders, and what else ``described`` takes."""
    dated = days.mutate(n=(days.day.epoch_seconds() / DAY).cast("int64"))
    dated = dated.filter(dated.n < plan.score)
    counts = {f"orders_{w}_days": dated.n.count(where=dated.n >= plan.score - w) for w in plan.windows}
    if season := plan.season(plan.score):
        counts["same_season"] = dated.n.count(where=(dated.n >= season[0]) & (dated.n < season[1]))
    spent = {name: dated[name].sum() for name in ("amount", "lines") if name in dated.columns}
    return dated.group_by("customer_id").aggregate(
        first=dated.n.min(), last=dated.n.max(), orders=dated.n.count(), **counts, **spent
    )


def _best(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    return frame.sort_values(["_chance", "_id"], ascending=[False, True], ignore_index=True).head(most)
