"""Type the rows of one table, judge them by the rules, write the kept ones, and tell what was done."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from crm_ai.data.quality import reports
from crm_ai.data.quality.attributes import write_beside
from crm_ai.data.quality.census import Census, census, census_by_group, flagged
from crm_ai.data.quality.drafts import DICTIONARY, Draft, Part, Untidy, drafted
from crm_ai.data.quality.finds import NOTHING
from crm_ai.data.quality.rules import Rule, chosen, rules_of
from crm_ai.data.quality.typed import FLAG, KEY, ROW, SOURCE, order
from crm_ai.data.sources import whole

SAMPLE, SAMPLE_COLUMNS = 5, 40
REASON = "reason"


@dataclass(frozen=True)
class Cleaned:
    """A cleaned table.

    Attributes:
        parts: its sources, as they were read for it.
        read: those that had to be read record by record after all: as they were, and as they are now.
        report: what was found and taken out.
        gone: ``_source``, ``_row``, ``reason`` of each row that was taken out; reason is the rule.
        shown: number of a source -> its rows as a person knows them: ``_row`` and headings.
    """

    parts: tuple[Part, ...]
    report: reports.TableReport
    gone: ir.Table
    shown: tuple[ir.Table, ...]
    read: tuple[tuple[Part, Part], ...] = ()


def clean(
    connection: BaseBackend, parts: Sequence[Part], switches: Dictionary[str, bool], path: Path, today: datetime
) -> Cleaned:
    """Clean the rows of one canonical table and write the kept ones to ``path`` in the order of the files.

    The file may have further columns that begin with ``_``.

    Args:
        connection: DuckDB.
        parts: the sources of the table, in order.
        switches: rule id -> on or off, over the defaults.
        path: Parquet file to write.
        today: later dates are in the future.

    Raises:
        BadFile: a column that the table stands on has values, but none can be read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if parts[0].mapping.table == "customers":  # their attributes need the rows numbered
        return _patiently(connection, parts, switches, path, today)
    try:
        return _quickly(connection, parts, switches, path, today)
    except duckdb.Error:
        if not any(part.source.text for part in parts):
            raise
        return _patiently(connection, parts, switches, path, today)


def _quickly(
    connection: BaseBackend, parts: Sequence[Part], switches: Dictionary[str, bool], path: Path, today: datetime
) -> Cleaned:
    """Clean what may be a large text as its sample promises, and where that was wrong once more."""
    try:
        return _cleaned(connection, parts, switches, path, today, trust=True)
    except Untidy:
        return _cleaned(connection, parts, switches, path, today)


def _patiently(
    connection: BaseBackend, parts: Sequence[Part], switches: Dictionary[str, bool], path: Path, today: datetime
) -> Cleaned:
    """Clean what has been read record by record."""
    read = [replace(part, source=whole(part.source)) for part in parts]
    pairs = tuple((part, after) for part, after in zip(parts, read, strict=True) if part.source.text)
    return replace(_cleaned(connection, read, switches, path, today), read=pairs)


def _cleaned(
    connection: BaseBackend,
    parts: Sequence[Part],
    switches: Dictionary[str, bool],
    path: Path,
    today: datetime,
    trust: bool = False,
) -> Cleaned:
    """Clean the rows; with ``trust``, large texts as their samples promise.

    Raises:
        Untidy: they are not so.
    """
    name = parts[0].mapping.table
    draft = drafted(connection, parts, switches, path.with_suffix(".draft"), today, trust)
    on = chosen(name, switches)
    rules = [rule for rule in rules_of(name) if rule.applies(set(draft.table.columns), draft.known)]
    able = [rule for rule in rules if rule.finds(draft.table, draft.known) is not NOTHING]
    judged, looked = (_judged_by_group if draft.is_large else _judged_at_once)(connection, draft, able, on)
    if looked.is_odd:
        raise Untidy
    found = dict.fromkeys([rule.id for rule in rules], 0) | looked.found
    gone, removed = _gone(connection, judged, any(found[rule.id] and on[rule.id] for rule in rules))
    kept = _write(connection, judged, bool(removed), draft, path, looked.totals)
    shown = tuple(_shown(draft.table, number, *pair) for number, pair in enumerate(zip(draft.raws, parts, strict=True)))
    findings = _findings(connection, judged, removed, shown, parts, found, rules, on)
    return Cleaned(tuple(parts), _report(draft, kept, looked.totals, findings), gone, shown)


def _judged_at_once(
    connection: BaseBackend, draft: Draft, rules: Sequence[Rule], on: Dictionary[str, bool]
) -> tuple[ir.Table, Census]:
    """The rows as ``_judged``, kept in memory, and what was found."""
    judged = _judged(draft, draft.table, rules, on)
    judged = connection.create_table(ibis.util.gen_name("judged"), judged, temp=True)
    return judged, census(connection, judged, rules)


def _judged_by_group(
    connection: BaseBackend, draft: Draft, rules: Sequence[Rule], on: Dictionary[str, bool]
) -> tuple[ir.Table, Census]:
    """What was found, and the rows as they stream by, judged only by the rules that find something."""
    table = connection.create_view(ibis.util.gen_name("typed"), draft.table)
    looked = census_by_group(connection, table, rules, draft.known, draft.trusted)
    return _judged(draft, table, [rule for rule in rules if looked.found[rule.id]], on), looked


def _judged(draft: Draft, table: ir.Table, rules: Sequence[Rule], on: Dictionary[str, bool]) -> ir.Table:
    """The table with a flag a rule, and the first rule that is on as ``reason``."""
    found = flagged(table, rules, draft.known)
    branches = [(found[FLAG + rule.id], rule.id) for rule in rules if on[rule.id]]
    reason = ibis.cases(*branches) if branches else ibis.null("string")
    judged = found.mutate(**{REASON: reason.cast("string")})
    return (
        judged.order_by([SOURCE, ROW]) if draft.with_key else judged
    )  # rules that compare rows bring them out of order


