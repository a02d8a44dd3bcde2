"""Answers from a table of questions and answers: by words (BM25, Robertson & Zaragoza 2009) and by meaning.

An answer is the text of its row and nothing else, and says which row.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from crm_ai.errors import BadFile
from crm_ai.replies import embedding
from crm_ai.replies.embedding import plain
from crm_ai.text.language import language
from crm_ai.text.words import simplified, tokens

SATURATION, LENGTH = 1.2, 0.75
"""k1 and b of BM25."""
WORDS_SHARE = 0.35
"""Of the score; the rest is the meaning."""
LEAST = 0.55
"""Score from which on a row is an answer."""


@dataclass(frozen=True)
class Row:
    """A question with its answer.

    Attributes:
        row: how the team finds it, its number or name in the table.
    """

    row: str
    language: str
    question: str
    answer: str


@dataclass(frozen=True)
class Hit:
    """A row and how well it fits, from 0 to 1."""

    row: Row
    score: float

    @property
    def source(self) -> str:
        return f"faq:{self.row.row}"


@dataclass(frozen=True)
class Faq:
    """A table of questions and answers that can be asked."""

    rows: tuple[Row, ...]
    reading: str
    vectors: np.ndarray | None

    def ask(self, message: object, most: int = 3, wanted: str | None = None) -> list[Hit]:
        """The rows that fit best, the best first.

        Args:
            wanted: language of the rows; None takes all.
        """
        text = plain(message)
        if not text or not self.rows:
            return []
        score = self._scores(text)
        if wanted:
            score = np.where([row.language == wanted for row in self.rows], score, -1.0)
        best = np.argsort(-score, kind="stable")[:most]
        return [Hit(self.rows[place], float(score[place])) for place in best if score[place] > 0]

    def _scores(self, text: str) -> np.ndarray:
        by_words = self._weights.score(_terms(text))
        place = embedding.vectors([text], self.reading)
        if self.vectors is None or place is None:
            return by_words
        return WORDS_SHARE * by_words + (1 - WORDS_SHARE) * np.clip(self.vectors @ place[0], 0, 1)

    @cached_property
    def _weights(self) -> "_Weights":
        return _Weights.of([_terms(row.question) for row in self.rows])


def faq(rows: Iterable[Mapping[str, object]], reading: str | None = None) -> Faq:
    """A table of rows with question and answer, and where known row and language.

    Raises:
        BadFile: a row without a question or answer, or two rows of one name.
    """
    reading = reading or embedding.best_reading()
    found = tuple(_row(row, number) for number, row in enumerate(rows, start=1))
    twice = [name for name, count in Counter((row.row, row.language) for row in found).items() if count > 1]
    if twice:
        raise BadFile("Row {name} is there twice in the table of questions: number them.", name=twice[0][0])
    texts = [plain(row.question) for row in found]
    return Faq(found, reading, embedding.vectors(texts, reading) if texts else None)


def _row(row: Mapping[str, object], number: int) -> Row:
    parts = [str(row.get(part) or "").strip() for part in ("row", "language", "question", "answer")]
    name, spoken, question, answer = parts
    if not question or not answer:
        raise BadFile("Row {name} of the table of questions lacks a question or an answer.", name=name or number)
    return Row(name or str(number), spoken or language(question), question, answer)


@dataclass(frozen=True)
class _Weights:
    """BM25 of each question and term, sparse (rows, terms)."""

    places: dict[str, int]
    idf: np.ndarray
    matrix: Any

    @staticmethod
    def of(said: list[list[str]]) -> "_Weights":
        from scipy.sparse import csr_array

        places = {term: place for place, term in enumerate(sorted({term for one in said for term in one}))}
        mean = max(1e-9, float(np.mean([len(one) for one in said] or [1])))
        cells = [(row, places[term], count) for row, one in enumerate(said) for term, count in Counter(one).items()]
        rows, columns, counts = (np.array([cell[part] for cell in cells], np.int64) for part in range(3))
        length = np.array([len(one) for one in said])[rows] / mean
        often = np.bincount(columns, minlength=len(places))
        idf = np.log(1 + (len(said) - often + 0.5) / (often + 0.5))
        weight = counts * (SATURATION + 1) / (counts + SATURATION * (1 - LENGTH + LENGTH * length))
        return _Weights(places, idf, csr_array((weight * idf[columns], (rows, columns)), (len(said), len(places))))

    def score(self, asked: list[str]) -> np.ndarray:
        """BM25 over what message and row have to say at most, so that both must be met to reach 1, (rows,)."""
        known = [self.places[term] for term in set(asked) if term in self.places]
        unknown = len(set(asked)) - len(known)
        query = np.zeros(len(self.places))
        query[known] = 1.0
        most = self.idf[known].sum() + unknown * self.idf.max(initial=0.0)
        return np.clip(self.matrix @ query / np.maximum(np.maximum(most, self.matrix.sum(axis=1)), 1e-9), 0, 1)


def _terms(text: str) -> list[str]:
    return tokens(simplified(text.lower()))
