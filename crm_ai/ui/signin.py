"""Who is it, and which role has he? Without ``[auth]`` in secrets.toml: one local user who may do everything.

Roles come from ``[roles]`` in secrets.toml (e-mail = role; ``default`` for everybody else, else viewer).
"""

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from crm_ai.errors import NotAllowed
from crm_ai.ui.session import translator

ROLES = ("viewer", "analyst", "admin")


def configured() -> bool:
    """Whether visitors have to sign in."""
    return bool(_secret("auth"))


def signed_in() -> bool:
    return not configured() or bool(st.user.is_logged_in)


def role() -> str:
    """The visitor's role."""
    if not configured():
        return "admin"
    roles = _secret("roles")
    return str(roles.get(str(st.user.get("email", "")), roles.get("default", "viewer")))


def allowed(needed: str) -> bool:
    return signed_in() and ROLES.index(role()) >= ROLES.index(needed)


def require_role(needed: str) -> None:
    """Stop the page for visitors who may not see it. The first line of every page."""
    t = translator()
    if not signed_in():
        form()
        st.stop()
    if not allowed(needed):
        st.error(NotAllowed("This page is for the role {role}: ask your administrator.", role=t(needed)).text(t))
        st.stop()


def form() -> None:
    """The sign-in, and nothing else."""
    t = translator()
    st.title("crm_ai")
    st.write(t("Sign in to see this page."))
    st.button(t("Sign in"), type="primary", on_click=st.login, key="sign-in")


def _secret(name: str) -> dict[str, str]:
    try:
        return dict(st.secrets.get(name, {}))
    except StreamlitSecretNotFoundError:
        return {}
