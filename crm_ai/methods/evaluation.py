"""How good are probabilities on rows the model has not seen? Field names, exact ties, bootstrap intervals.

ROC AUC after Hanley & McNeil (1982), average precision as scikit-learn counts it, the Brier score (1950), expected
calibration error over ten equal-width bins (Guo et al. 2017), gains and lift as direct marketing draws them.
Intervals come from a Poisson bootstrap (Hanley & MacGibbon 2006): the same draws for every model, so that the
interval of a difference is a paired one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

BINS = 10
DRAWS = 400
_CHUNK = 4_000_000  # cells of one block of bootstrap weights


@dataclass(frozen=True)
class Ranking:
    """Labels in the order of falling scores; rows of equal score are one step, so that ties count half.

    Attributes:
        actual: shape (n,), 1 where the event came about, else 0.
        score: shape (n,), higher is more likely.
    """

    actual: np.ndarray
    score: np.ndarray

    @cached_property
    def order(self) -> np.ndarray:
        return np.argsort(-self.score, kind="stable")

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each group of equal scores begins."""
        falling = self.score[self.order]
        return np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])

    def steps(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Events and non-events in each group of equal scores, for each row of weights (draws, n)."""
        sorted_weight = weight[:, self.order]
        hits = np.add.reduceat(sorted_weight * self.actual[self.order], self.starts, axis=1)
        return hits, np.add.reduceat(sorted_weight, self.starts, axis=1) - hits


Statistic = Callable[[Ranking, np.ndarray], np.ndarray]


def weighted_roc_auc(ranking: Ranking, weight: np.ndarray) -> np.ndarray:
    """ROC AUC for each row of ``weight`` (draws, n); NaN where a class is absent."""
    hits, misses = ranking.steps(weight)
    above = np.cumsum(hits, axis=1) - hits / 2
    return _divided((above * misses).sum(axis=1), hits.sum(axis=1) * misses.sum(axis=1))


def weighted_average_precision(ranking: Ranking, weight: np.ndarray) -> np.ndarray:
    """Average precision for each row of ``weight`` (draws, n); NaN where no event is left."""
    hits, misses = ranking.steps(weight)
    precision = _divided(np.cumsum(hits, axis=1), np.cumsum(hits + misses, axis=1))
    return _divided(np.nansum(hits * precision, axis=1), hits.sum(axis=1))


def weighted_lift(ranking: Ranking, weight: np.ndarray) -> np.ndarray:
    """Event rate among the tenth of highest score over the rate of all; a group on the edge counts in part."""
    hits, misses = ranking.steps(weight)
    size = hits + misses
    room = 0.1 * size.sum(axis=1, keepdims=True) - (np.cumsum(size, axis=1) - size)
    share = np.clip(_divided(room, size), 0, 1)
    top = np.nansum(hits * share, axis=1) / 0.1
    return _divided(top, hits.sum(axis=1))


def roc_auc(actual: np.ndarray, score: np.ndarray) -> float:
    """Chance that an event ranks above a non-event."""
    return _once(weighted_roc_auc, actual, score)


def average_precision(actual: np.ndarray, score: np.ndarray) -> float:
    """Mean precision over the events, best first."""
    return _once(weighted_average_precision, actual, score)


def lift_top_decile(actual: np.ndarray, score: np.ndarray) -> float:
    """How many times as frequent the event is among the top tenth."""
    return _once(weighted_lift, actual, score)


def brier(actual: np.ndarray, probability: np.ndarray) -> float:
    """Mean squared distance of probability and outcome; lower is better."""
    return float(np.mean((probability - actual) ** 2))


def ece(actual: np.ndarray, probability: np.ndarray) -> float:
    """Expected calibration error over ten equal-width bins; lower is better."""
    bins = reliability(actual, probability)
    return float((bins["customers"] * (bins["predicted"] - bins["observed"]).abs()).sum() / len(actual))


def summary(actual: np.ndarray, probability: np.ndarray) -> dict[str, float]:
    """The five figures of a model."""
    every = (roc_auc, average_precision, brier, ece, lift_top_decile)
    return {statistic.__name__: statistic(actual, probability) for statistic in every}


def bootstrap(
    actual: np.ndarray, scores: Mapping[str, np.ndarray], statistic: Statistic, draws: int = DRAWS, seed: int = 0
) -> dict[str, np.ndarray]:
    """The statistic of each model over the same resamples, shape (draws,) each."""
    rng = np.random.default_rng(seed)
    rankings = {name: Ranking(actual.astype(float), score) for name, score in scores.items()}
    found: dict[str, list[np.ndarray]] = {name: [] for name in scores}
    for size in _blocks(draws, max(1, _CHUNK // len(actual))):
        weight = rng.poisson(1.0, (size, len(actual))).astype(float)
        for name, ranking in rankings.items():
            found[name].append(statistic(ranking, weight))
    return {name: np.concatenate(values) for name, values in found.items()}


def interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float] | tuple[None, None]:
    """The middle ``level`` of bootstrap values; (None, None) where there are none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None, None
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def reliability(actual: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """predicted, observed (means) and customers of each equal-width bin that is not empty."""
    bins = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    frame = pd.DataFrame({"bin": bins, "predicted": probability, "observed": np.asarray(actual, dtype=float)})
    found = frame.groupby("bin").agg(
        predicted=("predicted", "mean"), observed=("observed", "mean"), customers=("observed", "size")
    )
    return found.reset_index(drop=True)


def roc_curve(actual: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    """false_positive_rate and true_positive_rate from (0, 0) to (1, 1)."""
    hits, misses = _cumulated(actual, score)
    return pd.DataFrame(
        {"false_positive_rate": misses / max(1.0, misses[-1]), "true_positive_rate": hits / max(1.0, hits[-1])}
    )


def precision_recall(actual: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    """recall and precision, best score first, from recall 0 on."""
    hits, misses = (values[1:] for values in _cumulated(actual, score))
    recall, precision = hits / max(1.0, hits[-1]), hits / (hits + misses)
    return pd.DataFrame({"recall": np.r_[0.0, recall], "precision": np.r_[precision[:1], precision]})


def gains(actual: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    """contacted (share of customers, best first) and reached (share of the events)."""
    hits, misses = _cumulated(actual, score)
    return pd.DataFrame({"contacted": (hits + misses) / len(actual), "reached": hits / max(1.0, hits[-1])})


def deciles(score: np.ndarray) -> np.ndarray:
    """1 for the tenth of highest score ... 10 for the lowest; equal scores in the order of the rows."""
    place = np.empty(len(score), dtype=int)
    place[np.argsort(-score, kind="stable")] = np.arange(len(score))
    return place * 10 // max(1, len(score)) + 1


def by_decile(actual: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    """decile, customers, rate of the event, lift over the rate of all."""
    frame = pd.DataFrame({"decile": deciles(score), "actual": np.asarray(actual, dtype=float)})
    found = frame.groupby("decile")["actual"].agg(customers="size", rate="mean").reset_index()
    return found.assign(lift=found["rate"] / frame["actual"].mean())


def _once(statistic: Statistic, actual: np.ndarray, score: np.ndarray) -> float:
    ranking = Ranking(np.asarray(actual, dtype=float), np.asarray(score, dtype=float))
    return float(statistic(ranking, np.ones((1, len(actual))))[0])


def _cumulated(actual: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ranking = Ranking(np.asarray(actual, dtype=float), np.asarray(score, dtype=float))
    hits, misses = ranking.steps(np.ones((1, len(actual))))
    return np.r_[0.0, np.cumsum(hits)], np.r_[0.0, np.cumsum(misses)]


def _divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.broadcast(above, below).shape, np.nan), where=below > 0)


def _blocks(total: int, most: int) -> list[int]:
    return [min(most, total - start) for start in range(0, total, most)]
