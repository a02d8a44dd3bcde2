"""Many series as one matrix: right-aligned, so that their last observations and their cutoffs share a column."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Cuts = Sequence[int]
"""Columns before which a model may look: cut c knows columns 0 ... c - 1."""

MOST_HISTORY = 1_200
"""Older observations than these say little about the next ones, and cost time."""
GROWTH = 1.2
"""Series whose lengths differ by less than this factor are treated alike and computed together."""
ROWS = 64


@dataclass(frozen=True)
class Batch:
    """Series of about one length.

    Attributes:
        values: shape (series, columns); before a series starts, its first value is repeated.
        starts: shape (series,), the first column of each.
        season: observations in a season, 1 where there is none.
        longer: lengths of further, longer seasons, for regression.
        horizon: steps to forecast.
        size: no series is shorter than this.
    """

    values: Array
    starts: NDArray[np.int64]
    season: int
    longer: tuple[float, ...]
    horizon: int
    size: int

    @property
    def columns(self) -> int:
        return self.values.shape[1]

    def rows(self, chosen: NDArray[np.bool_]) -> "Batch":
        """Some of the series."""
        return self.with_values(self.values[chosen], self.starts[chosen])

    def with_values(self, values: Array, starts: NDArray[np.int64] | None = None) -> "Batch":
        """The same frame around other values."""
        starts = self.starts if starts is None else starts
        return Batch(values, starts, self.season, self.longer, self.horizon, self.size)


Model = Callable[[Batch, Cuts], Array]
"""(batch, cuts) -> forecasts of shape (series, cuts, horizon).

What is learnt at a cut rests on earlier columns only; what is costly is learnt at the first cut and kept."""


def size_of(length: int) -> int:
    """The length that all series treated alike have at least."""
    length = min(length, MOST_HISTORY)
    step = int(np.floor(np.log(max(length, 1)) / np.log(GROWTH) + 1e-9))
    return max(1, int(np.ceil(GROWTH**step - 1e-9)))


def batches(
    series: Sequence[Array], season: int, longer: tuple[float, ...], horizon: int
) -> Iterator[tuple[NDArray[np.int64], Batch]]:
    """(positions of the series, their batch), shortest first; a series' batch-mates do not change its forecast."""
    sizes = np.array([size_of(len(values)) for values in series])
    for size in np.unique(sizes):
        alike = np.flatnonzero(sizes == size)
        for first in range(0, len(alike), ROWS):
            rows = alike[first : first + ROWS]
            values, starts = align([series[row] for row in rows])
            yield rows, Batch(values, starts, season, longer, horizon, int(size))


def align(series: Sequence[Array]) -> tuple[Array, NDArray[np.int64]]:
    """Series of different lengths, their ends in the last column; and where each starts."""
    recent = [np.asarray(values, dtype=np.float64)[-MOST_HISTORY:] for values in series]
    columns = max(map(len, recent))
    starts = np.array([columns - len(values) for values in recent])
    return np.stack([np.pad(values, (columns - len(values), 0), "edge") for values in recent]), starts
