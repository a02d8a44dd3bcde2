"""A board drawn: filters, the data it stands on, and its tiles in rows of twelve columns."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from crm_ai.dashboards import refreshing
from crm_ai.dashboards.boards import COLUMNS, Board
from crm_ai.dashboards.choices import Choices
from crm_ai.data.filters import Filters
from crm_ai.store import Version
from crm_ai.ui import session
from crm_ai.ui.boards import editing, filtering, style, tiles
from crm_ai.ui.boards.looking import Found, Look, hurry

if TYPE_CHECKING:
    from crm_ai.dashboards.hiding import Hide

KINDS = {"pdf": "PDF", "pptx": "PowerPoint", "xlsx": "Excel", "html": "HTML", "zip": "PNG + SVG"}
WATCH = 20
"""Seconds between two looks for a new version of the data."""


def show(
    board: Board,
    filters: Filters,
    *,
    hide: "Hide | None" = None,
    editable: bool = False,
    exports: bool = True,
    filterable: bool = True,
    check: Callable[[], object] = lambda: None,
) -> None:
    """Draw a board: its filters, when its data are from, its tiles and its reports.

    Args:
        filters: as they are set now, see ``filtering.asked``; countries and segments that are not offered are dropped.
        hide: what must not be seen; None hides nothing.
        editable: whether tiles can be changed here.
        exports: whether charts, tables and reports can be downloaded.
        filterable: whether the filters can be changed.
        check: raises where whoever looks may not any more.
    """
    with st.container(key="board"):
        _show(Look(board, filters, {}, hide, editable, exports, check), filterable)


def _show(asked: Look, filterable: bool) -> None:
    style.apply()
    board, hide = asked.board, asked.hide
    known = filtering.offered(board, 5 if hide and hide.small else 1)
    look = replace(asked, filters=known.allowed(asked.filters), versions=_pinned(board))
    if board.tiles:
        _bar(look, known if filterable else None)
    every = {tile.id: look.find(tile) for tile in board.tiles}
    if hurry(every.values()):
        every = {tile.id: look.find(tile) for tile in board.tiles}
    versions = {found.answer.version.address: found.answer.version for found in every.values() if found.answer.version}
    _as_of(look, list(versions.values()))
    _watch(look)
    for row in board.rows:
        _row(look, [every[tile.id] for tile in row], len(versions) > 1)


# ---- above the tiles -------------------------------------------------------------------------------------------------


def _bar(look: Look, known: Choices | None) -> None:
    """Filters on the left, reports on the right."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="bar"):
        with st.container(width="stretch"):
            if known is not None:
                filtering.panel(look.board, look.filters, known)
        if look.exports:
            _reports(look)


def _reports(look: Look) -> None:
    t = session.translator()
    with st.popover(t("Report"), icon=":material/download:", type="tertiary", key="reports", on_change="rerun") as menu:
        if not menu.open:
            return
        st.caption(t("The whole dashboard as it is filtered now."))
        for kind, label in KINDS.items():
            st.download_button(
                label,
                look.later(partial(_report, look, kind, session.language())),
                f"{_file(look.board.title)}.{kind}",
                key=f"board-{kind}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _report(look: Look, kind: str, language: str) -> bytes:
    from crm_ai.dashboards import reports

    found = [look.find(tile) for tile in look.board.tiles]
    answers, before = [each.answer for each in found], [each.before for each in found]
    return reports.report(
        look.board, answers, kind, language=language, hide=look.hide, filters=look.filters, before=before
    )


def _file(title: str) -> str:
    """A title as the name of a file."""
    return "".join(c if c.isalnum() or c in " -_" else " " for c in title).strip() or "dashboard"


def _as_of(look: Look, versions: list[Version]) -> None:
    """From when the data are, and with what they are compared."""
    t = session.translator()
    if len(versions) > 1:
        st.caption(t("The tiles stand on different data: each says on which."))
    elif versions:
        version = versions[0]
        if look.hide is not None:
            st.caption(t("As of {when}").format(when=session.when(version.created_at)))
            return
        said = t("Data: {name}, version {number}, uploaded {when}").format(
            name=session.literal(str(version.manifest["name"])),
            number=version.number,
            when=session.when(version.created_at),
        )
        older = [v.number for v in session.workspace().versions(version.dataset) if v.number < version.number]
        if look.board.compare and older and any(tile.kind == "cards" for tile in look.board.tiles):
            said += " · " + t("cards compared with version {number}").format(number=older[0])
        st.caption(said)


# ---- tiles -----------------------------------------------------------------------------------------------------------


def _row(look: Look, row: list[Found], stamp: bool) -> None:
    """Tiles side by side, as high as the highest chart among them."""
    contents = [look.content(found) for found in row if not found.waits]
    height = max((tiles.natural(shown) for shown in contents), default=0) or tiles.TABLE
    widths = [found.answer.tile.width for found in row]
    rest = COLUMNS - sum(widths)
    places = st.columns([*widths, rest] if rest else widths, gap="small")
    for place, found in zip(places, row, strict=False):
        with place, st.container(key=f"tile-{found.answer.tile.id}", height="stretch"):
            if look.editable:
                editing.controls(found.answer.tile)
            tiles.draw(look, found, height, stamp)


# ---- new versions ----------------------------------------------------------------------------------------------------


def _pinned(board: Board) -> dict[str, int]:
    """The versions that are shown: the newest when the board was opened or refreshed."""
    pins: dict[str, int] = st.session_state.get(_key(board), {})
    newest = refreshing.versions(session.workspace(), board)
    shown = {name: number if board.live else min(pins.get(name, number), number) for name, number in newest.items()}
    st.session_state[_key(board)] = shown
    return shown


def refresh(board: Board) -> None:
    """Take the newest versions at the next look."""
    st.session_state.pop(_key(board), None)


def _key(board: Board) -> str:
    return f"pins-{board.id}"


@st.fragment(run_every=WATCH)
def _watch(look: Look) -> None:
    """Say when there are newer data, or take them at once where the board says so."""
    t = session.translator()
    look.check()
    newest = refreshing.versions(session.workspace(), look.board)
    newer = [name for name, number in newest.items() if number > look.versions.get(name, number)]
    if not newer:
        return
    if look.board.live:
        st.rerun()
    names = ", ".join(str(session.workspace().version(name).manifest["name"]) for name in newer)
    said = t("There is a new version of {name}.").format(name=session.literal(names))
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="newer"):
        st.markdown(said if look.hide is None else t("There are newer data."), width="stretch")
        if st.button(t("Refresh"), icon=":material/refresh:", type="primary", key="refresh-newer"):
            refresh(look.board)
            st.rerun()
