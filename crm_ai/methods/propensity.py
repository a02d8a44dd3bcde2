"""The chance of a yes/no event for each row: four models behind one face, calibrated and chosen by cross-validation.

Out-of-fold scores of the training rows serve twice: they calibrate (Platt's sigmoid, or isotonic regression in its
centred, strictly rising form after Oron & Flournoy 2017 where each class has 1,000 rows) and they choose: the first
model in the list that is within one standard error of the best log loss (the one-standard-error rule of Breiman et
al. 1984). Nothing but training rows is ever looked at.
"""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.methods.encoding import Encoding

FOLDS = 5
SVM_ROWS = 2_000
"""Rows a support vector machine learns from: its time grows with the square of them."""
ISOTONIC_FROM = 1_000
_FARTHEST = 15.0  # log-odds beyond which a score says no more


def logistic(rows: int) -> Any:
    """Logistic regression with a mild ridge."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1.0, solver="newton-cholesky")


def tree(rows: int) -> Any:
    """One decision tree, small enough to be read."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_leaf_nodes=16, min_samples_leaf=max(5, rows // 100), random_state=0)


def boosting(rows: int) -> Any:
    """Histogram gradient boosting of small trees, slowly learnt."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=80, max_leaf_nodes=8, l2_regularization=1.0, early_stopping=False, random_state=0
    )


class SampledSVM:
    """A support vector machine with a Gaussian kernel on a seeded sample of at most ``SVM_ROWS`` rows."""

    def fit(self, matrix: np.ndarray, labels: np.ndarray) -> "SampledSVM":
        from sklearn.svm import SVC

        rows = places(labels, SVM_ROWS)
        self.gamma_ = 1 / max(1e-9, matrix.shape[1] * float(matrix[rows].var()))
        self.machine_ = SVC(C=0.5, gamma=self.gamma_).fit(matrix[rows], labels[rows])
        return self

    def decision_function(self, matrix: np.ndarray) -> np.ndarray:
        """The machine's own decision, by matrix products over blocks of rows: several times faster."""
        return np.concatenate([self._decided(matrix[start : start + 4096]) for start in range(0, len(matrix), 4096)])

    def _decided(self, matrix: np.ndarray) -> np.ndarray:
        vectors = self.machine_.support_vectors_
        squares = (matrix**2).sum(1)[:, None] + (vectors**2).sum(1) - 2 * matrix @ vectors.T
        kernel = np.exp(-self.gamma_ * np.maximum(squares, 0))
        return kernel @ self.machine_.dual_coef_[0] + self.machine_.intercept_[0]


def svm(rows: int) -> Any:
    """Support vector machine with a Gaussian kernel."""
    return SampledSVM()


MODELS: dict[str, Callable[[int], Any]] = {
    "logistic_regression": logistic,
    "decision_tree": tree,
    "gradient_boosting": boosting,
    "svm": svm,
}
"""Name -> factory of an estimator for so many rows; the plainest first."""


