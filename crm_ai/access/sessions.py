"""Browsers that are signed in. A browser holds a token of 256 bits; only its hash is kept.

A session ends when it was not used for three days, after thirty days at most, and at once when it is revoked, the
account is switched off or its password changes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from crm_ai.access import passwords
from crm_ai.access.visitors import Visitor
from crm_ai.errors import UnknownName
from crm_ai.records import Records, audit, now
from crm_ai.records.tables import accounts, sessions

IDLE, LONGEST, PACE = timedelta(days=3), timedelta(days=30), timedelta(minutes=5)
"""How long unused, how long at all, and how often it is written down that one is used."""
MARK = 16
"""Characters of the hash that tell a session from others on a page."""


@dataclass(frozen=True)
class Session:
    """One browser: ``client`` says which, as far as it told; ``id`` is good for nothing but revoking."""

    id: str
    email: str
    client: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def begin(records: Records, email: str, client: str = "") -> str:
    """Sign a browser in; gives its token."""
    token, moment = passwords.token(), now()
    row = {"token_hash": passwords.token_hash(token), "email": email, "client": client[:300], "created_at": moment}
    with records.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.expires_at < moment - LONGEST))
        connection.execute(insert(sessions), {**row, "seen_at": moment, "expires_at": moment + IDLE})
        audit.note(connection, email, "signed in", "account", email[:40])
    return token


def found(records: Records, token: str) -> Visitor | None:
    """Who holds this token: one look by its index; None when the session has ended."""
    if not token:
        return None
    query = (
        select(accounts.c.email, accounts.c.role, accounts.c.name, sessions.c.created_at, sessions.c.seen_at)
        .join(sessions, sessions.c.email == accounts.c.email)
        .where(sessions.c.token_hash == passwords.token_hash(token), *_lasting(), accounts.c.active)
    )
    with records.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    if now() - row.seen_at > PACE:
        _seen(records, token, row.created_at)
    return Visitor(row.email, row.role, row.name)


def _seen(records: Records, token: str, created_at: datetime) -> None:
    moment = now()
    values = {"seen_at": moment, "expires_at": min(moment + IDLE, created_at + LONGEST)}
    with records.write() as connection:
        connection.execute(update(sessions).where(sessions.c.token_hash == passwords.token_hash(token)), values)


def end(records: Records, token: str) -> None:
    """Sign the browser with this token out."""
    here = (sessions.c.token_hash == passwords.token_hash(token), *_lasting())
    with records.write() as connection:
        email = connection.execute(select(sessions.c.email).where(*here)).scalar()
        if email:
            _revoke(connection, sessions.c.token_hash == passwords.token_hash(token))
            audit.note(connection, email, "signed out", "account", email[:40])


def lasting(records: Records, email: str = "") -> list[Session]:
    """Those that have not ended, of everybody or of one account, the last used first."""
    query = select(sessions).where(*_lasting()).order_by(sessions.c.seen_at.desc())
    if email:
        query = query.where(sessions.c.email == email)
    with records.read() as connection:
        return [
            Session(row.token_hash[:MARK], row.email, row.client, row.created_at, row.seen_at, row.expires_at)
            for row in connection.execute(query)
        ]


def mark(token: str) -> str:
    """The ``id`` of the session with this token."""
    return passwords.token_hash(token)[:MARK]


def revoke(records: Records, email: str, name: str, by: str) -> None:
    """End one session of an account.

    Raises:
        UnknownName: it has ended already, or is somebody else's.
    """
    with records.write() as connection:
        query = select(sessions.c.token_hash).where(sessions.c.email == email, *_lasting())
        hits = [row.token_hash for row in connection.execute(query) if row.token_hash[:MARK] == name]
        if not hits:
            raise UnknownName("This browser is signed out already.")
        _revoke(connection, sessions.c.token_hash.in_(hits))
        audit.note(connection, by, "session revoked", "account", email[:40], email=email)


def revoke_all(records: Records, email: str, but: str = "") -> None:
    """End all sessions of an account, except that of the token ``but``."""
    with records.write() as connection:
        _revoke(connection, sessions.c.email == email, sessions.c.token_hash != passwords.token_hash(but))


def _revoke(connection: Connection, *which: ColumnElement[bool]) -> None:
    connection.execute(update(sessions).where(*which, *_lasting()), {"revoked_at": now()})


def _lasting() -> tuple[ColumnElement[bool], ...]:
    return sessions.c.revoked_at.is_(None), sessions.c.expires_at > now()
