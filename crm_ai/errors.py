"""Every deliberate error: one plain sentence that says what is wrong and what to do.

The sentence is an English template and the key of its translation; the values fill it.

    CrmError
    +-- BadFile          a file that cannot be read
    +-- MissingColumns   an analysis lacks columns
    +-- TooLittleData    the data cannot carry an answer
    +-- BadParameter     a parameter out of its range, or unknown
    +-- UnknownName      no dataset, analysis or format of that name
    +-- MissingExtra     an optional package is not installed
    +-- NotAllowed       the signed-in user may not do this
    +-- Cancelled        the user stopped the run
"""

from collections.abc import Callable
from typing import Any


class CrmError(Exception):
    """An error a user can act on.

    Args:
        sentence: English template with ``{name}`` places, also the key of the catalogue.
        values: what goes into the places; plain text, numbers or lists of text.
    """

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values

    def text(self, t: Callable[[str], str] = str) -> str:
        """The sentence in the language of ``t``."""
        return t(self.sentence).format(**{name: _plain(value) for name, value in self.values.items()})

    def __str__(self) -> str:
        return self.text()

    def to_json(self) -> dict[str, Any]:
        return {"kind": type(self).__name__, "sentence": self.sentence, "values": self.values}

    @staticmethod
    def from_json(document: dict[str, Any]) -> "CrmError":
        kinds = {kind.__name__: kind for kind in CrmError.__subclasses__()}
        return kinds.get(document["kind"], CrmError)(document["sentence"], **document["values"])


class BadFile(CrmError):
    """A file that cannot be read."""


class MissingColumns(CrmError):
    """An analysis lacks columns it cannot do without."""


class TooLittleData(CrmError):
    """The data cannot carry an answer."""


class BadParameter(CrmError):
    """A parameter is unknown or out of its range."""


class UnknownName(CrmError):
    """No dataset, analysis or format has that name."""


class MissingExtra(CrmError):
    """An optional package is not installed."""


class NotAllowed(CrmError):
    """The signed-in user may not do this."""


class Cancelled(CrmError):
    """The user stopped the run."""


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
