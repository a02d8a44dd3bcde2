"""What the filters of a board can be set to: the days, countries and segments that its data have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import ibis.expr.types as ir
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.data.filters import DATES, MOST, Filters, has_segments, needs_people
from crm_ai.methods.rfm import NAMES


@dataclass(frozen=True)
class Choices:
    """What there is.

    Attributes:
        first, last: ISO days, "" without dates.
        countries: those with most rows first.
        segments: in their order.
    """

    first: str = ""
    last: str = ""
    countries: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    def allowed(self, filters: Filters) -> Filters:
        """Without countries and segments that are not offered."""
        country = tuple(name for name in filters.country if name in self.countries)
        return replace(filters, country=country, segment=tuple(n for n in filters.segment if n in self.segments))


def choices(data: Dataset, least: int = 1) -> Choices:
    """The choices of one dataset.

    Args:
        least: rows, or customers where they are known, that a country or segment of the data must have to be named.
    """
    first, last = _days(data)
    columns = {name: table.columns for name, table in data.tables.items()}
    segments: tuple[str, ...] = NAMES if needs_people(columns) else ()
    if has_segments(columns):
        segments = tuple(sorted(_values(data, data.tables["customers"], "segment", least)))
    return Choices(first, last, _countries(data, least), segments)


def together(every: Sequence[Choices]) -> Choices:
    """The choices of a board: those of all its datasets."""
    days = [(each.first, each.last) for each in every if each.first]
    return Choices(
        min((first for first, _ in days), default=""),
        max((last for _, last in days), default=""),
        tuple(dict.fromkeys(name for each in every for name in each.countries))[:MOST],
        tuple(dict.fromkeys(name for each in every for name in each.segments))[:MOST],
    )


def _days(data: Dataset) -> tuple[str, str]:
    found = []
    for name, column in DATES.items():
        if data.has(name, column) and data.tables[name][column].type().is_temporal():
            moment = data.tables[name][column]
            row = data.frame(data.tables[name].aggregate(first=moment.min(), last=moment.max())).iloc[0]
            found += [pd.Timestamp(day).date().isoformat() for day in row if not pd.isna(day)]
    return (min(found), max(found)) if found else ("", "")


def _countries(data: Dataset, least: int) -> tuple[str, ...]:
    for name in ("transactions", "customers", "feedback"):
        if data.has(name, "country"):
            return tuple(_values(data, data.tables[name], "country", least))
    return ()


def _values(data: Dataset, table: ir.Table, column: str, least: int) -> list[str]:
    """Those with most rows first."""
    known = table.filter(table[column].notnull())
    size = known.customer_id.nunique() if "customer_id" in known.columns else known.count()
    counts = known.group_by(name=known[column].cast("string")).aggregate(rows=known.count(), size=size)
    kept = counts.filter(counts["size"] >= least).order_by([counts["rows"].desc(), counts.name]).limit(MOST)
    return [str(name) for name in data.frame(kept)["name"]]
