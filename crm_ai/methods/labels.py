"""A table of customers as a learning task: which columns can be predicted, what counts as yes, what may be learnt from.

Text that holds numbers (with blanks) becomes numbers, ISO dates become days, ids and names are left out and listed.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_ai.errors import BadParameter

YES = frozenset(("yes", "y", "true", "t", "1", "churned", "churn", "responded", "positive"))
YES |= frozenset(("是", "有", "真", "会", "对", "好", "已流失", "流失", "已购买", "购买"))
NO = frozenset(("no", "n", "false", "f", "0", "retained", "stayed", "negative"))
NO |= frozenset(("否", "无", "没有", "假", "不", "不会", "未流失", "未购买", "留存"))
LIKELY = re.compile(
    r"^(target|label|y|class|outcome)$|churn|respon|convert|conversion|visit|revenue|purchased|bought|exited|attrition"
    r"|流失|响应|购买|转化|标签|目标|违约",
    re.IGNORECASE,
)
"""Headings that usually name what is to be predicted."""
MOST_LEVELS = 50
ROWS_A_LEVEL = 10
_ID = re.compile(r"(^|[_\s])(id|no|number|uuid|index|row)$|[a-z]ID$|^ID$|编号|序号|号码|电话|邮箱", re.IGNORECASE)
_DATE = re.compile(r"^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")


@dataclass(frozen=True)
class Label:
    """What is predicted.

    Attributes:
        column: its name.
        yes: the value that counts as the event, as text.
        values: shape (rows,), 1.0, 0.0, or NaN where unknown.
    """

    column: str
    yes: str
    values: np.ndarray


@dataclass(frozen=True)
class Attributes:
    """Columns to learn from (numbers; levels as categories), and those left out: column -> id, constant, free_text."""

    frame: pd.DataFrame
    left_out: dict[str, str]


def offered(frame: pd.DataFrame) -> list[str]:
    """Columns with exactly two values, those whose heading says so first."""
    found = [str(name) for name in frame if len(levels(frame[name])) == 2]
    return sorted(found, key=lambda name: 0 if name == "target" else 1 if LIKELY.search(name) else 2)


def levels(values: pd.Series) -> list[str]:
    """The different values as text, blanks apart; at most eleven."""
    return sorted(_said(values).dropna().drop_duplicates().head(11))


def label(frame: pd.DataFrame, target: str) -> Label:
    """Read ``column`` or ``column=value`` as yes and no.

    Raises:
        BadParameter: there is no such column or value, or it has not two values.
    """
    column, _, wanted = (target, "", "") if target in frame else target.partition("=")
    if column not in frame:
        raise BadParameter("There is no column {column} to predict: choose one of {known}.", **_known(frame, column))
    said = _said(frame[column])
    found = sorted(said.dropna().drop_duplicates().head(11))
    if wanted and wanted not in found:
        raise BadParameter(
            "{column} never has the value {value}: use one of {values}.", **_never(column, wanted, found)
        )
    if len(found) < 2:
        raise BadParameter("The column {column} has only one value: there is nothing to predict.", column=column)
    if len(found) > 2 and not wanted:
        raise BadParameter(
            "The column {column} has more than two values: say which one is to be predicted, such as {examples}.",
            column=column,
            examples=[f"{column}={value}" for value in found[:3]],
        )
    yes = wanted or _yes(said, found)
    return Label(column, yes, np.where(said.isna(), np.nan, (said == yes).astype(float)))


def attributes(frame: pd.DataFrame) -> Attributes:
    """Sort the columns of a table into those to learn from and those to leave out."""
    typed = {str(name): _typed(frame[name]) for name in frame}
    reasons = {name: _useless(name, values) for name, values in typed.items()}
    kept = pd.DataFrame({n: _kept(v) for n, v in typed.items() if not reasons[n]}, index=frame.index)
    return Attributes(kept, {name: why for name, why in reasons.items() if why})


def _known(frame: pd.DataFrame, column: str) -> dict[str, object]:
    return {"column": column, "known": offered(frame) or [str(name) for name in frame]}


def _never(column: str, wanted: str, found: list[str]) -> dict[str, object]:
    return {"column": column, "value": wanted, "values": found}


def _yes(said: pd.Series, found: list[str]) -> str:
    """The value that means yes; else the larger number; else the rarer."""
    for value, other in (found, found[::-1]):
        if value.lower() in YES or other.lower() in NO:
            return value
    numbers = pd.to_numeric(pd.Series(found), errors="coerce")
    if numbers.notna().all():
        return found[int(numbers.argmax())]
    return str(said.value_counts().sort_index(kind="stable").idxmin())


def _said(values: pd.Series) -> pd.Series:
    """Values as people write them; blanks are missing; 1.0 is 1."""
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return values.map(lambda v: f"{v:.12g}", na_action="ignore").astype(object)
    said = values.astype(object).map(lambda v: str(v).strip(), na_action="ignore")
    return said.where(said.notna() & (said != ""), None)


def _typed(values: pd.Series) -> pd.Series:
    """Numbers as float, dates as days, all else as text or missing."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _days(values)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), values.index).replace([np.inf, -np.inf], np.nan)
    said = _said(values)
    numbers = pd.to_numeric(said, errors="coerce").astype(float)
    if 0 < said.notna().sum() <= numbers.notna().sum() / 0.95:
        return numbers.replace([np.inf, -np.inf], np.nan)
    if said.dropna().head(20).map(lambda text: bool(_DATE.match(text))).all() and said.notna().any():
        return _days(pd.to_datetime(said, errors="coerce", format="mixed"))
    return said


def _kept(values: pd.Series) -> pd.Series:
    """Levels as categories: every later look at them is quick."""
    return values if pd.api.types.is_numeric_dtype(values.dtype) else values.astype("category")


def _days(values: pd.Series) -> pd.Series:
    return (values - pd.Timestamp(0)) / pd.Timedelta(days=1)


def _useless(name: str, values: pd.Series) -> str:
    """Why a column cannot be learnt from; "" when it can."""
    known = values.dropna()
    different = known.nunique()
    if different < 2 and (different == 0 or len(known) == len(values)):
        return "constant"
    if pd.api.types.is_numeric_dtype(values.dtype):
        whole = different == len(values) and bool((known % 1 == 0).all())
        return "id" if whole and (_ID.search(name) or _counts_up(known)) else ""
    return "free_text" if different > MOST_LEVELS and len(known) < ROWS_A_LEVEL * different else ""


def _counts_up(known: pd.Series) -> bool:
    return len(known) > 20 and bool((known.diff().dropna() == 1).all())
