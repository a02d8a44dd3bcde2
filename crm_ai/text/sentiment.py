"""Sentiment without any label: along the line from complaint to praise, then taught to the user's own words.

1. Teacher: the direction between sentences of praise and of complaint (``phrases/``) in the space of the embedder,
   a line for English, one for Chinese, both together for other languages. 0 lies midway, 1 is clear praise.
2. Student: TF-IDF and logistic regression, trained on the texts the teacher is surest of (self-training, Yarowsky
   1995). It knows the words of this shop, and reads texts that were not embedded. Its weight grows with their number.

No model is shipped and no label is needed; a score is tanh of the opinion, from -1 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from crm_ai.text.sentences import lines
from crm_ai.text.vectors import Embedded, Embedder, default_embedder
from crm_ai.text.words import terms

UNCLEAR = 0.15
"""Scores nearer to 0 than this are called unclear."""
SUREST = 0.7
"""Share of each side that the student learns from."""
FEWEST = 25
"""Texts a side that a student needs."""
HALF_WEIGHT = 500
"""Texts at which teacher and student count alike."""
EMOJI = {
    1.0: "👍👌👏🙏💯😀😁😂🤣😃😄😆😊😇🥰😍🤩😘😋🤗😻❤💕💖💗💙💚💛🧡💜✨🌟⭐🎉🥳💪🌹",
    -1.0: "👎😠😡🤬😤😒😞😔😟🙁☹😣😖😫😩😢😭😱🤮🤢💔😾😑🙄💩",
}

_EMOJI = {character: value for value, characters in EMOJI.items() for character in characters}


@dataclass(frozen=True)
class Line:
    """From complaint to praise: a unit vector, the middle and half the distance of the two."""

    direction: np.ndarray
    middle: float
    half: float

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """How far towards praise (1) or complaint (-1) each row lies, (n,)."""
        return (vectors @ self.direction - self.middle) / self.half


def label(score: np.ndarray) -> np.ndarray:
    """``positive``, ``negative`` or ``unclear`` for each score from -1 to 1."""
    return np.select([score >= UNCLEAR, score <= -UNCLEAR], ["positive", "negative"], "unclear").astype(object)


def family(language: str) -> str:
    """The line a language is measured on: its own, or the common one."""
    return language if language in ("en", "zh") else "other"


@cache
def line(of: str, embedder: Embedder) -> Line:
    """The line of "en", "zh" or "other" (both)."""
    names = (of,) if of in ("en", "zh") else ("en", "zh")
    praise, complaint = (
        embedder([phrase for name in names for phrase in lines(f"phrases/{name}_{kind}.txt")])
        for kind in ("praise", "complaint")
    )
    direction = praise.mean(axis=0) - complaint.mean(axis=0)
    direction /= np.linalg.norm(direction)
    good, bad = float((praise @ direction).mean()), float((complaint @ direction).mean())
    return Line(direction, (good + bad) / 2, (good - bad) / 2)


def of_pieces(read: Embedded, languages: Sequence[str], embedder: Embedder | None = None) -> np.ndarray:
    """The teacher's opinion of each sentence, (pieces,); about -1 to 1, 0 is the middle."""
    families = np.array([family(name) for name in languages], dtype=object)
    of_piece = np.full(len(read.pieces), "other", dtype=object)
    of_piece[read.piece] = families[read.text]
    opinion = np.zeros(len(read.pieces))
    for name in sorted(set(of_piece)):
        here = of_piece == name
        opinion[here] = line(name, embedder or default_embedder())(read.vectors[here])
    return opinion


def emoji(texts: Sequence[str]) -> np.ndarray:
    """What the emoji say, from -1 to 1, 0 where there are none, (n,)."""
    sums = [sum(_EMOJI.get(character, 0.0) for character in text) if not text.isascii() else 0.0 for text in texts]
    return np.clip(np.array(sums), -1.0, 1.0)


def taught(opinion: np.ndarray, matrix: Any, known: np.ndarray) -> np.ndarray:
    """The teacher's opinion mixed with that of a student of the texts' own words.

    Args:
        opinion: the teacher's, (n,); used where ``known``.
        matrix: TF-IDF of the texts, sparse (n, terms).
        known: bool (n,), the texts the teacher has read.
    """
    rows = _surest(opinion, known)
    if rows is None:
        return opinion
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(solver="liblinear", class_weight="balanced").fit(matrix[rows], opinion[rows] > 0)
    student = model.decision_function(matrix)
    student *= np.abs(opinion[known]).mean() / max(np.abs(student[known]).mean(), 1e-9)
    weight = known.sum() / (known.sum() + HALF_WEIGHT)
    return np.where(known, weight * student + (1 - weight) * opinion, student)


def tfidf(tokens: Sequence[Sequence[str]]) -> Any:
    """Words and pairs of words of tokenised texts, sparse float32 (n, terms); None where no term occurs twice."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        vectorizer = TfidfVectorizer(
            analyzer=terms, min_df=2, sublinear_tf=True, max_features=200_000, dtype=np.float32
        )
        return vectorizer.fit_transform(tokens)
    except ValueError:
        return None


def _surest(opinion: np.ndarray, known: np.ndarray) -> np.ndarray | None:
    """Row numbers of the clearest share of each side; None where a side is too small."""
    sides = [np.flatnonzero(known & (opinion > 0)), np.flatnonzero(known & (opinion < 0))]
    if min(map(len, sides)) < FEWEST:
        return None
    clear = [side[np.abs(opinion[side]) >= np.quantile(np.abs(opinion[side]), 1 - SUREST)] for side in sides]
    return np.concatenate(clear)
