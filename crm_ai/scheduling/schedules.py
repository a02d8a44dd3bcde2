"""When something happens, and what: pure, without a clock."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_ai.errors import BadParameter
from crm_ai.i18n import LANGUAGES
from crm_ai.scheduling import mail

WHAT = ("refresh", "report")
EVERY = ("day", "week", "month")
FORMATS = ("pdf", "pptx", "xlsx", "html")
MOST_RECIPIENTS, LONGEST_SUBJECT = 50, 150
FARTHEST = 63
"""Days within which every schedule comes round."""


@dataclass(frozen=True)
class Schedule:
    """What happens to a dashboard, and when.

    Attributes:
        what: "refresh" computes it anew; "report" also sends it.
        every: "day", "week" or "month".
        at: "HH:MM" in the time zone. Where the clock is put forward over it, the moment after; where it is put back
            and shows it twice, the first time.
        zone: name of the time zone ("Asia/Shanghai").
        weekday: of a week: 0 is Monday.
        day: of a month: 1 to 31; a month that is shorter takes its last day.
        language: of the report.
        formats: of its files, some of FORMATS.
        recipients: e-mail addresses; each gets a message of its own.
        subject: of the message; "" takes the title of the dashboard and the day.
        on: False is kept, but does not happen.
    """

    what: str = "refresh"
    every: str = "day"
    at: str = "07:00"
    zone: str = "UTC"
    weekday: int = 0
    day: int = 1
    language: str = "en"
    formats: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    subject: str = ""
    on: bool = True

    def next_at(self, after: datetime) -> datetime:
        """The first moment after one; both are UTC without a zone."""
        zone = ZoneInfo(self.zone)
        today = after.replace(tzinfo=UTC).astimezone(zone).date() - timedelta(1)
        days = (today + timedelta(n) for n in range(FARTHEST))
        moments = (self._moment(day, zone) for day in days if self._falls_on(day))
        return next(moment for moment in moments if moment > after)

    def _falls_on(self, day: date) -> bool:
        if self.every == "week":
            return day.weekday() == self.weekday
        if self.every == "month":
            return day.day == min(self.day, monthrange(day.year, day.month)[1])
        return True

    def _moment(self, day: date, zone: ZoneInfo) -> datetime:
        local = datetime.combine(day, time.fromisoformat(self.at), zone)
        return local.astimezone(UTC).replace(tzinfo=None)

    def checked(self) -> "Schedule":
        """Itself with addresses as they are written to, where all of it makes sense.

        Raises:
            BadParameter: it does not.
        """
        known = self.what in WHAT and self.every in EVERY and self.language in LANGUAGES
        if not (known and self.weekday in range(7) and self.day in range(1, 32) and set(self.formats) <= set(FORMATS)):
            raise BadParameter("This schedule cannot be read: make it anew.")
        _check_time(self.at, self.zone)
        mail.check_subject(self.subject[: LONGEST_SUBJECT + 1], LONGEST_SUBJECT)
        if self.what == "report" and not (self.formats and self.recipients):
            raise BadParameter("A report needs at least one format and one recipient.")
        if len(self.recipients) > MOST_RECIPIENTS:
            raise BadParameter("A report goes to at most {most} people: use a list of your mail server.",
                               most=MOST_RECIPIENTS)  # fmt: skip
        found = tuple(dict.fromkeys(map(mail.address, self.recipients)))
        return Schedule(**{**asdict(self), "formats": tuple(self.formats), "recipients": found})

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"formats": list(self.formats), "recipients": list(self.recipients)}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Schedule":
        """Raises BadParameter where it is none."""
        try:
            lists = {name: tuple(document[name]) for name in ("formats", "recipients")}
            return Schedule(**{**document, **lists}).checked()
        except (KeyError, TypeError):
            raise BadParameter("This schedule cannot be read: make it anew.") from None


def _check_time(at: str, zone: str) -> None:
    try:
        moment = time.fromisoformat(at)
        ZoneInfo(zone)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise BadParameter("This time or time zone does not exist.") from None
    if moment.tzinfo or f"{moment:%H:%M}" != at:
        raise BadParameter("This time or time zone does not exist.")
