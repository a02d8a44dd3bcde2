"""What each text speaks of: delivery, quality, price, service ... by words of our own list in both languages.

A sentence without such a word, or in another language, is compared by meaning: it gets the aspect whose example
sentences are clearly nearest, else none.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from crm_ai.text.words import lines, simplified

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
_MOST_READ = 2_000


def mentions(texts: Sequence[str]) -> np.ndarray:
    """Which aspects each text mentions, bool (n, aspects) in the order of ``NAMES``."""
    english, chinese = _patterns("en"), _patterns("zh")
    found = np.zeros((len(texts), len(NAMES)), dtype=bool)
    for row, text in enumerate(texts):
        small = simplified(text[:_MOST_READ].lower().replace("’", "'"))
        for match in english.finditer(small):
            found[row, int(match.lastgroup[1:])] = True  # type: ignore[index]
        if not small.isascii():
            for match in chinese.finditer(small):
                found[row, int(match.lastgroup[1:])] = True  # type: ignore[index]
    return found


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
