"""A join of two tables, and what the engine counts about it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from crm_ai.data.files.tables import connection, quoted
from crm_ai.data.sources import Source, whole
from crm_ai.errors import BadParameter

CHOSEN = "chosen"
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


@dataclass(frozen=True)
class Join:
    """Each row of ``left`` finds its row in ``right``.

    Attributes:
        left: name of the detailed table, as ``names`` gives it.
        right: name of the look-up table; one row a key.
        left_on: headings of the left table.
        right_on: headings of the right table, in the same order.
        share: of the left rows that find a partner, 0 to 1.
        why: short reason, an English text to translate.
        confidence: 0 to 1; 1 when the database declares it or a person said so.
    """

    left: str
    right: str
    left_on: tuple[str, ...]
    right_on: tuple[str, ...]
    share: float
    why: str
    confidence: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Join":
        on = {side: tuple(document[side]) for side in ("left_on", "right_on")}
        return Join(**(document | on))


def names(sources: Sequence[Source]) -> tuple[str, ...]:
    """What people call each source: the sheet or table, else the file; no two are the same."""
    short = [source.sheet or Path(source.name).name.split(".")[0] or source.name for source in sources]
    long = [f"{source.name} {source.sheet or ''}".strip() for source in sources]
    once = [name if short.count(name) == 1 else other for name, other in zip(short, long, strict=True)]
    return tuple(name if name not in once[:n] else f"{name} ({n + 1})" for n, name in enumerate(once))


def tried(sources: Sequence[Source], left: str, right: str, left_on: str, right_on: str) -> Join:
    """The join that a person asks for.

    Raises:
        BadParameter: a key stands in several rows of the look-up table, or no row finds a partner.
    """
    known = dict(zip(names(sources), sources, strict=True))
    pair = Pair(known[left], whole(known[right]), ((left_on, right_on),))
    with connection() as engine:
        if not is_unique(engine, pair):
            raise BadParameter(
                "{column} stands in several rows of {table}: choose a column that tells its rows apart.",
                column=right_on,
                table=right,
            )
        found, _, rows = matched(engine, pair)
    if not found:
        raise BadParameter(
            "No value of {column} is found in {other}: choose other columns.", column=left_on, other=right
        )
    return Join(left, right, (left_on,), (right_on,), found / rows, CHOSEN, 1.0)


@dataclass(frozen=True)
class Pair:
    """Two tables and the headings that may join them."""

    left: Source
    right: Source
    on: tuple[tuple[str, str], ...]


def is_unique(engine: duckdb.DuckDBPyConnection, pair: Pair, most: int | None = None) -> bool:
    """Whether no key stands in two rows of the right table; of its first rows only, where ``most`` is given."""
    kinds = key_kinds(pair.left, pair.right, pair.on)
    keys = _list(key(kinds, right, "r", "right") for _, right in pair.on)
    rows = f"SELECT {keys} FROM read_parquet($right) r" + (f" LIMIT {int(most)}" if most else "")  # noqa: S608
    columns = _names(pair)
    twice = (
        f"SELECT 1 FROM ({rows}) k({columns}) WHERE {_filled(pair)} GROUP BY {columns} "  # noqa: S608
        "HAVING count(*) > 1 LIMIT 1"
    )
    return engine.execute(twice, {"right": str(pair.right.raw)}).fetchone() is None


def matched(engine: duckdb.DuckDBPyConnection, pair: Pair, most: int | None = None) -> tuple[int, int, int]:
    """Rows of the left table that find a partner, that have a key, and all; of some rows where ``most`` is given."""
    kinds = key_kinds(pair.left, pair.right, pair.on)
    lefts, rights = (
        _list(key(kinds, pair_of[side], alias, name) for pair_of in pair.on)
        for side, alias, name in ((0, "l", "left"), (1, "r", "right"))
    )
    step = max(1, pair.left.rows // most) if most else 1
    columns = _names(pair)
    query = (
        f"WITH a AS (SELECT {lefts} FROM read_parquet($left) l WHERE l._row % $step = 0), "  # noqa: S608 - quoted
        f"b AS (SELECT DISTINCT {rights} FROM read_parquet($right) r) "
        f"SELECT count(b.k0), count(*) FILTER ({_filled(pair, 'a.')}), count(*) "
        f"FROM a a({columns}) LEFT JOIN b b({columns}) USING ({columns})"
    )
    paths = {"left": str(pair.left.raw), "right": str(pair.right.raw), "step": step}
    found = engine.execute(query, paths).fetchone()
    return found or (0, 0, 0)  # type: ignore[return-value]


def key(kinds: dict[tuple[str, str], str], heading: str, alias: str, side: str) -> str:
    """SQL of a key's value: whole numbers as they are when both sides are, else trimmed text without a final .0."""
    column = f"{alias}.{quoted(heading)}"
    if all(kind in _WHOLE for kind in kinds.values()):
        return column
    if kinds[side, heading] in _WHOLE:
        return f"CAST({column} AS VARCHAR)"
    return rf"nullif(regexp_replace(trim(CAST({column} AS VARCHAR)), '^(-?\d+)\.0+$', '\1'), '')"


def key_kinds(left: Source, right: Source, on: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(side, heading) -> type of DuckDB."""
    one, other = _types(left.raw, left.raw.stat().st_mtime_ns), _types(right.raw, right.raw.stat().st_mtime_ns)
    return {
        key: kind for here, there in on for key, kind in ((("left", here), one[here]), (("right", there), other[there]))
    }


@lru_cache(maxsize=512)
def _types(raw: Path, changed: int) -> dict[str, str]:
    """Heading -> type, of the file as it was changed then."""
    with connection() as engine:
        described = engine.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(raw)]).fetchall()
    return {heading: kind for heading, kind, *_ in described}


def _names(pair: Pair) -> str:
    return _list(f"k{n}" for n in range(len(pair.on)))


def _filled(pair: Pair, prefix: str = "") -> str:
    return " AND ".join(f"{prefix}k{n} IS NOT NULL" for n in range(len(pair.on)))


def _list(parts: Iterable[str]) -> str:
    return ", ".join(parts)
