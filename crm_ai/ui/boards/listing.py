"""All dashboards a visitor may see, and how a new one is made."""

from collections.abc import Mapping

import streamlit as st

from crm_ai import i18n
from crm_ai.access import grants
from crm_ai.dashboards import kept, notes, templates
from crm_ai.dashboards.boards import LONGEST_TITLE, Board
from crm_ai.store import Version
from crm_ai.ui import session
from crm_ai.ui.boards import editing, style

EMPTY = ""
"""The template without tiles."""


def panel() -> None:
    """Own and shared boards as cards, the last changed first; templates where there are none."""
    style.apply()
    with st.container(key="board"):
        t, boards = session.translator(), kept.boards(session.desk())
        with st.container(horizontal=True, vertical_alignment="center", key="board-head"):
            st.title(t("Dashboards"), width="stretch", anchor=False)
            if _may_make() and st.button(t("New dashboard"), icon=":material/add:", type="primary", key="new-board"):
                create()
        if not boards:
            _nothing()
        desk = session.desk()
        owners = grants.rights(desk.records, desk.visitor, "dashboard", [board.id for board in boards]).owners
        mine = [board for board in boards if owners.get(board.id) in (None, desk.visitor.email)]
        others = [board for board in boards if board not in mine]
        _group(mine, "", owners)
        _group(others, t("Shared with me"), owners)


def _may_make() -> bool:
    return session.desk().visitor.has_role("analyst")


def _group(boards: list[Board], title: str, owners: Mapping[str, str]) -> None:
    if boards and title:
        st.subheader(title, anchor=False)
    known = session.workspace().datasets() if boards else {}
    with st.grid(min_column_width=300):
        for board in boards:
            _card(board, known, owners.get(board.id, "") if title else "")


def _card(board: Board, known: dict[str, Version], owner: str) -> None:
    t = session.translator()
    with st.container(height="stretch", key=f"tile-{board.id}"):
        st.page_link(
            session.page("dashboards"),
            label=f"**{session.literal(board.title)}**",
            icon=":material/space_dashboard:",
            query_params={"board": board.id, "lang": session.language()},
        )
        names = [str(known[name].manifest["name"]) for name in board.datasets if name in known]
        said = [t("{n} tiles").format(n=i18n.number(len(board.tiles))), *map(session.literal, names)]
        if owner:
            said.append(t("by {who}").format(who=session.literal(owner)))
        st.caption(" · ".join(said))
        first = next((line for line in board.note.splitlines() if line.strip()), "")
        if first:
            st.html(f'<div class="board-note quiet">{notes.html(first)}</div>')


def _nothing() -> None:
    """The templates as an invitation; just the sentence to whoever may make none."""
    t = session.translator()
    if not _may_make():
        st.info(t("No dashboard yet."), icon=":material/dashboard:")
        return
    st.markdown(t("No dashboard yet: begin with a template, or add charts from any analysis."))
    with st.grid(min_column_width=220):
        for name, template in templates.TEMPLATES.items():
            with st.container(height="stretch", key=f"tile-{name}"):
                st.markdown(f"{template.icon} **{t(template.title)}**")
                st.caption(t(template.text))
                if st.button(t("Begin"), icon=":material/arrow_forward:", type="tertiary", key=f"begin-{name}"):
                    create(name)


# ---- a new one -------------------------------------------------------------------------------------------------------


def create(kind: str | None = None) -> None:
    """Ask what the new board begins with.

    Args:
        kind: the template that is offered first.
    """
    t = session.translator()

    @st.dialog(t("New dashboard"), width="large")
    def ask() -> None:
        names = {name: str(version.manifest["name"]) for name, version in session.desk().datasets().items()}
        template = _template(kind, bool(names))
        dataset = _dataset(names) if template else ""
        usual = _title(template, names.get(dataset, ""))
        title = st.text_input(t("Title"), max_chars=LONGEST_TITLE, placeholder=usual)
        if st.button(t("Create"), type="primary", key="new-create"):
            _make(template, dataset, title.strip() or usual)

    ask()


def _template(first: str | None, any_data: bool) -> str:
    t = session.translator()
    known = {name: (t(each.title), t(each.text)) for name, each in templates.TEMPLATES.items() if any_data}
    known |= {EMPTY: (t("Empty dashboard"), t("Add tiles from any analysis."))}
    names = list(known)
    chosen = st.radio(
        t("Begin with"),
        names,
        names.index(first) if first in known else 0,
        format_func=lambda name: known[name][0],
        captions=[text for _, text in known.values()],
        key=f"new-kind-{first}",
    )
    return chosen or EMPTY


def _dataset(names: dict[str, str]) -> str:
    """The one the visitor works with stands first."""
    current = str(session.dataset_id() or "").partition("@")[0]
    ids, label = sorted(names, key=lambda name: name != current), session.translator()("Dataset")
    return st.selectbox(label, ids, format_func=names.__getitem__, key="new-dataset") or ids[0]


def _title(template: str, dataset: str) -> str:
    t = session.translator()
    return f"{t(templates.TEMPLATES[template].title)}: {dataset}"[:LONGEST_TITLE] if template else t("My dashboard")


def _make(template: str, dataset: str, title: str) -> None:
    """The board, open; what the data cannot carry is said there."""
    t, parts = session.translator(), {}
    if template:
        made = templates.made(template, dataset, session.dataset(dataset), t)
        parts = {"tiles": made.tiles, "note": t(templates.TEMPLATES[template].text)}
        if made.left_out:
            editing.say(t("Left out:") + " " + " ".join(made.left_out))
    board = kept.create(session.desk(), title, **parts)
    st.query_params.from_dict({"board": board.id, "lang": session.language()})
    st.rerun()
