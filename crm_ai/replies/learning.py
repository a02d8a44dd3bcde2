"""Intents from examples; five an intent are a start.

How far each reader is trusted and how sure they may be is one question, answered on held-out examples: the two weights
that give the likeliest probabilities (stacking, Wolpert 1992; of one reader temperature scaling, Guo et al. 2017).
A reader that does not help gets no weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm_ai.progress import Progress, silent
from crm_ai.replies import meaning, scope, wording
from crm_ai.replies.embedding import best_reading, vectors
from crm_ai.replies.examples import FOLDS, Examples, examples
from crm_ai.replies.intents import Intents, Tried, lead, mixed
from crm_ai.replies.scope import Scope

PRETENDED = 1_500
"""Examples that take part when intents are pretended to be unseen."""
BESIDE_MEANING = 2_000
"""Examples that teach the words where the meaning is read too: more cost minutes and gain little."""
_LEAST_WEIGHT, _MOST_WEIGHT = 1e-3, 60.0


def learn(
    texts: Sequence[object], intents: Sequence[object], reading: str | None = None, progress: Progress = silent
) -> Intents:
    """Learn from texts and their intents; the order of the examples does not matter.

    Args:
        reading: one of ``embedding.READINGS``, by default the most able that is installed.

    Raises:
        TooLittleData: see ``examples.examples``.
        MissingExtra: the reading needs a package that is not installed.
    """
    given, reading = examples(texts, intents), reading or best_reading()
    progress(0.05, "Reading the examples")
    terms = wording.vocabulary(given.texts)
    seen = _Seen(given, vectors(list(given.texts), reading), terms.matrix(given.texts))
    progress(0.4, "Learning from the examples")
    by_meaning, by_words = seen.meaning_held_out(), seen.words_held_out()
    mix = stacked(by_meaning, by_words, given.intent)
    progress(0.7, "Measuring on examples held out")
    bound, tried = _tried(seen, by_meaning, by_words, mix)
    kept, every = meaning.LANDMARKS, np.arange(len(given.texts))
    return Intents(
        names=given.names,
        reading=reading,
        texts=given.texts[:kept],
        intent=given.intent[:kept],
        vocabulary=terms,
        wording=seen.words(every),
        meaning=seen.meaning(every),
        mix=mix,
        scope=bound,
        tried=tried,
    )


def stacked(by_meaning: np.ndarray | None, by_words: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The weights of both readers that make what came true likeliest."""
    from scipy.optimize import minimize

    rows = np.arange(len(truth))

    def surprise(logs: np.ndarray) -> float:
        weights = np.exp(logs)
        chance = mixed((weights[0], weights[-1]), by_meaning, by_words)[rows, truth]
        return float(-np.log(np.maximum(chance, 1e-12)).mean())

    start = np.log([1.0] if by_meaning is None else [10.0, 0.5])
    bounds = [(np.log(_LEAST_WEIGHT), np.log(_MOST_WEIGHT))] * len(start)
    best = np.exp(minimize(surprise, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 40}).x)
    return (0.0 if by_meaning is None else float(best[0])), float(best[-1])


@dataclass(frozen=True)
class _Seen:
    """Examples with their vectors (n, d), None for words alone, and their words (n, terms)."""

    given: Examples
    places: np.ndarray | None
    matrix: Any

    def words(self, rows: np.ndarray) -> wording.Wording:
        rows = rows if self.places is None else rows[:BESIDE_MEANING]
        return wording.fit(self.matrix[rows], self.given.intent[rows], len(self.given.names))

    def meaning(self, rows: np.ndarray) -> meaning.Meaning | None:
        if self.places is None:
            return None
        return meaning.fit(self.places[rows], self.given.intent[rows], len(self.given.names))

    def words_held_out(self) -> np.ndarray:
        """Log-probabilities by models that had not seen the fold."""
        found = np.zeros((len(self.given.texts), len(self.given.names)))
        for fold in range(FOLDS):
            rest = self.given.fold != fold
            found[~rest] = self.words(np.flatnonzero(rest))(self.matrix[~rest])
        return found

    def meaning_held_out(self) -> np.ndarray | None:
        """Scores by models that had not seen the fold."""
        if self.places is None:
            return None
        return meaning.held_out(self.places, self.given.intent, len(self.given.names), self.given.fold)

    def scores(self, rows: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """Of some examples, by a model that has seen others."""
        model = self.meaning(rest)
        if model is None or self.places is None:
            return np.exp(self.words(rest)(self.matrix[rows]))
        return model(self.places[rows])

    def signs(self, scores: np.ndarray, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Signs of some examples beside others."""
        near = np.zeros((len(rows), 0)) if self.places is None else self.places[rows] @ self.places[others].T
        words = (self.matrix[rows] @ self.matrix[others].T).toarray()
        return scope.signs(scores, near, words, self.given.intent[others])


def _tried(
    seen: _Seen, by_meaning: np.ndarray | None, by_words: np.ndarray, mix: tuple[float, float]
) -> tuple[Scope, Tried]:
    """The scope, and every example as read by models that had not seen it."""
    fold = seen.given.fold
    signs = np.zeros((len(fold), len(scope.SIGNS)))
    for number in range(FOLDS):
        rows, others = np.flatnonzero(fold == number), np.flatnonzero(fold[: meaning.LANDMARKS] != number)
        signs[rows] = seen.signs(lead(by_meaning, by_words)[rows], rows, others)
    probability = mixed(mix, by_meaning, by_words)
    chance = probability.max(axis=1)
    bound = scope.learn(*_pretended(seen), signs, chance)
    sure = chance * bound(signs)
    return bound, Tried(seen.given.intent, probability.argmax(axis=1), sure, sure >= bound.least)


def _pretended(seen: _Seen) -> tuple[np.ndarray, np.ndarray]:
    """Signs of messages whose intent was seen or was not, and which of both."""
    found, inside = [np.zeros((0, len(scope.SIGNS)))], [np.zeros(0, dtype=bool)]
    intent, fold = seen.given.intent[:PRETENDED], seen.given.fold[:PRETENDED]
    dealt = np.random.default_rng(0).permutation(len(seen.given.names))
    for turn in range(scope.ROUNDS):
        unseen = np.isin(intent, dealt[turn :: scope.ROUNDS])
        rows, rest = np.flatnonzero(fold == turn), np.flatnonzero((fold != turn) & ~unseen)
        if len(np.unique(intent[rest])) > 1 and len(rows):
            found.append(seen.signs(seen.scores(rows, rest), rows, rest))
            inside.append(~unseen[rows])
    return np.vstack(found), np.concatenate(inside)
