"""Which columns of a customer table tell customers apart, and those columns as numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_ai.errors import BadParameter
from crm_ai.methods.scaling import scaled

ID = re.compile(r"(^|[\W_])(id|no|nr|number|uuid|guid|key|code|phone|zip|postcode|email|name)$|编号$|号码$|号$|姓名$")
LABELS = ("target", "treatment")
MOST_COLUMNS, MOST_LEVELS = 200, 20
EMPTY, RARE, PARSED = 0.6, 0.01, 0.95
"""Share of missing values from which a column is left out; of rows below which a level is "other"; of values that must
read as numbers or dates."""

ID_REASON = "an id"
LABEL_REASON = "a label, not a trait"
EMPTY_REASON = "mostly empty"
CONSTANT_REASON = "the same for all"
LEVELS_REASON = "too many different texts"
MANY_REASON = "more columns than can be used"


@dataclass(frozen=True)
class Traits:
    """The usable columns of a customer table.

    Attributes:
        numbers: column -> numbers (dates as days before the latest), NaN where missing.
        levels: column -> text, "" where missing and "other" for rare texts.
        left_out: (column, reason) of the others.
    """

    numbers: Mapping[str, pd.Series]
    levels: Mapping[str, pd.Series]
    left_out: tuple[tuple[str, str], ...]


def traits(frame: pd.DataFrame, wanted: str = "") -> Traits:
    """Sort the columns out.

    Args:
        wanted: column names separated by commas; all that fit by default.

    Raises:
        BadParameter: a wanted column is not there.
    """
    names = _wanted([str(c) for c in frame.columns if c != "customer_id"], wanted)
    numbers: dict[str, pd.Series] = {}
    levels: dict[str, pd.Series] = {}
    left_out = [(name, MANY_REASON) for name in names[MOST_COLUMNS:]]
    for name in names[:MOST_COLUMNS]:
        column, reason = _read(frame[name], asked=bool(wanted.strip()))
        if reason:
            left_out.append((name, reason))
        else:
            (numbers if pd.api.types.is_float_dtype(column.dtype) else levels)[name] = column
    return Traits(numbers, levels, tuple(left_out))


def matrix(found: Traits, weight: float) -> tuple[np.ndarray, list[str]]:
    """Scaled numbers and one-hot levels side by side, and the names of the columns ("Gender = Female").

    A text column has ``weight`` times the variance of a number column, less where texts outnumber the numbers.
    """
    columns = {name: scaled(values.to_numpy(dtype=float)) for name, values in found.numbers.items()}
    if columns:
        weight *= min(1.0, len(columns) / max(1, len(found.levels)))
    for name, values in found.levels.items():
        columns |= _one_hot(name, values, weight if found.numbers else 1.0)
    return np.column_stack(list(columns.values())), list(columns)


def _wanted(names: list[str], wanted: str) -> list[str]:
    """The asked names, found by their letters and digits: "Annual Income (k$)" is annual_income_k too."""
    if not wanted.strip():
        return names
    known = {_letters(name): name for name in names}
    asked = [part.strip() for part in re.split("[,，;；]", wanted) if part.strip()]
    for part in asked:
        if _letters(part) not in known:
            raise BadParameter("There is no column {column}: use {known}.", column=part, known=names)
    return list(dict.fromkeys(known[_letters(part)] for part in asked))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold()) or name


def _read(values: pd.Series, asked: bool) -> tuple[pd.Series, str]:
    """The column as float64 (a number) or text (a level), and why it cannot be used, if so."""
    if values.name in LABELS and not asked:
        return values, LABEL_REASON
    if values.isna().mean() > EMPTY:
        return values, EMPTY_REASON
    if values.nunique() < 2:
        return values, CONSTANT_REASON
    number = _number(values)
    if number is None:
        return _level(values)
    if not asked and _is_id(number, str(values.name)):
        return values, ID_REASON
    return (number, "") if number.nunique() > 2 else _level(values)


def _number(values: pd.Series) -> pd.Series | None:
    """Numbers, dates (days before the latest) or text that reads as such; None for other text."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return None
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return ((values.max() - values) / pd.Timedelta(days=1)).astype(float)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype(float).where(np.isfinite(values.astype(float)))
    text = values.astype("string")
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    if numbers.notna().mean() >= PARSED * text.notna().mean():
        return numbers.where(np.isfinite(numbers))
    dates = pd.to_datetime(text, errors="coerce", format="ISO8601")
    return _number(dates) if dates.notna().mean() >= PARSED * text.notna().mean() else None


def _is_id(number: pd.Series, name: str) -> bool:
    """Whole numbers, all different, that are named or counted like ids."""
    whole = number.dropna()
    if not (whole.is_unique and (whole % 1 == 0).all()):
        return False
    return bool(ID.search(name.lower())) or (len(whole) > 20 and whole.max() - whole.min() + 1 == len(whole))


def _level(values: pd.Series) -> tuple[pd.Series, str]:
    text = values.astype("string").fillna("").astype(str)
    counts = text.value_counts()
    rare = counts.index[counts < RARE * len(text)]
    if counts[rare].sum() > len(text) / 2 or len(counts) - len(rare) > MOST_LEVELS:
        return values, LEVELS_REASON
    joined = text.where(~text.isin(rare), "other") if len(rare) > 1 else text
    return (joined, "") if joined.nunique() <= max(2, len(text) // 2) else (values, LEVELS_REASON)


def _one_hot(name: str, values: pd.Series, weight: float) -> dict[str, np.ndarray]:
    """A column a level, together with the variance ``weight``; of two levels the rarer one says it all."""
    shares = values.value_counts(normalize=True).sort_index()
    shares = shares.nsmallest(1) if len(shares) == 2 else shares
    factor = np.sqrt(weight / float((shares * (1 - shares)).sum()))
    return {
        f"{name} = {level}": (((values == level).to_numpy() - share) * factor).astype(np.float32)
        for level, share in shares.items()
    }
