"""What a raw table says about itself, beside its rows: notes in the footer of its Parquet file.

A note is lost when somebody writes the rows anew; nothing may depend on it but the quality of a guess.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY = "crm_ai"


@dataclass(frozen=True)
class Reference:
    """A foreign key that a database declares.

    Attributes:
        table: the table it points to.
        on: columns here.
        to: columns there, in the same order; empty when they are its primary key.
    """

    table: str
    on: tuple[str, ...]
    to: tuple[str, ...]


@dataclass(frozen=True)
class Notes:
    """Notes on a raw table.

    Attributes:
        references: foreign keys that its database declares.
        aside: headings that came from looked-up tables and would be mistaken for the line's own, such as the
            customer's revenue for the amount of an order.
    """

    references: tuple[Reference, ...] = ()
    aside: frozenset[str] = frozenset()

    def text(self) -> str:
        keys = [[reference.table, reference.on, reference.to] for reference in self.references]
        return json.dumps({"references": keys, "aside": sorted(self.aside)}, ensure_ascii=False)

    @staticmethod
    def of(document: Mapping[str, Any]) -> "Notes":
        keys = [Reference(table, tuple(on), tuple(to)) for table, on, to in document["references"]]
        return Notes(tuple(keys), frozenset(document["aside"]))


def notes(raw: Path) -> Notes:
    """The notes of a raw table; empty where there are none."""
    import pyarrow.parquet as pq

    found = (pq.read_metadata(raw).metadata or {}).get(KEY.encode())
    return Notes.of(json.loads(found)) if found else Notes()
