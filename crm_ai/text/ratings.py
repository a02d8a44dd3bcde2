"""Sentiment learnt from the user's own stars or labels, and how right it is on texts it has not seen.

TF-IDF + logistic regression and embedding + logistic regression, their log-odds summed, with or without the
zero-label opinion. Every figure is out-of-fold; equal texts share a fold, so that no copy of a text is learnt from.
Which mix is shown is chosen on the other folds.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

ENOUGH = 300
"""Rated texts from which on learning beats the zero-label opinion."""
FEWEST = 20
"""Texts a side."""
FOLDS = 5
MIXES = ("zero_label", "learnt", "learnt_and_zero_label")
WORDS = {
    "positive": 1.0, "pos": 1.0, "good": 1.0, "true": 1.0, "yes": 1.0, "正面": 1.0, "积极": 1.0, "好评": 1.0,
    "negative": 0.0, "neg": 0.0, "bad": 0.0, "false": 0.0, "no": 0.0, "负面": 0.0, "消极": 0.0, "差评": 0.0,
}  # fmt: skip
_TOPS = (5, 10, 100)


@dataclass(frozen=True)
class Learnt:
    """Opinions learnt from ratings.

    Attributes:
        opinion: (n,) half the log-odds of being positive, so that its tanh is 2p - 1; out-of-fold where rated.
        mix: the one of ``MIXES`` that is used for texts without a rating.
    """

    opinion: np.ndarray
    mix: str


def truth(label: pd.Series | None, rating: pd.Series | None) -> np.ndarray:
    """1 for praise, 0 for complaint, NaN where neither is known, (n,).

    A label counts where there is one (0/1, or words such as positive and 负面), else the rating: at most two of five
    stars is a complaint, at least four praise; scales to 10 or 100 alike.
    """
    by_label = _of_label(label) if label is not None else None
    by_rating = _of_rating(rating) if rating is not None else None
    if by_label is None or by_rating is None:
        found = by_label if by_rating is None else by_rating
        return found if found is not None else np.zeros(0)
    return np.where(np.isnan(by_label), by_rating, by_label)


def can_learn(known: np.ndarray) -> bool:
    """Whether there are enough rated texts of both kinds."""
    sides = [(known == side).sum() for side in (0, 1)]
    return sum(sides) >= ENOUGH and min(sides) >= FEWEST


def learn(known: np.ndarray, zero: np.ndarray, matrix: Any, vectors: np.ndarray, codes: np.ndarray) -> Learnt:
    """Learn from the rated texts and judge all.

    Args:
        known: 1, 0 or NaN, (n,).
        zero: the zero-label opinion, (n,).
        matrix: TF-IDF, sparse (n, terms).
        vectors: embeddings (n, d); rows of zeros were not embedded.
        codes: equal texts have equal numbers, (n,).
    """
    rated = np.flatnonzero(~np.isnan(known))
    right, folds = known[rated].astype(int), _folds(known[rated], codes[rated])
    learnt = np.zeros(len(rated))
    for fold in range(FOLDS):
        train, test = rated[folds != fold], rated[folds == fold]
        learnt[folds == fold] = _judge(known, train, test, matrix, vectors)
    mixes = _mixes(zero[rated], learnt)
    opinion = np.zeros(len(known))
    for fold in range(FOLDS):
        best = _best(mixes, right, folds != fold)
        opinion[rated[folds == fold]] = mixes[best][folds == fold]
    found = _with_unrated(opinion, known, zero, matrix, vectors, _best(mixes, right, folds >= 0))
    return Learnt(found.opinion * _honesty(opinion[rated], right), found.mix)


def _honesty(opinion: np.ndarray, right: np.ndarray) -> float:
    """By how much out-of-fold opinions must shrink so that 80 % sure is right in 80 % (Platt 1999, slope only)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6, fit_intercept=False).fit(2 * opinion[:, None], right)
    return float(np.clip(model.coef_[0, 0], 0.05, 1.0))


