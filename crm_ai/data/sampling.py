"""Repeatable samples that every engine draws alike: by a hash of the key, so that whole customers or orders come."""

import ibis
import ibis.expr.types as ir

DIGITS = 8


@ibis.udf.scalar.builtin
def md5(text: str) -> str:  # type: ignore[empty-body]
    """Hexadecimal digits; DuckDB, PostgreSQL and Spark all have it."""


def thinned(table: ir.Table, keys: list[str], share: float) -> ir.Table:
    """The rows of a share of the keys; all rows of a key, or none. A larger share holds every smaller one."""
    if share >= 1:
        return table
    whole = ibis.literal("|").join([table[key].cast("string") for key in keys]) if len(keys) > 1 else table[keys[0]]
    return table.filter(md5(whole.cast("string")).left(DIGITS) < f"{int(share * 16**DIGITS):0{DIGITS}x}")


def share_for(wanted: int, found: int) -> float:
    """The share of the keys that leaves about ``wanted`` of ``found``; 1 where there are no more."""
    return 1.0 if found <= wanted else wanted / found
