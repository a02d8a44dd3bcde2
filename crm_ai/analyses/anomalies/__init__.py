"""Which days, orders or customers are so unusual that chance does not explain them?

Days (or the moments of an uploaded series) are judged after trend and seasons are taken out, orders and customers by
all their figures; where a flag begins is reckoned from the data, never set as a share (methods.seasons and
methods.outliers name the sources). On clean data the expected number of flags is the one that goes with Params.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import pandas as pd

from crm_ai.analyses import people, require
from crm_ai.analyses.anomalies import gather
from crm_ai.analyses.anomalies.drawing import figures
from crm_ai.analyses.anomalies.judge import Judged, judge
from crm_ai.analyses.anomalies.tables import flags, measures, points, strengths
from crm_ai.analyses.anomalies.wording import findings, shown
from crm_ai.analyses.options import Choice
from crm_ai.data.dataset import Dataset
from crm_ai.methods import outliers
from crm_ai.progress import Progress, silent

__all__ = ["CARDS", "DRILL", "ICON", "NEEDS", "READING", "TABLES", "TERMS", "TITLE", "Params", "Result"]
__all__ += ["features", "figures", "findings", "run", "shown"]

TITLE = "Anomalies"
ICON = ":material/troubleshoot:"
NEEDS = ({"transactions": ("ordered_at", "amount")}, {"series": ("time", "value")})
CARDS = {
    "n_flagged": "number",
    "share_flagged": "percent",
    "looked_at": "number",
    "three_sigma": "number",
}
TABLES = {"flags": "What stands out", "measures": "What is usual", "points": "Values and expectations"}
DRILL = {"most_unusual": ("flags", "label")}
READING = (
    "For every day the program reckons what trend, weekday and season lead one to expect, and flags what lies "
    "farther off than chance explains. Orders and customers are compared with all the others. "
    "A flag is a question, not a verdict: look at the reason, then at the day or the order itself."
)
TERMS = {
    "expected": "What would have been usual for this day, order or customer.",
    "score": "How far a value lies from what is usual, in usual deviations; for the isolation forest from 0 to 1.",
    "strength": "Score divided by the bound from which on chance no longer explains it; above 1 is flagged.",
    "expected_false_flags": "How many flags data without anything unusual would get on average.",
    "three_sigma": "What the plain rule (three standard deviations from the mean, no trend, no season) would flag.",
    "occasion": "A known occasion on that day, which may explain it.",
}
METHODS = dict.fromkeys(outliers.METHODS, outliers.yardstick) | {"isolation_forest": outliers.isolation_forest}
FALSE_FLAGS = {"sure": 0.05, "balanced": 0.5, "watchful": 5.0}
THREE = 3.0
MOST = 1_000_000
"""Orders or customers from which is learnt what is usual; of more, a sample, always the same."""


@dataclass(frozen=True)
class Params:
    """What is looked at, how it is scored, and how sure a flag must be."""

    on: Annotated[
        str,
        Choice(
            "Look at",
            {"days": "Days of sales", "orders": "Each order", "customers": "Each customer"},
            "Days are judged after trend, weekday and season; an uploaded series counts as days.",
        ),
    ] = "days"
    method: Annotated[
        str,
        Choice(
            "Method",
            {
                "auto": "Automatic",
                "zscore": "Z-score",
                "robust_zscore": "Robust z-score",
                "iqr": "Quartile fences (IQR)",
                "isolation_forest": "Isolation forest",
            },
            "Automatic takes the robust z-score: outliers do not move what it holds for usual. The isolation forest "
            "looks at all figures together, misses more, and takes longer.",
        ),
    ] = "auto"
    sensitivity: Annotated[
        str,
        Choice(
            "How sure a flag must be",
            {
                "sure": "Very sure: hardly ever a false alarm",
                "balanced": "Balanced: a false alarm in every second look",
                "watchful": "Watchful: about five false alarms a look",
            },
            "False alarms are those that clean data would give, over all days, orders or customers together.",
        ),
    ] = "balanced"


@dataclass(frozen=True)
class Result:
    """What stands out, and what it was held against.

    Attributes:
        flags: label, time (days and series; with series_id for a series) or id (orders, customers, and what
            describes them), value, expected, score, method, reason, measure (whose value it is), kind (high, low,
            none, combination), occasion (code or ""), strength (score over its bound); the strongest first.
        measures: measure, expected, low, high (medians; bounds are absent for the forest), n_high, n_low.
        points: days and series: series_id, time, measure, value, expected, low, high, kind of the flag or "";
            orders and customers: id, the measures, flagged, a sample of those that are not.
        strengths: strength (middle of a bin), rows: how the scores lie to their bound.
        n_flagged, share_flagged, looked_at: rows flagged, their share, rows looked at.
        expected_false_flags: how many clean data would get.
        three_sigma, three_sigma_only: flagged by the plain rule, and by it alone.
        rise, fall: the change of the first measure that a usual row needs to be flagged, as shares; None where
            there is no bound.
        learnt_from: rows from which is learnt what is usual; fewer than ``looked_at`` where that is a sample.
        known: rows there are; more than ``looked_at`` where a forest saw a sample only.
        on, unit, method: as resolved; the unit is day, week, moment, order or customer.
        people: customers whose orders they are, None where unknown.
    """

    flags: pd.DataFrame
    measures: pd.DataFrame
    points: pd.DataFrame
    strengths: pd.DataFrame
    n_flagged: int
    share_flagged: float
    looked_at: int
    expected_false_flags: float
    three_sigma: int
    three_sigma_only: int
    rise: float | None
    fall: float | None
    on: str
    unit: str
    method: str
    learnt_from: int = 0
    known: int = 0
    people: int | None = None


def features(data: Dataset, on: str = "days") -> list[gather.Subject]:
    """One row a day, moment, order or customer, with its measures; of very many orders or customers, a sample."""
    return gather.subjects(data, on, MOST)


def run(data: Dataset, params: Params = Params(), progress: Progress = silent) -> Result:
    """Judge every day, order or customer.

    Raises:
        MissingColumns: no dates, amounts or customers.
        TooLittleData: too few rows to know what is usual.
    """
    require(NEEDS, data)
    progress(0.1, "Adding up the data")
    subjects = features(data, params.on)
    method = "robust_zscore" if params.method == "auto" else params.method
    allowed = FALSE_FLAGS[params.sensitivity]
    judged = []
    for done, subject in enumerate(subjects):
        progress(0.2 + 0.7 * done / len(subjects), "Finding what is usual")
        judged.append(_judged(data, subject, method, allowed / len(subjects)))
    return Result(
        flags=flags(judged, method),
        measures=measures(judged),
        points=points(judged),
        strengths=strengths(judged),
        **_counts(judged),
        expected_false_flags=allowed,
        **_least_change(judged),
        on=params.on,
        unit=judged[0].subject.unit,
        method=method,
        people=people(data, "transactions"),
    )


def _judged(data: Dataset, subject: gather.Subject, method: str, allowed: float) -> Judged:
    """All rows of the subject judged; where it is a sample, what is usual comes from it, and the engine finds the rest.

    A forest looks at combinations, which no bound on single figures finds: it judges the sample only.
    """
    if subject.every is None:
        return judge(subject, method, allowed)
    if method == "isolation_forest":
        return judge(replace(subject, every=None), method, allowed)
    allowed *= len(subject.frame) / subject.found
    learnt = judge(subject, method, allowed)
    ends = {name: (float(rows["low"].iloc[0]), float(rows["high"].iloc[0])) for name, rows in learnt.rows.items()}
    return judge(gather.with_extremes(data, subject, ends, MOST), method, allowed)


def _counts(judged: list[Judged]) -> dict[str, Any]:
    """How many rows are flagged, also by the plain rule."""
    flagged = np.concatenate([one.flagged for one in judged])
    plain = np.concatenate([_three_sigma(one.subject) for one in judged])
    weight = np.concatenate([one.weight for one in judged])
    rows = sum(one.subject.rows for one in judged)
    return {
        "n_flagged": int(flagged.sum()),
        "share_flagged": float(flagged.sum() / rows),
        "looked_at": rows,
        "three_sigma": round(float(weight[plain].sum())),
        "three_sigma_only": round(float(weight[plain & ~flagged].sum())),
        "learnt_from": sum(int(one.subject.seen.sum()) for one in judged),
        "known": sum(max(one.subject.found, one.subject.rows) for one in judged),
    }


def _three_sigma(subject: gather.Subject) -> np.ndarray:
    values = subject.frame[list(subject.measures)].to_numpy(float)
    return outliers.farthest(outliers.yardstick(values[subject.seen], "zscore").score(values)) > THREE


def _least_change(judged: list[Judged]) -> dict[str, Any]:
    """What a usual row of the first measure may rise and fall, as shares of the expected."""
    rows = pd.concat([next(iter(one.rows.values())) for one in judged])
    rows = rows[(rows["expected"] > 0) & np.isfinite(rows["high"])]
    if rows.empty:
        return {"rise": None, "fall": None}
    return {
        "rise": float((rows["high"] / rows["expected"]).median() - 1),
        "fall": float(1 - (rows["low"] / rows["expected"]).median()),
    }
