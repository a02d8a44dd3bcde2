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

from crm_ai.data.amounts import with_amount
from crm_ai.data.quality import reports
from crm_ai.data.quality.attributes import MARK, Riders, ride, write_beside
from crm_ai.data.quality.attributes import TABLE as RIDERS
from crm_ai.data.quality.rules import Rule, chosen, rules_of
from crm_ai.data.quality.typed import (
    KEY,
    ROW,
    SOURCE,
    UNREAD,
    Batch,
    Facts,
    bulks,
    facts,
    may_fail,
    moment,
    order,
    typed,
)
from crm_ai.data.raws import raw_table
from crm_ai.data.schema import Mapping
from crm_ai.data.sources import Source, whole
from crm_ai.errors import BadFile

SAMPLE, SAMPLE_COLUMNS = 5, 40
PRODUCT = ("product_id", "product_name")
REASON, FLAG, PLACE = "reason", "_is_", "file_row_number"
LARGE = 2_000_000
"""Rows from which a table is judged as it streams by, instead of being kept in memory."""
DICTIONARY = 10_000
"""Distinct values up to which a column is written as a dictionary; more cost time and save no room."""
ESSENTIAL = {"transactions": ("ordered_at", "quantity", "unit_price", "amount"), "series": ("time", "value")}


@dataclass(frozen=True)
class Part:
    """One source that goes into a table.

    Attributes:
        source, mapping: the file and what its columns are.
        batch: number of the upload it came with.
        replaces: whether its rows take the place of those with equal keys in earlier batches.
    """

    source: Source
    mapping: Mapping
    batch: int = 0
    replaces: bool = False


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
        return _cleaned(connection, parts, switches, path, today)
    except duckdb.Error:
        if not any(part.source.text for part in parts):
            raise
        return _patiently(connection, parts, switches, path, today)


def _patiently(
    connection: BaseBackend, parts: Sequence[Part], switches: Dictionary[str, bool], path: Path, today: datetime
) -> Cleaned:
    """Clean what has been read record by record."""
    read = [replace(part, source=whole(part.source)) for part in parts]
    pairs = tuple((part, after) for part, after in zip(parts, read, strict=True) if part.source.text)
    return replace(_cleaned(connection, read, switches, path, today), read=pairs)


def _cleaned(
    connection: BaseBackend, parts: Sequence[Part], switches: Dictionary[str, bool], path: Path, today: datetime
) -> Cleaned:
    name = parts[0].mapping.table
    sources, mappings = [part.source for part in parts], [part.mapping for part in parts]
    raws = [raw_table(connection, part.source, part.mapping) for part in parts]
    is_large = sum(source.rows for source in sources) > LARGE
    with_key = not is_large or any(rule.on_by(switches) for rule in rules_of(name) if KEY in rule.needs)
    riders = ride(connection, sources, mappings)
    draft = path.with_suffix(".draft")
    table = _drafted(connection, typed(raws, mappings, with_key), riders, parts, draft)
    known = _facts(connection, table, draft, parts, today)
    _check_readable(connection, table, parts, known)
    bare = _empty(table, known, riders)
    table = table.drop(*bare)
    on = chosen(name, switches)
    rules = [rule for rule in rules_of(name) if rule.applies(set(table.columns), known)]
    judged = _judged(table, rules, on, known)
    if with_key:  # rules that compare rows bring them out of order
        judged = judged.order_by([SOURCE, ROW])
    if not is_large:
        judged = connection.create_table(f"judged_{name}", judged, temp=True, overwrite=True)
    shown = tuple(_shown(table, number, *pair) for number, pair in enumerate(zip(raws, parts, strict=True)))
    found = _counts(connection, judged, rules) if not is_large else _counted(connection, table, judged, rules, known)
    gone = _gone(connection, judged, any(found[rule.id] and on[rule.id] for rule in rules))
    before = _totals(connection, table)
    kept = _write(connection, judged, gone, name, riders, path, draft, before)
    broken = sum(source.rejected_rows for source in sources)
    report = reports.TableReport(
        rows=known.rows + broken,
        kept=kept.rows,
        rejected=known.rows - kept.rows + broken,
        broken=broken,
        rules=_findings(connection, judged, gone, shown, parts, found, rules, on),
        before=before,
        after=kept,
        empty=[column for column in bare if not column.startswith("_")] + list(riders.empty if riders else ()),
    )
    return Cleaned(tuple(parts), report, gone, shown)


