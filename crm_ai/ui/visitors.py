"""Who is it, and which role has he? Without a sign-in: one local user who may do everything.

Roles of people who come from an OpenID provider stand in ``[roles]`` in secrets.toml (e-mail = role; ``default`` for
everybody else, else viewer).
"""

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from crm_ai.access import LOCAL, Visitor

NOBODY = Visitor("", "")


def openid() -> bool:
    """Whether an OpenID provider is set up."""
    return bool(secret("auth"))


def visitor() -> Visitor:
    """Whoever is looking; NOBODY before the sign-in."""
    if not openid():
        return LOCAL
    if not st.user.is_logged_in:
        return NOBODY
    email, roles = str(st.user.get("email", "")).lower(), secret("roles")
    return Visitor(email, str(roles.get(email, roles.get("default", "viewer"))), str(st.user.get("name", "")))


def secret(name: str) -> dict[str, str]:
    """A section of secrets.toml; {} where there is none."""
    try:
        return dict(st.secrets.get(name, {}))
    except StreamlitSecretNotFoundError:
        return {}
