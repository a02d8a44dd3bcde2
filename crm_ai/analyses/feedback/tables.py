"""The tables of the result, each from a Reading and its scores; shares come with 95 % Wilson intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crm_ai.analyses.feedback.reading import Reading
from crm_ai.text import aspects, ratings, sentiment
from crm_ai.text.cloud import cloud
from crm_ai.text.neighbours import Space
from crm_ai.text.topics import Topics

MOST_WORDS = 300
TEXT_SHOWN = 300
"""Characters of a text that the table shows."""
FEWEST_FOR_TREND = 100
_Z = 1.96


def wilson(part: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share (Wilson 1927); 0 to 1 where there is nothing."""
    n = np.maximum(np.asarray(whole, dtype=float), 1e-9)
    share = np.asarray(part, dtype=float) / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def texts(frame: pd.DataFrame, reading: Reading, score: np.ndarray, topics: Topics) -> pd.DataFrame:
    """One row a text, in the order of the input."""
    names = np.array(["", *topics.names], dtype=object)
    kept = [name for name in ("created_at", "rating", "label") if name in frame]
    return pd.DataFrame(
        {
            "feedback_id": frame["feedback_id"].to_numpy(),
            "language": reading.languages,
            "sentiment": sentiment.label(score),
            "score": score,
            "topic": topics.topic,
            "topic_name": names[topics.topic],
            "aspects": aspects.joined(reading.mentions),
            "text": [text[:TEXT_SHOWN] for text in reading.texts],
            **{name: frame[name].to_numpy() for name in kept},
        }
    )


def by_topic(reading: Reading, score: np.ndarray, topics: Topics) -> pd.DataFrame:
    """One row a topic, the largest first."""
    groups = [np.flatnonzero(topics.topic == number) for number in range(1, len(topics.words) + 1)]
    table = _shares([score[rows] for rows in groups])
    table.insert(0, "topic", np.arange(1, len(groups) + 1))
    table.insert(1, "name", topics.names)
    table.insert(3, "share", table["texts"] / max(1, int(reading.says.sum())))
    words = [" + ".join(some) for some in topics.words]
    return table.assign(words=words, example=[reading.texts[row][:TEXT_SHOWN] for row in topics.example])


def by_aspect(reading: Reading, score: np.ndarray) -> pd.DataFrame:
    """One row an aspect that is mentioned; a text scores for it half by itself, half by its sentences on it."""
    said = reading.embedded
    of_piece = aspects.mentions(said.pieces)
    parts = []
    for place in range(len(aspects.NAMES)):
        here = of_piece[said.piece, place]
        count = np.bincount(said.text[here], minlength=said.n)
        about = np.bincount(said.text[here], np.tanh(reading.pieces)[said.piece[here]], minlength=said.n)
        mixed = np.where(count > 0, (score + about / np.maximum(count, 1)) / 2, score)
        parts.append(mixed[reading.mentions[:, place]])
    table = _shares(parts)
    table.insert(0, "aspect", list(aspects.NAMES))
    return table[table["texts"] > 0].sort_values("texts", ascending=False, kind="stable").reset_index(drop=True)


def by_language(reading: Reading, score: np.ndarray) -> pd.DataFrame:
    """One row a language, the most frequent first; texts without letters last."""
    spoken = pd.Series(reading.languages, dtype=object)[reading.says]
    names = [str(name) for name in spoken.value_counts().index]
    table = _shares([score[spoken.index[spoken == name]] for name in names])
    table.insert(0, "language", pd.Series(names, dtype=object))
    return table


