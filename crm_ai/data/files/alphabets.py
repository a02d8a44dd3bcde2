"""Japanese, Korean and Cyrillic encodings, told from a sample of bytes where there is no doubt."""

import re

LEAST_SIGNS, LEAST_KINDS = 20, 10
"""Fewer signs, or fewer different ones, prove nothing."""
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_HALF_WIDTH = re.compile(r"[\uff61-\uff9f]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_CYRILLIC = re.compile(r"[а-яёА-ЯЁ]")
_LOWER = re.compile(r"[а-яё]")
_WORDS = re.compile(r"[^\x00-\x7f]+")


def certain(sample: bytes) -> str | None:
    """The encoding whose text is surely Japanese, Korean or Russian; None for all others."""
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    return _japanese(sample) or _korean(sample) or _cyrillic(sample)


def _japanese(sample: bytes) -> str | None:
    """A fifth or more kana: Chinese text, read so, has none."""
    for name in ("cp932", "euc_jp"):
        beyond = _beyond(sample, name)
        if _share(_KANA, beyond) >= 0.2 and _share(_HALF_WIDTH, beyond) < 0.05:
            return name
    return None


def _korean(sample: bytes) -> str | None:
    """Hangul throughout: its bytes are those of only half of the everyday Chinese characters."""
    return "cp949" if _share(_HANGUL, _beyond(sample, "cp949")) >= 0.95 else None


def _cyrillic(sample: bytes) -> str | None:
    """Whole words of letters beyond ASCII, where Western text has single ones; mostly small letters."""
    readings = {name: _beyond(sample, name) for name in ("cp1251", "koi8-r")}
    best = max(readings, key=lambda name: _share(_LOWER, readings[name]))
    words = _WORDS.findall(sample.decode("latin-1"))
    long = sum(len(word) for word in words if len(word) >= 3)
    if _share(_CYRILLIC, readings[best]) < 0.95 or long < 0.9 * sum(map(len, words)):
        return None
    return best if _share(_LOWER, readings[best]) > 0.6 else None


def _beyond(sample: bytes, encoding: str) -> str:
    """The letters beyond ASCII; nothing when there are too few, or some cannot be decoded."""
    text = sample.decode(encoding, errors="replace")
    beyond = re.sub(r"[\x00-\x7f\u3000-\u303f]", "", text)
    enough = len(beyond) >= LEAST_SIGNS and len(set(beyond)) >= LEAST_KINDS
    return beyond if enough and beyond.count("\ufffd") <= 0.01 * len(beyond) else ""


def _share(kind: re.Pattern[str], text: str) -> float:
    return len(kind.findall(text)) / len(text) if text else 0.0
