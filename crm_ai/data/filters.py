"""Which part of a dataset is looked at: days, countries, segments. It belongs to the recipe: each part has results."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from crm_ai.errors import BadParameter

MOST = 200
"""Values one filter may name."""


@dataclass(frozen=True)
class Filters:
    """All of them hold at once; an empty one holds always.

    Attributes:
        since, until: first and last day, ISO; orders and feedback outside are left out.
        country: names of countries as they stand in the data.
        segment: names of customer segments, see ``analyses.segments``; others are left out.
    """

    since: str = ""
    until: str = ""
    country: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()

    def to_json(self) -> dict[str, Any]:
        """What is set; {} where nothing is."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items() if v}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Filters":
        """The filters a document describes, checked.

        Raises:
            BadParameter: a filter is unknown, a day is none, or there are too many names.
        """
        try:
            since, until = (_day(document.get(name, "")) for name in ("since", "until"))
            country, segment = (_names(document.get(name, ())) for name in ("country", "segment"))
        except (TypeError, ValueError):
            raise BadParameter("These filters cannot be read: set them anew.") from None
        if set(document) - set(Filters.__dataclass_fields__):
            raise BadParameter("These filters cannot be read: set them anew.")
        if since and until and since > until:
            raise BadParameter("The first day lies after the last one: turn them round.")
        return Filters(since, until, country, segment)


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat() if text else ""


def _names(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list | tuple) or len(values) > MOST or not all(isinstance(v, str) for v in values):
        raise ValueError
    return tuple(sorted(set(values)))
