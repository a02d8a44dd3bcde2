"""Database servers through Ibis and their drivers: a session that may only read, and rows as Arrow batches."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from crm_ai.data.files.batches import BATCH
from crm_ai.data.notes import Reference

_TABLES = (
    "SELECT nullif(table_schema, current_schema()), table_name FROM information_schema.tables "
    "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 NULLS FIRST, 2"
)
_KEYS = """
    SELECT f.relname, array_agg(here.attname::text ORDER BY k.place), array_agg(there.attname::text ORDER BY k.place)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
    CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY k(mine, yours, place)
    JOIN pg_attribute here ON here.attrelid = c.conrelid AND here.attnum = k.mine
    JOIN pg_attribute there ON there.attrelid = c.confrelid AND there.attnum = k.yours
    WHERE c.contype = 'f' AND t.relname = %s GROUP BY c.oid, f.relname ORDER BY c.oid
"""
_POSTGRES = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), pa.int64()),
    **dict.fromkeys(("float4", "float8", "numeric"), pa.float64()),
    **dict.fromkeys(("timestamp", "timestamptz"), pa.timestamp("us")),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "bytea": pa.binary(),
}
"""Type of PostgreSQL -> type of the raw table; any other is text."""


def database(kind: str, backend: Any, seconds: int) -> Any:
    """What can be asked of a server; its session may only read, and a statement lasts ``seconds`` at most."""
    from crm_ai.data.databases.opening import Database

    def tables() -> dict[str, tuple[str | None, str]]:
        return {name: (None, name) for name in backend.list_tables()}

    if kind == "postgres":
        connection = backend.con
        _run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        _run(connection, f"SET statement_timeout = {1000 * seconds}")
        return Database(
            kind,
            lambda: _postgres_tables(connection),
            lambda query: _postgres(connection, query),
            lambda table: _references(connection, table),
        )
    if kind == "mysql":
        _run(backend.con, "SET SESSION TRANSACTION READ ONLY")
        for limit in (f"SET SESSION max_execution_time = {1000 * seconds}", f"SET max_statement_time = {seconds}"):
            with suppress(Exception):  # the one is MySQL's, the other MariaDB's
                _run(backend.con, limit)
        return Database(kind, tables, lambda query: _mysql(backend, query))
    if kind == "clickhouse":
        backend.con.set_client_setting("readonly", 2)
        backend.con.set_client_setting("max_execution_time", seconds)
    if kind == "snowflake":
        backend.raw_sql(f"ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {seconds}").close()
    return Database(kind, tables, lambda query: _streamed(backend, query))


def _run(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _postgres_tables(connection: Any) -> dict[str, tuple[str | None, str]]:
    with connection.cursor() as cursor:
        found = cursor.execute(_TABLES).fetchall()
    return {f"{schema}.{name}" if schema else name: (schema, name) for schema, name in found}


def _references(connection: Any, table: str) -> tuple[Reference, ...]:
    with connection.cursor() as cursor:
        found = cursor.execute(_KEYS, [table]).fetchall()
    return tuple(Reference(other, tuple(here), tuple(there)) for other, here, there in found)


def _postgres(connection: Any, query: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """A cursor on the server: the driver holds one batch, not the whole answer."""
    rows = _postgres_rows(connection, query)
    schema = next(rows)
    assert isinstance(schema, pa.Schema)
    return schema, (_batch(schema, batch) for batch in rows)


def _postgres_rows(connection: Any, query: str) -> Iterator[Any]:
    with connection.transaction(), connection.cursor(name="crm_ai") as cursor:
        cursor.execute(query)
        types = [connection.adapters.types.get(column.type_code) for column in cursor.description]
        kinds = [_POSTGRES.get(kind.name if kind else "", pa.string()) for kind in types]
        yield pa.schema([pa.field(c.name, kind) for c, kind in zip(cursor.description, kinds, strict=True)])
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _mysql(backend: Any, query: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The driver's cursor that leaves the rows on the server."""
    from MySQLdb.cursors import SSCursor

    kinds = backend.sql(query).schema().to_pyarrow()
    cursor = backend.con.cursor(SSCursor)
    cursor.execute(query)
    first = cursor.fetchmany(BATCH)
    schema = pa.schema(
        [pa.field(field.name, _plain(field.type, [row[n] for row in first])) for n, field in enumerate(kinds)]
    )

    def batches() -> Iterator[pa.RecordBatch]:
        rows = first
        with cursor:
            while rows:
                yield _batch(schema, rows)
                rows = cursor.fetchmany(BATCH)

    return schema, batches()


def _plain(kind: pa.DataType, values: Sequence[Any]) -> pa.DataType:
    """The type of the raw table; what the driver calls binary may be text, such as JSON of MariaDB."""
    if pa.types.is_binary(kind) and any(isinstance(value, str) for value in values):
        return pa.string()
    if pa.types.is_integer(kind):
        return pa.string() if pa.types.is_uint64(kind) else pa.int64()
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pa.float64()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    known = pa.types.is_date(kind) or pa.types.is_boolean(kind) or pa.types.is_binary(kind)
    return kind if known else pa.string()


def _streamed(backend: Any, query: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    reader = backend.sql(query).to_pyarrow_batches(chunk_size=BATCH)
    return reader.schema, iter(reader)


def _batch(schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(map(_reader(kind), column), kind) for kind, column in zip(schema.types, columns, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def _reader(kind: pa.DataType) -> Callable[[Any], Any]:
    if pa.types.is_boolean(kind):
        return lambda value: None if value is None else bool(value)
    if pa.types.is_floating(kind):
        return _number
    if pa.types.is_timestamp(kind):
        return _moment
    return _text if pa.types.is_string(kind) else lambda value: value


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) else None


def _moment(value: Any) -> datetime | None:
    """On the clock of UTC where the database has a zone."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.isoformat() if isinstance(value, date | time) else str(value)
