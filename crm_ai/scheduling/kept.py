"""Schedules of a dashboard: made, changed, started and deleted by who may change the dashboard."""

import secrets
import threading
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from crm_ai.access import Desk
from crm_ai.errors import BadParameter
from crm_ai.records import audit, now
from crm_ai.records.tables import schedules as table
from crm_ai.scheduling import plans
from crm_ai.scheduling.plans import Plan
from crm_ai.scheduling.schedules import Schedule

MOST = 20
"""Schedules a dashboard."""
BELL = threading.Event()
"""Rings for the clock of this process when a schedule has changed."""


def of_board(desk: Desk, board: str) -> list[Plan]:
    """The schedules of a dashboard, for who may change it.

    Raises:
        NotAllowed, UnknownName: the visitor may not.
    """
    desk.require("edit", "dashboard", board)
    with desk.records.read() as connection:
        rows = connection.execute(select(table).where(table.c.dashboard == board).order_by(table.c.id)).all()
    known = [plan for row in rows if (plan := plans.readable(row))]
    return sorted(known, key=lambda each: (each.next_at is None, each.next_at or each.last_at or now()))


def add(desk: Desk, board: str, schedule: Schedule, moment: datetime | None = None) -> str:
    """Make a schedule; gives its id.

    Raises:
        NotAllowed, UnknownName: the visitor may not change the dashboard.
        BadParameter: it makes no sense, or there are too many.
    """
    if len(of_board(desk, board)) >= MOST:
        raise BadParameter("A dashboard has at most {most} schedules: delete one first.", most=MOST)
    name = secrets.token_hex(6)
    with desk.records.write() as connection:
        connection.execute(insert(table), {"id": name, "dashboard": board, **_row(desk, schedule, moment)})
        audit.note(connection, desk.visitor.email, "schedule added", "dashboard", board, what=schedule.what)
    BELL.set()
    return name


def change(desk: Desk, name: str, schedule: Schedule, moment: datetime | None = None) -> None:
    """Save it as it is now; it is the visitor's from here on. Raises as ``add``."""
    _update(desk, _found(desk, name), "schedule changed", _row(desk, schedule, moment))


def remove(desk: Desk, name: str) -> None:
    """Delete it. Raises as ``add``."""
    found = _found(desk, name)
    with desk.records.write() as connection:
        connection.execute(delete(table).where(table.c.id == name))
        audit.note(connection, desk.visitor.email, "schedule deleted", "dashboard", found.dashboard)


def run_now(desk: Desk, name: str, moment: datetime | None = None) -> None:
    """Let it come round at once, even when it is off. Raises as ``add``."""
    _update(desk, _found(desk, name), "schedule started", {"next_at": moment or now()})


def _found(desk: Desk, name: str) -> Plan:
    found = plans.found(desk.records, name)
    desk.require("edit", "dashboard", found.dashboard)
    return found


def _update(desk: Desk, plan: Plan, action: str, values: dict[str, Any]) -> None:
    with desk.records.write() as connection:
        connection.execute(update(table).where(table.c.id == plan.id), values)
        audit.note(connection, desk.visitor.email, action, "dashboard", plan.dashboard, what=plan.schedule.what)
    BELL.set()


def _row(desk: Desk, schedule: Schedule, moment: datetime | None) -> dict[str, Any]:
    found = schedule.checked()
    following = found.next_at(moment or now()) if found.on else None
    row = {"made_by": desk.visitor.email, "document": found.to_json()}
    return row | {"next_at": following, "last_error": None}
