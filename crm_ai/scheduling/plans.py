"""A schedule as a row of the records, and what went wrong with it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from crm_ai.errors import BadParameter, CrmError, UnknownName
from crm_ai.records import Records
from crm_ai.records.tables import schedules as table
from crm_ai.scheduling.schedules import Schedule


@dataclass(frozen=True)
class Trouble:
    """What went wrong the last time.

    Attributes:
        tries: how often, one after the other.
        left: recipients who are still to get the report.
    """

    error: CrmError
    tries: int = 1
    left: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"error": self.error.to_json(), "tries": self.tries, "left": list(self.left)}

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Trouble":
        return Trouble(CrmError.from_json(document["error"]), document["tries"], tuple(document["left"]))


@dataclass(frozen=True)
class Plan:
    """A schedule as it is kept; moments are UTC.

    Attributes:
        made_by: who saved it last; it does what he may do.
        next_at: None where it is off, or has stopped for good.
        claimed_until: in the future while it runs.
        last_at: when it ended the last time, well or not.
        trouble: None where it went well.
    """

    id: str
    dashboard: str
    made_by: str
    schedule: Schedule
    next_at: datetime | None
    claimed_until: datetime | None
    last_at: datetime | None
    trouble: Trouble | None

    def runs(self, moment: datetime) -> bool:
        return self.claimed_until is not None and self.claimed_until > moment

    @property
    def stopped(self) -> bool:
        """Whether it would come round, had it not stopped for good."""
        return self.schedule.on and self.next_at is None


def found(records: Records, name: str) -> Plan:
    """One of them, whoever asks.

    Raises:
        UnknownName: it is not here.
    """
    with records.read() as connection:
        row = connection.execute(select(table).where(table.c.id == name)).first()
    if row is None:
        raise UnknownName("This schedule is not here any more.")
    return of_row(row)


def of_row(row: Row[Any]) -> Plan:
    """Raises BadParameter where it cannot be read."""
    values = dict(row._mapping)
    trouble = values.pop("last_error")
    schedule = Schedule.from_json(values.pop("document"))
    return Plan(**values, schedule=schedule, trouble=Trouble.from_json(trouble) if trouble else None)


def readable(row: Row[Any]) -> Plan | None:
    """None for what an older or newer program wrote otherwise, or whose time zone is no more."""
    with suppress(BadParameter):
        return of_row(row)
    return None
