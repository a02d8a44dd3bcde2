"""The script of the app: language, sign-in, menu; then the chosen page."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:  # Streamlit puts only this folder there
    sys.path.insert(0, str(ROOT))

from crm_ai import analyses, i18n  # noqa: E402
from crm_ai.errors import CrmError  # noqa: E402
from crm_ai.ui import session, signin, style  # noqa: E402


def home() -> None:
    """The bare address: where a visitor was last, else where data come in."""
    name = session.dataset_id()
    if name is None:
        st.switch_page(session.page("data"))
    session.first_page(name)


def pages() -> dict[str, list[st.Page]]:
    """The menu, in the visitor's language."""
    t = session.translator()
    work = [
        st.Page(session.page(name), title=t(analysis.TITLE), icon=analysis.ICON, url_path=name)
        for name, analysis in ((name, analyses.load(name)) for name in analyses.ALL)
    ]
    start = st.Page(home, title="crm_ai", default=True, visibility="hidden")
    data = st.Page(session.page("data"), title=t("Data"), icon=":material/database:", url_path="data")
    return {t("Start"): [start, data], t("Analyses"): work}


def language_switch() -> None:
    """English or Chinese, at the foot of the side bar."""

    def switch() -> None:
        st.session_state["language"] = st.session_state["language-switch"] or session.language()
        st.query_params["lang"] = st.session_state["language"]

    st.sidebar.segmented_control(
        "Language / 语言",
        list(i18n.LANGUAGES),
        default=session.language(),
        format_func=i18n.LANGUAGES.__getitem__,
        key="language-switch",
        on_change=switch,
        required=True,
    )


st.set_page_config(page_title="crm_ai", page_icon=str(ROOT / "crm_ai" / "assets" / "icon.png"), layout="wide")
style.apply(session.translator())
menu = st.navigation(pages(), position="sidebar" if signin.signed_in() else "hidden")
if signin.signed_in():
    session.runner()  # the workers load their libraries while the visitor reads
    try:
        menu.run()
    except CrmError as error:
        st.error(error.text(session.translator()))
else:
    signin.form()
language_switch()
