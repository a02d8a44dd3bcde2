"""Is there a season, how strong, and its pattern; and whether a series swings in proportion to its level."""

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.panel import Array, Batch

Z90 = 1.645


def autocorrelation(values: Array, lags: int) -> Array:
    """Autocorrelations at lags 1 ... ``lags`` of a series."""
    centred = values - values.mean()
    power = float(centred @ centred)
    if power <= 1e-12 * max(1.0, float(values @ values)):
        return np.zeros(lags)
    size = 2 ** int(np.ceil(np.log2(2 * len(values))))
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    found = np.fft.irfft(spectrum, size)[1 : lags + 1] / power
    return np.pad(found, (0, max(0, lags - len(found))))


def is_seasonal(values: Array, season: int) -> bool:
    """The M4 test: the autocorrelation at the season's lag is beyond its 90 % band (Makridakis et al. 2020)."""
    if season < 2 or len(values) < 3 * season:
        return False
    found = autocorrelation(values, season)
    band = Z90 * np.sqrt((1 + 2 * float((found[:-1] ** 2).sum())) / len(values))
    return bool(found[-1] > band)


def seasonal_rows(batch: Batch, cut: int) -> NDArray[np.bool_]:
    """Which series pass the test with what is known at ``cut``; trends are differenced away first."""
    pairs = zip(batch.values, batch.starts, strict=True)
    return np.array([is_seasonal(np.diff(row[start:cut]), batch.season) for row, start in pairs], dtype=bool)


def pattern(values: Array, season: int) -> Array:
    """Additive seasonal indices by classical decomposition, of mean 0; entry i belongs to columns ≡ i from the start.

    Args:
        values: at least two seasons.
    """
    rest = values - _moving_average(values, season)
    known = np.isfinite(rest)
    phase = np.arange(len(values)) % season
    sums = np.bincount(phase[known], rest[known], season)
    counts = np.bincount(phase[known], minlength=season)
    indices = np.divide(sums, counts, out=np.zeros(season), where=counts > 0)
    return indices - indices.mean()


def patterns(batch: Batch, cut: int, chosen: NDArray[np.bool_]) -> Array:
    """Seasonal indices by column (series, columns + horizon); 0 for series not ``chosen``."""
    season, whole = batch.season, np.zeros((len(batch.values), batch.columns + batch.horizon))
    for row in np.flatnonzero(chosen):
        start = batch.starts[row]
        indices = pattern(batch.values[row, start:cut], season)
        whole[row] = indices[(np.arange(whole.shape[1]) - start) % season]
    return whole


def grows_with_level(batch: Batch, cut: int) -> NDArray[np.bool_]:
    """Which series are all positive and swing in proportion to their level: their logarithm is modelled."""
    return np.array(
        [_proportional(row[start:cut], batch.season) for row, start in zip(batch.values, batch.starts, strict=True)],
        dtype=bool,
    )


def detect(series: list[Array], candidates: tuple[int, ...]) -> int:
    """The candidate with the strongest autocorrelation among those that most of the series show; 1 where none is."""
    strength = {1: 0.0}
    for season in candidates:
        changes = [np.diff(values) for values in series if len(values) >= 3 * season + 1]
        if len(changes) < max(1, len(series) / 2) or np.mean([is_seasonal(c, season) for c in changes]) < 0.5:
            continue
        strength[season] = float(np.mean([autocorrelation(c, season)[-1] for c in changes]))
    return max(strength, key=lambda season: strength[season])


def _proportional(values: Array, season: int) -> bool:
    """The slope of log spread on log level over pieces of the series is nearer 1 than 0 (Bartlett, Guerrero)."""
    piece = max(season, 8)
    if len(values) < 4 * piece or values.min() <= 0:
        return False
    pieces = values[len(values) % piece :].reshape(-1, piece)
    level, spread = pieces.mean(axis=1), np.abs(np.diff(pieces, axis=1)).mean(axis=1)
    known = spread > 0
    if known.sum() < 4 or np.ptp(np.log(level[known])) < 0.2:
        return False
    return bool(np.polyfit(np.log(level[known]), np.log(spread[known]), 1)[0] > 0.5)


def _moving_average(values: Array, season: int) -> Array:
    """Centred moving average; NaN at the ends."""
    weights = np.ones(season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5]
    half = len(weights) // 2
    averages = np.convolve(values, weights / season, "valid")
    return np.pad(averages, (half, len(values) - len(averages) - half), constant_values=np.nan)
