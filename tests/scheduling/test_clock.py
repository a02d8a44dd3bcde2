"""The clock: it wakes up for what is due, and for nothing else; time is told to it."""

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crm_ai.access import LOCAL, Desk
from crm_ai.dashboards import Tile
from crm_ai.dashboards import kept as boards
from crm_ai.errors import BadParameter, CrmError
from crm_ai.recipes import Recipe
from crm_ai.records import Records
from crm_ai.scheduling import Schedule, claims, clock, kept, plans
from crm_ai.scheduling.claims import LEASE
from crm_ai.scheduling.clock import LONGEST_SLEEP, Clock
from crm_ai.scheduling.plans import Trouble
from crm_ai.settings import Settings
from crm_ai.store import Workspace, backups
from tests import crashing
from tests.scheduling.test_work import LINES

MONDAY, DUE = datetime(2024, 1, 1, 6, 0), datetime(2024, 1, 1, 7, 0)
MINUTE = timedelta(minutes=1)
DAILY = Schedule(at="07:00")
SHORT = 30
"""Seconds that nobody needs; a thread that hangs fails the test."""


class Time:
    """A clock to put forward by hand, and what was done at which time."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment
        self.done: list[tuple[str, datetime]] = []
        self.trouble: Trouble | None = None
        self.steps = [timedelta()]

    def __call__(self) -> datetime:
        return self.moment

    def perform(self, plan, still) -> Trouble | None:
        self.done.append((plan.id, self.moment))
        for step in self.steps:
            self.moment += step
            if not still():
                return Trouble(CrmError("The run was stopped."))
        return self.trouble


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def hands(records, time) -> Clock:
    return Clock(lambda: records, time.perform, time)


@pytest.fixture
def url() -> str:
    """SQLite is enough here; claims in both are tested in test_kept."""
    return ""


def only(desk: Desk, board: str) -> plans.Plan:
    (plan,) = kept.of_board(desk, board)
    return plan


def test_it_does_what_is_due_once(desk, board, hands, time):
    name = kept.add(desk, board, DAILY, MONDAY)
    assert hands.turn() == 0
    time.moment = DUE
    assert hands.turn() == 1
    assert hands.turn() == 0
    assert time.done == [(name, DUE)]
    assert only(desk, board).last_at == DUE


def test_it_sleeps_until_something_is_due_but_not_too_long(desk, board, hands, time):
    assert hands.pause() == LONGEST_SLEEP
    kept.add(desk, board, DAILY, MONDAY)
    assert hands.pause() == LONGEST_SLEEP
    time.moment = DUE - timedelta(seconds=20)
    assert hands.pause() == 20
    time.moment = DUE + MINUTE
    assert 0 < hands.pause() < 1


def test_what_goes_wrong_is_counted_and_shown(desk, board, hands, time):
    kept.add(desk, board, DAILY, MONDAY)
    time.trouble = Trouble(CrmError("The mail server does not answer as it should: it is tried again later."))
    for tries, pause in enumerate((timedelta(), *claims.PAUSES), 1):
        time.moment = max(DUE, time.moment + pause)
        assert hands.turn() == 1
        assert only(desk, board).trouble.tries == tries
    assert only(desk, board).next_at == DUE + timedelta(days=1)
    time.moment, time.trouble = DUE + timedelta(days=1), None
    assert hands.turn() == 1
    assert only(desk, board).trouble is None


def test_a_long_run_stays_its_own(desk, board, hands, time, records):
    """It takes longer than the lease, and gives signs of life; another server does not get it."""
    kept.add(desk, board, DAILY, MONDAY)
    time.moment, time.steps = DUE, [MINUTE] * 10
    other, seen = Time(), []

    def watching(plan, still):
        for step in time.steps:
            time.moment += step
            assert still()
            seen.append(claims.claim(records, time.moment))
        return None

    Clock(lambda: records, watching, time).turn()
    assert seen == [None] * 10
    assert not other.done
    assert only(desk, board).last_at == DUE + 10 * MINUTE


def test_a_run_that_was_lost_to_another_server_stops_and_leaves_the_rows_alone(desk, board, hands, time, records):
    kept.add(desk, board, DAILY, MONDAY)
    time.moment, taken = DUE, []

    def slept_too_long(plan, still):
        time.moment += LEASE
        taken.append(claims.claim(records, time.moment))
        assert not still()
        return None

    Clock(lambda: records, slept_too_long, time).turn()
    assert only(desk, board).claimed_until == taken[0].claimed_until
    assert only(desk, board).last_at is None


def test_several_clocks_share_the_work(desk, board, records):
    names = [kept.add(desk, board, DAILY, MONDAY) for _ in range(12)]
    times = [Time(DUE) for _ in range(3)]
    threads = [threading.Thread(target=Clock(lambda: records, time.perform, time).turn) for time in times]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SHORT)
    assert sorted(name for time in times for name, _ in time.done) == sorted(names)


def test_a_new_schedule_wakes_the_clock(desk, board, records):
    done, time = threading.Event(), Time(DUE)

    def perform(plan, still):
        done.set()

    running = Clock(lambda: records, perform, time)
    running.start()
    kept.run_now(desk, kept.add(desk, board, DAILY, MONDAY), MONDAY)
    assert done.wait(SHORT)
    running.stop()


def test_nothing_stops_the_clock_but_stop(desk, board, records):
    done, errors = threading.Event(), iter([RuntimeError("a defect"), CrmError("no database")])

    def perform(plan, still):
        error = next(errors, None)
        if error:
            kept.BELL.set()
            raise error
        done.set()

    time = Time(DUE)

    def moment() -> datetime:
        time.moment += LEASE
        return time.moment

    kept.add(desk, board, DAILY, MONDAY)
    running = Clock(lambda: records, perform, moment)
    running.start()
    assert done.wait(SHORT)
    running.stop()


def test_a_run_that_is_broken_off_by_the_end_of_the_server_is_free_for_the_next(desk, board, records):
    kept.add(desk, board, DAILY, MONDAY)
    begun, time = threading.Event(), Time(DUE)

    def perform(plan, still):
        begun.set()
        while still():
            pass
        return Trouble(CrmError("broken off"))

    running = Clock(lambda: records, perform, time)
    running.start()
    assert begun.wait(SHORT)
    running.stop()
    assert only(desk, board).trouble is None
    assert claims.claim(records, DUE) is not None


# ---- the real thing --------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An installation that a process of its own finds by the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CRM_AI_WORKSPACE", str(tmp_path / "ws"))
    for name in ("CRM_AI_RECORDS", "CRM_AI_SMTP", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    crashing.add(Workspace(tmp_path / "ws"), "shop.csv", LINES)
    return tmp_path / "ws"


@pytest.mark.slow
def test_a_server_does_it_in_a_process_of_its_own(home):
    records = Records.open(home)
    desk = Desk(Workspace(home), records, LOCAL)
    tile = Tile("a", "findings", Recipe(next(iter(desk.datasets())), "overview"))
    board = boards.create(desk, "Sales", tiles=(tile,)).id
    name = kept.add(desk, board, DAILY, MONDAY)
    assert clock.in_a_process(plans.found(records, name), lambda: True) is None
    assert list((home / "results").rglob("result.json"))
    report = Schedule("report", formats=("html",), recipients=("ann@example.com",))
    trouble = clock.in_a_process(plans.found(records, kept.add(desk, board, report)), lambda: True)
    assert isinstance(trouble.error, BadParameter)
    assert "E-mail is not set up" in str(trouble.error)


@pytest.mark.slow
def test_a_process_that_is_to_end_ends(home):
    records = Records.open(home)
    desk = Desk(Workspace(home), records, LOCAL)
    plan = plans.found(records, kept.add(desk, boards.create(desk, "Sales").id, DAILY))
    assert "broke off" in str(clock.in_a_process(plan, lambda: False).error)


@pytest.mark.parametrize(("said", "left"), [({"a@b.c": CrmError("No.").to_json()}, ("a@b.c",)), ({}, None)])
def test_what_a_process_says_is_understood(said, left):
    trouble = clock._heard(json.dumps({"failed": said}))
    assert (trouble and trouble.left) == left


def test_a_server_that_starts_carries_a_killed_restore_through(home, tmp_path):
    records, workspace = Records.open(home), Workspace(home)
    backups.write(workspace, records, tmp_path / "crm.zip")
    half = home / backups.BESIDE
    half.mkdir()
    (half / "rows").write_text("half")
    begun = clock.begin(Settings(home))
    begun.stop()
    assert not half.exists()


def test_a_server_without_its_database_starts_and_asks_again(tmp_path, caplog):
    begun = clock.begin(Settings(tmp_path, records="postgresql://u:s3cr3t@127.0.0.1:1/x"))
    assert not begun.ready()
    begun.stop()
    assert "does not answer" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_database_that_comes_later_is_found(desk, board, records, time):
    kept.add(desk, board, DAILY, MONDAY)
    answers = iter([BadParameter("The database of CRM_AI_RECORDS does not answer: check its address."), records])

    def opened() -> Records:
        answer = next(answers)
        if isinstance(answer, CrmError):
            raise answer
        return answer

    time.moment = DUE
    late = Clock(opened, time.perform, time)
    assert not late.ready()
    assert late.turn() == 1
