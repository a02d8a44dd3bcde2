"""How often something was tried lately, so that guessing passwords takes years.

A try is counted before it is looked at: who sends many at once gets no more of them than who sends one by one.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, func, insert, select

from crm_ai.errors import NotAllowed
from crm_ai.records import Records, now
from crm_ai.records.tables import tries

WINDOW = timedelta(minutes=15)


def key(kind: str, *of: str) -> str:
    """The name of what is counted; whose it is cannot be read from it."""
    return f"{kind}:{hashlib.sha256(chr(0).join(of).encode()).hexdigest()[:48]}"


def take(records: Records, most: Mapping[str, int]) -> None:
    """Count one try.

    Args:
        records: where.
        most: what is counted -> how often it may be tried in fifteen minutes.

    Raises:
        NotAllowed: one of them was tried too often.
    """
    since = now() - WINDOW
    with records.write() as connection:
        connection.execute(delete(tries).where(tries.c.at < since))
        query = select(tries.c.what, func.count()).where(tries.c.what.in_(most)).group_by(tries.c.what)
        taken = {row[0]: row[1] for row in connection.execute(query)}
        if any(taken.get(what, 0) >= limit for what, limit in most.items()):
            raise NotAllowed("Too many tries: wait a quarter of an hour, then try again.")
        connection.execute(insert(tries), [{"what": what, "at": now()} for what in most])


def forgive(records: Records, *what: str) -> None:
    """Forget the tries of somebody who knew the password after all."""
    with records.write() as connection:
        connection.execute(delete(tries).where(tries.c.what.in_(what)))
