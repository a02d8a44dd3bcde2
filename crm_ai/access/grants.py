"""Whose a thing is, and what others may do with it.

A thing is a dataset, a draft or a dashboard. Its owner and admins may do everything with it; others what was given to
them or to everybody ("*"). A thing without an owner (made before there was a sign-in) is everybody's. Nobody changes
anything with less than the role analyst, whatever was given.
"""

from sqlalchemy import Connection, delete, insert, select

from crm_ai.access.visitors import Visitor
from crm_ai.records import Records
from crm_ai.records.tables import grants, owners

KINDS = ("dataset", "draft", "dashboard")
LEVELS = ("view", "edit")
EVERYBODY = "*"


def own(connection: Connection, kind: str, thing: str, email: str) -> None:
    """Say whose a new thing is."""
    forget(connection, kind, thing)
    connection.execute(insert(owners), {"kind": kind, "thing": thing, "email": email})


def forget(connection: Connection, kind: str, thing: str) -> None:
    """Drop what is known of a thing that is gone."""
    for table in (owners, grants):
        connection.execute(delete(table).where(table.c.kind == kind, table.c.thing == thing))


def give(connection: Connection, kind: str, thing: str, who: str, level: str) -> None:
    """Let somebody, or everybody, "view" or "edit" a thing; "" takes it back."""
    here = (grants.c.kind == kind, grants.c.thing == thing, grants.c.who == who.strip().lower())
    connection.execute(delete(grants).where(*here))
    if level:
        row = {"kind": kind, "thing": thing, "who": who.strip().lower(), "level": level}
        connection.execute(insert(grants), row)


def given(records: Records, kind: str, thing: str) -> dict[str, str]:
    """Who -> level."""
    with records.read() as connection:
        query = select(grants.c.who, grants.c.level).where(grants.c.kind == kind, grants.c.thing == thing)
        return {row.who: row.level for row in connection.execute(query)}


def owner(records: Records, kind: str, thing: str) -> str | None:
    """E-mail of the owner; None for a thing that is everybody's."""
    with records.read() as connection:
        query = select(owners.c.email).where(owners.c.kind == kind, owners.c.thing == thing)
        return connection.execute(query).scalar()


def may(records: Records, visitor: Visitor, level: str, kind: str, thing: str) -> bool:
    """Whether a visitor may "view" or "edit" a thing."""
    if level == "edit" and not visitor.has_role("analyst"):
        return False
    if visitor.has_role("admin"):
        return True
    whose = owner(records, kind, thing)
    if whose == visitor.email or (whose is None and visitor.has_role("viewer")):
        return True
    everybody = (EVERYBODY,) if visitor.has_role("viewer") else ()
    levels = given(records, kind, thing)
    return any(levels.get(who) in (level, "edit") for who in (visitor.email, *everybody))
