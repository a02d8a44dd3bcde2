"""A frame of mixed columns as a matrix: numbers scaled, levels as one column each, missing values kept as a sign.

What scikit-learn's ColumnTransformer of imputer, scaler and one-hot encoder gives, with the place of every column
remembered, so that one column can be shuffled, set or left out as a block.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MOST_LEVELS = 40
MISSING = "(missing)"


@dataclass(frozen=True)
class Number:
    """A numeric column: logarithm where asked, middle value for missing ones, mean 0 and deviation 1."""

    middle: float
    mean: float
    deviation: float
    gaps: bool
    log: bool

    @classmethod
    def of(cls, values: pd.Series, log: bool) -> "Number":
        raw = _numbers(values, log)
        known = raw[np.isfinite(raw)]
        middle = float(np.median(known)) if len(known) else 0.0
        filled = np.where(np.isfinite(raw), raw, middle)
        return cls(middle, float(filled.mean()), float(filled.std()) or 1.0, len(known) < len(raw), log)

    def matrix(self, values: pd.Series) -> np.ndarray:
        raw = _numbers(values, self.log)
        known = np.isfinite(raw)
        scaled = (np.where(known, raw, self.middle) - self.mean) / self.deviation
        return np.column_stack([scaled, ~known] if self.gaps else [scaled])


@dataclass(frozen=True)
class Levels:
    """A column of levels: one 0/1 column each for the most frequent; the others are all 0."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, values: pd.Series) -> "Levels":
        code, names = levels(values)
        count = np.bincount(code, minlength=len(names))
        often = np.lexsort((names, -count))[:MOST_LEVELS]
        return cls(tuple(str(names[i]) for i in often if count[i]))

    def matrix(self, values: pd.Series) -> np.ndarray:
        place = self.places(values)
        return (place[:, None] == np.arange(len(self.names))).astype(float)

    def places(self, values: pd.Series) -> np.ndarray:
        """Shape (rows,): the place of each row's level in ``names``, -1 for others."""
        code, names = levels(values)
        return pd.Index(self.names, dtype=object).get_indexer(pd.Index(names, dtype=object))[code]


@dataclass(frozen=True)
class Encoding:
    """How each column becomes columns of numbers.

    Attributes:
        parts: column -> how it is encoded.
        blocks: column -> its places in the matrix.
    """

    parts: dict[str, Number | Levels]
    blocks: dict[str, slice]

    @classmethod
    def of(cls, frame: pd.DataFrame, log: bool = False) -> "Encoding":
        """Learn the encoding from training rows; ``log`` takes the signed logarithm of numbers first."""
        parts = {str(n): Number.of(frame[n], log) if is_number(frame[n]) else Levels.of(frame[n]) for n in frame}
        widths = [len(p.names) if isinstance(p, Levels) else 1 + p.gaps for p in parts.values()]
        ends = np.cumsum(widths).tolist()
        return cls(parts, {n: slice(e - w, e) for n, e, w in zip(parts, ends, widths, strict=True)})

    def matrix(self, frame: pd.DataFrame) -> np.ndarray:
        """Shape (rows, width), float32."""
        blocks = [part.matrix(frame[name]) for name, part in self.parts.items()]
        return np.hstack(blocks).astype(np.float32) if blocks else np.zeros((len(frame), 1), np.float32)


def is_number(values: pd.Series) -> bool:
    """Whether a column is encoded as a number (true and false are)."""
    return pd.api.types.is_numeric_dtype(values.dtype)


def levels(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Code of each row and the levels as text, missing values named; quick where the column is categorical."""
    held = values.array if isinstance(values.dtype, pd.CategoricalDtype) else pd.Categorical(values.astype(object))
    names = np.array([*map(str, held.categories), MISSING], dtype=object)
    return np.where(held.codes < 0, len(names) - 1, held.codes), names


def _numbers(values: pd.Series, log: bool) -> np.ndarray:
    raw = values.to_numpy(dtype=float, na_value=np.nan)
    return np.sign(raw) * np.log1p(np.abs(raw)) if log else raw
