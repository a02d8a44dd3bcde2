"""The examples a team keeps: text and intent, tidied, in an order in which any first part is even over the intents."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_ai.errors import TooLittleData
from crm_ai.replies.embedding import plain

FEWEST = 3
"""Examples of an intent."""
FOLDS = 5


@dataclass(frozen=True)
class Examples:
    """Different texts; the first of every intent come first, then the second ones ...

    Attributes:
        texts: clean, none empty, none twice.
        intent: int (n,), numbers of ``names``.
        names: the intents in alphabetical order.
        fold: int (n,), 0 to 4; every intent is spread evenly over the folds.
    """

    texts: tuple[str, ...]
    intent: np.ndarray
    names: tuple[str, ...]
    fold: np.ndarray


def examples(texts: Sequence[object], intents: Sequence[object]) -> Examples:
    """Examples of pairs; empty ones are left out, of equal texts one counts, with the intent it mostly has.

    Raises:
        TooLittleData: fewer than two intents, or an intent with fewer than three different examples.
    """
    of = _different(texts, intents)
    counts = Counter(of.values())
    if len(counts) < 2:
        raise TooLittleData("Examples of at least two intents are needed: add some for a second one.")
    rare = sorted(name for name, count in counts.items() if count < FEWEST)
    if rare:
        raise TooLittleData(
            "Too few examples of {intents}: give at least {fewest} different ones each, five are a good start.",
            intents=rare[:5],
            fewest=FEWEST,
        )
    return _ordered(of, tuple(sorted(counts)))


def _different(texts: Sequence[object], intents: Sequence[object]) -> dict[str, str]:
    said: dict[str, Counter[str]] = {}
    wording: dict[str, str] = {}
    for text, intent in zip(texts, intents, strict=True):
        clean, name = plain(text), plain(intent)
        if clean and name:
            key = clean.casefold()
            wording.setdefault(key, clean)
            said.setdefault(key, Counter())[name] += 1
    return {wording[key]: min(found, key=lambda name: (-found[name], name)) for key, found in said.items()}


def _ordered(of: dict[str, str], names: tuple[str, ...]) -> Examples:
    texts = sorted(of)  # the order of the table must not matter
    number = {name: place for place, name in enumerate(names)}
    intent = np.array([number[of[text]] for text in texts])
    shuffled = np.random.default_rng(0).permutation(len(texts))
    rank = np.zeros(len(texts), dtype=np.int64)
    seen: Counter[int] = Counter()
    for row in shuffled:
        rank[row] = seen[int(intent[row])]
        seen[int(intent[row])] += 1
    order = np.lexsort((intent, rank))
    fold = (rank + intent) % FOLDS
    return Examples(tuple(texts[row] for row in order), intent[order], names, fold[order])
