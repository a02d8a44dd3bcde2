"""What is due, and who does it: one process at a time claims a schedule, and says again and again that it is at it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select, update

from crm_ai.errors import BadParameter, NotAllowed, UnknownName
from crm_ai.records import Records
from crm_ai.records.tables import schedules as table
from crm_ai.scheduling.plans import Plan, Trouble, readable

LEASE = timedelta(minutes=3)
"""How long a run is a process's own after its last sign of life."""
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""Before the first repetition after something went wrong, the second, the third."""


def claim(records: Records, moment: datetime) -> Plan | None:
    """Something that is due and that nobody else does; from now on it is the caller's."""
    free = or_(table.c.claimed_until.is_(None), table.c.claimed_until <= moment)
    due = table.c.next_at <= moment, free
    with records.write() as connection:
        for row in connection.execute(select(table).where(*due).order_by(table.c.next_at)).all():
            found, here = readable(row), update(table).where(table.c.id == row.id, *due)
            if found is None:
                connection.execute(here.values(next_at=None))
            elif connection.execute(here.values(claimed_until=moment + LEASE)).rowcount:
                return replace(found, claimed_until=moment + LEASE)
    return None


def hold(records: Records, plan: Plan, moment: datetime) -> Plan | None:
    """Say that the caller is still at it; None where it is not his any more."""
    until = moment + LEASE
    with records.write() as connection:
        held = connection.execute(update(table).where(*_mine(plan)).values(claimed_until=until)).rowcount
    return replace(plan, claimed_until=until) if held else None


def release(records: Records, plan: Plan) -> None:
    """Leave it to another process, or to the next start."""
    with records.write() as connection:
        connection.execute(update(table).where(*_mine(plan)).values(claimed_until=None))


def end(records: Records, plan: Plan, moment: datetime, trouble: Trouble | None = None) -> None:
    """Write down how it went, and when it comes round again; a change made in the meantime stays."""
    ended = {"claimed_until": None, "last_at": moment, "last_error": trouble.to_json() if trouble else None}
    with records.write() as connection:
        following = {"next_at": _following(plan, moment, trouble)}
        unchanged = table.c.next_at == plan.next_at
        if connection.execute(update(table).where(*_mine(plan), unchanged), ended | following).rowcount == 0:
            connection.execute(update(table).where(*_mine(plan)), ended)


def next_due(records: Records) -> datetime | None:
    """When the next one is due, or free again."""
    later = case((table.c.claimed_until > table.c.next_at, table.c.claimed_until), else_=table.c.next_at)
    with records.read() as connection:
        return connection.execute(select(func.min(later)).where(table.c.next_at.is_not(None))).scalar()


def _mine(plan: Plan) -> tuple[Any, ...]:
    return table.c.id == plan.id, table.c.claimed_until == plan.claimed_until


def _following(plan: Plan, moment: datetime, trouble: Trouble | None) -> datetime | None:
    """The usual next time, or sooner where it may go better then; None where it cannot go on."""
    if trouble and isinstance(trouble.error, NotAllowed | UnknownName):
        return None
    usual = plan.schedule.next_at(moment) if plan.schedule.on else None
    if trouble is None or isinstance(trouble.error, BadParameter) or trouble.tries > len(PAUSES):
        return usual
    soon = moment + PAUSES[trouble.tries - 1]
    return min(usual, soon) if usual else soon
