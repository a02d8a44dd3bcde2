"""What do customers say, and how do they feel about it?

Language by letters and py3langid; sentiment along the line from complaint to praise in the space of Google's
multilingual sentence encoder, taught to the user's own words (crm_ai/text/sentiment.py) and, where there are enough
ratings, learnt from them; topics by embedding, k-means and class-based TF-IDF; word neighbours by Word2Vec.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd

from crm_ai.analyses import people, require
from crm_ai.analyses.feedback.figures import figures
from crm_ai.analyses.feedback.findings import findings, shown
from crm_ai.analyses.options import Choice, Range, Switch, Text
from crm_ai.data.dataset import Dataset
from crm_ai.data.sampling import thinned
from crm_ai.errors import TooLittleData
from crm_ai.progress import Progress, silent

__all__ = ["figures", "findings", "shown"]

TITLE = "Feedback"
ICON = ":material/forum:"
NEEDS = ({"feedback": ("text",)},)
CARDS = {
    "n_texts": "number",
    "share_positive": "percent",
    "share_negative": "percent",
    "accuracy": "percent",
    "macro_f1": "score",
}
TABLES = {
    "texts": "Every text",
    "aspects": "What is praised and complained about",
    "topics": "Topics",
    "words": "Words",
    "neighbours": "Words in the same company",
    "by_month": "Month by month",
    "languages": "Languages",
    "evaluation": "How right the sentiment is",
}
DRILL = {
    "topics": ("texts", "topic"),
    "languages": ("texts", "language"),
    "cloud": ("words", "word"),
}
READING = (
    "Every text gets a score from -1 (complaint) to 1 (praise); scores near 0 are called unclear, because there the "
    "reading is hardly better than a guess. "
    "No ratings are needed: a text is compared with sentences of praise and of complaint, and the words of your own "
    "texts refine that. With 300 or more ratings or labels the sentiment is learnt from them, and its accuracy is "
    "measured on texts it has not seen. "
    "Aspects are found by word lists, topics by grouping texts with similar content; a topic is named by its most "
    "telling words. "
    "In languages other than English and Chinese the reading is less sure."
)
TERMS = {
    "score": "From -1 (complaint) to 1 (praise); 0 lies in the middle.",
    "sentiment": "Positive or negative; unclear where the score is nearer to 0 than 0.15.",
    "accuracy": "Share of rated texts whose sentiment was judged as the customer rated it.",
    "macro_f1": "Mean of the F1 scores of praise and complaint, so that the rarer side counts as much; 1 is perfect.",
    "share_positive": "Share of the texts with a clearly positive score.",
    "share_negative": "Share of the texts with a clearly negative score.",
    "negative_low": "With 95 % certainty the true share of negative texts lies above this.",
    "negative_high": "With 95 % certainty the true share of negative texts lies below this.",
    "similarity": "How alike the company of two words is; 1 is the same.",
    "aspects": "What the text speaks of, such as delivery or price.",
    "topic_name": "The three most telling words of the topic.",
}
MOST_TEXTS = 200_000
"""Texts that are read; of more, the newest, or a sample, always the same, where the texts have no dates or numbers."""


@dataclass(frozen=True)
class Params:
    """Which texts are read, how finely topics are parted, and whose neighbours are shown."""

    language: Annotated[
        str,
        Choice(
            "Language of the texts",
            {"all": "All languages", "en": "English", "zh": "Chinese"},
            "Read only the texts in one language.",
        ),
    ] = "all"
    n_topics: Annotated[
        int | str, Range("Number of topics", 2, 30, "Automatic finds the number that parts the texts best.", auto=True)
    ] = "auto"
    word: Annotated[
        str, Text("Word to look around", 'Which words stand in its company; "auto" takes the most telling word.')
    ] = "auto"
    vectors: Annotated[
        str,
        Choice(
            "Word neighbours by",
            {
                "word2vec": "Word2Vec (usual)",
                "fasttext": "FastText (rare and misspelt words)",
                "glove": "GloVe (counts)",
            },
            "How the company of words is learnt from your texts.",
        ),
    ] = "word2vec"
    use_labels: Annotated[
        bool,
        Switch("Learn from ratings", "With 300 or more ratings or labels the sentiment is learnt from them."),
    ] = True


@dataclass(frozen=True)
class Result:
    """What the texts say; n is the number of rows of the feedback table (of the chosen language).

    Attributes:
        texts: feedback_id, language (ISO 639-1 or unknown), sentiment (positive, negative, unclear), score (-1 to 1),
            topic (1 is the largest; 0 where nothing is said), topic_name, aspects ("delivery + price"), text (its
            beginning), and created_at, rating, label where there are; n rows in the order of the input.
        aspects: aspect, texts, share_positive, share_negative, negative_low, negative_high (95 %), score.
        topics: topic, name, texts, share, share_positive, share_negative, negative_low, negative_high, score, words,
            example.
        words: word, count (texts that use it), sentiment, score (mean of those texts); at most 300.
        neighbours: word, neighbour, similarity, count; at most 15.
        by_month: month (first day), texts, share_positive, share_negative, negative_low, negative_high, score.
        languages: language and the same columns.
        evaluation: method (majority, zero_label, learnt), texts, accuracy, macro_f1, used; empty without ratings.
        cloud: word, count, score, x, y, path (outline); how the word cloud is drawn.
        n_texts: texts that say something. n_empty: those that do not. n_read: those that were read by meaning; the
            others were judged by a student of their words. n_taken: rows looked at; of very many, some.
        n_rated: texts with a clear rating or label. n_topics: topics found. n_rows: texts the table has.
        share_positive, share_negative, mean_score: over the texts that say something.
        accuracy, macro_f1: of the sign of the score on the rated texts, out-of-fold; None without ratings.
        mix: how the sentiment was judged (zero_label, learnt, learnt_and_zero_label).
        word, vectors: whose neighbours, and how they were found.
        trend_p, trend_start, trend_end: test of a trend in the share of negative texts, and where it begins and ends.
        people: customers who wrote them, in any language; None where unknown.
    """

    texts: pd.DataFrame
    aspects: pd.DataFrame
    topics: pd.DataFrame
    words: pd.DataFrame
    neighbours: pd.DataFrame
    by_month: pd.DataFrame
    languages: pd.DataFrame
    evaluation: pd.DataFrame
    cloud: pd.DataFrame
    n_texts: int
    n_empty: int
    n_read: int
    n_rated: int
    n_topics: int
    n_rows: int
    share_positive: float
    share_negative: float
    mean_score: float
    accuracy: float | None
    macro_f1: float | None
    mix: str
    word: str
    vectors: str
    trend_p: float | None
    trend_start: float | None
    trend_end: float | None
    n_taken: int = 0
    people: int | None = None


def features(data: Dataset) -> pd.DataFrame:
    """feedback_id, text and, where there are, created_at, rating, label, in the order of the table.

    At most about ``MOST_TEXTS`` rows: of more, the newest. ``attrs["known"]`` is the number of rows of the table.
    """
    table = data.table("feedback", "text")
    table = table.select(*[c for c in ("feedback_id", "text", "created_at", "rating", "label") if c in table.columns])
    known = int(data.value(table.count()))
    if known > MOST_TEXTS:
        keys = [c for c in ("created_at", "feedback_id") if c in table.columns]
        newest = table.order_by([table[c].desc() for c in keys]).limit(MOST_TEXTS) if keys else None
        table = thinned(table, ["text"], MOST_TEXTS / known) if newest is None else newest
    frame = data.frame(table)
    if known > MOST_TEXTS and "created_at" in frame:
        frame = frame.sort_values("created_at", kind="stable", ignore_index=True)
    if "feedback_id" not in frame:
        frame.insert(0, "feedback_id", [str(n) for n in range(1, len(frame) + 1)])
    frame.attrs["known"] = known
    return frame


def run(data: Dataset, params: Params = Params(), progress: Progress = silent) -> Result:
    """Read the texts.

    Raises:
        MissingColumns: there is no text column.
        TooLittleData: no text says anything, or none is in the chosen language.
    """
    from crm_ai.analyses.feedback import reading, tables

    require(NEEDS, data)
    progress(0.0, "Reading the texts")
    frame = features(data)
    known, taken = int(frame.attrs["known"]), len(frame)
    frame, texts, languages = _chosen(frame, params.language)
    read = reading.read(frame, texts, languages, progress)
    if not read.says.any():
        raise TooLittleData("There is no text to read: the column of texts is empty.")
    progress(0.7, "Learning from the ratings")
    opinion, mix = reading.judged(read, params.use_labels)
    score = np.tanh(opinion)
    progress(0.8, "Finding topics")
    topics = reading.topics(read, None if params.n_topics == "auto" else int(params.n_topics))
    progress(0.9, "Counting words")
    words = tables.by_word(read, score)
    space, word = reading.space(read, words, score, params.vectors, params.word)
    months = tables.by_month(frame, read.says, score)
    p_value, start, end = tables.trend(months)
    evaluation = tables.evaluation(np.where(read.says, read.known, np.nan), read.zero, opinion, mix)
    progress(0.97, "Drawing the word cloud")
    return Result(
        texts=tables.texts(frame, read, score, topics),
        aspects=tables.by_aspect(read, score),
        topics=tables.by_topic(read, score, topics),
        words=words,
        neighbours=tables.of_neighbours(space, word),
        by_month=months,
        languages=tables.by_language(read, score),
        evaluation=evaluation,
        cloud=tables.of_cloud(words),
        n_read=int(read.read.sum()),
        n_rated=int(evaluation["texts"].max()) if len(evaluation) else 0,
        n_topics=len(topics.words),
        n_rows=known,
        n_taken=taken,
        mix=mix,
        word=word,
        vectors=params.vectors,
        trend_p=p_value,
        trend_start=start,
        trend_end=end,
        **_totals(read.says, score),
        **_right(evaluation),
        people=people(data, "feedback"),
    )


def _chosen(frame: pd.DataFrame, language: str) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The rows of the chosen language, their clean texts and languages."""
    from crm_ai.analyses.feedback.reading import cleaned

    texts, languages = cleaned(frame)
    if language == "all":
        return frame, texts, languages
    rows = [row for row, name in enumerate(languages) if name == language]
    if not rows:
        raise TooLittleData("No text is in this language: choose all languages.")
    return frame.iloc[rows].reset_index(drop=True), [texts[row] for row in rows], [language] * len(rows)


def _totals(says: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    from crm_ai.text.sentiment import UNCLEAR

    return {
        "n_texts": int(says.sum()),
        "n_empty": int((~says).sum()),
        "share_positive": float((score[says] >= UNCLEAR).mean()),
        "share_negative": float((score[says] <= -UNCLEAR).mean()),
        "mean_score": float(score[says].mean()),
    }


def _right(evaluation: pd.DataFrame) -> dict[str, Any]:
    """Accuracy and macro-F1 of the way that is used."""
    used = evaluation[evaluation["used"].astype(bool)]
    return {name: float(used[name].iloc[0]) if len(used) else None for name in ("accuracy", "macro_f1")}