@dataclass(frozen=True)
class Calibration:
    """Raw scores to probabilities along straight pieces, rising; constant beyond the outermost knots.

    Attributes:
        raw, log_odds: the knots.
    """

    raw: np.ndarray
    log_odds: np.ndarray

    @classmethod
    def of(cls, raw: np.ndarray, labels: np.ndarray) -> "Calibration":
        """Learn from scores of rows that the model had not seen; isotonic where that is better on the other half."""
        rarer = min(labels.sum(), len(labels) - labels.sum())
        if rarer < ISOTONIC_FROM:
            return cls.sigmoid(raw, labels)
        place = folds(labels, np.arange(len(labels)), 2)
        crossed = [np.zeros(len(raw)), np.zeros(len(raw))]
        for fold in (0, 1):
            seen, held = place != fold, place == fold
            for found, kind in zip(crossed, (cls.sigmoid, cls.isotonic), strict=True):
                found[held] = kind(raw[seen], labels[seen])(raw[held])
        plain, free = (_log_losses(found, labels) for found in crossed)
        return (cls.sigmoid if plain.mean() <= free.mean() else cls.isotonic)(raw, labels)

    @classmethod
    def sigmoid(cls, raw: np.ndarray, labels: np.ndarray) -> "Calibration":
        """Platt's: a straight line of log-odds. A falling line means no signal, and becomes flat."""
        scale = float(raw.std()) or 1.0
        base, slope = _platt((raw - raw.mean()) / scale, labels)
        if slope <= 0:
            base, slope = float(logit(labels.mean())), 0.0
        ends = np.array([-1e3, 1e3])
        return cls(raw.mean() + scale * ends, base + slope * ends)

    @classmethod
    def isotonic(cls, raw: np.ndarray, labels: np.ndarray) -> "Calibration":
        """Each level stretch of the isotonic fit shrinks to its centre, so that ranks survive; the ends rise on."""
        from sklearn.isotonic import isotonic_regression

        order = np.argsort(raw, kind="stable")
        ranked, fitted = raw[order], isotonic_regression(labels[order].astype(float))
        starts = np.flatnonzero(np.r_[True, np.diff(fitted) > 1e-9])
        size = np.diff(np.r_[starts, len(raw)])
        centres, hits = np.add.reduceat(ranked, starts) / size, np.add.reduceat(labels[order].astype(float), starts)
        keep = np.r_[True, np.diff(centres) > 1e-9]
        knots, log_odds = centres[keep], np.maximum.accumulate(logit((hits + 0.5) / (size + 1))[keep])
        ends = np.array([min(knots[0], ranked[0]) - 1, max(knots[-1], ranked[-1]) + 1])
        return cls(np.r_[ends[0], knots, ends[1]], np.r_[log_odds[0] - 0.5, log_odds, log_odds[-1] + 0.5])

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        """Probabilities, shape as ``raw``."""
        return 1 / (1 + np.exp(-np.clip(np.interp(raw, self.raw, self.log_odds), -_FARTHEST, _FARTHEST)))


@dataclass(frozen=True)
class Propensity:
    """A fitted model.

    Attributes:
        name: a key of MODELS.
        encoding, estimator, calibration: columns to matrix to raw score to probability.
        unseen: calibrated probability of each training row from a model that had not seen it.
    """

    name: str
    encoding: Encoding
    estimator: Any
    calibration: Calibration
    unseen: np.ndarray

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        """Log-odds, or the distance of a machine without them, of encoded rows."""
        return raw_score(self.estimator, matrix)

    def probability(self, frame: pd.DataFrame) -> np.ndarray:
        """Calibrated probability of each row."""
        return self.calibration(self.raw(self.encoding.matrix(frame)))


@dataclass(frozen=True)
class Sample:
    """Rows to learn from or to test on: features, 0/1 labels, and whom each row belongs to."""

    frame: pd.DataFrame
    labels: np.ndarray
    groups: np.ndarray

    def rows(self, places: np.ndarray) -> "Sample":
        return Sample(self.frame.iloc[places].reset_index(drop=True), self.labels[places], self.groups[places])

    def without(self, columns: list[str]) -> "Sample":
        """Fewer columns; one that is not there is no error."""
        return Sample(self.frame.drop(columns=columns, errors="ignore"), self.labels, self.groups)

    def at_most(self, most: int) -> "Sample":
        """A seeded sample with the same share of events, where there are more rows."""
        return self if len(self.labels) <= most else self.rows(np.sort(places(self.labels, most)))


def fit(names: Iterable[str], sample: Sample, log: bool = False, unused: Iterable[str] = ()) -> dict[str, Propensity]:
    """Fit the models named on all columns but the unused, each calibrated on its own out-of-fold scores.

    On one thread: threads that wait for each other are many times slower where other work shares the cores.
    """
    from threadpoolctl import threadpool_limits

    names, sample = list(names), sample.without(list(unused))
    with threadpool_limits(1):
        unseen = _out_of_fold(names, sample, log)
        encoding = Encoding.of(sample.frame, log)
        matrix = encoding.matrix(sample.frame)
        return {name: _fitted(name, encoding, matrix, sample.labels, unseen[name]) for name in names}


