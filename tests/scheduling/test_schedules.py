"""When a schedule comes round: time zones, changes of the clock, short months."""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.errors import BadParameter
from crm_ai.scheduling import Schedule

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "America/Sao_Paulo",  # the clock was put forward at midnight
]
REPORT = Schedule("report", formats=("pdf",), recipients=("ann@example.com",))


def schedules() -> st.SearchStrategy[Schedule]:
    return st.builds(
        Schedule,
        every=st.sampled_from(["day", "week", "month"]),
        at=st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59)),
        zone=st.sampled_from(ZONES),
        weekday=st.integers(0, 6),
        day=st.integers(1, 31),
    )


MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2037, 12, 1))


def local(schedule: Schedule, moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(schedule.zone))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@given(schedules(), MOMENTS)
def test_the_next_moment_lies_after_and_at_the_time_on_the_clock(schedule, after):
    found = schedule.next_at(after)
    assert found > after
    there = local(schedule, found)
    moved = there.utcoffset() != local(schedule, found - timedelta(hours=24)).utcoffset()
    assert f"{there:%H:%M}" == schedule.at or moved


@given(schedules(), MOMENTS)
def test_it_falls_on_the_day_that_was_chosen(schedule, after):
    there = local(schedule, schedule.next_at(after))
    last = monthrange(there.year, there.month)[1]
    chosen = {"day": True, "week": there.weekday() == schedule.weekday, "month": there.day == min(schedule.day, last)}
    assert chosen[schedule.every] or f"{there:%H:%M}" != schedule.at  # a midnight that is not there is a day later


@given(schedules(), MOMENTS)
def test_before_it_the_clock_does_not_show_that_time_but_for_the_second_time(schedule, after):
    daily = replace(schedule, every="day")
    found, minute = daily.next_at(after), after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while minute < found:
        there = local(daily, minute)
        assert f"{there:%H:%M}" != daily.at or there.fold
        minute += timedelta(minutes=1)


@given(schedules(), MOMENTS, st.floats(0, 0.999))
def test_until_then_the_answer_stays(schedule, after, share):
    found = schedule.next_at(after)
    assert schedule.next_at(after + (found - after) * share) == found


@given(schedules(), MOMENTS)
def test_from_one_to_the_next_it_goes_on_for_ever_at_the_pace_that_was_chosen(schedule, after):
    first = schedule.next_at(after)
    second = schedule.next_at(first)
    least, most = {"day": (22, 49), "week": (166, 170 + 24), "month": (27 * 24, 32 * 24 + 24)}[schedule.every]
    assert timedelta(hours=least) <= second - first <= timedelta(hours=most)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        (Schedule(at="07:00", zone="Europe/Berlin"), "2024-01-15 05:59", "2024-01-15 06:00"),
        (Schedule(at="07:00", zone="Europe/Berlin"), "2024-01-15 06:00", "2024-01-16 06:00"),
        (Schedule(at="07:00", zone="Europe/Berlin"), "2024-03-30 06:00", "2024-03-31 05:00"),  # summer begins
        (
            Schedule(at="02:30", zone="Europe/Berlin"),
            "2024-03-30 12:00",
            "2024-03-31 01:30",
        ),  # 02:30 is not there
        (Schedule(at="02:30", zone="Europe/Berlin"), "2024-03-31 01:30", "2024-04-01 00:30"),
        (Schedule(at="02:30", zone="Europe/Berlin"), "2024-10-26 12:00", "2024-10-27 00:30"),  # 02:30 is there twice
        (Schedule(at="02:30", zone="Europe/Berlin"), "2024-10-27 00:30", "2024-10-28 01:30"),
        (Schedule(at="00:00", zone="America/Sao_Paulo"), "2018-11-03 12:00", "2018-11-04 03:00"),  # no midnight there
        (Schedule(every="week", weekday=0, at="08:00", zone="Asia/Shanghai"), "2024-05-01 00:00", "2024-05-06 00:00"),
        (Schedule(every="month", day=31, at="09:00"), "2024-01-31 09:00", "2024-02-29 09:00"),
        (Schedule(every="month", day=31, at="09:00"), "2023-02-01 00:00", "2023-02-28 09:00"),
        (Schedule(every="month", day=31, at="09:00"), "2024-03-31 09:00", "2024-04-30 09:00"),
        (Schedule(every="month", day=1, at="00:30", zone="Asia/Tokyo"), "2024-12-31 15:00", "2024-12-31 15:30"),
        (Schedule(at="12:00", zone="Pacific/Apia"), "2011-12-29 22:00", "2011-12-30 22:00"),  # a day that was left out
    ],
)
def test_known_moments(schedule, after, expected):
    assert schedule.next_at(at(after)) == at(expected)


@pytest.mark.parametrize(
    "change",
    [
        {"what": "delete"},
        {"every": "hour"},
        {"at": "25:00"},
        {"at": "7:00"},
        {"at": "07:00:30"},
        {"at": "07:00+02:00"},
        {"at": "noon"},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"zone": ""},
        {"weekday": 7},
        {"day": 0},
        {"day": 32},
        {"language": "de"},
        {"formats": ("exe",)},
        {"formats": ()},
        {"recipients": ()},
        {"recipients": ("ann",)},
        {"recipients": ("ann@example.com\nBcc: all@example.com",)},
        {"recipients": ("ann@example.com, bob@example.com",)},
        {"recipients": tuple(f"a{n}@example.com" for n in range(51))},
        {"subject": "Sales\nBcc: all@example.com"},
        {"subject": "Sales\r"},
        {"subject": "x" * 151},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(change):
    with pytest.raises(BadParameter) as caught:
        replace(REPORT, **change).checked()
    assert "\n" not in str(caught.value)


@given(schedules())
def test_it_comes_back_from_json(schedule):
    assert Schedule.from_json(schedule.to_json()) == schedule


@pytest.mark.parametrize("document", [{}, {"what": "report"}, {**REPORT.to_json(), "colour": "red"}])
def test_json_of_something_else_is_refused(document):
    with pytest.raises(BadParameter):
        Schedule.from_json(document)


def test_recipients_are_kept_once_and_as_they_are_written_to():
    many = replace(REPORT, recipients=(" Ann@Example.COM ", "Ann@example.com", "li@例子.cn"))
    assert many.checked().recipients == ("Ann@example.com", "li@xn--fsqu00a.cn")


def test_chinese_subjects_are_fine():
    assert replace(REPORT, subject="销售周报 📈").checked().subject == "销售周报 📈"
