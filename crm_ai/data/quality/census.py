"""A large table looked at: its totals, what each rule finds, whether values taken on trust were tidy.

What only looks at a customer or a product is asked of each of them once, not of every line.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from crm_ai.data import readings
from crm_ai.data.quality import reports
from crm_ai.data.quality.finds import any_of
from crm_ai.data.quality.rules import Rule
from crm_ai.data.quality.typed import FLAG, Facts

GROUPS = {"orders": ("order_id",), "customers": ("customer_id",), "products": ("product_id", "product_name")}
KEYS = tuple(name for names in GROUPS.values() for name in names)
LINES, ODD = "_lines", "_odd_"

Trusted = Collection[tuple[str, str]]
"""Columns taken as they stand in the file, each with the reading it was spared."""


@dataclass(frozen=True)
class Census:
    """Rule -> rows it finds, the totals, and whether a value taken on trust is not what its reading gives."""

    found: dict[str, int]
    totals: reports.Totals
    is_odd: bool


def census(connection: BaseBackend, judged: ir.Table, rules: Sequence[Rule]) -> Census:
    """Look at a table that has a flag a rule."""
    figures = reports.figures(judged)
    flags = {FLAG + rule.id: judged[FLAG + rule.id].sum() for rule in rules}
    return _read(connection.to_pandas(judged.aggregate(**figures, **flags)), rules)


def census_by_group(
    connection: BaseBackend, table: ir.Table, rules: Sequence[Rule], known: Facts, trusted: Trusted
) -> Census:
    """Look at a large table, a query a group: joined into one, DuckDB would keep the rows between them.

    Args:
        connection: DuckDB.
        table: as it lies on disk, without flags.
        rules: those that may find something.
        known: what the footer tells of it.
        trusted: of these, columns among ``KEYS`` are checked.
    """
    looks = [look for name in GROUPS if (look := _group(table, name, rules, known, trusted)) is not None]
    asked = {name for look in looks for name in look.columns}
    judged = flagged(table, [rule for rule in rules if FLAG + rule.id not in asked], known)
    rest = {name: judged[name].sum() for name in judged.columns if name.startswith(FLAG)}
    figures = {name: value for name, value in reports.figures(judged).items() if name not in asked}
    looks.append(judged.aggregate(**figures, **rest))
    return _read(pd.concat([connection.to_pandas(look) for look in looks], axis=1), rules)


def flagged(table: ir.Table, rules: Sequence[Rule], known: Facts) -> ir.Table:
    """The table with ``_is_<rule>`` for each rule."""
    return table.mutate(**{FLAG + rule.id: rule.finds(table, known).fill_null(False) for rule in rules})


def _read(row: pd.DataFrame, rules: Sequence[Rule]) -> Census:
    values = row.iloc[0].fillna(0)
    found = {rule.id: int(values[FLAG + rule.id]) for rule in rules}
    figures = row[[name for name in row.columns if not name.startswith("_")]]
    return Census(found, reports.read_totals(figures), any(values[name] for name in row.columns if ODD in name))


def _group(table: ir.Table, name: str, rules: Sequence[Rule], known: Facts, trusted: Trusted) -> ir.Table | None:
    """One row: how many there are, the lines that its rules find, whether trusted values are odd; None for nothing."""
    keys = [key for key in GROUPS[name] if key in table.columns]
    if not keys:
        return None
    each = table.group_by(keys).aggregate(**{LINES: table.count()})
    number = {name: each[keys[0]].count()} if name in reports.figures(table) else {}
    mine = [rule for rule in rules if rule.columns and rule.columns <= {*GROUPS[name]}]
    lines = {FLAG + rule.id: each[LINES].sum(where=rule.finds(each, known).fill_null(False)) for rule in mine}
    odd = {ODD + key: any_of(differs).any() for key in keys if (differs := _differs(each[key], key, trusted))}
    looked = number | lines | odd
    return each.aggregate(**looked) if looked else None


def _differs(value: ir.Value, key: str, trusted: Trusted) -> list[ir.BooleanValue]:
    return [~value.identical_to(readings.read(value, reading)) for name, reading in trusted if name == key]