def scores(right: np.ndarray, said: np.ndarray) -> tuple[float, float]:
    """Accuracy and macro-F1 of two-sided opinions (> 0 is praise) against 1 and 0."""
    from sklearn.metrics import f1_score

    positive = said > 0
    return float((positive == right).mean()), float(f1_score(right, positive, average="macro", zero_division=0))


def _with_unrated(
    opinion: np.ndarray, known: np.ndarray, zero: np.ndarray, matrix: Any, vectors: np.ndarray, mix: str
) -> Learnt:
    rest = np.flatnonzero(np.isnan(known))
    if len(rest):
        learnt = _judge(known, np.flatnonzero(~np.isnan(known)), rest, matrix, vectors)
        opinion[rest] = _mixes(zero[rest], learnt)[mix]
    return Learnt(opinion, mix)


def _judge(known: np.ndarray, train: np.ndarray, test: np.ndarray, matrix: Any, vectors: np.ndarray) -> np.ndarray:
    """Log-odds of the test rows: by words, plus by meaning where a text was embedded."""
    by_words = _logistic(matrix, known, train, test, 4.0)
    seen = np.abs(vectors).sum(axis=1) > 0
    if len(np.unique(known[train[seen[train]]])) < 2:
        return 2 * by_words
    by_meaning = _logistic(vectors, known, train[seen[train]], test, 4.0)
    return by_words + np.where(seen[test], by_meaning, by_words)


def _logistic(features: Any, known: np.ndarray, train: np.ndarray, test: np.ndarray, strength: float) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    solver = "lbfgs" if isinstance(features, np.ndarray) else "liblinear"
    model = LogisticRegression(C=strength, solver=solver, class_weight="balanced", max_iter=300)
    return model.fit(features[train], known[train] > 0.5).decision_function(features[test])


def _mixes(zero: np.ndarray, learnt: np.ndarray) -> dict[str, np.ndarray]:
    """The three candidates on one scale, in the order of ``MIXES``."""
    return dict(zip(MIXES, (zero, learnt / 2, learnt / 2 + zero), strict=True))


def _best(mixes: dict[str, np.ndarray], right: np.ndarray, rows: np.ndarray) -> str:
    return max(mixes, key=lambda name: scores(right[rows], mixes[name][rows])[1])


def _folds(known: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The fold of each row: equal texts together, praise and complaints dealt out evenly."""
    groups = pd.DataFrame({"code": codes, "known": known}).groupby("code", sort=True)["known"].mean().reset_index()
    order = np.random.default_rng(0).permutation(len(groups))
    dealt = groups.iloc[order].sort_values("known", kind="stable")["code"].to_numpy()
    fold = dict(zip(dealt.tolist(), (np.arange(len(dealt)) % FOLDS).tolist(), strict=True))
    return np.array([fold[code] for code in codes.tolist()])


def _of_label(label: pd.Series) -> np.ndarray:
    """0/1, yes/no, positive/negative; three-step codes -1/0/1 count their ends; anything else is unknown."""
    text = label.astype("string").str.strip().str.lower()
    number = pd.to_numeric(text, errors="coerce").astype("float64").to_numpy(float, na_value=np.nan)
    if (number < 0).any():
        number = np.where(number == 0, np.nan, (number > 0).astype(float))
    number = np.where(np.isin(number, (0.0, 1.0)), number, np.nan)
    worded = text.map(WORDS).astype("float64").to_numpy(float, na_value=np.nan)
    return np.where(np.isnan(number), worded, number)


def _of_rating(rating: pd.Series) -> np.ndarray:
    stars = pd.to_numeric(rating, errors="coerce").astype("float64").to_numpy(float, na_value=np.nan)
    seen = stars[np.isfinite(stars)]
    if len(seen) and set(np.unique(seen)) <= {0.0, 1.0}:
        return stars
    top = next((top for top in _TOPS if len(seen) and seen.max() <= top), _TOPS[-1])
    return np.select([stars <= 0.4 * top, stars >= 0.8 * top], [0.0, 1.0], np.nan)
