"""Tiles from analyses: "Add to dashboard" beside whatever they show, and a choice of parts inside a board."""

import secrets
from collections.abc import Sequence

import streamlit as st

from crm_ai import analyses
from crm_ai.dashboards import content, kept
from crm_ai.dashboards.boards import LONGEST_TITLE, Board, Tile
from crm_ai.data.dataset import shape
from crm_ai.errors import CrmError
from crm_ai.recipes import Recipe
from crm_ai.ui import session, waiting
from crm_ai.ui.boards import editing, looking

WIDTHS = {"cards": 12, "findings": 6, "chart": 6, "table": 12}
NEW = ""
"""The board that is still to be made."""

Part = tuple[str, str]
"""Kind and name of what becomes a tile."""


def button(recipe: Recipe, kind: str, part: str = "") -> None:
    """ "Add to dashboard" for one thing on an analysis page."""
    if _wanted(f"add-{kind}-{part}"):
        add(recipe, [(kind, part)])


def all_of(recipe: Recipe, key: str, result: object) -> None:
    """ "Add to dashboard" for a whole page: what of it is chosen then."""
    if _wanted("add-page"):
        answer = content.Answer(tile(recipe, "findings"), recipe, key=key, result=result)
        offered = looking.seen(answer, session.language(), None).parts
        add(recipe, [(kind, part) for kind, part, _ in offered[:3]], offered)


def _wanted(key: str) -> bool:
    t = session.translator()
    may = session.desk().visitor.has_role("analyst")
    return may and st.button(t("Add to dashboard"), icon=":material/dashboard_customize:", type="tertiary", key=key)


def add(recipe: Recipe, parts: Sequence[Part], offered: Sequence[tuple[str, str, str]] = ()) -> None:
    """Ask on which board the parts of a result shall stand.

    Args:
        offered: kind, part and title of what may be chosen instead; nothing can be chosen where it is empty.
    """
    t = session.translator()

    @st.dialog(t("Add to dashboard"))
    def ask() -> None:
        chosen = _chosen(parts, offered)
        boards = [board for board in kept.boards(session.desk()) if session.desk().may("edit", "dashboard", board.id)]
        names = {board.id: board.title for board in boards} | {NEW: t("New dashboard")}
        ids = list(names)
        board = st.selectbox(t("Dashboard"), ids, format_func=names.__getitem__, key="add-board")
        title = "" if board else st.text_input(t("Title"), t("My dashboard"), max_chars=LONGEST_TITLE, key="add-title")
        if st.button(t("Add"), type="primary", key="add-now", disabled=not chosen):
            _add(recipe, chosen, board or NEW, title)

    ask()


def _chosen(parts: Sequence[Part], offered: Sequence[tuple[str, str, str]]) -> list[Part]:
    t = session.translator()
    if not offered:
        return list(parts)
    titles = {(kind, part): _title(kind, title) for kind, part, title in offered}
    default = [part for part in parts if part in titles]
    return st.multiselect(t("What"), list(titles), default, format_func=titles.__getitem__, key="add-parts")


def _title(kind: str, title: str) -> str:
    t = session.translator()
    words = {"cards": t("Key figures"), "findings": t("Findings"), "chart": t("Chart"), "table": t("Table")}
    return words[kind] if kind in ("cards", "findings") else f"{words[kind]}: {title}"


def _add(recipe: Recipe, parts: Sequence[Part], name: str, title: str) -> None:
    """Put the tiles on the board, and say where they are."""
    t, desk = session.translator(), session.desk()
    tiles = tuple(tile(recipe, *part) for part in parts)
    try:
        board = kept.found(desk, name) if name else kept.create(desk, title)
        for each in tiles:
            board = board.with_tile(each)
        board = kept.save(desk, board)
    except CrmError as error:
        st.error(error.text(t), icon=":material/error:")
        return
    st.success(t("It is on the dashboard now."), icon=":material/check:")
    st.page_link(
        session.page("dashboards"),
        label=t("Open {title}").format(title=session.literal(board.title)),
        icon=":material/arrow_forward:",
        query_params={"board": board.id, "lang": session.language()},
    )


def tile(recipe: Recipe, kind: str, part: str = "") -> Tile:
    """A new tile of an analysis; it follows the newest version, unless the page stands on an older one."""
    return Tile(secrets.token_hex(4), kind, recipe, part, width=WIDTHS[kind])


# ---- inside a board --------------------------------------------------------------------------------------------------


def pick(board: Board) -> None:
    """Choose data, an analysis, and what of it becomes tiles."""
    t = session.translator()

    @st.dialog(t("Add a tile"), width="medium")
    def ask() -> None:
        known = session.desk().datasets()
        if not known:
            st.info(t("No data yet: upload a file or open the demo on the data page."))
            return
        names = {name: str(version.manifest["name"]) for name, version in known.items()}
        ids = sorted(names, key=lambda name: name not in board.datasets)
        dataset = st.selectbox(t("Dataset"), ids, format_func=names.__getitem__, key="pick-dataset")
        here = shape(known[dataset].folder)
        able = [name for name in analyses.ALL if not analyses.lacks(analyses.load(name).NEEDS, here)]
        titles = {name: t(analyses.load(name).TITLE) for name in able}
        analysis = st.selectbox(t("Analysis"), able, format_func=titles.__getitem__, key="pick-analysis")
        if analysis:
            _parts(Recipe(dataset, analysis))

    ask()


def _parts(recipe: Recipe) -> None:
    """What an analysis has to offer, once it is computed."""
    t = session.translator()
    found = looking.Look(st.session_state[editing.SEEN], editing.NO_FILTERS, {}).find(tile(recipe, "findings"))
    if found.job and not found.job.wait(waiting.PATIENCE):
        waiting.progress(found.job)
        return
    if found.answer.error:
        st.error(found.answer.error.text(t), icon=":material/error:")
        return
    if found.answer.missing:
        st.rerun(scope="fragment")
    view = looking.seen(found.answer, session.language(), None)
    chosen = _chosen([], view.parts)
    if st.button(t("Add"), type="primary", key="pick-now", disabled=not chosen):
        editing.finish(editing.change(lambda board: _with(board, [tile(recipe, *part) for part in chosen])))


def _with(board: Board, tiles: Sequence[Tile]) -> Board:
    for each in tiles:
        board = board.with_tile(each)
    return board
