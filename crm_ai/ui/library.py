"""The datasets of the workspace: choose, rename, delete."""

from typing import Any

import streamlit as st

from crm_ai import i18n
from crm_ai.ui import session


def panel(current: str | None) -> None:
    """One line a dataset."""
    t, known = session.translator(), session.workspace().datasets()
    if not known:
        return
    st.subheader(t("Your datasets"))
    for name, manifest in known.items():
        with st.container(border=True, key=f"dataset-{name}"):
            _line(name, manifest, name == current)


def _line(name: str, manifest: dict[str, Any], current: bool) -> None:
    t = session.translator()
    rows = sum(report["kept"] for report in manifest.get("report", {}).values())
    when = manifest.get("created_at", "")[:16].replace("T", " ")
    with st.container(horizontal=True, vertical_alignment="center"):
        mark = ":material/check_circle: " if current else ""
        st.markdown(f"{mark}**{session.literal(manifest['name'])}**", width="stretch")
        st.caption(t("{rows} rows, {when}").format(rows=i18n.number(rows), when=when), width="content")
        if not current and st.button(t("Open"), key=f"open-{name}"):
            session.choose(name)
            st.rerun()
        with st.popover(t("Rename"), key=f"rename-{name}"), st.form(f"rename-form-{name}", border=False):
            title = st.text_input(t("Name"), manifest["name"], max_chars=80, key=f"title-{name}")
            if st.form_submit_button(t("Rename")) and title.strip():
                session.workspace().rename(name, title.strip())
                st.rerun()
        if st.button(t("Delete"), icon=":material/delete:", key=f"delete-{name}"):
            _confirm(name, manifest["name"])


def _confirm(name: str, title: str) -> None:
    t = session.translator()

    @st.dialog(t("Delete this dataset?"))
    def ask() -> None:
        st.write(t("{name} and its results go; the files on your computer stay.").format(name=session.literal(title)))
        if st.button(t("Delete"), type="primary", key="delete-now"):
            session.workspace().delete(name)
            st.query_params.pop("dataset", None)
            st.rerun()

    ask()
