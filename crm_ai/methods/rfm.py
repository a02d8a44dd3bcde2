"""Recency, frequency and monetary scores from 1 to 5, and the names of their combinations.

RFM goes back to direct mail (Hughes 1994). A score says how many fifths of the customers do worse: 5 means better than
at least 80 % of them. Equal values get equal scores, so the groups need not be equal in size; where all are equal,
everybody gets 3.
"""

import numpy as np

NAMES = (
    "Champions",
    "Loyal",
    "Potential loyalists",
    "New",
    "Promising",
    "Need attention",
    "About to sleep",
    "At risk",
    "Cannot lose them",
    "Hibernating",
    "Lost",
)

# from recency score 5 (bought just now) down to 1, across the score of frequency and money from 1 to 5
GRID = (
    ("New", "Potential loyalists", "Potential loyalists", "Champions", "Champions"),
    ("Promising", "Potential loyalists", "Potential loyalists", "Loyal", "Loyal"),
    ("About to sleep", "About to sleep", "Need attention", "Loyal", "Loyal"),
    ("Hibernating", "Hibernating", "At risk", "At risk", "Cannot lose them"),
    ("Lost", "Lost", "At risk", "At risk", "Cannot lose them"),
)
WATCH = ("At risk", "Cannot lose them")
"""Customers who were worth much and have been away for long."""


def scores(values: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
    """Score 1 .. 5 of each value, large values high: 1 + fifths of the reference strictly below.

    Args:
        values: shape (customers,), no NaN.
        reference: the customers that set the scale; the values themselves by default.
    """
    scale = np.sort(values if reference is None else reference)
    if scale[0] == scale[-1]:
        return np.full(len(values), 3)
    below = np.searchsorted(scale, values, side="left")
    return np.minimum(1 + 5 * below // len(scale), 5)


def together(frequency: np.ndarray, monetary: np.ndarray) -> np.ndarray:
    """One score of frequency and money: their mean, halves rounded up."""
    return (frequency + monetary + 1) // 2


def segment(recency: np.ndarray, both: np.ndarray) -> np.ndarray:
    """The name of each pair of scores (recency; frequency and money together), as GRID has it."""
    grid = np.array(GRID, dtype=object)
    return grid[5 - recency, both - 1]
