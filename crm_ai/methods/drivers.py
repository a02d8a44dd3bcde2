"""What a model goes by: how much each column matters, which way it works, and what spoke for or against a customer.

Importance is the loss of ROC AUC on held-out rows when a column is shuffled (Breiman 2001; Fisher et al. 2019). The
way a column works is its partial dependence (Friedman 2001); read off at a customer's own value it says how far that
value lifts or lowers the customer against the average, for any model and at the price of a lookup.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_ai.methods import evaluation
from crm_ai.methods.encoding import Encoding, Levels
from crm_ai.methods.propensity import Propensity, Sample

POINTS = 12
BACKGROUND = 150
TEST_ROWS = 2_000


@dataclass(frozen=True)
class Effect:
    """How the score moves with one column, the others as they are.

    Attributes:
        values: numbers or levels, shape (k,).
        score: mean raw score at each, shape (k,).
        missing: mean raw score where the value is missing (numbers only).
        middle: mean score over the customers.
    """

    values: np.ndarray
    score: np.ndarray
    missing: float
    middle: float

    @property
    def direction(self) -> str:
        """up, down, mixed or flat for numbers; levels for levels."""
        if self.values.dtype == object:
            return "levels"
        spread = float(np.ptp(self.score))
        if spread < 1e-9:
            return "flat"
        rise = float(self.score[-1] - self.score[0])
        return "mixed" if abs(rise) < 0.6 * spread else ("up" if rise > 0 else "down")

    def of(self, column: pd.Series) -> np.ndarray:
        """How far each row's value moves its score against the average."""
        if self.values.dtype == object:
            place = Levels(tuple(self.values)).places(column)
            return np.where(place >= 0, self.score[place], self.middle) - self.middle
        raw = column.to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isnan(raw), self.missing, np.interp(raw, self.values, self.score)) - self.middle


def importance(model: Propensity, test: Sample, repeats: int = 5, seed: int = 0) -> pd.DataFrame:
    """feature, importance (mean loss of ROC AUC), spread (its standard deviation over the shuffles), best first."""
    from threadpoolctl import threadpool_limits

    test = test.at_most(TEST_ROWS)
    matrix = model.encoding.matrix(test.frame)
    whole = evaluation.roc_auc(test.labels, model.raw(matrix))
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(matrix)) for _ in range(repeats)]
    with threadpool_limits(1):
        rows = [(name, *_lost(model, matrix, test.labels, block, orders, whole)) for name, block in _blocks(model)]
    found = pd.DataFrame(rows, columns=["feature", "importance", "spread"])
    return found.sort_values("importance", ascending=False, kind="stable").reset_index(drop=True)


def effects(model: Propensity, frame: pd.DataFrame, seed: int = 0) -> dict[str, Effect]:
    """The effect of every column, over a seeded sample of rows."""
    from threadpoolctl import threadpool_limits

    rows = np.random.default_rng(seed).permutation(len(frame))[:BACKGROUND]
    matrix = model.encoding.matrix(frame.iloc[rows])
    with threadpool_limits(1):
        return {name: _effect(model, matrix, frame[name], block) for name, block in _blocks(model)}


def contributions(found: dict[str, Effect], frame: pd.DataFrame) -> pd.DataFrame:
    """Rows x columns: what each value adds to the raw score, against the average."""
    return pd.DataFrame({name: effect.of(frame[name]) for name, effect in found.items()})


def _blocks(model: Propensity) -> list[tuple[str, slice]]:
    return list(model.encoding.blocks.items())


def _lost(
    model: Propensity, matrix: np.ndarray, labels: np.ndarray, block: slice, orders: list[np.ndarray], whole: float
) -> tuple[float, float]:
    losses = []
    for order in orders:
        shuffled = matrix.copy()
        shuffled[:, block] = matrix[order, block]
        losses.append(whole - evaluation.roc_auc(labels, model.raw(shuffled)))
    return float(np.mean(losses)), float(np.std(losses))


def _effect(model: Propensity, matrix: np.ndarray, column: pd.Series, block: slice) -> Effect:
    values = _grid(model.encoding, column)
    probes = model.encoding.parts[str(column.name)].matrix(pd.concat([values, _gap(values)], ignore_index=True))
    repeated = np.tile(matrix, (len(probes), 1))
    repeated[:, block] = np.repeat(probes, len(matrix), axis=0)
    score = model.raw(repeated.astype(np.float32)).reshape(len(probes), len(matrix)).mean(axis=1)
    plain = Effect(values.to_numpy(), score[:-1], float(score[-1]), 0.0)
    return Effect(plain.values, plain.score, plain.missing, float(plain.of(column).mean()))


def _grid(encoding: Encoding, column: pd.Series) -> pd.Series:
    part = encoding.parts[str(column.name)]
    if isinstance(part, Levels):
        return pd.Series(part.names, dtype=object)
    known = column.to_numpy(dtype=float, na_value=np.nan)
    known = known[np.isfinite(known)]
    return pd.Series(np.unique(np.quantile(known, np.linspace(0, 1, POINTS))) if len(known) else np.zeros(1))


def _gap(values: pd.Series) -> pd.Series:
    return pd.Series([None], dtype=object) if values.dtype == object else pd.Series([np.nan])
