"""The script of the app: language, sign-in, menu; then the chosen page."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:  # Streamlit puts only this folder there
    sys.path.insert(0, str(ROOT))

from crm_ai import analyses, i18n  # noqa: E402
from crm_ai.access import NOBODY, Visitor  # noqa: E402
from crm_ai.errors import CrmError  # noqa: E402
from crm_ai.ui import session, signin, style, visitors  # noqa: E402

SHARED = "shared"  # the one page that opens without an account: it asks for the token of a link


def home() -> None:
    """The bare address: where a visitor was last, else where data come in; for whoever only looks, the dashboards."""
    name = session.dataset_id()
    if name is None:
        st.switch_page(session.page("data" if visitor.has_role("analyst") else "dashboards"))
    session.first_page(name)


def pages(visitor: Visitor) -> dict[str, list[st.Page]]:
    """The menu, in the visitor's language. What he has no role for answers at its address, but is not listed."""
    t = session.translator()

    def page(name: str, title: str, icon: str, role: str = "viewer") -> st.Page:
        place, seen = session.page(name), visitor.has_role(role)
        return st.Page(place, title=title, icon=icon, url_path=name, visibility="visible" if seen else "hidden")

    work = [page(name, t(module.TITLE), module.ICON) for name in analyses.ALL if (module := analyses.load(name))]
    start = [
        st.Page(home, title="crm_ai", default=True, visibility="hidden"),
        st.Page(session.page(SHARED), title="crm_ai", url_path=SHARED, visibility="hidden"),
        page("data", t("Data"), ":material/database:", "analyst"),
        page("dashboards", t("Dashboards"), ":material/space_dashboard:"),
    ]
    people = page("people", t("People"), ":material/group:", "admin")
    return {t("Start"): start, t("Analyses"): work, t("Administration"): [people]}


def language_switch(place: Any = st.sidebar) -> None:
    """English or Chinese, at the foot of the side bar; for a page without one, somewhere else."""

    def switch() -> None:
        st.session_state["language"] = st.session_state["language-switch"] or session.language()
        st.query_params["lang"] = st.session_state["language"]

    place.segmented_control(
        "Language / 语言",
        list(i18n.LANGUAGES),
        default=session.language(),
        format_func=i18n.LANGUAGES.__getitem__,
        key="language-switch",
        on_change=switch,
        required=True,
        label_visibility="visible" if place is st.sidebar else "collapsed",
    )


st.set_page_config(page_title="crm_ai", page_icon=str(ROOT / "crm_ai" / "assets" / "icon.png"), layout="wide")
style.apply(session.translator())
visitor = visitors.arrive()
alone = visitor == NOBODY or urlsplit(st.context.url or "").path.rstrip("/").endswith(f"/{SHARED}")
menu = st.navigation(pages(visitor), position="hidden" if alone else "sidebar")
if menu.url_path == SHARED:
    language_switch(st.container(horizontal=True, horizontal_alignment="right", key="language-place"))
if visitor == NOBODY and menu.url_path != SHARED:
    signin.form()
else:
    if not alone:
        session.runner()  # the workers load their libraries while the visitor reads
        signin.menu(visitor)
    try:
        menu.run()
    except CrmError as error:
        signin.refused(error)
if menu.url_path != SHARED:
    language_switch()
