"""Local accounts, where no OpenID provider is set up. From the first one on, everybody has to sign in.

Who may call this is asked by ``people.People``; the shell, whose user owns the files anyway, calls it directly.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from crm_ai.access import grants, passwords, sessions
from crm_ai.access.visitors import LOCAL, ROLES
from crm_ai.errors import BadParameter, UnknownName
from crm_ai.records import Records, audit, now
from crm_ai.records.tables import accounts as table

EMAIL = re.compile(r"[^\s@:*,;<>\"']+@[^\s@:*,;<>\"']+\.[^\s@:*,;<>\"'.]+|[^\s@:*,;<>\"']+@localhost")
LONGEST_EMAIL, LONGEST_NAME = 254, 100
SHELL = "shell"
"""Who did it, in the trail, when it was the shell."""


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in here; ``active`` is False once that was taken away."""

    email: str
    name: str
    role: str
    active: bool
    created_at: datetime


def exist(records: Records) -> bool:
    """Whether there are accounts, hence a sign-in; one that is switched off counts too."""
    with records.read() as connection:
        return connection.execute(select(table.c.email).limit(1)).first() is not None


def every(records: Records) -> list[Account]:
    """All of them, by e-mail."""
    columns = [table.c[name] for name in Account.__dataclass_fields__]
    with records.read() as connection:
        return [Account(**row) for row in connection.execute(select(*columns).order_by(table.c.email)).mappings()]


def add(records: Records, email: str, role: str, password: str, name: str = "", by: str = SHELL) -> Account:
    """A new account. The first one must be an admin's, and gets what was made before there was a sign-in.

    Raises:
        BadParameter: there is one already, or e-mail, role or password will not do.
    """
    email = _email(email)
    secret = passwords.hashed(passwords.checked(password, email))
    made = Account(email, name.strip()[:LONGEST_NAME], _role(role), True, now())
    with records.write() as connection:
        if connection.execute(select(table.c.email).where(table.c.email == email)).first():
            raise BadParameter("There is an account for {email} already.", email=email)
        first = connection.execute(select(func.count()).select_from(table)).scalar() == 0
        if first and role != "admin":
            raise BadParameter("The first account must have the role admin: somebody has to look after the others.")
        connection.execute(insert(table), {**vars(made), "password_hash": secret})
        if first:
            grants.hand_over_all(connection, LOCAL.email, email)
        audit.note(connection, by, "account added", "account", email[:40], email=email, role=role)
    return made


def set_role(records: Records, email: str, role: str, by: str = SHELL) -> None:
    """Raises BadParameter where nobody would be left to look after the accounts; UnknownName where there is none."""
    _change(records, email, "role changed", by, {"role": _role(role)}, role=role)


def set_active(records: Records, email: str, active: bool, by: str = SHELL) -> None:
    """Switch an account on, or off and its browsers with it. Raises as ``set_role``."""
    _change(records, email, "account enabled" if active else "account disabled", by, {"active": active})
    if not active:
        sessions.revoke_all(records, _email(email))


def set_password(records: Records, email: str, password: str, by: str = SHELL, keep: str = "") -> None:
    """Another password; every browser is signed out, but for the one with the token ``keep``.

    Raises:
        BadParameter: it is easy to guess.
        UnknownName: there is no such account.
    """
    secret = passwords.hashed(passwords.checked(password, _email(email)))
    _change(records, email, "password changed", by, {"password_hash": secret})
    sessions.revoke_all(records, _email(email), keep)


def kept_password(records: Records, email: str) -> str | None:
    """What is kept of the password of an active account; None where there is none."""
    with records.read() as connection:
        query = select(table.c.password_hash).where(table.c.email == email.strip().lower(), table.c.active)
        return connection.execute(query).scalar()


def _change(records: Records, email: str, action: str, by: str, values: dict[str, Any], **detail: Any) -> None:
    email = _email(email)
    with records.write() as connection:
        if connection.execute(update(table).where(table.c.email == email), values).rowcount == 0:
            raise UnknownName("There is no account for {email}.", email=email)
        _keep_an_admin(connection)
        audit.note(connection, by, action, "account", email[:40], email=email, **detail)


def _keep_an_admin(connection: Connection) -> None:
    query = select(table.c.email).where(table.c.role == "admin", table.c.active).limit(1)
    if connection.execute(query).first() is None:
        raise BadParameter("This is the only admin: make somebody else an admin first.")


def _email(text: str) -> str:
    email = text.strip().lower()
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        raise BadParameter("{email} is not an e-mail address.", email=text.strip()[:80] or "–")
    return email


def _role(text: str) -> str:
    if text not in ROLES:
        raise BadParameter("The role must be one of: {roles}.", roles=ROLES)
    return text
