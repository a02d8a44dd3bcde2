"""Values far outside the usual: Tukey's fences (1977) from quartiles that the engine computes.

Amounts, prices and quantities are skewed. Positive values have a second pair of fences, as many times above and below
the quartiles instead of as far away (Tukey's fences of the logarithms; of the square roots where a twentieth and more
is 0): the higher upper fence counts, and the lower fence of the scale on which the values are less lopsided, never that
of ratios where there are zeros. Where the quartiles are equal, the middle nine tenths give the spread.
"""

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.analyses.quality.columns import QUANTILES
from crm_ai.data.dataset import Dataset
from crm_ai.data.schema import TABLES
from crm_ai.i18n import number

MEASURES = {"transactions": ("quantity", "unit_price", "amount"), "series": ("value",)}
FEWEST, FEWEST_DIFFERENT = 20, 10
MOST_ATTRIBUTES = 20
EXAMPLES = 3
MOST_EXPONENT = 700.0
NINE_TENTHS = 1.349 / 3.290
"""Quartile range over the middle nine tenths, of a normal distribution."""
NAMES = ["table", "column", "low", "high", "n", "share", "share_of_total", "example", "of"]


def fences(columns: pd.DataFrame, factor: float) -> pd.DataFrame:
    """table, column, low, high, of: the fences of the measures and of customers' numbers that vary enough."""
    looked = columns[_measured(columns)]
    ends = [_fence(row, factor) for _, row in looked.iterrows()]
    found = looked[["table", "column"]].assign(of=looked["filled"], low=[e[0] for e in ends], high=[e[1] for e in ends])
    return found[found["high"] > found["low"]].reset_index(drop=True)


def outliers(data: Dataset, fences: pd.DataFrame) -> pd.DataFrame:
    """NAMES: how many values lie outside each fence, their share of the total, the most extreme."""
    found = [row for table, rows in fences.groupby("table", sort=False) for row in _outside(data, str(table), rows)]
    return pd.DataFrame(found, columns=NAMES).astype({"n": "int64", "of": "int64", "example": "str"})


def _measured(columns: pd.DataFrame) -> np.ndarray:
    """Numbers with enough different values; the values of several series have no common fence."""
    own = [column in MEASURES.get(table, ()) for table, column in zip(columns["table"], columns["column"], strict=True)]
    attribute = (columns["table"] == "customers") & ~columns["column"].isin(TABLES["customers"])
    enough = (columns["filled"] >= FEWEST) & (columns["type"] == "number") & columns["q50"].notna()
    several = bool((columns.loc[columns["column"] == "series_id", "distinct"] > 1).any())
    attribute &= (columns["distinct"] >= FEWEST_DIFFERENT) & enough
    attribute &= attribute.cumsum() <= MOST_ATTRIBUTES
    common = (columns["table"] != "series") | (not several)
    return np.asarray((np.array(own) & enough & common) | attribute, dtype=bool)


def _fence(row: pd.Series, factor: float) -> tuple[float, float]:
    """From where to where values are usual; equal ends where nothing varies."""
    quantiles = np.array([row[name] for name in QUANTILES])
    low, high = _plain(quantiles, factor)
    if row["smallest"] < 0 or quantiles[0] < 0:
        return low, high
    if quantiles[0] == 0:
        return low, max(high, _plain(np.sqrt(quantiles), factor)[1] ** 2)
    ratios = np.exp(np.minimum(_plain(np.log(quantiles), factor), MOST_EXPONENT))
    as_ratios = row["smallest"] > 0 and _skew(np.log(quantiles)) < _skew(quantiles)
    return float(ratios[0]) if as_ratios else low, max(high, float(ratios[1]))


def _skew(quantiles: np.ndarray) -> float:
    """How lopsided the middle nine tenths are, from 0 to 1."""
    lowest, _, middle, _, highest = quantiles
    return float(abs(highest + lowest - 2 * middle) / (highest - lowest)) if highest > lowest else 0.0


def _plain(quantiles: np.ndarray, factor: float) -> tuple[float, float]:
    lowest, low, _, high, highest = quantiles
    spread = high - low if high > low else NINE_TENTHS * (highest - lowest)
    return float(low - factor * spread), float(high + factor * spread)


def _outside(data: Dataset, name: str, fences: pd.DataFrame) -> list[dict[str, Any]]:
    """One query for all columns of a table, then one for the examples of each column that has any."""
    table, rows = data.tables[name], [{str(k): v for k, v in row.items()} for row in fences.to_dict("records")]
    sums = {f"{part}{i}": value for i, row in enumerate(rows) for part, value in _sums(table, row).items()}
    found = data.frame(table.aggregate(**sums)).iloc[0]
    result: list[dict[str, Any]] = []
    for i, row in enumerate(rows):
        n, held, total = (float(np.nan_to_num(float(found[f"{part}{i}"] or 0))) for part in ("n", "held", "total"))
        parts = {"n": int(n), "share": n / row["of"], "share_of_total": round(held / total, 9) if total else 0.0}
        result.append({**row, **parts, "example": _examples(data, name, row) if n else ""})
    return result


def _beyond(table: ir.Table, row: dict[str, Any]) -> ir.BooleanValue:
    value = table[row["column"]].cast("float64")
    return ((value < row["low"]) | (value > row["high"])).fill_null(False)


def _sums(table: ir.Table, row: dict[str, Any]) -> dict[str, ir.Value]:
    size, beyond = table[row["column"]].cast("float64").abs(), _beyond(table, row)
    return {"n": beyond.sum(), "held": size.sum(where=beyond), "total": size.sum()}


def _examples(data: Dataset, name: str, row: dict[str, Any]) -> str:
    """The most extreme values, with the order or customer they belong to."""
    table = data.tables[name]
    beyond = table.filter(_beyond(table, row))
    value = beyond[row["column"]].cast("float64")
    key = next((k for k in ("order_id", "customer_id", "product_id") if k in table.columns), None)
    label = beyond[key].cast("string").fill_null("") if key else ibis.literal("")
    most = beyond.select(value=value, size=value.abs(), label=label).distinct()
    frame = data.frame(most.order_by(ibis.desc("size"), "value", "label").limit(EXAMPLES))
    return "; ".join(_example(*pair) for pair in zip(frame["value"], frame["label"], strict=True))


def _example(value: float, label: str) -> str:
    return f"{number(value)} ({label})" if label else number(value)
