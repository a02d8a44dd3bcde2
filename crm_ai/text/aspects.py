"""What each text speaks of: delivery, quality, price, service ... by words of our own list in both languages.

Sentences in other languages are compared by meaning with our own phrases about each aspect.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np

from crm_ai.text.sentences import lines
from crm_ai.text.vectors import Embedder, default_embedder
from crm_ai.text.words import simplified

NAMES = {
    "delivery": "Delivery",
    "quality": "Quality",
    "price": "Price",
    "service": "Service",
    "packaging": "Packaging",
    "website": "Website and app",
    "taste": "Food and taste",
    "fit": "Size and fit",
    "look": "Looks",
    "place": "Place and rooms",
    "story": "Story and content",
}
"""Aspect -> its name, a key of the catalogue."""
NEAR = 0.45
"""Cosine from which on a sentence speaks of the aspect of one of our phrases."""


def mentions(texts: Sequence[str]) -> np.ndarray:
    """Which aspects each text mentions, bool (n, aspects) in the order of ``NAMES``."""
    english, chinese = _patterns("en"), _patterns("zh")
    found = np.zeros((len(texts), len(NAMES)), dtype=bool)
    for row, text in enumerate(texts):
        small = simplified(text.lower().replace("’", "'"))
        for match in english.finditer(small):
            found[row, int(match.lastgroup[1:])] = True  # type: ignore[index]
        if not small.isascii():
            for match in chinese.finditer(small):
                found[row, int(match.lastgroup[1:])] = True  # type: ignore[index]
    return found


def nearest(vectors: np.ndarray, embedder: Embedder | None = None) -> np.ndarray:
    """The aspects of our nearest phrase, where it is near enough, bool (n, aspects)."""
    about, places = _examples(embedder or default_embedder())
    similarity = vectors @ places.T
    best = similarity.argmax(axis=1)
    return about[best] & (similarity.max(axis=1) >= NEAR)[:, None]


@cache
def _examples(embedder: Embedder) -> tuple[np.ndarray, np.ndarray]:
    """What our phrases of praise and complaint mention, and their vectors."""
    names = [f"phrases/{language}_{kind}.txt" for language in ("en", "zh") for kind in ("praise", "complaint")]
    phrases = [phrase for name in names for phrase in lines(name)]
    return mentions(phrases), embedder(phrases)


def joined(found: np.ndarray) -> list[str]:
    """``delivery + price`` for each row of ``mentions``, "" where there is none."""
    names = np.array(list(NAMES), dtype=object)
    return [" + ".join(names[row]) for row in found]


@lru_cache
def _patterns(language: str) -> re.Pattern[str]:
    """One pattern for all aspects: group ``a3`` is the aspect with number 3."""
    rows = dict(line.split(":", 1) for line in lines(f"aspects/{language}.txt"))
    number = {name: place for place, name in enumerate(NAMES)}
    groups = [f"(?P<a{number[name]}>{'|'.join(map(_pattern, rows[name].lower().split()))})" for name in rows]
    joined_groups = "|".join(groups)
    return re.compile(rf"\b(?:{joined_groups})(?![a-z])" if language == "en" else joined_groups)


def _pattern(word: str) -> str:
    return re.escape(word).replace(r"\*", "[a-z]*").replace("_", r"\s+")
