"""The role matrix: who may do what, one by one, and nothing that it does not know.

The workspace is a stand-in that writes down what reaches it: what is refused must not have touched anything.
"""

import inspect
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from crm_ai.access import NOBODY, Desk, Visitor, accounts, grants, passwords, sessions
from crm_ai.access.people import People
from crm_ai.dashboards import kept, links
from crm_ai.dashboards.boards import Board, Tile
from crm_ai.errors import NotAllowed, UnknownName
from crm_ai.recipes import Recipe
from crm_ai.records import Records, now, tables
from crm_ai.scheduling import kept as schedules
from crm_ai.scheduling.schedules import Schedule
from crm_ai.store import Draft, Version

PEOPLE = {
    "nobody": NOBODY,
    "a link": Visitor("link:1", ""),
    "somebody without a role": Visitor("new@x.com", ""),
    "a viewer": Visitor("viewer@x.com", "viewer"),
    "a viewer who was given all": Visitor("guest@x.com", "viewer"),
    "an analyst": Visitor("analyst@x.com", "analyst"),
    "an analyst who may see it": Visitor("reader@x.com", "analyst"),
    "an analyst who may change it": Visitor("editor@x.com", "analyst"),
    "its owner": Visitor("owner@x.com", "analyst"),
    "its owner, now a viewer": Visitor("owner@x.com", "viewer"),
    "an admin": Visitor("boss@x.com", "admin"),
}
LEVEL = {
    "a viewer who was given all": "view",
    "an analyst who may see it": "view",
    "an analyst who may change it": "edit",
    "its owner": "own",
    "its owner, now a viewer": "view",
    "an admin": "own",
}
"""Of the dataset and the dashboard; "" for all others."""
OF_THE_DRAFT = {"its owner": "own", "its owner, now a viewer": "view", "an admin": "own"}
ORDER = ("", "view", "edit", "own")
MOMENT = datetime(2026, 1, 1)
BOARD = Board("b1", "Sales", tiles=(Tile("t1", "cards", Recipe("d1", "overview")),), revision=1)
DRAFT = Draft(Path("drafts/o-1"), "d1", 1, "rows added", "2026-01-01T00:00:00")