def _drafted(
    connection: BaseBackend, draft: ir.Table, riders: Riders | None, parts: Sequence[Part], path: Path
) -> ir.Table:
    """The typed rows on disk: each file is read once, in one stream."""
    if riders:
        draft = draft.inner_join(connection.table(RIDERS).select(SOURCE, ROW, MARK), [SOURCE, ROW])
    is_alone = len(parts) == 1 and parts[0].source.text is not None
    connection.to_parquet(draft.drop(SOURCE, ROW) if is_alone else draft, path, dictionary_size_limit=DICTIONARY)
    table = connection.read_parquet(path, file_row_number=True)
    if is_alone:
        table = table.mutate(**{SOURCE: ibis.literal(0, "int32"), ROW: table[PLACE] + 1})
    elif any(part.source.text for part in parts):
        table = table.mutate(**{ROW: table[ROW].fill_null(table[PLACE] + 1 - _start(connection, table))})
    marks = {UNREAD + name for part in parts for name, c in part.mapping.columns.items() if may_fail(c.reading)}
    marks |= {name for name in table.columns if name.startswith(UNREAD)}
    unread = {name: table[name].notnull() if name in table.columns else ibis.literal(False) for name in sorted(marks)}
    return with_amount(table.drop(PLACE).mutate(**unread))


def _start(connection: BaseBackend, table: ir.Table) -> ir.Value:
    """The place of the first row of each row's source."""
    first = connection.to_pandas(table.group_by(SOURCE).aggregate(first=table[PLACE].min()))
    return ibis.cases(*((table[SOURCE] == int(source), int(place)) for source, place in first.itertuples(index=False)))


def _facts(connection: BaseBackend, table: ir.Table, draft: Path, parts: Sequence[Part], today: datetime) -> Facts:
    known = facts(draft, today, tuple(Batch(part.batch, part.replaces) for part in parts))
    late = [name for name, last in known.last.items() if last > today]
    if not late:
        return known
    bulk = connection.to_pandas(bulks(table, late)).iloc[0]
    return replace(known, bulk={name: moment(bulk[name]) for name in late})


def _check_readable(connection: BaseBackend, whole: ir.Table, parts: Sequence[Part], known: Facts) -> None:
    for column in ESSENTIAL.get(parts[0].mapping.table, ()):
        if known.unread.get(column) and not known.filled[column]:
            raise _unreadable(connection, whole, parts, column)


def _unreadable(connection: BaseBackend, whole: ir.Table, parts: Sequence[Part], column: str) -> BadFile:
    first = connection.to_pandas(whole.filter(whole[UNREAD + column]).select(SOURCE, ROW).limit(1)).iloc[0]
    part = parts[int(first[SOURCE])]
    raw, heading = connection.read_parquet(part.source.raw), part.mapping.columns[column].heading
    wrong = raw[heading].notnull() if part.source.text else raw[ROW] == int(first[ROW])  # of a text, raw is a sample
    value = connection.to_pandas(raw.filter(wrong).select(heading).limit(1)).squeeze()
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


def _judged(table: ir.Table, rules: Sequence[Rule], on: Dictionary[str, bool], known: Facts) -> ir.Table:
    """The table with a flag a rule (``_is_<rule>``), and the first rule that is on as ``reason``."""
    found = table.mutate(**{FLAG + rule.id: rule.finds(table, known).fill_null(False) for rule in rules})
    branches = [(found[FLAG + rule.id], rule.id) for rule in rules if on[rule.id]]
    reason = ibis.cases(*branches) if branches else ibis.null("string")
    return found.mutate(**{REASON: reason.cast("string")})


