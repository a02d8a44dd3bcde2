"""Parquet and JSON to a raw table; their columns have types already."""

import json
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import duckdb

from crm_ai.data.files.encodings import encoding_of, transcoded
from crm_ai.data.files.grids import read_grid
from crm_ai.data.files.tables import ROW, RawTable, Rejects, connection, count_rows, filled, named
from crm_ai.errors import BadFile
from crm_ai.progress import Progress

NOT_JSON = "Not a JSON object"
MOST_DEPTH = 3
MOST_LISTS = 50 << 20
"""Bytes of an array of arrays, which is read in memory."""
_PLAIN = (str, int, float, bool)
_AS_TEXT = ("struct", "list", "array", "map", "union", "blob", "uuid", "interval", "bit", "enum", "json")


def read_parquet(path: Path, folder: Path, name: str, progress: Progress) -> RawTable:
    """Read a Parquet file.

    Raises:
        BadFile: it is damaged or empty.
    """
    progress(0.3, "Reading the records")
    try:
        return _written(
            connection().sql("SELECT * FROM read_parquet($path)", params={"path": str(path)}), folder, name, "parquet"
        )
    except duckdb.Error as error:
        raise BadFile("{name} is damaged or was cut off: write the Parquet file again.", name=name) from error


def read_json(path: Path, folder: Path, name: str, progress: Progress) -> RawTable:
    """Read JSON lines or an array of objects; objects inside become columns such as ``customer.id``.

    Raises:
        BadFile: it holds no objects.
    """
    progress(0.3, "Reading the records")
    found = encoding_of(path, name)
    with path.open("rb") as file:
        marked = file.read(3) == BOM_UTF8
    text = path if found.plain and not marked else transcoded(path, folder / "text.json", found.name)
    try:
        if lists := _lists(text):
            return _read_lists(lists, folder, name)
        return _written(_inner(_objects(text)), folder, name, "jsonl")
    except duckdb.Error:
        return _read_lines(text, folder, name)


def _inner(objects: Any) -> Any:
    """The objects of the only array that a single object is put around: ``{"page": 1, "orders": [...]}``."""
    lists = [
        column for column, kind in zip(objects.columns, objects.types, strict=True)
        if kind.id == "list" and kind.children[0][1].id == "struct"
    ]  # fmt: skip
    if len(lists) != 1 or len(objects.limit(2).fetchall()) != 1:
        return objects
    return objects.project(
        duckdb.FunctionExpression("unnest", duckdb.ColumnExpression(lists[0])).alias("record")
    ).project("unnest(record)")


def _lists(path: Path) -> list[list[Any]]:
    """The rows of an array of arrays; none when it is something else, or too large for that."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.read(1000).split()
        if not "".join(head).startswith("[[") or path.stat().st_size > MOST_LISTS:
            return []
        file.seek(0)
        try:
            rows = json.load(file)
        except (ValueError, RecursionError):
            return []
    return rows if all(isinstance(row, list) for row in rows) else []


def _read_lists(rows: list[list[Any]], folder: Path, name: str) -> RawTable:
    """Arrays as the rows of a sheet, the headings in the first."""
    width = max(map(len, rows))
    cells = [["" if c is None else c if isinstance(c, _PLAIN) else json.dumps(c) for c in row] for row in rows]
    table = read_grid([row + [""] * (width - len(row)) for row in cells], folder / "raw.parquet", name)
    if table is None:
        raise _no_objects(name)
    return table


def _read_lines(path: Path, folder: Path, name: str) -> RawTable:
    """JSON lines with broken ones among them."""
    clean = folder / "clean.jsonl"
    with (
        Rejects(folder, name) as rejects,
        clean.open("w", encoding="utf-8") as out,
        path.open(encoding="utf-8-sig", errors="replace") as file,
    ):
        for number, line in enumerate(filter(str.strip, file), 1):
            if _is_object(line):
                out.write(line.rstrip("\n") + "\n")
            else:
                rejects.add(number, NOT_JSON, line.rstrip("\n"))
    try:
        table = _written(_objects(clean), folder, name, "jsonl")
    except duckdb.Error as error:
        raise _no_objects(name) from error
    rejected = rejects.parquet(folder / "rejected.parquet")
    return RawTable(table.path, table.columns, table.rows, "jsonl", rejected, rejects.rows)


def _no_objects(name: str) -> BadFile:
    return BadFile("{name} holds no JSON objects, one a line or in one array.", name=name)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _objects(path: Path) -> Any:
    return connection().sql(
        "SELECT * FROM read_json($path, sample_size=-1, maximum_object_size=67108864, records=true)",
        params={"path": str(path)},
    )


def _written(relation: Any, folder: Path, name: str, kind: str) -> RawTable:
    """The relation as a raw table: objects spread into columns, lists as text, headings made unique."""
    parts = [
        part for column, type_ in zip(relation.columns, relation.types, strict=True) for part in _spread(column, type_)
    ]
    headings = named([heading for heading, _ in parts], name)
    numbered = duckdb.SQLExpression("row_number() OVER ()").alias(ROW)
    columns = [expression.alias(heading) for heading, (_, expression) in zip(headings, parts, strict=True)]
    raw = folder / "raw.parquet"
    relation.project(numbered, *columns).write_parquet(str(raw))
    return RawTable(raw, headings, filled(count_rows(raw), name), kind)


def _spread(column: str, kind: Any) -> list[tuple[str, duckdb.Expression]]:
    """A column as (heading, expression); an object as one for each of its fields."""
    return _leaves(column, duckdb.ColumnExpression(column), kind, MOST_DEPTH)


def _leaves(heading: str, value: duckdb.Expression, kind: Any, depth: int) -> list[tuple[str, duckdb.Expression]]:
    if kind.id != "struct" or not depth:
        return [(heading, value.cast(duckdb.type("VARCHAR")) if kind.id in _AS_TEXT else value)]
    return [
        leaf
        for field, inner in kind.children
        for leaf in _leaves(f"{heading}.{field}", _field(value, field), inner, depth - 1)
    ]


def _field(value: duckdb.Expression, name: str) -> duckdb.Expression:
    return duckdb.FunctionExpression("struct_extract", value, duckdb.ConstantExpression(name))
