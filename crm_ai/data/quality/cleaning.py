"""Type the rows of one table, judge them by the rules, write the kept ones, and tell what was done."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from crm_ai.data.quality import reports
from crm_ai.data.quality.attributes import MARK, Riders, ride, write_beside
from crm_ai.data.quality.attributes import TABLE as RIDERS
from crm_ai.data.quality.rules import Rule, chosen, rules_of
from crm_ai.data.quality.typed import ROW, SOURCE, UNREAD, Facts, counts, facts, order, typed
from crm_ai.data.schema import Mapping
from crm_ai.data.sources import Source
from crm_ai.errors import BadFile

SAMPLE, SAMPLE_COLUMNS = 5, 40
REASON = "reason"
ESSENTIAL = {"transactions": ("ordered_at", "quantity", "unit_price", "amount"), "series": ("time", "value")}


@dataclass(frozen=True)
class Part:
    """One source that goes into a table."""

    source: Source
    mapping: Mapping


@dataclass(frozen=True)
class Cleaned:
    """A cleaned table.

    Attributes:
        report: what was found and taken out.
        judged: ``_source``, ``_row``, ``reason`` of each row; reason is the rule that took it out, or NULL.
    """

    report: reports.TableReport
    judged: ir.Table


def clean(
    connection: BaseBackend, parts: Sequence[Part], switches: Dictionary[str, bool], path: Path, today: datetime
) -> Cleaned:
    """Clean the rows of one canonical table and write the kept ones to ``path`` in the order of the files.

    Args:
        connection: DuckDB.
        parts: the sources of the table, in order.
        switches: rule id -> on or off, over the defaults.
        path: Parquet file to write.
        today: later dates are in the future.

    Raises:
        BadFile: a column that the table stands on has values, but none can be read.
    """
    name = parts[0].mapping.table
    raws = [raw_table(connection, part.source) for part in parts]
    sources, mappings = [part.source for part in parts], [part.mapping for part in parts]
    draft, riders = typed(raws, mappings), ride(connection, sources, mappings)
    if riders:
        marks = connection.table(RIDERS).select(SOURCE, ROW, MARK)
        draft = draft.inner_join(marks, [SOURCE, ROW])
    whole = connection.create_table(f"typed_{name}", draft, temp=True, overwrite=True)
    known = facts(connection.to_pandas(counts(whole)).iloc[0].to_dict(), today)
    _check_readable(connection, whole, parts, known)
    bare = _empty(whole, known, riders)
    whole = whole.drop(*bare)
    on = chosen(name, switches)
    rules = [rule for rule in rules_of(name) if rule.applies(set(whole.columns))]
    judged = connection.create_table(f"judged_{name}", _judged(whole, rules, on, known), temp=True, overwrite=True)
    kept = _write(connection, whole, judged, name, riders, path)
    report = reports.TableReport(
        rows=known.rows + sum(part.source.rejected_rows for part in parts),
        kept=kept.rows,
        rejected=known.rows - kept.rows + sum(part.source.rejected_rows for part in parts),
        broken=sum(part.source.rejected_rows for part in parts),
        rules=_findings(connection, judged, raws, parts, rules, on),
        before=_totals(connection, whole),
        after=kept,
        empty=[column for column in bare if not column.startswith("_")] + list(riders.empty if riders else ()),
    )
    return Cleaned(report, judged)


def raw_table(connection: BaseBackend, source: Source) -> ir.Table:
    return connection.read_parquet(source.raw)  # type: ignore[no-any-return]


def _check_readable(connection: BaseBackend, whole: ir.Table, parts: Sequence[Part], known: Facts) -> None:
    for column in ESSENTIAL.get(parts[0].mapping.table, ()):
        if known.unread.get(column) and not known.filled[column]:
            raise _unreadable(connection, whole, parts, column)


def _unreadable(connection: BaseBackend, whole: ir.Table, parts: Sequence[Part], column: str) -> BadFile:
    first = connection.to_pandas(whole.filter(whole[UNREAD + column]).select(SOURCE, ROW).limit(1)).iloc[0]
    part = parts[int(first[SOURCE])]
    raw = raw_table(connection, part.source)
    heading = part.mapping.columns[column].heading
    value = connection.to_pandas(raw.filter(raw[ROW] == int(first[ROW]))[[heading]]).iloc[0, 0]
    values = {"column": heading, "example": str(value)[:80]}
    if column in ("ordered_at", "time"):
        return BadFile(
            "No date in the column {column} can be read, for example {example}: "
            "choose another column or correct the dates.",
            **values,
        )
    return BadFile(
        "No number in the column {column} can be read, for example {example}: choose another column.", **values
    )


def _empty(whole: ir.Table, known: Facts, riders: Riders | None) -> list[str]:
    """Mapped columns without a value, together with their marks; an empty table keeps its columns.

    Raises:
        BadFile: no column has a value.
    """
    bare = [name for name, filled in known.filled.items() if not filled and known.rows]
    if set(bare) >= {name for name in whole.columns if not name.startswith("_")} and not (riders and riders.filled):
        raise BadFile("The mapped columns have no values at all: map other columns.")
    return bare + [UNREAD + name for name in known.unread if name in bare]


def _judged(whole: ir.Table, rules: Sequence[Rule], on: Dictionary[str, bool], known: Facts) -> ir.Table:
    """A narrow table: ``_source``, ``_row``, a flag a rule, and the first rule that is on as ``reason``."""
    flags = {rule.id: rule.finds(whole, known).fill_null(False) for rule in rules}
    found = whole.select(SOURCE, ROW, **flags)
    branches = [(found[rule.id], rule.id) for rule in rules if on[rule.id]]
    reason = ibis.cases(*branches) if branches else ibis.null("string")
    return found.mutate(**{REASON: reason.cast("string")})


def _write(
    connection: BaseBackend, whole: ir.Table, judged: ir.Table, name: str, riders: Riders | None, path: Path
) -> reports.Totals:
    gone = judged.filter(judged[REASON].notnull()).select(SOURCE, ROW)
    kept, columns = whole.anti_join(gone, [SOURCE, ROW]), order(name, whole.columns)
    path.parent.mkdir(parents=True, exist_ok=True)
    if riders and riders.filled:
        connection.create_table("kept", kept.select(SOURCE, ROW, *columns), temp=True, overwrite=True)
        write_beside(connection, "kept", riders, path)
    else:
        connection.to_parquet(kept.order_by([SOURCE, ROW]).select(columns), path)
    return _totals(connection, connection.read_parquet(path))


def _totals(connection: BaseBackend, table: ir.Table) -> reports.Totals:
    return reports.read_totals(connection.to_pandas(reports.totals(table)))


def _findings(
    connection: BaseBackend,
    judged: ir.Table,
    raws: Sequence[ir.Table],
    parts: Sequence[Part],
    rules: Sequence[Rule],
    on: Dictionary[str, bool],
) -> list[reports.Finding]:
    sums = {rule.id: judged[rule.id].sum() for rule in rules}
    count = connection.to_pandas(judged.aggregate(_rows=judged.count(), **sums)).iloc[0].fillna(0).astype(int)
    reasons = judged.group_by(REASON).aggregate(rows=judged.count()).filter(lambda table: table[REASON].notnull())
    removed = dict(connection.to_pandas(reasons).itertuples(index=False))
    samples = _samples(connection, judged, raws, parts, [rule.id for rule in rules if count[rule.id]])
    return [
        reports.Finding(
            rule.id,
            rule.label,
            rule.help,
            on[rule.id],
            int(count[rule.id]),
            int(removed.get(rule.id, 0)),
            samples.get(rule.id, []),
        )
        for rule in rules
    ]


def _samples(
    connection: BaseBackend, judged: ir.Table, raws: Sequence[ir.Table], parts: Sequence[Part], rules: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Rule id -> its first rows as the files have them."""
    if not rules:
        return {}
    first = [
        judged.filter(judged[rule]).order_by([SOURCE, ROW]).limit(SAMPLE).select(SOURCE, ROW, rule=ibis.literal(rule))
        for rule in rules
    ]
    places = connection.to_pandas(reduce(lambda one, other: one.union(other), first)).sort_values([SOURCE, ROW])
    rows = {n: _rows(connection, raws[n], group[ROW].tolist()) for n, group in places.groupby(SOURCE)}
    found: dict[str, list[dict[str, Any]]] = {}
    for source, row, rule in places[[SOURCE, ROW, "rule"]].itertuples(index=False):
        head = {"source": parts[source].source.name, "row": int(row)}
        found.setdefault(rule, []).append(head | rows[source][row])
    return found


def _rows(connection: BaseBackend, raw: ir.Table, numbers: list[int]) -> dict[int, dict[str, Any]]:
    """Row number -> heading -> text, of the first headings."""
    texts = {name: raw[name].cast("string") for name in [n for n in raw.columns if n != ROW][:SAMPLE_COLUMNS]}
    frame = connection.to_pandas(raw.filter(raw[ROW].isin(sorted(set(numbers)))).select(ROW, **texts))
    frame = frame.astype(object).where(frame.notna(), None)
    return {int(row.pop(ROW)): row for row in frame.to_dict("records")}
