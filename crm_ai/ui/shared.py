"""What a link shows: one dashboard, and nothing else. The link is asked again at every look and every download."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crm_ai.dashboards import links, notes
from crm_ai.dashboards.boards import Board
from crm_ai.dashboards.links import Link
from crm_ai.errors import CrmError, UnknownName
from crm_ai.ui import boards, session
from crm_ai.ui.boards import style

UNLOCKED, COUNTED = "links-unlocked", "links-counted"
"""In the session: ids of the links whose password was given, and of those whose opening is written down."""


def page() -> None:
    """The dashboard of the link in the address; one sentence where it does not lead anywhere."""
    t, token = session.translator(), st.query_params.get("link", "")
    try:
        link, board = links.opened(session.records(), token)
    except UnknownName as error:
        with _empty():
            st.info(error.text(t), icon=":material/link_off:")
        return
    if link.password and link.id not in st.session_state.get(UNLOCKED, ()):
        with _empty():
            _ask(link)
        return
    _count(link)
    _head(board)
    boards.show(
        board,
        boards.asked(board) if link.options.filters else board.filters,
        hide=link.options.hide,
        exports=link.options.downloads,
        filterable=link.options.filters,
        check=partial(_still, token),
    )


def _still(token: str) -> None:
    """Stop where the link was closed in the meantime.

    Raises:
        UnknownName: it was; a page that is being drawn begins anew instead.
    """
    try:
        links.opened(session.records(), token)
    except UnknownName:
        if get_script_run_ctx() is not None:
            st.rerun()
        raise


def _ask(link: Link) -> None:
    """Ask for the password."""
    t = session.translator()
    st.title(t("This dashboard has a password"), anchor=False)
    with st.form("link-password", border=False, width=420):
        password = st.text_input(t("Password"), type="password", key="link-password-input", autocomplete="off")
        pressed = st.form_submit_button(t("Open"), type="primary", icon=":material/lock_open:", key="link-unlock")
    if not pressed:
        return
    try:
        links.unlock(session.records(), link, password)
    except CrmError as error:
        st.error(error.text(t))
        return
    st.session_state[UNLOCKED] = {*st.session_state.get(UNLOCKED, ()), link.id}
    st.rerun()


def _count(link: Link) -> None:
    """Write down that it was opened, once a session."""
    seen = st.session_state.get(COUNTED, frozenset())
    if link.id not in seen:
        links.count(session.records(), link)
        st.session_state[COUNTED] = seen | {link.id}


def _empty() -> DeltaGenerator:
    """A place that looks like a dashboard."""
    style.apply()
    return st.container(key="board")


def _head(board: Board) -> None:
    with st.container(key="board-head"):
        st.title(session.literal(board.title), anchor=False)
    if board.note:
        st.html(f'<div class="board-note">{notes.html(board.note)}</div>')
