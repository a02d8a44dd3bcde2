"""What differs between two versions of a dataset: totals, dates, and the keys that came, went or changed.

Worked out in the engine; what comes back is a handful of numbers and examples, however many rows there are.
"""

import json
from collections.abc import Mapping as Dictionary
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from crm_ai.data import quality
from crm_ai.data.dataset import MANIFEST, canonical
from crm_ai.data.quality.typed import row_hash

EXAMPLES = 5
TOTALS = ("rows", "orders", "customers", "amount")
TIMES = {"transactions": "ordered_at", "series": "time", "feedback": "created_at"}
KINDS = ("added", "gone", "changed")


def changes(
    connection: BaseBackend, before: Path, folder: Path, manifest: Dictionary[str, Any] | None = None
) -> dict[str, Any]:
    """What is different in the dataset in ``folder`` from the one in ``before``, as JSON.

    Args:
        connection: DuckDB.
        before, folder: two dataset folders.
        manifest: of ``folder``, where it is not written yet.

    Returns:
        table -> ``before`` and ``after`` (rows, orders, customers, amount, first, last; None where the table is not
        there), ``key`` (the columns rows are told by, [] where there are none), and of the keys ``added``, ``gone`` and
        ``changed``: each ``count`` and up to five ``examples`` with their rows and amount before and after.
    """
    sides = [(before, _manifest(before)), (folder, manifest or _manifest(folder))]
    tables = dict.fromkeys(table for _, document in sides for table in document["tables"])
    return {table: _table(connection, table, sides) for table in tables}


def _table(connection: BaseBackend, table: str, sides: list[tuple[Path, Any]]) -> dict[str, Any]:
    found = [_read(connection, table, *side) for side in sides]
    totals = [_totals(connection, table, rows, document) for rows, (_, document) in zip(found, sides, strict=True)]
    key = _key(table, found, [document for _, document in sides])
    return {"before": totals[0], "after": totals[1], "key": key, **(_keys(connection, found, key) if key else {})}


def _read(connection: BaseBackend, table: str, folder: Path, document: Dictionary[str, Any]) -> ir.Table | None:
    if table not in document["tables"]:
        return None
    return canonical(connection.read_parquet(folder / document["tables"][table]))


def _totals(connection: BaseBackend, table: str, rows: ir.Table | None, document: Any) -> dict[str, Any] | None:
    """The totals of the report, with the first and the last day."""
    if rows is None:
        return None
    totals = {name: value for name, value in document["report"][table]["after"].items() if value is not None}
    time = TIMES.get(table, "")
    if time not in rows.columns:
        return totals
    ends = connection.to_pandas(rows.aggregate(first=rows[time].min(), last=rows[time].max())).iloc[0]
    return totals | {name: None if pd.isna(value) else value.isoformat() for name, value in ends.items()}


def _key(table: str, found: list[ir.Table | None], documents: list[Any]) -> list[str]:
    """The columns both sides have to tell their rows by; customers that are only numbered have none."""
    if any(rows is None for rows in found):
        return []
    mappings = [mapping for document in documents for mapping in document["mappings"] if mapping["table"] == table]
    if table == "customers" and not all("customer_id" in mapping["columns"] for mapping in mappings):
        return []
    return list(quality.key_of(table, _common(found)))


def _common(found: list[ir.Table | None]) -> list[str]:
    first, second = (rows.columns for rows in found if rows is not None)
    return [name for name in first if name in second]


def _keys(connection: BaseBackend, found: list[ir.Table | None], key: list[str]) -> dict[str, Any]:
    """How many keys came, went and changed, with examples."""
    common, pair = _common(found), [rows for rows in found if rows is not None]
    rows = [_marked(pair[number], pair[1 - number], number, common, key) for number in range(2)]
    compared = connection.create_table("compared", _compared(rows[0].union(rows[1]), key), temp=True, overwrite=True)
    counts = dict(connection.to_pandas(compared.group_by("kind").aggregate(n=compared.count())).itertuples(index=False))
    return {
        kind: {"count": int(counts.get(kind, 0)), "examples": _examples(connection, compared, kind, key)}
        for kind in KINDS
    }


def _marked(rows: ir.Table, other: ir.Table, side: int, common: list[str], key: list[str]) -> ir.Table:
    """Key, side, amount, and a hash of all columns that both sides have; text where their types differ."""
    same = {n: rows[n] if rows[n].type() == other[n].type() else rows[n].cast("string") for n in common}
    mark = row_hash(ibis.struct({f"c{number}": value for number, value in enumerate(same.values())}))
    amount = rows.amount if "amount" in common else ibis.null("float64")
    known = rows.filter([rows[name].notnull() for name in key])
    return known.select(**{name: same[name] for name in key}, side=ibis.literal(side, "int8"), amount=amount, mark=mark)


def _compared(both: ir.Table, key: list[str]) -> ir.Table:
    """A row a key that is not the same on both sides: rows and amount before and after, and its kind."""
    old, new = both.side == 0, both.side == 1
    sums = both.group_by(key).aggregate(
        rows_before=old.sum(),
        rows_after=new.sum(),
        amount_before=both.amount.sum(where=old),
        amount_after=both.amount.sum(where=new),
        mark_before=both.mark.sum(where=old),
        mark_after=both.mark.sum(where=new),
    )
    kind = ibis.cases(
        (sums.rows_before == 0, "added"),
        (sums.rows_after == 0, "gone"),
        (sums.mark_before != sums.mark_after, "changed"),
    )
    kinds = sums.mutate(kind=kind).drop("mark_before", "mark_after")
    return kinds.filter(kinds.kind.notnull())


def _examples(connection: BaseBackend, compared: ir.Table, kind: str, key: list[str]) -> list[dict[str, Any]]:
    frame = connection.to_pandas(compared.filter(compared.kind == kind).order_by(key).limit(EXAMPLES).drop("kind"))
    return [{name: _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    """What JSON can say."""
    if value is None or pd.isna(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, str) else round(float(value), 4)


def _manifest(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return document
