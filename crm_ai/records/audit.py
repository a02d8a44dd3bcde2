"""Who did what, when: one line an act, written in the transaction of the act where there is one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from crm_ai.records.database import Records, now
from crm_ai.records.tables import audit


@dataclass(frozen=True)
class Act:
    """One line of the trail.

    Attributes:
        at: UTC.
        who: e-mail, "local", or the id of a link.
        action: what was done, as a short English phrase ("dashboard saved"); shown through ``t``.
        kind, thing: what it was done to.
        detail: more, without secrets and without data of customers.
    """

    at: datetime
    who: str
    action: str
    kind: str
    thing: str
    detail: dict[str, Any]


def note(connection: Connection, who: str, action: str, kind: str = "", thing: str = "", **detail: Any) -> None:
    """Write a line."""
    line = {"at": now(), "who": who, "action": action, "kind": kind, "thing": thing, "detail": detail}
    connection.execute(insert(audit), line)


def acts(records: Records, kind: str = "", thing: str = "", most: int = 200) -> list[Act]:
    """The newest lines, of everything or of one thing."""
    query = select(audit).order_by(audit.c.id.desc()).limit(most)
    if kind:
        query = query.where(audit.c.kind == kind, audit.c.thing == thing)
    with records.read() as connection:
        rows = connection.execute(query).mappings()
        return [Act(**{name: value for name, value in row.items() if name != "id"}) for row in rows]
