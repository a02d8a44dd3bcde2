"""Changing a board: each change is saved at once, and the last one can be undone.

What is saved rests on the board as the person saw it: where somebody else was quicker, nothing is overwritten, and
what was typed stays on the screen.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from crm_ai.dashboards import kept
from crm_ai.dashboards.boards import LONGEST_NOTE, LONGEST_TITLE, WIDTHS, Board, Tile
from crm_ai.data.filters import Filters
from crm_ai.errors import CrmError
from crm_ai.ui import session

SHARES = {3: "¼", 4: "⅓", 6: "½", 8: "⅔", 12: "1"}
SEEN, UNDO, SAID = "board-seen", "board-undo", "board-said"
NO_FILTERS = Filters()

Change = Callable[[Board], Board]


# ---- saving ----------------------------------------------------------------------------------------------------------


def looked_at(board: Board) -> None:
    """This is what the person sees now."""
    st.session_state[SEEN] = board
    if UNDO in st.session_state and st.session_state[UNDO].id != board.id:
        del st.session_state[UNDO]


def change(how: Change) -> bool:
    """Save a change of the board that is seen; whether it went well."""
    seen: Board = st.session_state[SEEN]
    try:
        saved = kept.save(session.desk(), how(seen))
    except CrmError as error:
        st.session_state[SAID] = ("error", error.text(session.translator()))
        return False
    st.session_state[SEEN], st.session_state[UNDO] = saved, seen
    return True


def undo() -> None:
    """Back to before the last change."""
    before: Board = st.session_state.pop(UNDO)
    if change(lambda now: replace(before, revision=now.revision)):
        del st.session_state[UNDO]


def say(sentence: str, kind: str = "info") -> None:
    """Tell it at the next look at the board."""
    st.session_state[SAID] = (kind, sentence)


def said() -> None:
    """What was to be told, once."""
    kind, sentence = st.session_state.pop(SAID, ("", ""))
    if kind == "error":
        st.error(sentence, icon=":material/error:")
    elif kind:
        st.info(sentence, icon=":material/info:")


# ---- a tile ----------------------------------------------------------------------------------------------------------


def controls(tile: Tile) -> None:
    """Order, width, words, removal: one line above a tile."""
    t, name = session.translator(), tile.id
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"controls-{name}"):
        for by, icon, text in ((-1, "arrow_back", t("Earlier")), (1, "arrow_forward", t("Later"))):
            _button(f"move{by}-{name}", icon, text, _moving(name, by))
        st.selectbox(
            t("Width"),
            WIDTHS,
            WIDTHS.index(tile.width),
            SHARES.__getitem__,
            key=f"width-{name}-{tile.width}",
            label_visibility="collapsed",
            width=76,
            on_change=partial(_widen, name, f"width-{name}-{tile.width}"),
        )
        if st.button("", icon=":material/edit:", help=t("Title and note"), type="tertiary", key=f"edit-{name}"):
            words(tile)
        _button(f"remove-{name}", "delete", t("Remove"), lambda board: board.without(name))


def _button(key: str, icon: str, text: str, act: Change) -> None:
    st.button("", icon=f":material/{icon}:", help=text, type="tertiary", key=key, on_click=_do, args=(act,))


def _moving(name: str, by: int) -> Change:
    return lambda board: board.moved(name, by)


def _do(how: Change) -> None:
    change(how)


def _widen(name: str, key: str) -> None:
    width = st.session_state[key]
    change(lambda board: board.with_tile(replace(board.tile(name), width=width)))


def words(tile: Tile) -> None:
    """Ask for title and note of a tile; of a note, for all of it."""
    t = session.translator()

    @st.dialog(t("Note") if tile.kind == "note" else t("Title and note"), width="medium")
    def ask() -> None:
        title = st.text_input(t("Title"), tile.title, max_chars=LONGEST_TITLE, placeholder=t("The usual title"))
        note = _note(tile.note)
        if st.button(t("Save"), type="primary", key="words-save"):
            changed = replace(tile, title=title.strip(), note=note)
            finish(change(lambda board: board.with_tile(replace(changed, width=_width(board, tile)))))

    ask()


def new_note() -> None:
    """Ask for the text of a new note."""
    words(Tile(secrets.token_hex(4), "note", width=12))


def _width(board: Board, tile: Tile) -> int:
    """That which it has by now."""
    return next((each.width for each in board.tiles if each.id == tile.id), tile.width)


def _note(text: str) -> str:
    t = session.translator()
    help = t("Markdown: **bold**, lists with -, headings with #. No HTML, no pictures, no links to other sites.")
    return st.text_area(t("Note"), text, max_chars=LONGEST_NOTE, help=help, height=140)


def finish(well: bool) -> None:
    """Close the dialog, or say in it what went wrong, with all that was typed."""
    if well:
        st.rerun()
    _, sentence = st.session_state.pop(SAID)
    st.error(sentence, icon=":material/error:")
    board: Board = st.session_state[SEEN]
    try:
        st.session_state[SEEN] = kept.found(session.desk(), board.id)
    except CrmError:
        return
    st.caption(
        session.translator()("What you typed is still here: save again to add it to the dashboard as it is now.")
    )


def keep_filters(filters: Filters) -> None:
    """Open the board with these filters from now on."""
    change(lambda board: replace(board, filters=filters))


# ---- the board -------------------------------------------------------------------------------------------------------


def about(board: Board) -> None:
    """Ask for title, note and habits of the board."""
    t = session.translator()

    @st.dialog(t("Dashboard"), width="medium")
    def ask() -> None:
        title = st.text_input(t("Title"), board.title, max_chars=LONGEST_TITLE)
        note = _note(board.note)
        compare = st.toggle(t("Compare cards with the version before"), board.compare)
        live = st.toggle(
            t("Take new versions at once"), board.live, help=t("Open dashboards change by themselves; else they ask.")
        )
        if st.button(t("Save"), type="primary", key="about-save"):
            finish(change(lambda now: replace(now, title=title.strip(), note=note, compare=compare, live=live)))

    ask()


def delete(board: Board) -> None:
    """Ask before a board is deleted."""
    t = session.translator()

    @st.dialog(t("Delete {title}?").format(title=board.title))
    def ask() -> None:
        st.write(t("Its links and schedules go too; data and results stay."))
        if st.button(t("Delete"), type="primary", key="delete-board-now"):
            kept.remove(session.desk(), board.id)
            st.query_params.clear()
            st.rerun()

    ask()