class Ledger:
    """Stands for the workspace."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str):
        answers = {
            "draft": DRAFT,
            "new_draft": DRAFT,
            "unfinished": [DRAFT],
            "datasets": {"d1": VERSION, "free": VERSION},
        }
        return lambda *given, **more: self.asked.append(name) or answers.get(name, VERSION)


VERSION = Version("d1", 1, 1, Path("versions/1"), {"name": "Shop"})


# ---- the matrix ------------------------------------------------------------------------------------------------------

# act -> (what is called, the level it takes of the dataset or dashboard)
OF_A_DATASET = {
    "version": (lambda desk: desk.version("d1@1"), "view"),
    "versions": (lambda desk: desk.versions("d1"), "view"),
    "open": (lambda desk: desk.open("d1"), "view"),
    "owner": (lambda desk: desk.owner("dataset", "d1"), "view"),
    "rename": (lambda desk: desk.rename("d1", "Other"), "edit"),
    "delete_version": (lambda desk: desk.delete_version("d1@1"), "edit"),
    "new_draft": (lambda desk: desk.new_draft("d1", "rows added"), "edit"),
    "delete": (lambda desk: desk.delete("d1"), "own"),
    "given": (lambda desk: desk.given("dataset", "d1"), "own"),
    "give": (lambda desk: desk.give("dataset", "d1", "analyst@x.com", "edit"), "own"),
    "hand_over": (lambda desk: desk.hand_over("dataset", "d1", "analyst@x.com"), "own"),
}
OF_A_BOARD = {
    "found": (lambda desk: kept.found(desk, "b1"), "view"),
    "save": (lambda desk: kept.save(desk, replace(BOARD, title="Other")), "edit"),
    "remove": (lambda desk: kept.remove(desk, "b1"), "own"),
}
OF_A_LINK = {
    "of_board": (lambda desk: links.of_board(desk, "b1"), "edit"),
    "create": (lambda desk: links.create(desk, "b1"), "edit"),
    "revoke": (lambda desk: links.revoke(desk, "b1", "l1"), "edit"),
}
OF_A_SCHEDULE = {
    "of_board": (lambda desk: schedules.of_board(desk, "b1"), "edit"),
    "add": (lambda desk: schedules.add(desk, "b1", Schedule()), "edit"),
    "change": (lambda desk: schedules.change(desk, "s1", Schedule()), "edit"),
    "remove": (lambda desk: schedules.remove(desk, "s1"), "edit"),
    "run_now": (lambda desk: schedules.run_now(desk, "s1"), "edit"),
}
OF_A_DRAFT = {"draft": lambda desk: desk.draft("o-1"), "discard": lambda desk: desk.discard(DRAFT)}
BY_ROLE = {
    "require_role": (lambda desk: desk.require_role("analyst"), "analyst"),
    "new_draft": (lambda desk: desk.new_draft(), "analyst"),
    "create": (lambda desk: kept.create(desk, "Sales"), "analyst"),
}
OF_ALL_PEOPLE = {
    "accounts": (lambda people: people.accounts(), "admin"),
    "add": (lambda people: people.add("another@x.com", "admin"), "admin"),
    "reset": (lambda people: people.reset("editor@x.com"), "admin"),
    "set_role": (lambda people: people.set_role("editor@x.com", "admin"), "admin"),
    "set_active": (lambda people: people.set_active("editor@x.com", False), "admin"),
    "sessions": (lambda people: people.sessions(), "admin"),
    "end_session": (lambda people: people.end_session("editor@x.com", sessions.mark("t-editor@x.com")), "admin"),
    "acts": (lambda people: people.acts(), "admin"),
    "known": (lambda people: people.known(), "analyst"),
}
BY_THEMSELVES = {"own_sessions", "end_own_session", "change_own_password"}
LISTED = {"datasets", "unfinished", "level", "may", "allowed", "require"}
"""Looked at one by one below."""


def every(acts):
    """Each act by each of the people."""
    return pytest.mark.parametrize(("act", "who"), [(act, who) for act in acts for who in PEOPLE])


def refused(level: str):
    """Who may not even see a thing is told that it is not there."""
    return pytest.raises(NotAllowed if level else UnknownName)


@every(OF_A_DATASET)
def test_a_dataset_is_seen_changed_and_owned_by_whoever_may(desk, act, who):
    _matrix(desk, *OF_A_DATASET[act], LEVEL.get(who, ""))


@every(OF_A_BOARD)
def test_a_dashboard_is_seen_changed_and_deleted_by_whoever_may(desk, act, who):
    _matrix(desk, *OF_A_BOARD[act], LEVEL.get(who, ""))


@every(OF_A_LINK)
def test_links_are_for_whoever_may_change_the_dashboard(desk, act, who):
    _matrix(desk, *OF_A_LINK[act], LEVEL.get(who, ""))


@every(OF_A_SCHEDULE)
def test_schedules_are_for_whoever_may_change_the_dashboard(desk, act, who):
    _matrix(desk, *OF_A_SCHEDULE[act], LEVEL.get(who, ""))


@every(OF_A_DRAFT)
def test_a_draft_is_only_its_owners(desk, act, who):
    _matrix(desk, OF_A_DRAFT[act], "edit", OF_THE_DRAFT.get(who, ""))


@every(BY_ROLE)
def test_only_analysts_make_new_things(desk, act, who):
    call, role = BY_ROLE[act]
    if PEOPLE[who].has_role(role):
        call(desk)
    else:
        _refused(desk, call, pytest.raises(NotAllowed))


@every(OF_ALL_PEOPLE)
def test_only_admins_look_after_people(desk, act, who):
    call, role = OF_ALL_PEOPLE[act]
    people = People(desk.records, desk.visitor)
    if desk.visitor.has_role(role):
        call(people)
        return
    before = _written(desk.records)
    with pytest.raises(NotAllowed):
        call(people)
    assert _written(desk.records) == before


@pytest.mark.parametrize("who", PEOPLE)
def test_people_have_sessions_and_a_password_of_their_own_and_no_others(desk, who):
    people = People(desk.records, desk.visitor)
    if who in ("nobody", "a link", "somebody without a role"):
        for call in (
            people.own_sessions,
            lambda: people.end_own_session("x"),
            lambda: people.change_own_password("", "", ""),
        ):
            with pytest.raises(NotAllowed):
                call()
        return
    assert {session.email for session in people.own_sessions()} == {desk.visitor.email}
    others = next(email for email in ("editor@x.com", "owner@x.com") if email != desk.visitor.email)
    with pytest.raises(UnknownName):
        people.end_own_session(sessions.mark(f"t-{others}"))
    with pytest.raises(NotAllowed):
        people.change_own_password("wrong", "another tea 43 cups", "")
    people.end_own_session(sessions.mark(f"t-{desk.visitor.email}"))
    assert people.own_sessions() == []


@pytest.mark.parametrize("who", PEOPLE)
def test_lists_hold_what_one_may_see_and_nothing_else(desk, who):
    level, free = LEVEL.get(who, ""), desk.visitor.has_role("viewer")
    assert set(desk.datasets()) == {"d1"} & ({"d1"} if level else set()) | ({"free"} if free else set())
    assert [board.id for board in kept.boards(desk)] == (["b1"] if level else [])
    assert desk.unfinished() == ([DRAFT] if OF_THE_DRAFT.get(who) == "own" else [])


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("kind", ["dataset", "dashboard"])
def test_every_way_of_asking_gives_the_same_answer(desk, who, kind):
    level, thing = LEVEL.get(who, ""), {"dataset": "d1", "dashboard": "b1"}[kind]
    assert desk.level(kind, thing) == level
    for asked in ("view", "edit", "own"):
        may = ORDER.index(level) >= ORDER.index(asked)
        assert desk.may(asked, kind, thing) == may
        assert desk.allowed(asked, kind, [thing]) == ({thing} if may else set())
        if may:
            desk.require(asked, kind, thing)
        else:
            with refused(level):
                desk.require(asked, kind, thing)


@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_not_there_is_answered_like_what_one_may_not_see(desk, who):
    if LEVEL.get(who):
        return
    said = []
    for name in ("d1", "no-such-dataset"):
        try:
            desk.require("view", "dataset", name)
        except UnknownName as error:
            said.append(str(error))
    assert len(set(said)) <= 1


def test_a_right_that_is_taken_back_ends_what_was_begun_with_it(at):
    editor, owner = at("an analyst who may change it"), at("its owner")
    with editor.records.write() as connection:
        grants.own(connection, "draft", DRAFT.id, editor.visitor.email)
    assert editor.draft(DRAFT.id) == DRAFT
    assert editor.unfinished() == [DRAFT]
    owner.give("dataset", "d1", editor.visitor.email, "view")
    with pytest.raises(NotAllowed):
        editor.draft(DRAFT.id)
    owner.give("dataset", "d1", editor.visitor.email, "")
    with pytest.raises(UnknownName):
        editor.draft(DRAFT.id)
    assert editor.unfinished() == []


def test_a_tile_of_data_that_one_may_not_see_is_refused(at):
    analyst = at("an analyst")
    with pytest.raises(UnknownName):
        kept.create(analyst, "Mine", tiles=BOARD.tiles)


def test_an_owner_hands_over_and_is_an_owner_no_more(at):
    owner, analyst = at("its owner"), at("an analyst")
    owner.hand_over("dataset", "d1", "Analyst@x.com")
    analyst.rename("d1", "Mine")
    with pytest.raises(UnknownName):
        owner.version("d1")


# ---- nothing that the matrix does not know ---------------------------------------------------------------------------


def test_the_matrix_knows_every_word_of_the_desk_and_about_people():
    assert _public(Desk) == {*OF_A_DATASET, *OF_A_DRAFT, "require_role", *LISTED}
    assert _public(People) == {*OF_ALL_PEOPLE, *BY_THEMSELVES}


@pytest.mark.parametrize(
    ("module", "known"),
    [(kept, {*OF_A_BOARD, "boards", "create"}), (links, set(OF_A_LINK)), (schedules, set(OF_A_SCHEDULE))],
)
def test_the_matrix_knows_whatever_is_done_through_a_desk(module, known):
    own = {
        name: each
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if each.__module__ == module.__name__
    }
    through = {name for name, each in own.items() if "desk" in inspect.signature(each).parameters}
    assert {name for name in through if not name.startswith("_")} == known


CHANGING = ("rename", "delete", "delete_version", "new_draft", "draft", "unfinished", "discard", "commit")
LOOKING = ("datasets", "versions")


def test_no_page_and_no_part_of_one_goes_past_the_desk():
    """Dashboards alone look past it: who may see a board sees what stands on it."""
    found = []
    for path in [*Path("crm_ai/ui").rglob("*.py"), *Path("pages").glob("*.py")]:
        words, text = (CHANGING if "boards" in path.parts else CHANGING + LOOKING), path.read_text("utf-8")
        found += [f"{path}: {word}" for word in words if f"workspace().{word}(" in text]
    assert found == []


def test_every_page_asks_for_a_role_first():
    for path in Path("pages").glob("*.py"):
        lines = [
            line for line in path.read_text("utf-8").splitlines() if line and not line.startswith(("from ", "import "))
        ]
        body = [line for line in lines if not line.startswith('"""')]
        assert body[0].startswith("signin.require_role(") or path.stem == "shared", path


