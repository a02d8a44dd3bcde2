"""From what people typed to clean sentences: markup, links and odd characters go, long texts are cut."""

import html
import re
from pathlib import Path

HOME = Path(__file__).parent
MOST_CHARACTERS = 2_000
"""Of a text that is read; what comes after is left out."""
MOST_SENTENCES = 16
LONGEST = 240
SHORTEST = 12
"""Characters of a sentence; a Chinese character counts twice. Shorter ones join the next."""

_TAG = re.compile(r"<[/!]?[a-zA-Z][^<>]{0,300}>|<!--.{0,300}?-->")
_LINK = re.compile(r"(?:https?://|www\.)[\w./?%&=#:~+-]+", re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\ufeff]")
_ENDS = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；…])\s*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SAYS = re.compile(r"\w")


def clean(text: object) -> str:
    """Plain text on one line, at most ``MOST_CHARACTERS`` long; what is no text (None, NaN) becomes ""."""
    if not isinstance(text, str):
        return ""
    text = html.unescape(text[: 4 * MOST_CHARACTERS].encode("utf-8", "ignore").decode("utf-8"))
    text = _UNSEEN.sub(" ", _LINK.sub(" ", _TAG.sub(" ", text)))
    text = text.encode("utf-8", "ignore").decode("utf-8")
    return " ".join(text.split())[:MOST_CHARACTERS]


def sentences(text: str) -> list[str]:
    """The sentences of a clean text, at most ``MOST_SENTENCES``, none empty; [] where nothing is said."""
    found: list[str] = []
    for part in filter(None, _ENDS.split(text)):
        if found and (_width(found[-1]) < SHORTEST or not _SAYS.search(part)):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    if len(found) > 1 and _width(found[-1]) < SHORTEST:
        found[-2:] = [f"{found[-2]} {found[-1]}"]
    said = [part for part in found if _SAYS.search(part)]
    return [piece for part in said for piece in _cut(part)][:MOST_SENTENCES]


def _width(text: str) -> int:
    return len(text) + len(_HAN.findall(text))


def _cut(text: str) -> list[str]:
    """A sentence without an end in sight, in pieces of ``LONGEST`` characters."""
    return [text[i : i + LONGEST] for i in range(0, len(text), LONGEST) if _SAYS.search(text[i : i + LONGEST])]


def lines(name: str) -> list[str]:
    """The lines of a data file of this room without blanks and remarks."""
    texts = (HOME / name).read_text("utf-8").splitlines()
    return [line.strip() for line in texts if line.strip() and not line.startswith("#")]
