"""The tables and columns we know, and guess(): which column of a file is which."""

from collections.abc import Mapping as Dictionary
from dataclasses import asdict, dataclass, field
from typing import Any

import ibis.expr.types as ir

from crm_ai.data import guesses, readings
from crm_ai.data.contents import Content, contents
from crm_ai.data.fitted import currency_of, joined_key, plain_reading, reading_of, without_order_totals
from crm_ai.data.guesses import Part, Parts, assign
from crm_ai.data.headings import snake
from crm_ai.data.notes import notes
from crm_ai.data.sources import Source
from crm_ai.data.weights import weights
from crm_ai.errors import BadParameter

TABLES: dict[str, dict[str, str]] = {
    "transactions": {
        "customer_id": "id",
        "order_id": "id",
        "ordered_at": "time",
        "product_id": "id",
        "product_name": "text",
        "category": "text",
        "quantity": "number",
        "unit_price": "number",
        "discount": "number",
        "amount": "number",
        "currency": "text",
        "country": "text",
        "channel": "text",
        "cancelled": "flag",
    },
    "customers": {"customer_id": "id", "target": "any", "treatment": "any"},
    "series": {"series_id": "id", "time": "time", "value": "number"},
    "feedback": {
        "feedback_id": "id",
        "customer_id": "id",
        "created_at": "time",
        "text": "text",
        "rating": "number",
        "label": "any",
        "product_id": "id",
        "channel": "text",
    },
}
"""Canonical table -> canonical column -> kind: id and text (string), number (float64), time (timestamp), flag
(boolean), any (whatever its reading gives). Customers carry any attributes besides. The discount is a share of the
price, 0 to 1, and counts where no amount is mapped."""

CHOSEN = "chosen"
LEAST_WEIGHT = 2.0
ONE_A_MOMENT = 1.5
"""What it weighs for a series that it has one value a moment."""
_GUESSES = {
    "transactions": guesses.transactions,
    "customers": guesses.customers,
    "series": guesses.series,
    "feedback": guesses.feedback,
}


@dataclass(frozen=True)
class Column:
    """Where a canonical column comes from.

    Attributes:
        heading: of the file.
        confidence: from 0 to 1; 1 when a person said so.
        why: short reason, an English text to translate: "heading", "content", "chosen" ...
        reading: how its values are read, see ``readings``.
        joined: headings whose text follows after a blank before it is read, such as a time beside a date.
    """

    heading: str
    confidence: float
    why: str
    reading: str
    joined: tuple[str, ...] = ()

    def value(self, raw: ir.Table) -> ir.Value:
        """The typed value in the raw table, NULL where it cannot be read."""
        if not self.joined:
            return readings.read(raw[self.heading], self.reading)
        return readings.read(readings.joined(raw, [self.heading, *self.joined]), self.reading)


