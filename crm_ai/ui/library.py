"""The datasets of the workspace: choose, rename, delete; and uploads that wait for somebody to finish them."""

import streamlit as st

from crm_ai import i18n
from crm_ai.data import intake
from crm_ai.store import Draft, Version
from crm_ai.ui import session, signin


def panel(current: str | None) -> None:
    """One line a dataset."""
    t, desk = session.translator(), session.desk()
    known = desk.datasets()
    if not known:
        return
    st.subheader(t("Your datasets"))
    edits, owns = (desk.allowed(level, "dataset", known) for level in ("edit", "own"))
    for name, version in known.items():
        with st.container(border=True, key=f"dataset-{name}"):
            _line(version, bool(current) and str(current).partition("@")[0] == name, name in edits, name in owns)


def unfinished(current: str | None) -> None:
    """Uploads whose columns nobody has accepted yet, but for the one on the screen."""
    t = session.translator()
    waiting = [draft for draft in session.desk().unfinished() if draft.id != current]
    if not waiting:
        return
    with st.expander(t("Unfinished uploads ({n})").format(n=len(waiting)), icon=":material/pending:", key="unfinished"):
        for draft in waiting:
            _waiting(draft)


def _waiting(draft: Draft) -> None:
    t = session.translator()
    staged = intake.staged(draft.folder)
    files = ", ".join(dict.fromkeys(source.name for source in staged.sources))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(session.literal(f"{_title(draft, staged.name)}: {files}"[:200]), width="stretch")
        st.caption(session.when(draft.created_at), width="content")
        if st.button(t("Continue"), key=f"continue-{draft.id}"):
            st.query_params["new"] = draft.id
            st.rerun()
        if st.button(t("Discard"), icon=":material/delete:", key=f"discard-{draft.id}"):
            session.desk().discard(draft)
            st.rerun()


def _title(draft: Draft, name: str) -> str:
    """What an upload is for."""
    t = session.translator()
    if not draft.base:
        return name
    title = session.desk().version(draft.dataset).manifest["name"]
    if draft.why == "columns changed":
        return t("Other columns for {name}").format(name=title)
    return t("More data for {name}").format(name=title)


def _line(version: Version, current: bool, edits: bool, owns: bool) -> None:
    """A dataset; ``edits`` and ``owns`` say whether the visitor may rename and delete it."""
    t, name, title = session.translator(), version.dataset, version.manifest["name"]
    with st.container(horizontal=True, vertical_alignment="center"):
        mark = ":material/check_circle: " if current else ""
        st.markdown(f"{mark}**{session.literal(title)}**", width="stretch")
        rows, when = i18n.number(version.rows), session.when(version.created_at)
        st.caption(t("{rows} rows, {when}").format(rows=rows, when=when), width="content")
        if not current and st.button(t("Open"), key=f"open-{name}"):
            session.choose(name)
            st.rerun()
        if edits:
            _rename(name, title)
        if owns and st.button(t("Delete"), icon=":material/delete:", key=f"delete-{name}"):
            _confirm(name, title)


def _rename(name: str, title: str) -> None:
    t = session.translator()
    with st.popover(t("Rename"), key=f"rename-{name}"), st.form(f"rename-form-{name}", border=False):
        chosen = st.text_input(t("Name"), title, max_chars=80, key=f"title-{name}")
        if st.form_submit_button(t("Rename")) and chosen.strip():
            session.desk().rename(name, chosen.strip())
            st.rerun()


def _confirm(name: str, title: str) -> None:
    t = session.translator()

    @st.dialog(t("Delete this dataset?"))
    def ask() -> None:
        sentence = t("{name}, all its versions and its results go; the files on your computer stay.")
        st.write(sentence.format(name=session.literal(title)))
        if st.button(t("Delete"), type="primary", key="delete-now"):
            with signin.answering():
                session.desk().delete(name)
                st.query_params.pop("dataset", None)
                st.rerun()

    ask()