def quick(name: str, train: Sample, frame: pd.DataFrame) -> np.ndarray:
    """Raw scores of the rows of ``frame``, without calibration."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        encoding = Encoding.of(train.frame)
        return raw_score(_learn(name, encoding.matrix(train.frame), train.labels), encoding.matrix(frame))


def choose(models: dict[str, Propensity], labels: np.ndarray) -> str:
    """The first model within one standard error of the best out-of-fold log loss."""
    losses = {name: _log_losses(model.unseen, labels) for name, model in models.items()}
    best = min(losses.values(), key=lambda loss: float(loss.mean()))
    return next(name for name, loss in losses.items() if _close(loss - best))


def folds(labels: np.ndarray, groups: np.ndarray, number: int = FOLDS, seed: int = 0) -> np.ndarray:
    """Shape (rows,): the fold of each row; rows of a group stay together, events are spread evenly."""
    code, owners = pd.factorize(groups)
    events = np.bincount(code, labels.astype(float), len(owners))
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(owners)), -events))
    place = np.empty(len(owners), dtype=int)
    place[order] = np.arange(len(owners)) % number
    return place[code]


def places(labels: np.ndarray, most: int) -> np.ndarray:
    """Row numbers of a seeded sample with about the same share of events."""
    if len(labels) <= most:
        return np.arange(len(labels))
    order = np.lexsort((np.random.default_rng(0).random(len(labels)), labels))
    return order[np.linspace(0, len(order) - 1, most).round().astype(int)]


def raw_score(estimator: Any, matrix: np.ndarray) -> np.ndarray:
    """What an estimator thinks of each row, as log-odds where it knows chances."""
    if not hasattr(estimator, "decision_function"):  # a tree, whose pure leaves are not as sure as they seem
        return logit(np.clip(estimator.predict_proba(matrix)[:, 1], 0.002, 0.998))
    return np.clip(np.asarray(estimator.decision_function(matrix), dtype=float), -_FARTHEST, _FARTHEST)


def logit(probability: Any) -> Any:
    """Log-odds, kept within ±15."""
    inside = np.clip(np.asarray(probability, dtype=float), 1e-9, 1 - 1e-9)
    return np.clip(np.log(inside / (1 - inside)), -_FARTHEST, _FARTHEST)


def _out_of_fold(names: list[str], sample: Sample, log: bool) -> dict[str, np.ndarray]:
    place = folds(sample.labels, sample.groups)
    found = {name: np.zeros(len(place)) for name in names}
    for fold in range(FOLDS):
        seen, held = place != fold, place == fold
        encoding = Encoding.of(sample.frame[seen], log)
        matrix, rest = encoding.matrix(sample.frame[seen]), encoding.matrix(sample.frame[held])
        for name in names:
            found[name][held] = raw_score(_learn(name, matrix, sample.labels[seen]), rest)
    return found


def _fitted(name: str, encoding: Encoding, matrix: np.ndarray, labels: np.ndarray, raw: np.ndarray) -> Propensity:
    calibration = Calibration.of(raw, labels)
    return Propensity(name, encoding, _learn(name, matrix, labels), calibration, calibration(raw))


def _learn(name: str, matrix: np.ndarray, labels: np.ndarray) -> Any:
    if labels.min() == labels.max():
        return _Constant(float(labels[0]))
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # where Newton stalls, scikit-learn goes on with L-BFGS
        return MODELS[name](len(labels)).fit(matrix.astype(float), labels)  # they stall more in single precision


@dataclass(frozen=True)
class _Constant:
    """What is learnt from rows that are all alike."""

    probability: float

    def decision_function(self, matrix: np.ndarray) -> np.ndarray:
        return np.full(len(matrix), logit(self.probability))


def _platt(score: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Base and slope of the logistic curve, by Newton's method with bounded steps.

    Platt's softened targets keep the slope finite where scores part the labels without a fault.
    """
    hits, misses = labels.sum(), len(labels) - labels.sum()
    target = np.where(labels > 0, (hits + 1) / (hits + 2), 1 / (misses + 2))
    design, line = np.column_stack([np.ones(len(score)), score]), np.array([float(logit(labels.mean())), 0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ line, -_FARTHEST, _FARTHEST)))
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(curve, design.T @ (target - chance))
        step *= min(1.0, 4 / max(1e-12, float(np.abs(step).max())))
        line = line + step
        if np.abs(step).max() < 1e-8:
            break
    return float(line[0]), float(line[1])


def _log_losses(probability: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return -np.log(np.clip(np.where(labels > 0, probability, 1 - probability), 1e-6, 1))


def _close(worse: np.ndarray) -> bool:
    """Whether a paired difference of losses is within its standard error."""
    return float(worse.mean()) <= float(worse.std()) / np.sqrt(len(worse))
