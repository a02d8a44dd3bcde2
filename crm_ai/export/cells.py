"""What a cell is and how people read it; the same in every format."""

import math
import re
from typing import Any

import pandas as pd

from crm_ai import i18n
from crm_ai.data import formulas
from crm_ai.i18n import Translator

SHARES = ("share", "rate", "support", "confidence", "probability", "coverage")
SMALL = ("p_value", "q_value")
DAY, MOMENT, PERCENT, SMALL_NUMBER, WHOLE, NUMBER, FLAG, TEXT = (
    "day", "moment", "percent", "small", "whole", "number", "flag", "text",
)  # fmt: skip
NUMERIC = frozenset({PERCENT, SMALL_NUMBER, WHOLE, NUMBER})
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Signs that no document may hold."""


def kind(values: pd.Series) -> str:
    """What a column holds."""
    name, dtype = str(values.name), values.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        known = values.dropna()
        return DAY if bool((known == known.dt.normalize()).all()) else MOMENT
    if pd.api.types.is_bool_dtype(dtype):
        return FLAG
    if not pd.api.types.is_numeric_dtype(dtype):
        return TEXT
    if name in SMALL:
        return SMALL_NUMBER
    if set(SHARES) & set(name.split("_")):
        return PERCENT
    return WHOLE if pd.api.types.is_integer_dtype(dtype) else NUMBER


def written(value: Any, kind: str, t: Translator = str) -> str:
    """A cell as people read it."""
    value = plain(value)
    if value is None:
        return "–"
    if kind in NUMERIC:
        return _number(float(value), kind)
    if kind == FLAG:
        return t("yes") if value else t("no")
    if kind in (DAY, MOMENT):
        return f"{value:%Y-%m-%d}" if kind == DAY else f"{value:%Y-%m-%d %H:%M}"
    return clean(str(value))


def clean(text: str) -> str:
    """Text without signs that documents cannot hold."""
    return UNSEEN.sub("", text)


def plain(value: Any) -> Any:
    """A cell in Python's own types: None where it is missing, lists as text."""
    if isinstance(value, str):
        return value
    if hasattr(value, "tolist") and not hasattr(value, "isoformat"):
        value = value.tolist()
    if isinstance(value, list | tuple | set | dict):
        return ", ".join(map(str, value))
    return None if value is None or value is pd.NaT or value is pd.NA or value != value else value


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, also after it has dropped signs that it cannot show."""
    return formulas.harmless(clean(text))


def card(value: float | None, kind: str, currency: str = "") -> str:
    """A metric as its card writes it; ``kind`` as in CARDS."""
    if value is None:
        return "–"
    if kind == "money":
        return i18n.money(value, currency)
    return {"percent": i18n.percent, "score": lambda v: i18n.number(v, 3)}.get(kind, i18n.number)(value)


def _number(value: float, kind: str) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if kind == PERCENT:
        return i18n.percent(value)
    return f"{value:.2g}" if kind == SMALL_NUMBER or 0 < abs(value) < 1e-4 else i18n.number(value)
