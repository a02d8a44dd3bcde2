"""translator(language) -> (str -> str), and numbers as people write them.

The English text is the key. Chinese lies in ``locale/zh_CN/*.po``, one catalogue an area; ``locale/en`` has the
headings of columns and metrics whose public name (``n_clusters``) is not how people would say it.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

Translator = Callable[[str], str]

LANGUAGES = {"en": "English", "zh": "中文"}
FOLDERS = {"en": "en", "zh": "zh_CN"}
LOCALE = Path(__file__).parent / "locale"


@lru_cache
def catalogue(language: str) -> dict[str, str]:
    """Key -> text in ``language``. English keys are their own text, but for headings that would be jargon."""
    found: dict[str, str] = {}
    for path in sorted((LOCALE / FOLDERS[language]).glob("*.po")):
        with path.open("rb") as file:
            found |= {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
    return found


def translator(language: str) -> Translator:
    """A function from a key to its text in ``language``; unknown keys stay as they are."""
    texts = catalogue(language)
    return lambda text: texts.get(text, text)


def heading(name: str, t: Translator = str) -> str:
    """A column or metric name as people read it: ``average_order_value`` -> ``Average order value``."""
    return t(name.replace("_", " ").strip().capitalize())


def number(value: float, digits: int | None = None) -> str:
    """1234.5 -> ``1,234.5``; by default three significant digits, whole numbers whole."""
    if value is None or not math.isfinite(value):
        return "–"
    if digits is None:
        digits = 0 if float(value).is_integer() or abs(value) >= 1000 else max(0, 2 - _magnitude(value))
    return f"{value:,.{digits}f}"


def percent(share: float, digits: int = 1) -> str:
    """0.1234 -> ``12.3 %``, which never breaks at the end of a line."""
    return "–" if share is None or not math.isfinite(share) else f"{100 * share:.{digits}f}\u00a0%"


def money(value: float, currency: str = "") -> str:
    """1234.5 -> ``1,234.50``, with the currency before it where it is known."""
    text = number(value, 2 if value is not None and abs(value) < 10_000 else 0)
    return f"{currency} {text}".strip()


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0
