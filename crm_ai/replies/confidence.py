"""When may an answer go out without a person? The lowest confidence at which answers are right as often as wished.

Held-out examples decide. From a few starts on, more and more is let in, in fixed steps, as long as an exact bound
(Clopper & Pearson 1934) says that the wish holds; the first step that fails ends the walk. Steps in a fixed order need
no correction, the starts share what may go wrong (Angelopoulos et al. 2021, "Learn then Test").
"""

from dataclasses import dataclass

import numpy as np

from crm_ai.replies.intents import Tried

CERTAINTY = 0.95
STEPS = 40
"""Steps from none to all."""
STARTS = 4
"""Walks that begin at the first step, a quarter, half and three quarters of all."""


@dataclass(frozen=True)
class Automatic:
    """The bound for answering without a person.

    Attributes:
        wished: share of answers that shall be right.
        least: confidence from which on an answer goes out; None where no bound keeps the wish.
        coverage: share of the held-out examples at or above it.
        right: share of those that were right, None where there are none.
        surely: what that share is at least, with ``CERTAINTY``; None where there are none.
    """

    wished: float
    least: float | None
    coverage: float
    right: float | None
    surely: float | None


def threshold(right: np.ndarray, sure: np.ndarray, wished: float = 0.95) -> Automatic:
    """The bound for a wished share of right answers.

    Args:
        right: bool (n,), whether each held-out example was understood.
        sure: its confidence, (n,); messages that a person gets anyway have 0.
        wished: from 0.5 to 0.999.
    """
    bounds = _bounds(sure)
    starts = sorted({len(bounds) * start // STARTS for start in range(STARTS)})
    walks = (_walk(right, sure, bounds[start:], wished) for start in starts)
    return max(walks, key=lambda found: found.coverage, default=Automatic(wished, None, 0.0, None, None))


def _walk(right: np.ndarray, sure: np.ndarray, bounds: np.ndarray, wished: float) -> Automatic:
    """As far down the bounds as the wish holds; steps that say too little even if all are right are skipped."""
    found = Automatic(wished, None, 0.0, None, None)
    certainty = 1 - (1 - CERTAINTY) / STARTS
    for bound in bounds:
        taken = sure >= bound
        hits, number = int(right[taken].sum()), int(taken.sum())
        surely = at_least(hits, number, certainty)
        if surely >= wished:
            found = Automatic(wished, float(bound), number / len(sure), hits / number, at_least(hits, number))
        elif at_least(number, number, certainty) >= wished:
            break
    return found


def for_examples(tried: Tried, wished: float = 0.95) -> Automatic:
    """The bound by the examples of a model, each read by models that had not seen it."""
    return threshold(tried.truth == tried.intent, np.where(tried.inside, tried.sure, 0.0), wished)


def at_least(hits: int, number: int, certainty: float = CERTAINTY) -> float:
    """The lower Clopper-Pearson bound of a share."""
    from scipy.stats import beta

    return float(beta.ppf(1 - certainty, hits, number - hits + 1)) if hits else 0.0


def curve(right: np.ndarray, sure: np.ndarray) -> dict[str, np.ndarray]:
    """coverage and precision of every step, for a picture."""
    bounds = _bounds(sure)
    taken = [sure >= bound for bound in bounds]
    return {
        "confidence": bounds,
        "coverage": np.array([rows.mean() for rows in taken]),
        "precision": np.array([right[rows].mean() for rows in taken]),
    }


def _bounds(sure: np.ndarray) -> np.ndarray:
    """Confidences that let in one step more each, falling, above 0."""
    ranked = np.sort(sure[sure > 0])[::-1]
    if not len(ranked):
        return np.zeros(0)
    places = np.unique(np.ceil(np.linspace(0, len(ranked), STEPS + 1)[1:]).astype(int)) - 1
    return np.unique(ranked[places])[::-1]
