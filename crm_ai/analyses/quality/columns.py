"""What each column holds, added up by the engine: one query a table, a hundred columns at a time."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.data.schema import TABLES
from crm_ai.i18n import number

MOST_EXACT = 5_000_000
"""Rows up to which different values and quantiles are exact; the engine estimates them above."""
AT_ONCE = 100
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
QUANTILES = ("q05", "q25", "q50", "q75", "q95")


def kind(value: ir.Value) -> str:
    """text, number, date, flag or other."""
    type_ = value.type()
    if type_.is_string():
        return "text"
    if type_.is_boolean():
        return "flag"
    if type_.is_numeric():
        return "number"
    return "date" if type_.is_timestamp() or type_.is_date() else "other"


def columns(data: Dataset) -> pd.DataFrame:
    """A row a column: table, column, type, rows, filled, distinct, least, most (text), smallest and
    the QUANTILES of numbers.
    """
    found = [row for table in TABLES if table in data.tables for row in _table(data, table)]
    return pd.DataFrame(found).astype(dict.fromkeys(("table", "column", "type", "least", "most"), "str"))


def _table(data: Dataset, name: str) -> Iterator[dict[str, Any]]:
    table = data.tables[name]
    names = [*(n for n in TABLES[name] if n in table.columns), *(n for n in table.columns if n not in TABLES[name])]
    rows = int(data.frame(table.aggregate(rows=table.count()))["rows"].iloc[0])
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        asked = [_sums(table[column], rows <= MOST_EXACT) for column in some]
        sums = {f"{part}{i}": value for i, parts in enumerate(asked) for part, value in parts.items()}
        found = data.frame(table.aggregate(**sums)).iloc[0]
        for i, column in enumerate(some):
            yield {"table": name, "column": column, "type": kind(table[column]), "rows": rows} | _read(found, i)


def _sums(value: ir.Value, exact: bool) -> dict[str, ir.Value]:
    """What is asked of one column: blanks are no value where there is time to look (intake leaves none)."""
    what = kind(value)
    if what == "text":
        blank = (value.strip() if exact else value) == ""
        known = blank.ifelse(None, value) if exact else value
        return {"filled": (value.notnull() & ~blank).sum(), "distinct": _different(known, exact)}
    found: dict[str, ir.Value] = {"filled": value.count()}
    if what == "other":
        return found
    found["distinct"] = _different(value, exact)
    if what == "flag":
        return found
    value = value.cast("float64") if what == "number" else value
    ends = {"least": value.min(), "most": value.max()}
    return found | ends | ({"quantiles": _quantiles(value, exact)} if what == "number" else {})


def _different(value: ir.Value, exact: bool) -> ir.Value:
    return value.nunique() if exact else value.approx_nunique()


def _quantiles(value: ir.Value, exact: bool) -> ir.Value:
    return value.quantile(list(LEVELS)) if exact else value.approx_quantile(list(LEVELS))


def _read(found: pd.Series, i: int) -> dict[str, Any]:
    """One column out of the row that the engine gave; sums over no rows are 0."""
    values = found.get(f"quantiles{i}")
    quantiles = np.full(len(QUANTILES), np.nan) if values is None or values is pd.NA else np.asarray(values, float)
    if quantiles.shape != (len(QUANTILES),):
        quantiles = np.full(len(QUANTILES), np.nan)
    counts = {part: int(np.nan_to_num(found.get(f"{part}{i}", 0) or 0)) for part in ("filled", "distinct")}
    ends = {part: _text(found.get(f"{part}{i}")) for part in ("least", "most")}
    smallest = np.nan if np.isnan(quantiles[0]) else float(found[f"least{i}"])
    return counts | ends | {"smallest": smallest} | dict(zip(QUANTILES, quantiles, strict=True))


def _text(value: Any) -> str:
    """The least or largest value as people write it; "" where there is none."""
    if value is None or pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else number(float(value) + 0.0)  # no minus before 0
