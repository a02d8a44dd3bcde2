"""From what is usual to flags: scores, bounds, the measure that stands out, and what it should have been."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_ai.analyses.anomalies.gather import Subject
from crm_ai.methods import outliers, seasons

TIMED = ("day", "week", "moment")
FEWEST_VALUES = 10
ALONE = 3.0
"""Robust deviations below which no single measure explains a flag of the forest: the combination does."""


@dataclass(frozen=True)
class Judged:
    """One subject with a verdict on every row.

    Attributes:
        subject: what was looked at.
        flagged: (n,) bool.
        strength: (n,) how unusual, never negative: the score divided by its bound is above 1 where flagged.
        score: (n,) in the units of the method.
        measure: (n,) the measure that stands out most.
        alone: (n,) whether that measure stands out by itself.
        rows: per measure a frame with value, expected, low, high (not a number for the forest), score, strength and
            open (False on weekdays on which the shop is closed).
    """

    subject: Subject
    flagged: np.ndarray
    strength: np.ndarray
    score: np.ndarray
    measure: np.ndarray
    alone: np.ndarray
    rows: dict[str, pd.DataFrame]

    @property
    def weight(self) -> np.ndarray:
        """(n,) for how many rows each stands: flagged rows are all here, of the others a sample may be."""
        usual = ~self.flagged
        return np.where(usual, (self.subject.rows - self.flagged.sum()) / max(1, usual.sum()), 1.0)


def judge(subject: Subject, method: str, false_flags: float) -> Judged:
    """Score every row and say which ones chance does not explain.

    Args:
        method: one of outliers.METHODS or "isolation_forest".
        false_flags: how many rows of clean data may be flagged, on average.
    """
    usual = _usual(subject)
    yard = "robust_zscore" if method == "isolation_forest" else method
    each = false_flags / len(usual)
    rows = {
        name: _rows(subject.frame[name].to_numpy(float), parts, yard, each, subject.seen)
        for name, parts in usual.items()
    }
    strengths = np.column_stack([frame["strength"].to_numpy() for frame in rows.values()])
    driver = strengths.argmax(axis=1)
    signed = np.column_stack([frame["score"].to_numpy() for frame in rows.values()])
    score, strength = np.abs(np.take_along_axis(signed, driver[:, None], 1)[:, 0]), strengths.max(axis=1)
    alone = np.ones(len(score), dtype=bool)
    if method == "isolation_forest":
        alone = score >= ALONE
        score, strength = _forest(usual, false_flags)
        rows = {name: frame.assign(low=np.nan, high=np.nan) for name, frame in rows.items()}
    measure = np.array(list(rows), dtype=object)[driver]
    return Judged(subject, strength > 1, strength, score, measure, alone, rows)


def _usual(subject: Subject) -> dict[str, seasons.Usual]:
    """Each measure taken apart; when the shop was shut is seen in the counts, where there are any."""
    values = {name: subject.frame[name].to_numpy(float) for name in subject.measures}
    if subject.unit not in TIMED:
        return {name: seasons.level(column, subject.seen) for name, column in values.items()}
    times = subject.frame["time"]
    found = {name: seasons.take_apart(times, values[name], (0.5,)) for name in subject.counts}
    shut = next((parts.shut for parts in found.values()), None)
    found |= {n: seasons.take_apart(times, v, shut=shut) for n, v in values.items() if n not in found}
    return {name: found[name] for name in subject.measures}


def _rows(values: np.ndarray, usual: seasons.Usual, method: str, false_flags: float, seen: np.ndarray) -> pd.DataFrame:
    """value, expected, low, high, signed score and strength of one measure; closed days are as they should be."""
    judged = usual.open & (len(usual.rest) >= FEWEST_VALUES)
    rest = usual.rest[judged]
    yard = outliers.yardstick(usual.rest[judged & seen], method)
    score = yard.score(rest) / usual.allowance
    low, high = outliers.bounds(score[(seen & ~usual.shut)[judged]], false_flags, method)
    fits = np.where(usual.open, usual.trend + usual.season, np.nan)
    frame = pd.DataFrame({"value": values, "expected": usual.rung.back(fits)})
    frame["low"] = usual.rung.back(fits + yard.value(low * usual.allowance))
    frame["high"] = usual.rung.back(fits + yard.value(high * usual.allowance))
    frame["score"], frame["strength"] = 0.0, 0.0
    frame.loc[judged, "score"] = score
    frame.loc[judged, "strength"] = np.where(score > 0, score / high, score / low)
    frame["open"] = usual.open
    return frame.fillna({"expected": 0.0, "low": 0.0, "high": 0.0})


def _forest(usual: dict[str, seasons.Usual], false_flags: float) -> tuple[np.ndarray, np.ndarray]:
    """Score and strength by an Isolation Forest on the robust deviations of all measures together."""
    opened = np.logical_and.reduce([parts.open for parts in usual.values()])
    rest = np.column_stack([outliers.robust_zscore(parts.rest[opened]) for parts in usual.values()])
    score, strength = np.zeros(len(opened)), np.zeros(len(opened))
    if np.ptp(rest) > 0:
        score[opened] = outliers.isolation_forest(rest)
        strength[opened] = score[opened] / outliers.isolation_bound(rest, false_flags)
    return score, strength
