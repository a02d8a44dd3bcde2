"""Dashboards in the records: found, saved, deleted, each time only by whoever may."""

import secrets
from dataclasses import replace

from sqlalchemy import delete, insert, select, update

from crm_ai.access import Desk, grants
from crm_ai.dashboards.boards import LONGEST_NOTE, LONGEST_TITLE, Board
from crm_ai.errors import BadParameter, UnknownName
from crm_ai.records import audit, now
from crm_ai.records.tables import dashboards, links, schedules


def boards(desk: Desk) -> list[Board]:
    """Those the visitor may see, the last changed first."""
    with desk.records.read() as connection:
        rows = connection.execute(select(dashboards).order_by(dashboards.c.changed_at.desc())).all()
    seen = desk.allowed("view", "dashboard", [row.id for row in rows])
    return [Board.from_json(row.id, row.revision, row.document) for row in rows if row.id in seen]


def found(desk: Desk, name: str) -> Board:
    """One of them.

    Raises:
        UnknownName: it is not here, or not for this visitor.
    """
    with desk.records.read() as connection:
        row = connection.execute(select(dashboards).where(dashboards.c.id == name)).first()
    if row is None:
        raise UnknownName("This dashboard is not here any more: choose another.")
    desk.require("view", "dashboard", name)
    return Board.from_json(row.id, row.revision, row.document)


def create(desk: Desk, title: str, **parts: object) -> Board:
    """A new board of the visitor's own, saved."""
    desk.require_role("analyst")
    made = replace(Board(secrets.token_hex(6), title), **parts)  # type: ignore[arg-type]
    _check(desk, made)
    with desk.records.write() as connection:
        grants.own(connection, "dashboard", made.id, desk.visitor.email)
    return save(desk, made)


def save(desk: Desk, board: Board) -> Board:
    """Keep a board as it is now; gives it with its new revision.

    Raises:
        NotAllowed, UnknownName: the visitor may not change it, or not see the data of a new tile.
        BadParameter: somebody else saved it in the meantime, or a text is too long.
    """
    desk.require("edit", "dashboard", board.id)
    _check(desk, board)
    row = {"revision": board.revision + 1, "document": board.to_json(), "changed_at": now()}
    with desk.records.write() as connection:
        if board.revision == 0:
            connection.execute(insert(dashboards), {"id": board.id, **row})
        else:
            here = (dashboards.c.id == board.id, dashboards.c.revision == board.revision)
            if connection.execute(update(dashboards).where(*here), row).rowcount == 0:
                raise BadParameter("Somebody else has changed this dashboard: look at it anew, then repeat.")
        audit.note(connection, desk.visitor.email, "dashboard saved", "dashboard", board.id, revision=row["revision"])
    return replace(board, revision=board.revision + 1)


def remove(desk: Desk, name: str) -> None:
    """Delete a board with its links and schedules; the datasets stay."""
    desk.require("own", "dashboard", name)
    with desk.records.write() as connection:
        connection.execute(delete(dashboards).where(dashboards.c.id == name))
        for table in (links, schedules):
            connection.execute(delete(table).where(table.c.dashboard == name))
        grants.forget(connection, "dashboard", name)
        audit.note(connection, desk.visitor.email, "dashboard deleted", "dashboard", name)


def _check(desk: Desk, board: Board) -> None:
    if not board.title.strip():
        raise BadParameter("Give the dashboard a title.")
    if len(board.title) > LONGEST_TITLE or len(board.note) > LONGEST_NOTE:
        raise BadParameter("Title or note is too long: shorten it.")
    for tile in board.tiles:
        tile.checked()
    before = _shown(found(desk, board.id)) if board.revision else set()
    for _, dataset in _shown(board) - before:
        desk.require("view", "dataset", dataset)


def _shown(board: Board) -> set[tuple[str, str]]:
    """What is on a board, and its dataset: it stays there, whoever edits the rest; more of it needs a right to it."""
    return {
        (f"{tile.kind} {tile.part} {tile.recipe.to_json()}", tile.recipe.dataset.partition("@")[0])
        for tile in board.tiles
        if tile.recipe
    }
