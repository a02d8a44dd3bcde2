"""Which language a text is in: by its letters, and by a statistical identifier where letters do not tell.

Identifiers fail on texts of one to three words (customers write many), hence short Latin text counts as English
unless its letters or words say otherwise. Longer text goes to py3langid (Lui & Baldwin 2012), limited to the
languages shops meet.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from crm_ai.text.sentences import clean, lines

UNKNOWN = "unknown"
"""No letters: empty, digits, emoji, punctuation."""
LATIN = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "sv", "da", "fi", "cs", "ro", "hu", "id", "vi")
CYRILLIC = ("ru", "uk", "bg", "sr")
NAMES = {
    "en": "English",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "ru": "Russian",
    "unknown": "Unknown",
}
"""Names of the frequent ones, keys of the catalogue; others are shown by their code."""

_SCRIPTS = {
    "zh": r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "ja": r"\u3040-\u30ff",
    "ko": r"\u1100-\u11ff\uac00-\ud7af",
    "th": r"\u0e00-\u0e7f",
    "ar": r"\u0600-\u06ff",
    "he": r"\u0590-\u05ff",
    "el": r"\u0370-\u03ff",
    "hi": r"\u0900-\u097f",
    "cyrillic": r"\u0400-\u04ff",
}
_COUNTS = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[a-z']+")
_SOUNDS_WIDE = 3
"""A Chinese character says about as much as three Latin letters."""
_SHORT = 4
_SEEN = 600
"""Characters that decide."""


def language(text: object) -> str:
    """The ISO 639-1 code of the language of a text ("en", "zh", ...), or ``UNKNOWN``. Never raises."""
    return _of(clean(text)[:_SEEN])


def languages(texts: Iterable[object]) -> list[str]:
    """The language of each text, in their order."""
    return [language(text) for text in texts]


def _of(text: str) -> str:
    letters = len(_LETTER.findall(text))
    if not letters:
        return UNKNOWN
    counts = {} if text.isascii() else {name: len(pattern.findall(text)) for name, pattern in _COUNTS.items()}
    if counts.get("ja", 0) > 0.1 * counts.get("zh", 0):
        counts["ja"] += counts["zh"]  # Japanese mixes kana with Chinese characters
    script = max(counts, key=lambda name: counts[name], default="")
    foreign = counts.get(script, 0)
    if not foreign or foreign * (_SOUNDS_WIDE if script in ("zh", "ja") else 1) < letters - foreign:
        return _latin(text)
    return _identify(text, CYRILLIC) if script == "cyrillic" else script


def _latin(text: str) -> str:
    """English where its small words show or too little is written to tell; else what the identifier says."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    if not words or sum(word in _english() for word in words) >= 0.2 * len(words):
        return "en"
    if len(words) < _SHORT and text.isascii():
        return "en"
    return _identify(text, LATIN)


def _identify(text: str, among: tuple[str, ...]) -> str:
    return str(_identifier(among).classify(text)[0])


@lru_cache
def _english() -> frozenset[str]:
    return frozenset(" ".join(lines("stopwords/english_signs.txt")).split())


@lru_cache
def _identifier(among: tuple[str, ...]) -> Any:
    """An identifier of its own for each script: the package's shared one would be changed for everybody."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(among))
    return identifier
