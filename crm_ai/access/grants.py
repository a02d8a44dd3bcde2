"""Whose a thing is, and what others may do with it.

A thing is a dataset, a draft or a dashboard. Its owner and admins may do everything with it ("own": also share and
delete it); others what was given to them or to everybody ("*"). A thing without an owner (made before people had one)
may be seen and changed by everybody. Nobody does more than look with less than the role analyst, whatever was given.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from crm_ai.access.visitors import Visitor
from crm_ai.errors import BadParameter
from crm_ai.records import Records
from crm_ai.records.tables import grants, owners

KINDS = ("dataset", "draft", "dashboard")
LEVELS = ("view", "edit", "own")
EVERYBODY = "*"


@dataclass(frozen=True)
class Rights:
    """What one visitor may do with the things of a kind.

    Attributes:
        visitor: who.
        owners: thing -> e-mail of its owner.
        given: thing -> level that was given to this visitor or to everybody.
    """

    visitor: Visitor
    owners: Mapping[str, str]
    given: Mapping[str, str]

    def level(self, thing: str) -> str:
        """One of LEVELS, or "" for a thing the visitor may not even see."""
        most = "own" if self.visitor.has_role("admin") else self._level(thing)
        return most if self.visitor.has_role("analyst") else most and "view"

    def _level(self, thing: str) -> str:
        owner = self.owners.get(thing)
        if self.visitor.has_role("viewer") and owner in (None, self.visitor.email):
            return "own" if owner else "edit"
        return self.given.get(thing, "")

    def may(self, level: str, thing: str) -> bool:
        """Whether it is at least this level."""
        found = self.level(thing)
        return bool(found) and LEVELS.index(found) >= LEVELS.index(level)


def rights(records: Records, visitor: Visitor, kind: str, things: Collection[str]) -> Rights:
    """What a visitor may do with these things: two queries, however many there are."""
    with records.read() as connection:
        whose = select(owners.c.thing, owners.c.email).where(owners.c.kind == kind, owners.c.thing.in_(things))
        owned = {row.thing: row.email for row in connection.execute(whose)}
        here = (grants.c.kind == kind, grants.c.thing.in_(things), grants.c.who.in_(_names(visitor)))
        levels: dict[str, str] = {}
        for row in connection.execute(select(grants.c.thing, grants.c.level).where(*here)):
            levels[row.thing] = max(row.level, levels.get(row.thing, row.level), key=LEVELS.index)
    return Rights(visitor, owned, levels)


def _names(visitor: Visitor) -> list[str]:
    """Under which a thing may have been given; "everybody" has a role."""
    return [name for name in (visitor.email, EVERYBODY if visitor.has_role("viewer") else "") if name]


def own(connection: Connection, kind: str, thing: str, email: str) -> None:
    """Say whose a new thing is."""
    forget(connection, kind, thing)
    connection.execute(insert(owners), {"kind": kind, "thing": thing, "email": email})


def hand_over(connection: Connection, kind: str, thing: str, email: str) -> None:
    """Another owner; what was given to others stays."""
    connection.execute(delete(owners).where(owners.c.kind == kind, owners.c.thing == thing))
    connection.execute(insert(owners), {"kind": kind, "thing": thing, "email": email})


def hand_over_all(connection: Connection, before: str, after: str) -> None:
    """Everything of one person to another."""
    connection.execute(update(owners).where(owners.c.email == before), {"email": after})


def forget(connection: Connection, kind: str, thing: str) -> None:
    """Drop what is known of a thing that is gone."""
    for table in (owners, grants):
        connection.execute(delete(table).where(table.c.kind == kind, table.c.thing == thing))


def give(connection: Connection, kind: str, thing: str, who: str, level: str) -> None:
    """Let somebody, or everybody, "view" or "edit" a thing; "" takes it back.

    Raises:
        BadParameter: there is no such level, or nobody of that name can be.
    """
    name = who.strip().lower()
    if level not in ("", "view", "edit") or not (name == EVERYBODY or "@" in name or name.startswith("link:")):
        raise BadParameter("{email} is not an e-mail address.", email=who.strip()[:80] or "–")
    connection.execute(delete(grants).where(grants.c.kind == kind, grants.c.thing == thing, grants.c.who == name))
    if level:
        connection.execute(insert(grants), {"kind": kind, "thing": thing, "who": name, "level": level})


def given(records: Records, kind: str, thing: str) -> dict[str, str]:
    """Who -> level."""
    with records.read() as connection:
        query = select(grants.c.who, grants.c.level).where(grants.c.kind == kind, grants.c.thing == thing)
        return {row.who: row.level for row in connection.execute(query.order_by(grants.c.who))}


def owner(records: Records, kind: str, thing: str) -> str | None:
    """E-mail of the owner; None for a thing that is everybody's."""
    with records.read() as connection:
        query = select(owners.c.email).where(owners.c.kind == kind, owners.c.thing == thing)
        return connection.execute(query).scalar()


def may(records: Records, visitor: Visitor, level: str, kind: str, thing: str) -> bool:
    """Whether a visitor may "view", "edit" or "own" a thing."""
    return rights(records, visitor, kind, [thing]).may(level, thing)
