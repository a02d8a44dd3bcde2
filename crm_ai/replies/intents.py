"""What does a message want? A model of intents: arrays, texts and numbers, learnt by ``learning``.

Two readers are mixed: ``wording`` (words) and ``meaning`` (sentence vectors). English and Chinese share one model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from crm_ai.replies import scope
from crm_ai.replies.embedding import plain, vectors
from crm_ai.replies.meaning import Meaning
from crm_ai.replies.scope import Scope
from crm_ai.replies.wording import Vocabulary, Wording, log_softmax

BATCH = 512
"""Messages compared with the examples at once."""


@dataclass(frozen=True)
class Read:
    """What was understood of n messages.

    Attributes:
        intent: int (n,), the likeliest intent.
        probability: (n, k), of every intent, as sure as held-out examples allow.
        sure: confidence (n,), the chance of the likeliest intent times that of being about any intent at all.
        inside: bool (n,), whether the message is taken to be about any of the intents.
        nearest: int (n,), the kept example that is closest.
    """

    intent: np.ndarray
    probability: np.ndarray
    sure: np.ndarray
    inside: np.ndarray
    nearest: np.ndarray


@dataclass(frozen=True)
class Tried:
    """The examples, each read by models that had not seen it: all quality is measured on these.

    Attributes:
        truth: int (n,), its intent.
        intent: int (n,), what was understood.
        sure: (n,), the confidence.
        inside: bool (n,), whether it was taken to be about any of the intents.
    """

    truth: np.ndarray
    intent: np.ndarray
    sure: np.ndarray
    inside: np.ndarray


@dataclass(frozen=True)
class Intents:
    """A model of intents.

    Attributes:
        names: the intents.
        reading: one of ``embedding.READINGS``.
        texts: the kept examples, ``intent`` (m,) the numbers of theirs.
        vocabulary, wording: how it reads words.
        meaning: how it reads the meaning, None for words alone.
        mix: how much the scores by meaning and the log-probabilities by words count.
        scope: what is outside.
        tried: how it does on examples held out.
    """

    names: tuple[str, ...]
    reading: str
    texts: tuple[str, ...]
    intent: np.ndarray
    vocabulary: Vocabulary
    wording: Wording
    meaning: Meaning | None
    mix: tuple[float, float]
    scope: Scope
    tried: Tried

    def read(self, texts: Sequence[object]) -> Read:
        """Understand messages, whatever is in them."""
        parts = [self._read(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)] or [self._read([])]
        return Read(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Read)))

    def _read(self, texts: Sequence[object]) -> Read:
        clean = [plain(text) for text in texts]
        words, places = self.vocabulary.matrix(clean), vectors(clean, self.reading)
        by_words, by_meaning = self.wording(words), None
        near_words, near = (words @ self._words.T).toarray(), np.zeros((len(clean), 0))
        if self.meaning is not None and places is not None:
            by_meaning, near = self.meaning(places), places @ self.meaning.places.T
        signs = scope.signs(lead(by_meaning, by_words), near, near_words, self.intent)
        probability = mixed(self.mix, by_meaning, by_words)
        sure = probability.max(axis=1) * self.scope(signs)
        closest = (near if near.shape[1] else near_words).argmax(axis=1)
        return Read(probability.argmax(axis=1), probability, sure, sure >= self.scope.least, closest)

    @cached_property
    def _words(self) -> Any:
        return self.vocabulary.matrix(self.texts)


def mixed(mix: tuple[float, float], by_meaning: np.ndarray | None, by_words: np.ndarray) -> np.ndarray:
    """Probabilities (n, k) from both readers."""
    both = mix[1] * by_words + (0.0 if by_meaning is None else mix[0] * by_meaning)
    return np.exp(log_softmax(both))


def lead(by_meaning: np.ndarray | None, by_words: np.ndarray) -> np.ndarray:
    """Scores from 0 to 1 that tell inside from outside: by meaning where it is read."""
    return np.exp(by_words) if by_meaning is None else by_meaning
