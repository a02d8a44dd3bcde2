"""Is a message about anything the examples know? If not, a person answers.

Four signs of being at home: the best score, its lead over the second, and the nearest example of that intent by meaning
and by words. How much each counts is learnt by pretending that a third of the intents were never seen, three times:
their examples are then messages from outside. No message from outside is needed.
"""

from dataclasses import dataclass, replace

import numpy as np

SIGNS = ("best score", "lead", "nearest by meaning", "nearest by words")
KEPT = 0.9
"""Share of messages from inside that stay inside."""
FEWEST = 15
"""Pretended messages of each kind that the weights are learnt from; below, ``PLAIN`` counts."""
PLAIN = (1.0, 0.5, 1.0, 1.0)
ROUNDS = 3


@dataclass(frozen=True)
class Scope:
    """The chance of being inside.

    Attributes:
        weights: of the log-odds, one for each of ``SIGNS``.
        offset: of the log-odds.
        least: messages whose confidence (this chance times that of the likeliest intent) is below it are outside.
    """

    weights: tuple[float, ...]
    offset: float
    least: float

    def __call__(self, signs: np.ndarray) -> np.ndarray:
        """The chance (n,) of rows of signs (n, 4)."""
        return 1 / (1 + np.exp(-np.clip(signs @ np.array(self.weights) + self.offset, -30, 30)))


def signs(scores: np.ndarray, meaning: np.ndarray, words: np.ndarray, intent: np.ndarray) -> np.ndarray:
    """The four signs, (n, 4).

    Args:
        scores: of the intents, (n, k).
        meaning: cosine with each example that was kept, (n, m); (n, 0) where the meaning is not read.
        words: the same by words, (n, m).
        intent: number of the intent of each such example, (m,).
    """
    best = scores.argmax(axis=1)
    second = np.partition(scores, -2, axis=1)[:, -2:]
    same = intent == best[:, None]
    near = [np.where(same, by, -1.0).max(axis=1) if by.shape[1] else np.zeros(len(by)) for by in (meaning, words)]
    return np.column_stack([second[:, 1], second[:, 1] - second[:, 0], *np.maximum(near, 0.0)])


def learn(pretended: np.ndarray, inside: np.ndarray, own: np.ndarray, chance: np.ndarray) -> Scope:
    """Weights from pretended messages, the bound from messages that are inside.

    Args:
        pretended: signs of pretended messages, (n, 4).
        inside: bool (n,), whether their intent was seen.
        own: signs of held-out messages with every intent seen, (m, 4).
        chance: of the likeliest intent of those, (m,).
    """
    weights, offset = np.array(PLAIN), -1.0
    if min(inside.sum(), (~inside).sum()) >= FEWEST:
        weights, offset = _weights(pretended, inside)
    found = Scope(tuple(float(weight) for weight in weights), float(offset), 0.0)
    return replace(found, least=float(np.quantile(chance * found(own), 1 - KEPT)))


def _weights(pretended: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, float]:
    from sklearn.linear_model import LogisticRegression

    middle, spread = pretended.mean(axis=0), np.maximum(pretended.std(axis=0), 1e-6)
    model = LogisticRegression(C=1.0).fit((pretended - middle) / spread, inside)
    weights = np.where(pretended.std(axis=0) > 1e-6, np.maximum(model.coef_[0], 0.0) / spread, 0.0)
    return weights, float(model.intercept_[0] - middle @ weights)
