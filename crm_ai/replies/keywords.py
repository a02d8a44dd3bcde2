"""Rules of words that go before the model: any of these, all of those, none of the others.

A keyword is one or more words that follow each other, whole words only; Chinese is parted into words, in the rule and
in the message alike, so that a keyword is not found across two words. The first rule that fits counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from crm_ai.errors import BadFile
from crm_ai.replies.embedding import plain
from crm_ai.text.words import simplified, tokens

PERSON = "person"
"""What a rule may say instead of an intent: a person answers."""

_PARTING = (";", "；", "|")


@dataclass(frozen=True)
class Rule:
    """A rule; ``says`` is an intent or ``PERSON``."""

    name: str
    says: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def fits(self, said: Sequence[str]) -> bool:
        """Whether a message, as ``words_of`` parts it, is meant."""
        text = _joined(said)
        some, every, no = self._keys
        return (
            (not some or any(key in text for key in some))
            and all(key in text for key in every)
            and not any(key in text for key in no)
        )

    @cached_property
    def _keys(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(_joined(words_of(key)) for key in keys) for keys in (self.any, self.all, self.none))


def rules(rows: Iterable[Mapping[str, object]]) -> tuple[Rule, ...]:
    """Rules of rows with name, says, any, all, none; keywords are parted by semicolons.

    Raises:
        BadFile: a rule without a name, or without a word that must occur.
    """
    found = []
    for row in rows:
        parts = (_keywords(row.get(part)) for part in ("any", "all", "none"))
        rule = Rule(str(row.get("name") or "").strip(), str(row.get("says") or "").strip(), *parts)
        if not rule.name or not rule.says or not (rule.any or rule.all):
            raise BadFile(
                "Rule {name} needs a name, an intent and at least one word that must occur.", name=rule.name or "?"
            )
        found.append(rule)
    return tuple(found)


def first(of: Iterable[Rule], message: object) -> Rule | None:
    """The first rule that fits."""
    said = words_of(message)
    return next((rule for rule in of if rule.fits(said)), None) if said else None


def words_of(text: object) -> list[str]:
    """The words of a text, simplified Chinese, lower case."""
    return tokens(simplified(plain(text)))


def _joined(said: Sequence[str]) -> str:
    return f" {' '.join(said)} "


def _keywords(value: object) -> tuple[str, ...]:
    text = str(value or "")
    for sign in _PARTING:
        text = text.replace(sign, "\n")
    return tuple(word for word in (part.strip() for part in text.split("\n")) if words_of(word))
