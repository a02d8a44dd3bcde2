"""How good are the answers? On examples held out, on messages whose intent is known, and on last month's messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_ai.i18n import Translator
from crm_ai.replies.answering import Desk, Suggestion
from crm_ai.replies.embedding import plain
from crm_ai.replies.intents import Intents


@dataclass(frozen=True)
class Quality:
    """Of n messages with a known intent; None where there is nothing to count.

    Attributes:
        accuracy: share whose intent was understood.
        macro_f1: F1, every intent counting alike.
        coverage: share answered without a person.
        hand_over: share a person gets.
        precision: share of right ones among those answered without a person.
        messages: n.
    """

    accuracy: float | None
    macro_f1: float | None
    coverage: float | None
    hand_over: float | None
    precision: float | None
    messages: int


def quality(truth: Sequence[str], intent: Sequence[str | None], alone: Sequence[bool]) -> Quality:
    """Quality of intents understood.

    Args:
        truth: the intents; "" for a message that is about none.
        intent: what was understood.
        alone: whether it was answered without a person.
    """
    right = np.array([a == b for a, b in zip(truth, intent, strict=True)], dtype=bool)
    out = np.array(alone, dtype=bool)
    if not len(right):
        return Quality(None, None, None, None, None, 0)
    known = np.array([bool(name) for name in truth])
    return Quality(
        _mean(right[known]),
        _macro_f1([name for name in truth if name], [b for a, b in zip(truth, intent, strict=True) if a]),
        float(out.mean()),
        float(1 - out.mean()),
        _mean(right[out]),
        len(right),
    )


def of_examples(model: Intents, least: float) -> Quality:
    """Quality on the examples, each read by models that had not seen it, with a bound for answers without a person."""
    names, tried = np.array(model.names), model.tried
    alone = tried.inside & (tried.sure >= least)
    return quality(names[tried.truth].tolist(), names[tried.intent].tolist(), alone.tolist())


def confusion(truth: Sequence[str], intent: Sequence[str | None]) -> pd.DataFrame:
    """truth, understood, messages, share (of the truth) for each pair that occurs, the most frequent mistakes first."""
    pairs = pd.DataFrame({"truth": list(truth), "understood": ["" if name is None else name for name in intent]})
    counts = pairs.groupby(["truth", "understood"]).size().rename("messages").reset_index()
    counts["share"] = counts["messages"] / counts.groupby("truth")["messages"].transform("sum")
    wrong = (counts["truth"] != counts["understood"]).rename("wrong")
    order = counts.assign(wrong=wrong).sort_values(
        ["wrong", "messages", "truth", "understood"], ascending=[False, False, True, True]
    )
    return order.drop(columns="wrong").reset_index(drop=True)


def by_intent(truth: Sequence[str], intent: Sequence[str | None]) -> pd.DataFrame:
    """intent, messages, precision, recall, f1; precision is None where the intent was never understood."""
    said = pd.Series(list(intent), dtype=object)
    right = pd.Series(list(truth), dtype=object)
    rows = []
    for name in sorted(set(truth)):
        hits, meant, found = ((right == name) & (said == name)).sum(), (right == name).sum(), (said == name).sum()
        f1 = 2 * hits / (meant + found)
        rows.append((name, int(meant), hits / found if found else None, float(hits / meant), float(f1)))
    return pd.DataFrame(rows, columns=["intent", "messages", "precision", "recall", "f1"])


def replay(
    desk: Desk, messages: Sequence[object], facts: Sequence[Mapping[str, object]] | None = None, t: Translator = str
) -> pd.DataFrame:
    """What would have been answered: message, language, intent, confidence, source, hand_over, answer, draft, why."""
    known = facts if facts is not None else [{}] * len(messages)
    return table(messages, desk.answers(messages, known), t)


def table(messages: Sequence[object], answers: Sequence[Suggestion], t: Translator = str) -> pd.DataFrame:
    """Suggestions as rows, in the order of the messages."""
    columns = ["message", "language", "intent", "confidence", "source", "hand_over", "answer", "draft", "why"]
    rows = [
        (plain(said), a.language, a.intent, a.confidence, a.source, a.hand_over, a.text, a.draft, a.why.text(t))
        for said, a in zip(messages, answers, strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def _macro_f1(truth: Sequence[str], intent: Sequence[str | None]) -> float | None:
    return float(by_intent(truth, intent)["f1"].mean()) if len(truth) else None


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
