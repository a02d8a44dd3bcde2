"""Where the segments were learnt from a sample: every customer is put into one, batch by batch, and counted."""

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.analyses.segments import customers
from crm_ai.data.dataset import Dataset
from crm_ai.methods import clusters_in_spark
from crm_ai.methods.scaling import FAR, Scale

DAY = 86_400


def counted(
    data: Dataset, newest: pd.Timestamp, segment: Callable[[pd.DataFrame], np.ndarray], order: list[str]
) -> pd.DataFrame:
    """customers, share_of_customers, share_of_revenue, revenue of all customers, a row a segment of the order.

    Args:
        segment: purchases (see ``customers.purchases``) -> segment of each row.
    """
    total = pd.DataFrame({"customers": 0, "revenue": 0.0}, index=order)
    for batch in customers.every_purchase(data, newest):
        groups = batch["monetary"].groupby(segment(batch)).agg(customers="size", revenue="sum")
        total = total.add(groups.reindex(order), fill_value=0)
    total, whole = total.loc[order].astype({"customers": "int64"}), float(total["revenue"].sum())
    return pd.DataFrame(
        {
            "customers": total["customers"].to_numpy(),
            "share_of_customers": (total["customers"] / total["customers"].sum()).to_numpy(),
            "share_of_revenue": (total["revenue"] / whole).to_numpy() if whole > 0 else np.nan,
            "revenue": total["revenue"].to_numpy(),
        }
    )


def centres(data: Dataset, newest: pd.Timestamp, scales: Mapping[str, Scale], groups: int) -> np.ndarray | None:
    """Centres of k-means on all customers, where the engine has that; else None."""
    return clusters_in_spark.kmeans(scaled(customers.sums(data), newest, scales), groups)


def scaled(sums: ir.Table, newest: pd.Timestamp, scales: Mapping[str, Scale]) -> ir.Table:
    """The scaled columns of all customers inside the engine: the same as ``Scale`` gives, up to rounding."""
    first, last = (_day(sums[name]) for name in ("first", "last"))
    frequency = sums.frequency.cast("float64")
    columns = {
        "recency_days": newest.timestamp() / DAY + 1 - last,
        "frequency": frequency,
        "monetary": sums.monetary,
        "average_order_value": sums.monetary / frequency,
        "tenure_days": last - first,
        "days_between_orders": (last - first) / (frequency - 1).nullif(0.0),
        **{name: sums[name].cast("float64") for name in ("products", "categories") if name in sums.columns},
    }
    return sums.select(**{name: _scaled(columns[name], scale) for name, scale in scales.items()})


def _day(moment: ir.TimestampValue) -> ir.FloatingValue:
    return moment.truncate("D").epoch_seconds().cast("float64") / DAY


def _scaled(value: ir.NumericValue, scale: Scale) -> ir.NumericValue:
    if scale.unit == 0 or scale.spread <= 1e-9:
        return ibis.literal(0.0)
    column = value.fill_null(scale.missing) / scale.unit
    if scale.power is not None:
        up, down = ibis.greatest(column, 0.0), ibis.greatest(-column, 0.0)
        column = _box_cox(up, scale.power) - _box_cox(down, 2 - scale.power)
    if scale.width is not None:
        bent = (column - scale.middle) / scale.width
        column = bent.sign() * (bent.abs() + (bent * bent + 1).sqrt()).ln()
    return ibis.least(ibis.greatest((column - scale.mean) / scale.spread, -FAR), FAR)


def _box_cox(x: ir.NumericValue, power: float) -> ir.NumericValue:
    logs = (x + 1).ln()
    return logs if abs(power) < 1e-9 else ((logs * power).exp() - 1) / power
