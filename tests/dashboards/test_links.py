"""Links to dashboards: what they keep, whom they let in, and what is never written down."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crm_ai.access import LOCAL, Desk, Visitor
from crm_ai.dashboards import Tile, kept, links
from crm_ai.dashboards.hiding import Hide
from crm_ai.dashboards.links import Options
from crm_ai.errors import BadParameter, NotAllowed, UnknownName
from crm_ai.records import Records, audit, now
from crm_ai.records.tables import METADATA
from crm_ai.records.tables import links as table
from crm_ai.store import Workspace

OWNER, FRIEND, VIEWER = (
    Visitor("ann@x.org", "analyst"),
    Visitor("bo@x.org", "analyst"),
    Visitor("cy@x.org", "viewer"),
)
CLOSED = "This link is closed"
PASSWORD = "seven blue horses"


@pytest.fixture
def desk(records, tmp_path):
    return Desk(Workspace(tmp_path), records, OWNER)


@pytest.fixture
def board(desk):
    return kept.create(desk, "Sales", tiles=(Tile("n", "note", note="hello"),))


def everything(records: Records) -> str:
    """All rows of all tables as text."""
    with records.read() as connection:
        rows = [dict(row) for each in METADATA.sorted_tables for row in connection.execute(select(each)).mappings()]
    return json.dumps(rows, default=str)


def test_a_token_opens_its_board_and_only_its_own(desk, board, records):
    other = kept.create(desk, "Other")
    link, token = links.create(desk, board.id)
    found, seen = links.opened(records, token)
    assert (found, seen) == (link, board)
    assert seen.id != other.id
    assert len(token) == 22
    assert links.create(desk, board.id)[1] != token


@pytest.mark.parametrize("token", ["", "x", "a" * 22, "é" * 22, "\udcff" * 22, "%" * 22, "'; drop table links; --"])
def test_a_token_that_is_none_gets_one_sentence(token, desk, board, records):
    links.create(desk, board.id)
    with pytest.raises(UnknownName, match=CLOSED):
        links.opened(records, token)
    assert links.origins(records, token) == ()


def test_an_id_of_a_link_or_of_a_board_is_no_token(desk, board, records):
    link, _ = links.create(desk, board.id)
    for name in (link.id, board.id):
        with pytest.raises(UnknownName, match=CLOSED):
            links.opened(records, name)


def test_a_revoked_link_is_closed_at_once_and_stays_so(desk, board, records):
    link, token = links.create(desk, board.id, Options(origins=("https://a.example",)))
    links.revoke(desk, board.id, link.id)
    with pytest.raises(UnknownName, match=CLOSED):
        links.opened(records, token)
    assert links.origins(records, token) == ()
    links.revoke(desk, board.id, link.id)
    acts = [act.action for act in audit.acts(records, "dashboard", board.id)]
    assert acts.count("link revoked") == 1


def test_a_link_is_over_from_its_last_moment_on(desk, board, records):
    link, token = links.create(desk, board.id, expires_at=now() + timedelta(hours=1))
    assert links.opened(records, token)[0].open
    with records.write() as connection:
        connection.execute(update(table).where(table.c.id == link.id), {"expires_at": now()})
    with pytest.raises(UnknownName, match=CLOSED):
        links.opened(records, token)
    with pytest.raises(BadParameter, match="later day"):
        links.create(desk, board.id, expires_at=now())


def test_a_link_goes_with_its_board(desk, board, records):
    _, token = links.create(desk, board.id)
    kept.remove(desk, board.id)
    with pytest.raises(UnknownName, match=CLOSED):
        links.opened(records, token)


def test_a_link_shows_the_board_as_it_is_now(desk, board, records):
    _, token = links.create(desk, board.id)
    kept.save(desk, replace(board, title="Better"))
    assert links.opened(records, token)[1].title == "Better"


def test_a_password_opens_and_a_wrong_one_is_written_down(desk, board, records):
    link, _ = links.create(desk, board.id, password=PASSWORD)
    assert link.password
    for wrong in ("", "seven blue horse", PASSWORD + " ", "x" * 100_000):
        with pytest.raises(NotAllowed, match="wrong"):
            links.unlock(records, link, wrong)
    links.unlock(records, link, PASSWORD)
    acts = [act for act in audit.acts(records, "dashboard", board.id) if act.action == "wrong password"]
    assert [act.who for act in acts] == [f"link:{link.id}"] * 4


def test_after_ten_wrong_passwords_not_even_the_right_one_opens(desk, board, records):
    link, _ = links.create(desk, board.id, password=PASSWORD)
    other, _ = links.create(desk, board.id, password=PASSWORD)
    for _ in range(links.MOST_TRIES):
        with pytest.raises(NotAllowed, match="wrong"):
            links.unlock(records, link, "seven red horses")
    with pytest.raises(NotAllowed, match="Too many"):
        links.unlock(records, link, PASSWORD)
    links.unlock(records, other, PASSWORD)


def test_a_password_that_anybody_guesses_is_refused(desk, board):
    with pytest.raises(BadParameter):
        links.create(desk, board.id, password="short")


def test_openings_are_counted_and_written_down(desk, board, records):
    link, _ = links.create(desk, board.id)
    assert (link.opened, link.opened_at) == (0, None)
    links.count(records, link)
    links.count(records, link)
    (seen,) = links.of_board(desk, board.id)
    assert seen.opened == 2
    assert now() - seen.opened_at < timedelta(minutes=1)
    assert [act.who for act in audit.acts(records, "dashboard", board.id)][:2] == [f"link:{link.id}"] * 2


def test_neither_token_nor_password_is_written_down_anywhere(desk, board, records, tmp_path, caplog):
    link, token = links.create(desk, board.id, Options(origins=("https://a.example",)), password=PASSWORD)
    with pytest.raises(NotAllowed):
        links.unlock(records, link, "seven red horses")
    links.unlock(records, link, PASSWORD)
    links.count(records, link)
    links.revoke(desk, board.id, link.id)
    whole = everything(records) + repr(link) + caplog.text
    whole += "".join(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file())
    assert link.id in whole
    for secret in (token, PASSWORD, "seven red horses"):
        assert secret not in whole


def test_everything_is_hidden_unless_it_is_said(desk, board):
    link, _ = links.create(desk, board.id)
    assert link.options.hide == Hide(small=True, personal=True)
    told, _ = links.create(desk, board.id, Options(small=True, personal=True))
    assert told.options.hide == Hide(small=False, personal=False)


NO_SITES = (
    "https://a.example; script-src *",
    "https://a.example 'unsafe'",
    "a.example",
    "*",
    "https://*.example",
    "https://a/b",
    "javascript:1",
    "https://a.example\nX: y",
    "https://",
    "HTTPS://A.example",
    "data:x",
    "https://a.example:999999",
)


@pytest.mark.parametrize("site", NO_SITES)
def test_a_site_that_is_none_or_more_than_one_is_refused(site, desk, board):
    with pytest.raises(BadParameter, match="https://intranet"):
        links.create(desk, board.id, Options(origins=(site,)))


def test_sites_with_and_without_a_port_will_do(desk, board, records):
    sites = ("https://intranet.example.com", "http://localhost:8080")
    _, token = links.create(desk, board.id, Options(origins=sites))
    assert links.origins(records, token) == sites


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_only_whoever_may_change_the_board_makes_lists_and_revokes_links(desk, board):
    link, _ = links.create(desk, board.id)
    desk.give("dashboard", board.id, VIEWER.email, "edit")  # viewers only ever look
    desk.give("dashboard", board.id, FRIEND.email, "view")
    for visitor, error in ((VIEWER, NotAllowed), (FRIEND, NotAllowed), (Visitor("di@x.org", "analyst"), UnknownName)):
        theirs = replace(desk, visitor=visitor)
        for act in (
            lambda: links.create(theirs, board.id),  # noqa: B023
            lambda: links.of_board(theirs, board.id),  # noqa: B023
            lambda: links.revoke(theirs, board.id, link.id),  # noqa: B023
        ):
            with pytest.raises(error):
                act()
    assert links.of_board(desk, board.id)[0].open


def test_a_link_of_another_board_cannot_be_revoked_through_ones_own(desk, board):
    link, _ = links.create(desk, board.id)
    mine = kept.create(replace(desk, visitor=FRIEND), "Mine")
    links.revoke(replace(desk, visitor=FRIEND), mine.id, link.id)
    assert links.of_board(desk, board.id)[0].open


@pytest.mark.parametrize("options", [Options(small=True), Options(personal=True)])
def test_only_the_owner_shows_people_and_small_groups(options, desk, board):
    desk.give("dashboard", board.id, FRIEND.email, "edit")
    friend = replace(desk, visitor=FRIEND)
    links.create(friend, board.id)
    with pytest.raises(NotAllowed, match="owner"):
        links.create(friend, board.id, options)
    links.create(desk, board.id, options)
    links.create(replace(desk, visitor=LOCAL), board.id, options)
