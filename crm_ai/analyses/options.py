"""A parameter is described once: form, shell flags, JSON, checks and docs derive from here.

@dataclass(frozen=True)
class Params:
    n_clusters: Annotated[int | str, Range("Number of groups", 2, 12, auto=True)] = "auto"
    method: Annotated[str, Choice("Method", {"kmeans": "K-means"})] = "kmeans"
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, get_type_hints

from crm_ai.errors import BadParameter


@dataclass(frozen=True)
class Range:
    """A number from ``low`` to ``high``; whole where both and the step are whole; ``"auto"`` where allowed."""

    label: str
    low: float
    high: float
    help: str = ""
    step: float = 1
    auto: bool = False

    def parse(self, name: str, value: Any) -> Any:
        if self.auto and value in ("auto", None, ""):
            return "auto"
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise BadParameter("{name} must be a number, not {value}.", name=name, value=str(value)) from None
        if not self.low <= number <= self.high:
            raise BadParameter(
                "{name} must lie between {low} and {high}, not {value}.",
                name=name,
                low=f"{self.low:g}",
                high=f"{self.high:g}",
                value=f"{number:g}",
            )
        if not self.whole:
            return number
        if not number.is_integer():
            raise BadParameter("{name} must be a whole number, not {value}.", name=name, value=f"{number:g}")
        return int(number)

    @property
    def whole(self) -> bool:
        return all(float(x).is_integer() for x in (self.low, self.high, self.step))


@dataclass(frozen=True)
class Choice:
    """One of a fixed set: value -> label."""

    label: str
    options: Mapping[str, str]
    help: str = ""

    def parse(self, name: str, value: Any) -> str:
        if value not in self.options:
            raise BadParameter(
                "{name} must be one of {options}, not {value}.",
                name=name,
                options=list(self.options),
                value=str(value),
            )
        return str(value)


@dataclass(frozen=True)
class Pick:
    """One of what the data offers: ``of(data)`` lists the values; the analysis checks the value itself."""

    label: str
    of: Callable[[Any], Sequence[str]]
    help: str = ""

    def parse(self, name: str, value: Any) -> str:
        return str(value)


@dataclass(frozen=True)
class Switch:
    """On or off."""

    label: str
    help: str = ""

    def parse(self, name: str, value: Any) -> bool:
        known = {
            "true": True,
            "1": True,
            "on": True,
            "yes": True,
            "false": False,
            "0": False,
            "off": False,
            "no": False,
        }
        if str(value).lower() not in known:
            raise BadParameter("{name} must be true or false, not {value}.", name=name, value=str(value))
        return known[str(value).lower()]


@dataclass(frozen=True)
class Text:
    """Free text, at most 200 characters."""

    label: str
    help: str = ""

    def parse(self, name: str, value: Any) -> str:
        if len(str(value)) > 200:
            raise BadParameter("{name} must have at most 200 characters.", name=name)
        return str(value)


Option = Range | Choice | Pick | Switch | Text


def options(kind: type) -> dict[str, tuple[Option, Any]]:
    """Parameter name -> (how it is described, its default)."""
    hints = get_type_hints(kind, include_extras=True)
    return {f.name: (hints[f.name].__metadata__[0], f.default) for f in fields(kind)}


def parse(kind: type, values: Mapping[str, Any]) -> Any:
    """Params from JSON or shell text.

    Raises:
        BadParameter: a name is unknown or a value out of its range.
    """
    known = options(kind)
    for name in values:
        if name not in known:
            raise BadParameter("There is no parameter {name}: use {known}.", name=name, known=list(known))
    return kind(**{name: known[name][0].parse(name, value) for name, value in values.items()})


def to_json(params: Any) -> dict[str, Any]:
    return asdict(params)