def _shown(table: ir.Table, number: int, raw: ir.Table, part: Part) -> ir.Table:
    """The rows of a source as the file has them; of a text left in place, the mapped columns as they were read."""
    if part.source.text is None:
        return raw
    mine = table.filter(table[SOURCE] == number)
    read = {c.heading: mine[name] for name, c in part.mapping.columns.items() if name in mine.columns}
    return mine.select(ROW, **read)


def _gone(connection: BaseBackend, judged: ir.Table, any_found: bool) -> tuple[ir.Table, dict[str, int]]:
    """``_source``, ``_row`` and ``reason`` of the rows to take out; and how many fall to each rule."""
    name = ibis.util.gen_name("gone")
    if not any_found:
        kinds = ibis.schema({SOURCE: "int32", ROW: "int64", REASON: "string"})
        return connection.create_table(name, schema=kinds, temp=True), {}
    rows = judged.filter(judged[REASON].notnull()).select(SOURCE, ROW, REASON)
    gone = connection.create_table(name, rows, temp=True)
    counted = connection.to_pandas(gone.group_by(REASON).aggregate(n=gone.count()))
    return gone, {str(reason): int(n) for reason, n in counted.itertuples(index=False)}


def _write(
    connection: BaseBackend, judged: ir.Table, any_gone: bool, draft: Draft, path: Path, before: reports.Totals
) -> reports.Totals:
    """Write the rows that stay; where all do, a large draft is the table already."""
    if not any_gone and draft.is_large and not draft.riders:
        path.unlink(missing_ok=True)
        path.hardlink_to(draft.path)  # the draft stays for the rejected rows
        return before
    name = draft.parts[0].mapping.table
    columns = order(name, [column for column in judged.columns if not column.startswith(FLAG) and column != REASON])
    kept = judged.filter(judged[REASON].isnull())
    if draft.riders and draft.riders.filled:
        connection.create_table("kept", kept.select(SOURCE, ROW, *columns), temp=True, overwrite=True)
        write_beside(connection, "kept", draft.riders, path)
    else:
        connection.to_parquet(kept.select(columns), path, dictionary_size_limit=DICTIONARY)
    return _totals(connection, connection.read_parquet(path)) if any_gone else before


def _totals(connection: BaseBackend, table: ir.Table) -> reports.Totals:
    return reports.read_totals(connection.to_pandas(table.aggregate(**reports.figures(table))))


def _report(
    draft: Draft, kept: reports.Totals, before: reports.Totals, findings: list[reports.Finding]
) -> reports.TableReport:
    broken = sum(part.source.rejected_rows for part in draft.parts)
    bare = [column for column in draft.bare if not column.startswith("_")]
    return reports.TableReport(
        rows=draft.known.rows + broken,
        kept=kept.rows,
        rejected=draft.known.rows - kept.rows + broken,
        broken=broken,
        rules=findings,
        before=before,
        after=kept,
        empty=bare + list(draft.riders.empty if draft.riders else ()),
    )


def _findings(
    connection: BaseBackend,
    judged: ir.Table,
    removed: Dictionary[str, int],
    shown: Sequence[ir.Table],
    parts: Sequence[Part],
    found: Dictionary[str, int],
    rules: Sequence[Rule],
    on: Dictionary[str, bool],
) -> list[reports.Finding]:
    """What each rule found; a rule that compares whole rows is not counted in a large table unless it is on."""
    samples = _samples(connection, judged, shown, parts, [rule.id for rule in rules if found[rule.id]])
    name = parts[0].mapping.table
    uncounted = [rule for rule in rules_of(name) if KEY in rule.needs and rule not in rules]
    return [
        reports.Finding(
            rule.id,
            rule.label,
            rule.help,
            on[rule.id],
            found.get(rule.id),
            removed.get(rule.id, 0),
            samples.get(rule.id, []),
        )
        for rule in [*rules, *uncounted]
    ]


def _samples(
    connection: BaseBackend, judged: ir.Table, shown: Sequence[ir.Table], parts: Sequence[Part], rules: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Rule id -> its first rows as the files have them."""
    if not rules:
        return {}
    meant = [judged.filter(judged[FLAG + rule]).select(SOURCE, ROW, rule=ibis.literal(rule)) for rule in rules]
    first = [rows.order_by([SOURCE, ROW]).limit(SAMPLE) for rows in meant]  # in a union nothing else keeps the order
    places = connection.to_pandas(reduce(lambda one, other: one.union(other), first)).sort_values([SOURCE, ROW])
    rows = {n: _rows(connection, shown[n], group[ROW].tolist()) for n, group in places.groupby(SOURCE)}
    found: dict[str, list[dict[str, Any]]] = {}
    for source, row, rule in places[[SOURCE, ROW, "rule"]].itertuples(index=False):
        head = {"source": parts[source].source.name, "row": int(row)}
        found.setdefault(rule, []).append(head | rows[source][row])
    return found


def _rows(connection: BaseBackend, shown: ir.Table, numbers: list[int]) -> dict[int, dict[str, Any]]:
    """Row number -> heading -> text, of the first headings."""
    texts = {name: shown[name].cast("string") for name in [n for n in shown.columns if n != ROW][:SAMPLE_COLUMNS]}
    frame = connection.to_pandas(shown.filter(shown[ROW].isin(sorted(set(numbers)))).select(ROW, **texts))
    frame = frame.astype(object).where(frame.notna(), None)
    return {int(row.pop(ROW)): row for row in frame.to_dict("records")}