def by_month(frame: pd.DataFrame, says: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    """One row a month that has texts; empty without dates."""
    dated = says & frame["created_at"].notna().to_numpy() if "created_at" in frame else np.zeros(len(frame), bool)
    month = (
        pd.to_datetime(frame["created_at"][dated]).dt.to_period("M") if dated.any() else pd.PeriodIndex([], freq="M")
    )
    codes, months = pd.factorize(pd.PeriodIndex(month), sort=True)
    table = _shares([score[dated][codes == number] for number in range(len(months))])
    table.insert(0, "month", pd.PeriodIndex(months, freq="M").to_timestamp().astype("datetime64[us]"))
    return table


def by_word(reading: Reading, score: np.ndarray) -> pd.DataFrame:
    """The words that most texts use, with the mean score of those texts."""
    numbers: dict[str, int] = {}
    pairs = [
        (row, numbers.setdefault(w, len(numbers))) for row, some in enumerate(reading.words) for w in sorted(set(some))
    ]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    count = np.bincount(columns, minlength=len(numbers))
    mean = np.bincount(columns, score[rows], minlength=len(numbers)) / np.maximum(count, 1)
    table = pd.DataFrame(
        {"word": pd.Series(list(numbers), dtype=object), "count": count.astype("int64"), "score": mean}
    )
    table.insert(2, "sentiment", sentiment.label(mean))
    return table.sort_values(["count", "word"], ascending=[False, True]).head(MOST_WORDS).reset_index(drop=True)


def of_cloud(words: pd.DataFrame) -> pd.DataFrame:
    """Where the words of the cloud stand and how they are drawn: word, count, score, x, y, path."""
    weights = dict(zip(words["word"], words["count"], strict=True))
    scores = dict(zip(words["word"], words["score"], strict=True))
    placed = [(p.word, weights[p.word], scores[p.word], p.x, p.y, p.path) for p in cloud(weights)]
    frame = pd.DataFrame(placed, columns=["word", "count", "score", "x", "y", "path"])
    return frame.astype({"count": "int64", "score": float, "x": float, "y": float, "word": object, "path": object})


def of_neighbours(space: Space, word: str) -> pd.DataFrame:
    """word, neighbour, similarity, count; empty where the word is not known."""
    rows = [(word, *near) for near in space.near(word)] if word else []
    frame = pd.DataFrame(rows, columns=["word", "neighbour", "similarity", "count"])
    return frame.astype({"word": object, "neighbour": object, "similarity": float, "count": "int64"})


def evaluation(known: np.ndarray, zero: np.ndarray, opinion: np.ndarray, mix: str) -> pd.DataFrame:
    """How right each way of judging is on the rated texts: method, texts, accuracy, macro_f1, used."""
    rated = ~np.isnan(known)
    right = known[rated].astype(int)
    majority = np.full(len(right), 1.0 if right.mean() >= 0.5 else -1.0) if len(right) else right
    ways = {"majority": majority, "zero_label": zero[rated]} | (
        {"learnt": opinion[rated]} if mix != "zero_label" else {}
    )
    rows = (
        [(name, len(right), *ratings.scores(right, said), False) for name, said in ways.items()] if len(right) else []
    )
    table = pd.DataFrame(rows, columns=["method", "texts", "accuracy", "macro_f1", "used"])
    table = table.astype({"method": object, "texts": "int64", "accuracy": float, "macro_f1": float, "used": bool})
    return table.assign(used=table["method"] == ("learnt" if mix != "zero_label" else "zero_label"))


def trend(months: pd.DataFrame) -> tuple[float | None, float | None, float | None]:
    """(p-value, share at the start, share at the end) of a straight trend in the share of negative texts.

    The Cochran-Armitage test; None where there are fewer than four months or too few texts.
    """
    from scipy.stats import norm

    n = months["texts"].to_numpy(float)
    if len(months) < 4 or n.sum() < FEWEST_FOR_TREND:
        return None, None, None
    month = months["month"].dt.year * 12.0 + months["month"].dt.month
    time = (month - (n * month).sum() / n.sum()).to_numpy()
    negative = months["share_negative"].to_numpy() * n
    overall = negative.sum() / n.sum()
    spread = overall * (1 - overall) * (n * time**2).sum()
    if spread <= 0:
        return None, None, None
    slope = (time * negative).sum() / (n * time**2).sum()
    p_value = float(2 * norm.sf(abs((time * negative).sum() / np.sqrt(spread))))
    start, end = np.clip(overall + slope * time[[0, -1]], 0, 1)
    return p_value, float(start), float(end)


def _shares(parts: Sequence[np.ndarray]) -> pd.DataFrame:
    """texts, share_positive, share_negative, its interval, and the mean score of each part."""
    n = np.array([len(part) for part in parts], dtype=np.int64)
    whole = np.maximum(n, 1)
    positive = np.array([(part >= sentiment.UNCLEAR).sum() for part in parts], dtype=float)
    negative = np.array([(part <= -sentiment.UNCLEAR).sum() for part in parts], dtype=float)
    low, high = wilson(negative, n)
    mean = np.array([part.mean() if len(part) else 0.0 for part in parts], dtype=float)
    return pd.DataFrame(
        {
            "texts": n,
            "share_positive": positive / whole,
            "share_negative": negative / whole,
            "negative_low": low,
            "negative_high": high,
            "score": mean,
        }
    )
