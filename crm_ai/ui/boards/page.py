"""The page of dashboards: all of them, or the one in the address."""

from typing import Any

import streamlit as st

from crm_ai.dashboards import kept, notes
from crm_ai.dashboards.boards import Board
from crm_ai.errors import UnknownName
from crm_ai.ui import session
from crm_ai.ui.boards import adding, editing, filtering, grid, listing

EDITED = "board-edited"
"""In the session: id of the board that is being changed."""


def page() -> None:
    """A board, or the list where the address has none, or none that is there."""
    name = st.query_params.get("board", "")
    board = _found(name) if name else None
    if board is None:
        st.session_state.pop("board-open", None)
        listing.panel()
    else:
        _open(board)


def _found(name: str) -> Board | None:
    try:
        return kept.found(session.desk(), name)
    except UnknownName as error:
        st.warning(error.text(session.translator()))
        return None


def _open(board: Board) -> None:
    if st.session_state.get("board-open") != board.id:
        st.session_state["board-open"] = board.id
        grid.refresh(board)
    may = session.desk().may("edit", "dashboard", board.id)
    edited = may and st.session_state.get(EDITED) == board.id
    editing.looked_at(board)
    _head(board, may, edited)
    editing.said()
    if edited:
        _tools(board)
    if board.tiles:
        check = session.watching("view", "dashboard", board.id)
        grid.show(board, filtering.asked(board), editable=edited, check=check)
    else:
        _empty(may)
    _below(board, may)


# ---- above -----------------------------------------------------------------------------------------------------------


def _head(board: Board, may: bool, edited: bool) -> None:
    t = session.translator()
    with st.container(key="board-head"):
        st.page_link(
            session.page("dashboards"),
            label=t("All dashboards"),
            icon=":material/arrow_back:",
            query_params={"lang": session.language()},
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title(session.literal(board.title), width="stretch", anchor=False)
            label = t("Refresh")
            if st.button(label, icon=":material/refresh:", help=t("Take the newest data"), key="refresh-board"):
                grid.refresh(board)
                st.rerun()
            if may:
                _switch(board, edited)
    if board.note:
        st.html(f'<div class="board-note">{notes.html(board.note)}</div>')


def _switch(board: Board, edited: bool) -> None:
    """Begin or end changing the board."""
    t = session.translator()
    label, icon = (t("Done"), "check") if edited else (t("Edit"), "edit")
    kind: Any = "primary" if edited else "secondary"
    if st.button(label, icon=f":material/{icon}:", type=kind, key="edit-board"):
        st.session_state[EDITED] = "" if edited else board.id
        st.rerun()


def _tools(board: Board) -> None:
    """What can be done with the board as a whole."""
    t = session.translator()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", border=True, key="tools"):
        if st.button(t("Add a tile"), icon=":material/add_chart:", key="add-tile"):
            adding.pick(board)
        if st.button(t("Add a note"), icon=":material/notes:", key="add-note"):
            editing.new_note()
        if st.button(t("Title and options"), icon=":material/tune:", key="about-board"):
            editing.about(board)
        filters = filtering.asked(board)
        if filters != board.filters:
            st.button(
                t("Keep these filters"),
                icon=":material/filter_alt:",
                help=t("Everybody who opens the dashboard sees it with these filters first."),
                key="keep-filters",
                on_click=editing.keep_filters,
                args=(filters,),
            )
        if editing.UNDO in st.session_state:
            st.button(t("Undo"), icon=":material/undo:", key="undo", on_click=editing.undo)
        st.space("stretch")
        if st.button(t("Delete"), icon=":material/delete:", type="tertiary", key="delete-board"):
            editing.delete(board)


def _empty(may: bool) -> None:
    t = session.translator()
    text = t("Nothing here yet: add charts, figures and tables from any analysis, or write a note.")
    st.info(text if may else t("Nothing here yet."), icon=":material/dashboard_customize:")


# ---- below -----------------------------------------------------------------------------------------------------------


def _below(board: Board, may: bool) -> None:
    """Links, schedules, and who may see it: for whoever may change it."""
    if may:
        from crm_ai.ui import granting, schedules, sharing

        st.space("small")
        sharing.panel(board)
        schedules.panel(board)
        granting.panel("dashboard", board.id)
