"""The sign-in, and the role a page needs."""

import streamlit as st

from crm_ai.errors import NotAllowed
from crm_ai.ui import visitors
from crm_ai.ui.session import translator


def signed_in() -> bool:
    return visitors.visitor() != visitors.NOBODY


def require_role(needed: str) -> None:
    """Stop the page for visitors who may not see it. The first line of every page."""
    t = translator()
    if not signed_in():
        form()
        st.stop()
    if not visitors.visitor().has_role(needed):
        st.error(NotAllowed("This page is for the role {role}: ask your administrator.", role=t(needed)).text(t))
        st.stop()


def form() -> None:
    """The sign-in, and nothing else."""
    t = translator()
    st.title("crm_ai")
    st.write(t("Sign in to see this page."))
    st.button(t("Sign in"), type="primary", on_click=st.login, key="sign-in")
