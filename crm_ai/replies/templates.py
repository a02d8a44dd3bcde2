"""Answers with places for what is known of THIS customer: "Hello {name}, your order is {order_status}."

A place is a plain name in braces and nothing else: no attribute, no index, no format, no expression. Places are filled
in one pass, so that a value with braces stays what it is; the message itself never goes into an answer.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_ai.errors import BadFile

TONES = ("friendly", "formal")
LANGUAGES = ("en", "zh")
LONGEST_VALUE = 200
"""Characters of a value; longer ones are not filled in, for they are no fact but a text."""
LONGEST = 2_000

_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


@dataclass(frozen=True)
class Template:
    """An answer to an intent in one language and tone."""

    intent: str
    language: str
    tone: str
    text: str

    @property
    def name(self) -> str:
        """Where an answer came from: "order_status/en/friendly"."""
        return f"{self.intent}/{self.language}/{self.tone}"

    @property
    def fields(self) -> tuple[str, ...]:
        """The facts it needs, in their order."""
        return tuple(dict.fromkeys(_PLACE.findall(self.text)))


@dataclass(frozen=True)
class Filled:
    """A text, or the facts that it lacks; never both."""

    text: str
    missing: tuple[str, ...]


def templates(rows: Iterable[Mapping[str, object]]) -> dict[str, Template]:
    """Templates by name, of rows with intent, language, tone and text.

    Raises:
        BadFile: no such language or tone, a brace that is no place, an empty or too long text, a name twice.
    """
    found: dict[str, Template] = {}
    for row in rows:
        template = Template(*(str(row.get(part) or "").strip() for part in ("intent", "language", "tone", "text")))
        _check(template)
        if template.name in found:
            raise BadFile("There are two templates {name}: keep one.", name=template.name)
        found[template.name] = template
    return found


def choose(of: Mapping[str, Template], intent: str, language: str, tone: str) -> Template | None:
    """The template of an intent in the language of the message; the other tone where the wished one is missing."""
    names = [f"{intent}/{language}/{wanted}" for wanted in (tone, *TONES)]
    return next((of[name] for name in names if name in of), None)


def fill(text: str, facts: Mapping[str, object]) -> Filled:
    """Fill the places of a text with facts; nothing is filled where one is not known."""
    known = {name: value for name, value in ((name, _said(facts.get(name))) for name in _PLACE.findall(text)) if value}
    missing = tuple(dict.fromkeys(name for name in _PLACE.findall(text) if name not in known))
    return Filled("" if missing else _PLACE.sub(lambda place: known[place[1]], text), missing)


def _said(value: object) -> str:
    """A fact as text on one line; "" for what is none: nothing, a long text, or anything but text and numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    visible = "".join(
        " " if unicodedata.category(char)[0] in "CZ" else char for char in str(value)[: LONGEST_VALUE + 1]
    )
    text = " ".join(visible.split())
    return "" if len(str(value)) > LONGEST_VALUE or text.lower() in ("nan", "inf", "-inf") else text


def _check(template: Template) -> None:
    if template.language not in LANGUAGES or template.tone not in TONES or not template.intent:
        raise BadFile(
            "Template {name} needs an intent, a language ({languages}) and a tone ({tones}).",
            name=template.name,
            languages=LANGUAGES,
            tones=TONES,
        )
    if not 0 < len(template.text) <= LONGEST:
        raise BadFile("Template {name} is empty or longer than {most} characters.", name=template.name, most=LONGEST)
    if re.search(r"[{}]", _PLACE.sub("", template.text)):
        raise BadFile(
            "Template {name} has braces that are no place: write a place as one word, such as {example}.",
            name=template.name,
            example="{order_status}",
        )
