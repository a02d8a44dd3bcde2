"""What a schedule does: the dashboard is computed and its report sent, by who may still do it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_ai.access import LOCAL, Desk, Visitor, accounts, grants
from crm_ai.dashboards import Tile
from crm_ai.dashboards import kept as boards
from crm_ai.dashboards.boards import Board
from crm_ai.errors import BadParameter, CrmError, NotAllowed, TooLittleData
from crm_ai.recipes import Recipe
from crm_ai.records import Records
from crm_ai.scheduling import Schedule, kept, mail, makers, plans
from crm_ai.scheduling.makers import maker
from crm_ai.scheduling.plans import Trouble
from crm_ai.scheduling.work import Place, perform
from crm_ai.settings import Settings
from crm_ai.store import Workspace
from tests import crashing

MOMENT = datetime(2024, 1, 1, 23, 30)
ANN, BOB = "ann@example.com", "bob@example.com"
REPORT = Schedule("report", zone="Asia/Shanghai", formats=("html", "xlsx"), recipients=(ANN, BOB))
HEAD = "order_id,customer_id,order_date,product,quantity,unit_price\n"
LINES = HEAD + "".join(f"{n},C{n % 9},2024-0{1 + n % 3}-{n % 28 + 1:02},Tea,1,{n}\n" for n in range(60))
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    crashing.add(Workspace(folder), "shop.csv", LINES)
    return folder


class Post:
    """Takes letters instead of a server."""

    def __init__(self) -> None:
        self.letters: list[tuple[mail.Letter, list[str]]] = []
        self.failed: dict[str, CrmError] = {}

    def send(self, server: mail.Server, letter: mail.Letter, recipients: list[str]) -> dict[str, CrmError]:
        self.letters.append((letter, list(recipients)))
        return self.failed


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def place(shop, tmp_path, post, monkeypatch) -> Place:
    monkeypatch.chdir(tmp_path)  # no secrets.toml of whoever runs the tests
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(makers, "PROGRAM", tmp_path)
    settings = Settings(shop, smtp="smtp://127.0.0.1", sender="crm@example.com", address="https://crm.example.com")
    return Place(Workspace(shop), Records.open(tmp_path), settings, post.send)


@pytest.fixture
def desk(place) -> Desk:
    return Desk(place.workspace, place.records, LOCAL)


@pytest.fixture
def board(desk) -> Board:
    """Cards, findings, a chart, and a tile that these data cannot fill."""
    dataset = next(iter(desk.datasets()))
    overview = Recipe(dataset, "overview")
    tiles = (
        Tile("a", "cards", overview),
        Tile("b", "findings", overview),
        Tile("c", "note", note="By hand"),
        Tile("d", "findings", Recipe(dataset, "feedback")),
    )
    return boards.create(desk, "Sales / 销售: 周报", tiles=tiles)


def planned(desk: Desk, board: Board, schedule: Schedule = REPORT) -> plans.Plan:
    return plans.found(desk.records, kept.add(desk, board.id, schedule, MOMENT))


def test_a_refresh_computes_what_is_missing_and_sends_nothing(place, desk, board, post):
    results = place.workspace.folder / "results"
    for path in results.rglob("result.json"):
        path.unlink()
    assert perform(place, planned(desk, board, Schedule()), MOMENT) == {}
    assert list(results.rglob("result.json"))
    assert post.letters == []


def test_a_report_goes_to_everybody_with_its_files(place, desk, board, post):
    assert perform(place, planned(desk, board), MOMENT) == {}
    ((letter, recipients),) = post.letters
    assert recipients == [ANN, BOB]
    assert letter.sender == "crm@example.com"
    assert letter.subject == "Sales / 销售: 周报, 2024-01-02"  # it is the next day in Shanghai
    assert list(letter.files) == ["Sales 销售 周报 2024-01-02.html", "Sales 销售 周报 2024-01-02.xlsx"]
    assert letter.files["Sales 销售 周报 2024-01-02.xlsx"].startswith(b"PK")
    assert "Revenue" in letter.files["Sales 销售 周报 2024-01-02.html"].decode()


def test_the_message_itself_tells_the_figures_what_is_missing_and_where_more_is(place, desk, board, post):
    perform(place, planned(desk, board), MOMENT)
    said = post.letters[0][0].text
    assert "Revenue: " in said
    assert f"https://crm.example.com/dashboards?board={board.id}" in said
    assert "Not in the report:" in said
    assert "local" not in said


def test_it_speaks_the_language_that_was_chosen(place, desk, board, post):
    perform(place, planned(desk, board, replace(REPORT, language="zh", subject="周报")), MOMENT)
    letter = post.letters[0][0]
    assert letter.subject == "周报"
    assert "收入" in letter.text
    assert "Revenue" not in letter.text


def test_a_message_makes_sense_to_mail(place, desk, board, post):
    perform(place, planned(desk, board), MOMENT)
    mail.message(post.letters[0][0], ANN)


def test_only_those_who_got_nothing_get_it_the_next_time(place, desk, board, post):
    post.failed = {BOB: CrmError("The mail server takes nothing for {address} now: it is tried again later.")}
    plan = planned(desk, board)
    assert list(perform(place, plan, MOMENT)) == [BOB]
    again = replace(plan, trouble=Trouble(post.failed[BOB], 1, (BOB,)))
    perform(place, again, MOMENT)
    assert [recipients for _, recipients in post.letters] == [[ANN, BOB], [BOB]]


def test_without_a_mail_server_it_says_so(place, desk, board):
    bare = replace(place, settings=replace(place.settings, smtp=""))
    with pytest.raises(BadParameter, match="E-mail is not set up"):
        perform(bare, planned(desk, board), MOMENT)


def test_a_board_of_which_nothing_can_be_computed_is_no_report(place, desk, post):
    empty = boards.create(
        desk, "Voices", tiles=(Tile("d", "findings", Recipe(next(iter(desk.datasets())), "feedback")),)
    )
    with pytest.raises(CrmError) as caught:
        perform(place, planned(desk, empty), MOMENT)
    assert not isinstance(caught.value, NotAllowed | TooLittleData)
    assert post.letters == []


# ---- who may ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def anns(place, desk, board) -> plans.Plan:
    """A schedule of an analyst who may change the dashboard; there is an admin too."""
    accounts.add(place.records, "root@example.com", "admin", PASSWORD)
    accounts.add(place.records, ANN, "analyst", PASSWORD)
    with place.records.write() as connection:
        grants.give(connection, "dashboard", board.id, ANN, "edit")
    return planned(Desk(place.workspace, place.records, Visitor(ANN, "analyst")), board)


def test_an_analyst_who_may_change_the_dashboard_gets_his_report(place, anns, post):
    assert perform(place, anns, MOMENT) == {}
    assert f"{ANN} has set it up" in post.letters[0][0].text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts SET role = 'viewer' WHERE email = 'ann@example.com'",
        "UPDATE accounts SET active = false WHERE email = 'ann@example.com'",
        "DELETE FROM accounts WHERE email = 'ann@example.com'",
        "DELETE FROM grants WHERE who = 'ann@example.com'",
        "UPDATE grants SET level = 'view' WHERE who = 'ann@example.com'",
    ],
)
def test_whoever_may_not_any_more_gets_nothing_sent(statement, place, anns, post):
    with place.records.write() as connection:
        connection.execute(text(statement))
    with pytest.raises(NotAllowed, match=ANN):
        perform(place, anns, MOMENT)
    assert post.letters == []


def test_the_local_user_is_nobody_once_people_sign_in(place, desk, board):
    plan = planned(desk, board)
    assert maker(place.records, "local") == LOCAL
    accounts.add(place.records, "root@example.com", "admin", PASSWORD)
    with pytest.raises(NotAllowed):
        perform(place, plan, MOMENT)


@pytest.mark.parametrize(("email", "role"), [(ANN, "analyst"), (BOB, "viewer"), ("eve@example.com", "")])
def test_roles_of_people_from_a_provider_stand_in_the_secrets(email, role, place, tmp_path):
    (tmp_path / ".streamlit").mkdir()
    roles = 'default = "viewer"\n"ann@example.com" = "analyst"\n"eve@example.com" = "boss"'
    secrets = f'[auth]\nclient_id = "x"\n[roles]\n{roles}\n'
    (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets)
    assert maker(place.records, email).role == role
