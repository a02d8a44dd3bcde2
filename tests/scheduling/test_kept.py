"""Schedules in the records: who may make them, and that what is due is done once."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_ai.access import Desk, Visitor, grants
from crm_ai.dashboards import kept as boards
from crm_ai.errors import BadParameter, CrmError, NotAllowed, UnknownName
from crm_ai.records import audit
from crm_ai.scheduling import Schedule, claims, kept, plans
from crm_ai.scheduling.claims import LEASE, PAUSES
from crm_ai.scheduling.plans import Trouble

ROOT = Path(__file__).parents[2]
DAILY = Schedule(at="07:00")
MONDAY = datetime(2024, 1, 1, 6, 0)
DUE = datetime(2024, 1, 1, 7, 0)
MINUTE = timedelta(minutes=1)
TROUBLE = Trouble(CrmError("The mail server does not answer as it should: it is tried again later."))


def as_(desk: Desk, email: str, role: str = "analyst") -> Desk:
    return Desk(desk.workspace, desk.records, Visitor(email, role))


def only(desk: Desk, board: str) -> plans.Plan:
    (plan,) = kept.of_board(desk, board)
    return plan


# ---- people ----------------------------------------------------------------------------------------------------------


def test_what_was_saved_is_listed_with_its_next_time(desk, board):
    kept.add(desk, board, DAILY, MONDAY)
    plan = only(desk, board)
    assert (plan.schedule, plan.next_at, plan.made_by, plan.last_at) == (DAILY, DUE, "local", None)


def test_one_that_is_off_has_no_next_time(desk, board):
    name = kept.add(desk, board, Schedule(on=False), MONDAY)
    assert only(desk, board).next_at is None
    assert not only(desk, board).stopped
    kept.change(desk, name, DAILY, MONDAY)
    assert only(desk, board).next_at == DUE


def test_deleting_a_dashboard_deletes_its_schedules(desk, board):
    name = kept.add(desk, board, DAILY, MONDAY)
    boards.remove(desk, board)
    with pytest.raises(UnknownName):
        plans.found(desk.records, name)


def test_who_saved_it_last_answers_for_it(desk, board):
    name = kept.add(desk, board, DAILY, MONDAY)
    with desk.records.write() as connection:
        grants.give(connection, "dashboard", board, "bob@example.com", "edit")
    kept.change(as_(desk, "bob@example.com"), name, DAILY, MONDAY)
    assert only(desk, board).made_by == "bob@example.com"


@pytest.mark.parametrize(
    ("role", "level", "error"),
    [
        ("analyst", "view", NotAllowed),
        ("analyst", "", UnknownName),
        ("viewer", "edit", NotAllowed),
        ("", "edit", NotAllowed),
    ],
)
@pytest.mark.parametrize("what", ["of_board", "add", "change", "remove", "run_now"])
def test_who_may_not_change_the_dashboard_may_nothing_here(what, role, level, error, desk, board):
    name = kept.add(desk, board, DAILY, MONDAY)
    other = as_(desk, "bob@example.com", role)
    with desk.records.write() as connection:
        grants.own(connection, "dashboard", board, "ann@example.com")
        grants.give(connection, "dashboard", board, "bob@example.com", level)
    calls = {
        "of_board": lambda: kept.of_board(other, board),
        "add": lambda: kept.add(other, board, DAILY),
        "change": lambda: kept.change(other, name, DAILY),
        "remove": lambda: kept.remove(other, name),
        "run_now": lambda: kept.run_now(other, name),
    }
    with pytest.raises(error):
        calls[what]()
    assert only(desk, board).next_at == DUE


def test_what_makes_no_sense_is_not_kept(desk, board):
    with pytest.raises(BadParameter):
        kept.add(desk, board, Schedule("report"))
    assert kept.of_board(desk, board) == []


def test_a_dashboard_has_only_so_many(desk, board, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 2)
    for _ in range(2):
        kept.add(desk, board, DAILY)
    with pytest.raises(BadParameter, match="at most 2"):
        kept.add(desk, board, DAILY)


def test_every_change_is_in_the_trail(desk, board):
    name = kept.add(desk, board, DAILY)
    kept.change(desk, name, DAILY)
    kept.run_now(desk, name)
    kept.remove(desk, name)
    said = [act.action for act in audit.acts(desk.records, "dashboard", board)][:4]
    assert said == ["schedule deleted", "schedule started", "schedule changed", "schedule added"]


# ---- the clock -------------------------------------------------------------------------------------------------------


def test_it_is_due_at_its_time_and_not_before(desk, board):
    name = kept.add(desk, board, DAILY, MONDAY)
    assert claims.next_due(desk.records) == DUE
    assert claims.claim(desk.records, DUE - MINUTE) is None
    assert claims.claim(desk.records, DUE).id == name


def test_what_one_has_claimed_no_other_gets(desk, board):
    kept.add(desk, board, DAILY, MONDAY)
    plan = claims.claim(desk.records, DUE)
    assert claims.claim(desk.records, DUE) is None
    assert claims.next_due(desk.records) == DUE + LEASE
    claims.end(desk.records, plan, DUE + MINUTE)
    assert claims.claim(desk.records, DUE + MINUTE) is None
    assert only(desk, board).next_at == DUE + timedelta(days=1)
    assert only(desk, board).last_at == DUE + MINUTE


def test_whoever_is_still_at_it_keeps_it(desk, board):
    kept.add(desk, board, DAILY, MONDAY)
    plan = claims.claim(desk.records, DUE)
    plan = claims.hold(desk.records, plan, DUE + 2 * MINUTE)
    assert claims.claim(desk.records, DUE + 4 * MINUTE) is None
    assert plan.claimed_until == DUE + 2 * MINUTE + LEASE


def test_what_nobody_is_at_any_more_goes_to_the_next_and_the_first_cannot_end_it(desk, board):
    kept.add(desk, board, DAILY, MONDAY)
    first = claims.claim(desk.records, DUE)
    second = claims.claim(desk.records, DUE + LEASE)
    assert second is not None
    assert claims.hold(desk.records, first, DUE + LEASE) is None
    claims.end(desk.records, first, DUE + LEASE)
    assert only(desk, board).runs(DUE + LEASE)
    claims.end(desk.records, second, DUE + LEASE + MINUTE)
    assert not only(desk, board).runs(DUE + LEASE + MINUTE)


def test_what_is_released_is_free_at_once(desk, board):
    kept.add(desk, board, DAILY, MONDAY)
    claims.release(desk.records, claims.claim(desk.records, DUE))
    assert claims.claim(desk.records, DUE) is not None


def test_what_was_missed_while_no_server_ran_is_done_once(desk, board):
    kept.add(desk, board, DAILY, MONDAY)
    later = DUE + timedelta(days=10, hours=3)
    claims.end(desk.records, claims.claim(desk.records, later), later)
    assert claims.claim(desk.records, later) is None
    assert only(desk, board).next_at == DUE + timedelta(days=11)


def test_the_one_that_is_due_longest_comes_first(desk, board):
    late = kept.add(desk, board, Schedule(at="08:00"), MONDAY)
    early = kept.add(desk, board, Schedule(at="07:00"), MONDAY)
    assert [claims.claim(desk.records, DUE + timedelta(hours=2)).id for _ in range(2)] == [early, late]


def test_run_now_is_done_at_once_and_then_as_usual(desk, board):
    name = kept.add(desk, board, Schedule(at="07:00", on=False), MONDAY)
    kept.run_now(desk, name, MONDAY)
    claims.end(desk.records, claims.claim(desk.records, MONDAY), MONDAY)
    assert only(desk, board).next_at is None


def test_a_change_made_while_it_runs_stays(desk, board):
    name = kept.add(desk, board, DAILY, MONDAY)
    plan = claims.claim(desk.records, DUE)
    kept.change(desk, name, Schedule(at="12:00"), DUE)
    claims.end(desk.records, plan, DUE + MINUTE)
    assert only(desk, board).next_at == datetime(2024, 1, 1, 12, 0)
    assert not only(desk, board).runs(DUE + MINUTE)


def test_what_went_wrong_is_kept_and_done_again_after_longer_and_longer_pauses(desk, board):
    kept.add(desk, board, Schedule(every="week", at="07:00"), MONDAY)
    moment, pauses = DUE, []
    for tries in range(1, len(PAUSES) + 2):
        plan = claims.claim(desk.records, moment)
        claims.end(desk.records, plan, moment, Trouble(TROUBLE.error, tries, ("ann@example.com",)))
        found = only(desk, board)
        assert (found.trouble.tries, found.trouble.left) == (tries, ("ann@example.com",))
        assert str(found.trouble.error) == str(TROUBLE.error)
        pauses.append(found.next_at - moment)
        moment = found.next_at
    assert tuple(pauses[:-1]) == PAUSES
    assert moment == DUE + timedelta(days=7)  # then it waits for the next time
    claims.end(desk.records, claims.claim(desk.records, moment), moment)
    assert only(desk, board).trouble is None


def test_a_repetition_does_not_come_later_than_the_usual_time(desk, board):
    kept.add(desk, board, DAILY, MONDAY)
    moment = DUE + timedelta(hours=23, minutes=58)
    claims.end(desk.records, claims.claim(desk.records, moment), moment, TROUBLE)
    assert only(desk, board).next_at == DUE + timedelta(days=1)


def test_what_only_a_person_can_mend_waits_for_the_usual_time(desk, board):
    kept.add(desk, board, DAILY, MONDAY)
    error = Trouble(BadParameter("The mail server refuses the user or the password of CRM_AI_SMTP."))
    claims.end(desk.records, claims.claim(desk.records, DUE), DUE, error)
    assert only(desk, board).next_at == DUE + timedelta(days=1)


def test_without_the_right_it_stops_until_somebody_saves_it(desk, board):
    name = kept.add(desk, board, DAILY, MONDAY)
    claims.end(desk.records, claims.claim(desk.records, DUE), DUE, Trouble(NotAllowed("Nobody may.")))
    assert only(desk, board).stopped
    assert claims.next_due(desk.records) is None
    kept.change(desk, name, DAILY, DUE)
    assert only(desk, board).next_at == DUE + timedelta(days=1)
    assert only(desk, board).trouble is None


CLAIMING = """
import sys
from datetime import datetime
from pathlib import Path
from crm_ai.records import Records
from crm_ai.scheduling import claims
records = Records.open(Path(sys.argv[1]), sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
moment = datetime(2024, 1, 1, 12, 0)
while plan := claims.claim(records, moment):
    print(plan.id, flush=True)
    claims.end(records, plan, moment)
"""


@pytest.mark.slow
def test_several_servers_do_each_thing_once(desk, board, url, tmp_path):
    names = [kept.add(desk, board, DAILY, MONDAY) for _ in range(15)]
    command = [sys.executable, "-c", CLAIMING, str(tmp_path), url]
    pipe = subprocess.PIPE
    servers = [subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(2)]
    for server in servers:
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        server.stdin.write("go\n")
        server.stdin.flush()
    said = [server.communicate(timeout=60) for server in servers]
    assert [errors for _, errors in said if errors] == []
    assert sorted("".join(lines for lines, _ in said).split()) == sorted(names)


def test_rows_that_cannot_be_read_do_not_stop_the_others(desk, board):
    kept.add(desk, board, Schedule(at="06:30"), MONDAY)
    with desk.records.write() as connection:
        connection.execute(text("UPDATE schedules SET document = '{}'"))
    name = kept.add(desk, board, DAILY, MONDAY)
    assert claims.claim(desk.records, DUE).id == name
    assert claims.claim(desk.records, DUE) is None
