"""All rows as lines of JSON: how records go into a backup, and from SQLite to PostgreSQL or back.

Who is signed in is left out, and so are wrong passwords: after a restore everybody signs in anew.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, DateTime, Table, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from crm_ai.records.database import Records
from crm_ai.records.tables import METADATA, audit, sessions, tries

KEPT = {table.name: table for table in METADATA.sorted_tables if table not in (sessions, tries)}
AT_ONCE = 500
"""Rows written in one statement."""


def lines(records: Records) -> Iterator[str]:
    """One line a row, all of one moment, one table after the other."""
    with records.moment() as connection:
        for name, table in KEPT.items():
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
                yield json.dumps([name, {column: _plain(value) for column, value in row.items()}])


def replace(connection: Connection, texts: Iterable[str]) -> None:
    """Put these rows in the place of all that are there.

    A table or column that this program does not have is left out; one that the rows lack takes its default.
    """
    for table in METADATA.sorted_tables:
        connection.execute(delete(table))
    for name, found in groupby(map(json.loads, texts), key=lambda pair: str(pair[0])):
        rows = (_row(KEPT[name], row) for _, row in found if name in KEPT)
        while batch := list(islice(rows, AT_ONCE)):
            connection.execute(insert(KEPT[name]), batch)


def rehearse(records: Records, texts: Iterable[str]) -> None:
    """See that ``replace`` would go well, and leave everything as it is.

    Raises:
        ValueError: it would not.
    """
    try:
        with records.write() as connection:
            replace(connection, texts)
            raise _Undone
    except _Undone:
        return
    except (SQLAlchemyError, LookupError, TypeError, AttributeError):
        raise ValueError from None


class _Undone(Exception):
    """Takes a transaction back."""


def empty(records: Records) -> bool:
    """Whether nothing is written down yet but who did what."""
    with records.read() as connection:
        counted = (select(func.count()).select_from(table) for table in KEPT.values() if table is not audit)
        return not any(connection.execute(query).scalar() for query in counted)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row as the table takes it; the database counts its lines anew."""
    moments = {column.name for column in table.c if isinstance(column.type, DateTime)}
    known = {name: value for name, value in row.items() if name in table.c and not _counted(table, name)}
    return {n: datetime.fromisoformat(v) if v and n in moments else v for n, v in known.items()}


def _counted(table: Table, name: str) -> bool:
    return table.autoincrement_column is table.c[name]
