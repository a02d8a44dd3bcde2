"""Columns that know the answer: filled in after the event, or because of it.

Each column is judged alone, by the event rate of its levels (numbers in twenty bins) learnt in two thirds of the rows
and tested in the other third. A leak shows as a near-perfect column, as a value that hardly ever occurs without the
event, as one column on which the whole model rests, or by its name. Kaufman et al. (2012) name the kinds.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_ai.methods import evaluation
from crm_ai.methods.encoding import Encoding, is_number, levels
from crm_ai.methods.propensity import Sample, folds, logistic, raw_score

PERFECT = 0.95
TELLING = 0.65
RESTS_ON = 0.25
PURE_ROWS = 25
BINS = 20
AFTERWARDS = re.compile(
    r"duration|churn|cancel|closed|terminat|refund|exit.?(date|reason)|end.?date|left.?(date|on)|outcome.?date|reason"
    r"|通话时长|时长|流失|退订|注销|退款|取消|离职|原因",
    re.IGNORECASE,
)
"""Headings of what is usually written down only when the event is over."""


@dataclass(frozen=True)
class Rates:
    """The event rate of each level of one column, drawn towards the rate of all.

    Attributes:
        edges: of the bins of a number; None for levels.
        rate: level -> event rate.
        base: rate of all, for levels not met.
    """

    edges: np.ndarray | None
    rate: pd.Series
    base: float

    @classmethod
    def of(cls, column: pd.Series, labels: np.ndarray) -> "Rates":
        edges = _edges(column) if is_number(column) else None
        base = float(labels.mean())
        code, names = _binned(column, edges)
        hits, size = (np.bincount(code, weight, len(names)) for weight in (labels, np.ones(len(code))))
        return cls(edges, pd.Series((hits + 5 * base) / (size + 5), names), base)

    def __call__(self, column: pd.Series) -> np.ndarray:
        """The event rate of each row's level."""
        code, names = _binned(column, self.edges)
        return self.rate.reindex(names).fillna(self.base).to_numpy(float)[code]


def alone(sample: Sample) -> pd.Series:
    """column -> ROC AUC of that column alone, on rows it has not learnt from; best first."""
    place = folds(sample.labels, sample.groups, 3)
    scores = {str(n): evaluation.roc_auc(sample.labels, _cross(sample, str(n), place)) for n in sample.frame}
    return pd.Series(scores, dtype=float).sort_values(ascending=False, kind="stable")


def suspects(sample: Sample, singles: pd.Series) -> pd.DataFrame:
    """column, single_auc, why (copy, pure, rests or name), the most suspicious first; empty where all is well."""
    best = float(singles.max()) if len(singles) else 0.5
    rows = [(str(name), float(auc), _why(sample, str(name), float(auc), best)) for name, auc in singles.items()]
    if rows and not rows[0][2] and len(rows) > 1 and best >= TELLING and _rests(sample, rows[0][0]):
        rows[0] = (*rows[0][:2], "rests")
    return pd.DataFrame([row for row in rows if row[2]], columns=["column", "single_auc", "why"])


def _cross(sample: Sample, name: str, place: np.ndarray) -> np.ndarray:
    column, found = sample.frame[name].reset_index(drop=True), np.zeros(len(place))
    for fold in range(3):
        seen = place != fold
        rates = Rates.of(column[seen].reset_index(drop=True), sample.labels[seen])
        found[~seen] = rates(column[~seen])
    return found


def _why(sample: Sample, name: str, auc: float, best: float) -> str:
    if auc >= PERFECT:
        return "copy"
    if _pure(sample.frame[name], sample.labels):
        return "pure"
    telling = auc >= TELLING and auc - 0.5 >= 0.8 * (best - 0.5)
    return "name" if telling and AFTERWARDS.search(name) else ""


def _pure(column: pd.Series, labels: np.ndarray) -> bool:
    """Whether a level with many rows is met almost only with the rarer outcome."""
    rare = labels if labels.mean() <= 0.5 else 1 - labels
    code, names = (_signs(column), np.arange(4)) if is_number(column) else levels(column)
    hits, size = (np.bincount(code, weight, len(names)) for weight in (rare, np.ones(len(code))))
    return bool(((size >= PURE_ROWS) & (hits >= 0.99 * size)).any()) and rare.mean() < 0.4


def _signs(column: pd.Series) -> np.ndarray:
    """A number as what its presence says: 0 missing, 1 below zero, 2 zero, 3 above."""
    return np.nan_to_num(np.sign(column.to_numpy(float)) + 2).astype(int)


def _rests(sample: Sample, name: str) -> bool:
    """Whether a plain model loses a quarter of what it knows without the column."""
    place = folds(sample.labels, sample.groups, 3)
    whole, rest = (_plain_auc(part, place) for part in (sample, sample.without([name])))
    return whole - rest > RESTS_ON * (whole - 0.5)


def _plain_auc(sample: Sample, place: np.ndarray) -> float:
    matrix = Encoding.of(sample.frame).matrix(sample.frame).astype(float)
    seen = place != 0
    model = logistic(int(seen.sum())).fit(matrix[seen], sample.labels[seen])
    return evaluation.roc_auc(sample.labels[~seen], raw_score(model, matrix[~seen]))


def _edges(column: pd.Series) -> np.ndarray:
    known = column.to_numpy(float)
    known = known[np.isfinite(known)]
    return np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.zeros(0)


def _binned(column: pd.Series, edges: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Code of each row and the names of the codes: levels, or bins with 0 for missing numbers."""
    if edges is None:
        return levels(column)
    raw = column.to_numpy(float)
    return np.where(np.isnan(raw), 0, np.searchsorted(edges, raw) + 1), np.arange(len(edges) + 2)