def _public(kind: type) -> set[str]:
    return {name for name, each in vars(kind).items() if callable(each) and not name.startswith("_")}


# ---- parts -----------------------------------------------------------------------------------------------------------


def _matrix(desk, call, needed: str, level: str) -> None:
    if ORDER.index(level) >= ORDER.index(needed):
        call(desk)
        return
    _refused(desk, call, refused(level))


def _refused(desk, call, expected) -> None:
    before = _written(desk.records)
    with expected:
        call(desk)
    assert set(desk.workspace.asked) <= {"datasets"}
    assert _written(desk.records) == before


def _written(records: Records) -> list[object]:
    """Everything in the records, but for counted tries."""
    with records.read() as connection:
        return [
            [tuple(row) for row in connection.execute(table.select())]
            for name, table in tables.METADATA.tables.items()
            if name != "tries"
        ]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Records with a dataset, a draft, a dashboard, a link and a schedule, all of one owner."""
    folder = tmp_path_factory.mktemp("records")
    records = Records.open(folder)
    owner = Desk(Ledger(), records, PEOPLE["its owner"])  # type: ignore[arg-type]
    with records.write() as connection:
        for kind, thing in (("dataset", "d1"), ("dashboard", "b1"), ("draft", DRAFT.id)):
            grants.own(connection, kind, thing, owner.visitor.email)
        for kind, thing in (("dataset", "d1"), ("dashboard", "b1")):
            for who, level in (("guest", "edit"), ("reader", "view"), ("editor", "edit")):
                grants.give(connection, kind, thing, f"{who}@x.com", level)
        for each in {visitor.email: visitor for visitor in PEOPLE.values() if visitor.role}.values():
            row = {"email": each.email, "role": each.role, "password_hash": passwords.hashed("x"), "created_at": MOMENT}
            connection.execute(insert(tables.accounts), row)
    kept.save(owner, replace(BOARD, revision=0))
    _sessions(records)
    links.create(owner, "b1")
    schedules.add(owner, "b1", Schedule())
    with records.write() as connection:
        connection.execute(update(tables.links), {"id": "l1"})
        connection.execute(update(tables.schedules), {"id": "s1"})
    records.close()
    return folder


def _sessions(records: Records) -> None:
    """Everybody is signed in once, with a token that the tests know."""
    rows = [
        {"token_hash": passwords.token_hash(f"t-{each.email}"), "email": each.email, "client": "",
         "created_at": now(), "seen_at": now(), "expires_at": now() + sessions.IDLE}
        for each in accounts.every(records)
    ]  # fmt: skip
    with records.write() as connection:
        connection.execute(insert(tables.sessions), rows)


@pytest.fixture
def at(prepared, tmp_path):
    """The desk of one of the people, each on the same copy of the records."""
    shutil.copytree(prepared, tmp_path / "records")
    records = Records.open(tmp_path / "records")
    yield lambda who: Desk(Ledger(), records, PEOPLE[who])  # type: ignore[arg-type]
    records.close()


@pytest.fixture
def desk(at, who):
    return at(who)