def _shown(table: ir.Table, number: int, raw: ir.Table, part: Part) -> ir.Table:
    """The rows of a source as the file has them; of a text left in place, the mapped columns as they were read."""
    if part.source.text is None:
        return raw
    mine = table.filter(table[SOURCE] == number)
    read = {c.heading: mine[name] for name, c in part.mapping.columns.items() if name in mine.columns}
    return mine.select(ROW, **read)


def _counts(connection: BaseBackend, judged: ir.Table, rules: Sequence[Rule]) -> dict[str, int]:
    """Rule -> rows it finds."""
    sums = {rule.id: judged[FLAG + rule.id].sum() for rule in rules}
    row = connection.to_pandas(judged.aggregate(_rows=judged.count(), **sums)).iloc[0].fillna(0)
    return {rule.id: int(row[rule.id]) for rule in rules}


def _counted(
    connection: BaseBackend, table: ir.Table, judged: ir.Table, rules: Sequence[Rule], known: Facts
) -> dict[str, int]:
    """The same for a large table: what only looks at the product is asked of each product once."""
    of_product = [rule for rule in rules if {*rule.needs, *rule.one_of} <= {*PRODUCT}]
    keys = [name for name in PRODUCT if name in table.columns]
    if not of_product:
        return _counts(connection, judged, rules)
    products = table.group_by(keys).aggregate(_lines=table.count())
    sums = {rule.id: products["_lines"].sum(where=rule.finds(products, known).fill_null(False)) for rule in of_product}
    row = connection.to_pandas(products.aggregate(**sums)).iloc[0].fillna(0)
    others = _counts(connection, judged, [rule for rule in rules if rule not in of_product])
    return others | {rule.id: int(row[rule.id]) for rule in of_product}


def _gone(connection: BaseBackend, judged: ir.Table, any_found: bool) -> ir.Table:
    """``_source``, ``_row`` and ``reason`` of the rows to take out."""
    name = ibis.util.gen_name("gone")
    if not any_found:
        return connection.create_table(
            name, schema=ibis.schema({SOURCE: "int32", ROW: "int64", REASON: "string"}), temp=True
        )
    gone = judged.filter(judged[REASON].notnull()).select(SOURCE, ROW, REASON)
    return connection.create_table(name, gone, temp=True)


def _write(
    connection: BaseBackend,
    judged: ir.Table,
    gone: ir.Table,
    name: str,
    riders: Riders | None,
    path: Path,
    draft: Path,
    before: reports.Totals,
) -> reports.Totals:
    """Write the rows that stay; where all do, a large draft is the table already."""
    nothing_gone = not int(connection.to_pandas(gone.count().as_table()).iloc[0, 0])
    columns = order(name, [column for column in judged.columns if not column.startswith(FLAG) and column != REASON])
    if nothing_gone and before.rows > LARGE and not riders:
        path.unlink(missing_ok=True)
        path.hardlink_to(draft)  # the draft stays for the rejected rows
        return before
    kept = judged.filter(judged[REASON].isnull())
    if riders and riders.filled:
        connection.create_table("kept", kept.select(SOURCE, ROW, *columns), temp=True, overwrite=True)
        write_beside(connection, "kept", riders, path)
    else:
        connection.to_parquet(kept.select(columns), path, dictionary_size_limit=DICTIONARY)
    return before if nothing_gone else _totals(connection, connection.read_parquet(path))


def _totals(connection: BaseBackend, table: ir.Table) -> reports.Totals:
    return reports.read_totals(connection.to_pandas(reports.totals(table)))


def _findings(
    connection: BaseBackend,
    judged: ir.Table,
    gone: ir.Table,
    shown: Sequence[ir.Table],
    parts: Sequence[Part],
    found: Dictionary[str, int],
    rules: Sequence[Rule],
    on: Dictionary[str, bool],
) -> list[reports.Finding]:
    """What each rule found; a rule that compares whole rows is not counted in a large table unless it is on."""
    removed = dict(connection.to_pandas(gone.group_by(REASON).aggregate(n=gone.count())).itertuples(index=False))
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
            int(removed.get(rule.id, 0)),
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
    first = [
        judged.filter(judged[FLAG + rule]).limit(SAMPLE).select(SOURCE, ROW, rule=ibis.literal(rule)) for rule in rules
    ]
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
