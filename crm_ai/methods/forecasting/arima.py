"""ARIMA with season, estimated by two regressions and chosen by AICc at each cut (Hannan & Rissanen 1982).

A long autoregression gives the innovations; a regression on past values and past innovations gives the model. Both
are least squares, so that all series and all cuts are solved together.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from crm_ai.methods.forecasting.leastsquares import moments, solve
from crm_ai.methods.forecasting.panel import Array, Batch, Cuts
from crm_ai.methods.forecasting.smoothing import aicc

UNIT_ROOT = 2.86**2
"""How much better a model without differences must be: the 5 % point of Dickey and Fuller's test, squared."""


def arima(batch: Batch, cuts: Cuts) -> Array:
    """Seasonal ARIMA of orders up to (3, 1, 2)(1, 1, 1)."""
    seasonal, plain = _differences(batch, cuts[0])
    means = np.zeros((len(batch.values), len(cuts), batch.horizon))
    for big, small in product((0, 1), (0, 1)):
        rows = (seasonal == big) & (plain == small)
        if rows.any():
            means[rows] = _fitted(batch.rows(rows), cuts, big, small)
    return means


def _differences(batch: Batch, cut: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How often each series is differenced at the season's lag, and at lag 1."""
    pairs = [_orders(row[start:cut], batch.season) for row, start in zip(batch.values, batch.starts, strict=True)]
    return np.array([big for big, _ in pairs]), np.array([small for _, small in pairs])


def _orders(values: Array, season: int) -> tuple[int, int]:
    """Seasonal differences where they shrink the swings clearly; a plain one unless the test rejects a unit root."""
    big = 0
    if season > 1 and len(values) >= 3 * season:
        once = np.diff(values)
        big = int(np.var(once[season:] - once[:-season]) < 0.8 * np.var(once))
    rest = values[season:] - values[:-season] if big else values
    return big, int(_dickey_fuller(rest) > -2.86)


def _dickey_fuller(values: Array) -> float:
    """t value of the level in a regression of the change on the level and past changes."""
    lags = min(4, len(values) // 8)
    change = np.diff(values)
    if len(change) < 2 * lags + 8 or np.ptp(values) == 0:
        return 0.0
    rows = len(change) - lags
    past = [change[lags - lag : lags - lag + rows] for lag in range(1, lags + 1)]
    design = np.column_stack([np.ones(rows), values[lags:-1], *past])
    weights, *_ = np.linalg.lstsq(design, change[lags:], rcond=None)
    rest = change[lags:] - design @ weights
    spread = np.linalg.pinv(design.T @ design)[1, 1] * (rest @ rest) / max(1, rows - design.shape[1])
    return float(weights[1] / np.sqrt(spread)) if spread > 0 else 0.0


def _fitted(batch: Batch, cuts: Cuts, big: int, small: int) -> Array:
    """Forecasts of series that are differenced alike."""
    m, lost = batch.season, big * batch.season + small
    change = batch.values.copy()
    if big:
        change[:, m:] = batch.values[:, m:] - batch.values[:, :-m]
    if small:
        change[:, 1:] = np.diff(change, axis=1)
    born = batch.starts + lost
    change = np.where(np.arange(batch.columns) >= born[:, None], change, 0.0)
    noise, born_noise = _innovations(change, born, batch, cuts[0])
    weights = _choose(change, noise, born_noise, batch, cuts)
    ahead = _recursion(change, noise, weights, batch, cuts)
    return _undifferenced(ahead, batch, cuts, big, small)


def _lags(season: int, size: int) -> tuple[list[int], list[int]]:
    """Lags of values and of innovations that a model may use."""
    far = [season, season + 1] if season > 1 and size >= 4 * season else []
    return sorted({1, 2, 3, *far}), sorted({1, 2, *far[:1]})


def _shifted(values: Array, lag: int) -> Array:
    shifted = np.zeros_like(values)
    shifted[:, lag:] = values[:, :-lag] if lag < values.shape[1] else 0.0
    return shifted


def _innovations(change: Array, born: NDArray[np.int64], batch: Batch, cut: int) -> tuple[Array, NDArray[np.int64]]:
    """What a long autoregression, fitted before ``cut``, leaves; and from which column on."""
    longest = max(1, min(12, batch.size // 8))
    lags = sorted({*range(1, longest + 1), *_lags(batch.season, batch.size)[0]})
    design = np.stack([np.ones_like(change), *(_shifted(change, lag) for lag in lags)], axis=2)
    valid_from = np.minimum(born + lags[-1], cut - 1)
    known = np.arange(batch.columns) >= valid_from[:, None]
    gram, side, _ = moments(design, change, known, [cut])
    weights = solve(gram, side, 1e-3)[:, 0]
    return np.where(known, change - np.einsum("stf,sf->st", design, weights), 0.0), valid_from


def _choose(change: Array, noise: Array, born: NDArray[np.int64], batch: Batch, cuts: Cuts) -> Array:
    """Coefficients (series, cuts, features) of the subset with the least AICc; unused features are 0."""
    value_lags, noise_lags = _lags(batch.season, batch.size)
    past = [_shifted(change, lag) for lag in value_lags] + [_shifted(noise, lag) for lag in noise_lags]
    design = np.stack([np.ones_like(change), *past], axis=2)
    valid_from = np.minimum(born + noise_lags[-1], cuts[0] - 1)
    known = np.arange(batch.columns) >= valid_from[:, None]
    gram, side, count = moments(design, change, known, cuts)
    _, power, _ = moments(change[:, :, None], change, known, cuts)
    scores, weights = [], []
    for subset in _subsets(value_lags, noise_lags):
        found = np.zeros_like(side)
        found[..., subset] = solve(gram[..., subset, :][..., subset], side[..., subset], 1e-6)
        errors = power[..., 0] - 2 * (found * side).sum(-1) + np.einsum("skf,skfg,skg->sk", found, gram, found)
        scores.append(aicc(np.maximum(errors, 0.0), count, np.array(len(subset) + 1.0)))
        weights.append(found)
    best = np.argmin(np.stack(scores), axis=0)
    return np.take_along_axis(np.stack(weights), best[None, :, :, None], axis=0)[0]


def _subsets(value_lags: list[int], noise_lags: list[int]) -> list[list[int]]:
    """Columns of the design for each (p, q)(P, Q), the constant with and without."""
    names = [("value", lag) for lag in value_lags] + [("noise", lag) for lag in noise_lags]
    place = {name: 1 + index for index, name in enumerate(names)}
    far = [lag for lag in value_lags if lag > 3]
    found = []
    for p, q, seasonal, constant in product(range(4), range(3), range(4 if far else 1), (0, 1)):
        own = [place["value", lag] for lag in range(1, p + 1) if lag in value_lags]
        own += [place["noise", lag] for lag in range(1, q + 1) if lag in noise_lags]
        own += [place["value", lag] for lag in far[: 1 + (p > 0)]] if seasonal & 1 else []
        own += [place["noise", far[0]]] if seasonal & 2 else []
        found.append([0] * constant + sorted(set(own)))
    return [subset for subset in found if subset]


def _recursion(change: Array, noise: Array, weights: Array, batch: Batch, cuts: Cuts) -> Array:
    """The differenced series, forecast step by step (series, cuts, horizon); future innovations are 0."""
    value_lags, noise_lags = _lags(batch.season, batch.size)
    back = max(value_lags + noise_lags)
    columns = np.asarray(cuts)[:, None] + np.arange(-back, 0)
    inside = columns >= 0
    past = np.where(inside, change[:, np.maximum(columns, 0)], 0.0)
    shocks = np.where(inside, noise[:, np.maximum(columns, 0)], 0.0)
    empty = np.zeros((*past.shape[:2], batch.horizon))
    past, shocks = np.concatenate([past, empty], 2), np.concatenate([shocks, empty], 2)
    for step in range(back, back + batch.horizon):
        lagged = [past[..., step - lag] for lag in value_lags] + [shocks[..., step - lag] for lag in noise_lags]
        past[..., step] = (weights * np.stack([np.ones_like(lagged[0]), *lagged], axis=-1)).sum(axis=-1)
    return past[..., back:]


def _undifferenced(ahead: Array, batch: Batch, cuts: Cuts, big: int, small: int) -> Array:
    """Sum the changes up again."""
    m, h = batch.season, batch.horizon
    if small:
        ahead = np.cumsum(ahead, axis=2)
        last = [batch.values[:, c - 1] - (batch.values[:, c - 1 - m] if big else 0.0) for c in cuts]
        ahead = ahead + np.stack(last, axis=1)[:, :, None]
    if not big:
        return ahead
    whole = np.concatenate([np.stack([batch.values[:, c - m : c] for c in cuts], axis=1), ahead], axis=2)
    for step in range(m, m + h):
        whole[..., step] += whole[..., step - m]
    return whole[..., m:]