@dataclass(frozen=True)
class Mapping:
    """Which columns of a file make a canonical table.

    Attributes:
        table: a name of ``TABLES``; "" when the file is none of them (leave it out, or let a person choose).
        columns: canonical name -> column. Absent columns are absent; a table of customers without ``customer_id`` is
            one row a customer, numbered by ``_row``.
        attributes: customers only: all other columns, by their heading in snake_case.
        constants: canonical name -> one value for all rows, such as the currency of the price signs.
    """

    table: str
    columns: Dictionary[str, Column]
    attributes: Dictionary[str, Column] = field(default_factory=dict)
    constants: Dictionary[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Mapping":
        return Mapping(
            document["table"],
            _columns(document["columns"]),
            _columns(document.get("attributes", {})),
            document.get("constants", {}),
        )


def guess(source: Source, table: str | None = None) -> Mapping:
    """The likeliest mapping of a file, from its headings and its content.

    Args:
        source: what ``read_source`` gave.
        table: take this canonical table; the likeliest by default.

    Raises:
        BadParameter: no table has that name.
    """
    if table is not None:
        _known(table)
    found = contents(source)
    if source.kind == "baskets" and table in (None, "transactions"):
        return _mapping(source, "transactions", found, assign(found, ("order_id", "product_name")))
    lines = {heading: content for heading, content in found.items() if heading not in notes(source.raw).aside}
    made = {name: _GUESSES[name](lines if name == "transactions" else found, tuple(TABLES[name])) for name in TABLES}
    chosen = table or _likeliest(source, found, made)
    if chosen == "transactions":
        made[chosen] = _without_idle_discount(without_order_totals(source, made[chosen]))
    return _mapping(source, chosen, found, made[chosen]) if chosen else Mapping("", {})


def remap(source: Source, table: str, headings: Dictionary[str, str]) -> Mapping:
    """The mapping a person asks for.

    Args:
        source: what ``read_source`` gave.
        table: canonical table.
        headings: canonical name -> heading; a name that is left out is not mapped.

    Raises:
        BadParameter: the table, a name or a heading is not known.
    """
    _known(table)
    for name, heading in headings.items():
        if name not in TABLES[table]:
            raise BadParameter(
                "There is no column {column}; there are {found}.", column=name, found=list(TABLES[table])
            )
        if heading not in source.columns:
            raise BadParameter("The file has no column {column}; it has {found}.", column=heading, found=_some(source))
    found = contents(source)
    parts = {name: Part(found[heading], 1.0, CHOSEN) for name, heading in headings.items()}
    return _mapping(source, table, found, parts)


def _without_idle_discount(parts: Parts) -> Parts:
    """A discount counts only where the amount is computed from prices."""
    idle = "amount" in parts or "unit_price" not in parts
    return {name: part for name, part in parts.items() if name != "discount" or not idle}


def _known(table: str) -> None:
    if table not in TABLES:
        raise BadParameter("There is no table {table}; there are {found}.", table=table, found=list(TABLES))


def _some(source: Source) -> list[str]:
    return [*source.columns[:30], *(["..."] if len(source.columns) > 30 else [])]


def _likeliest(source: Source, found: Dictionary[str, Content], made: dict[str, Parts]) -> str:
    """The table with the most speaking for it; a series must have one value a moment."""
    weighed = weights(found, made)
    rivals = max(weight for name, weight in weighed.items() if name != "series")
    if weighed["series"] > max(rivals - ONE_A_MOMENT, 0):
        whole = joined_key(source, found, made["series"])
        made["series"] = whole or made["series"]
        weighed["series"] += ONE_A_MOMENT if whole else -2.5
    best = max(weighed, key=lambda name: weighed[name])
    return best if weighed[best] >= LEAST_WEIGHT else ""


def _mapping(source: Source, table: str, found: Dictionary[str, Content], parts: Parts) -> Mapping:
    columns = {name: _column(source, table, name, parts[name]) for name in TABLES[table] if name in parts}
    attributes = {}
    if table == "customers":
        used = {part.content.heading for part in parts.values()}
        attributes = _attributes({heading: content for heading, content in found.items() if heading not in used})
    return Mapping(table, columns, attributes, _constants(table, parts))


def _column(source: Source, table: str, name: str, part: Part) -> Column:
    reading = reading_of(source, TABLES[table][name], name, part)
    return Column(part.content.heading, part.confidence, part.why, reading, tuple(c.heading for c in part.joined))


def _attributes(found: Dictionary[str, Content]) -> dict[str, Column]:
    done: dict[str, Column] = {}
    reserved = set(TABLES["customers"])
    for heading, content in found.items():
        name = snake(heading)
        while name in done or name in reserved:
            name += "_2"
        done[name] = Column(heading, 1.0, "attribute", plain_reading(content))
    return done


def _constants(table: str, parts: Parts) -> dict[str, str]:
    """The currency that the signs beside the prices tell."""
    if table != "transactions" or "currency" in parts:
        return {}
    money = [parts[name].content for name in ("amount", "unit_price") if name in parts]
    signs = {currency for content in money if (currency := currency_of(content))}
    return {"currency": signs.pop()} if len(signs) == 1 else {}


def _columns(document: Dictionary[str, Any]) -> dict[str, Column]:
    return {name: Column(**(item | {"joined": tuple(item.get("joined", ()))})) for name, item in document.items()}
