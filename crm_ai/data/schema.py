"""The tables and columns we know, and guess(): which column of a file is which."""

from collections.abc import Mapping as Dictionary
from dataclasses import asdict, dataclass, field
from typing import Any

import ibis.expr.types as ir

from crm_ai.data import readings
from crm_ai.data.sources import Source

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
(boolean), any (whatever its reading gives). Customers carry any attributes besides."""


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
        return readings.read(raw[self.heading], self.reading)


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
    raise NotImplementedError


def remap(source: Source, table: str, headings: Dictionary[str, str]) -> Mapping:
    """The mapping a person asks for.

    Args:
        source: what ``read_source`` gave.
        table: canonical table.
        headings: canonical name -> heading; a name that is left out is not mapped.

    Raises:
        BadParameter: the table, a name or a heading is not known.
    """
    raise NotImplementedError


def _columns(document: Dictionary[str, Any]) -> dict[str, Column]:
    return {name: Column(**(item | {"joined": tuple(item.get("joined", ()))})) for name, item in document.items()}
