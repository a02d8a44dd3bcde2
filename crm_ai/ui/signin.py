"""The sign-in, and the role a page needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st

from crm_ai.access import LOCAL, Visitor
from crm_ai.errors import CrmError, NotAllowed
from crm_ai.settings import settings
from crm_ai.ui import visitors
from crm_ai.ui.session import literal, translator

LINK = """<a href="{href}" target="_self" style="display: inline-block; padding: .45rem 1.1rem; border-radius: .6rem;
background: #2F5DB8; color: #fff; font-weight: 600; text-decoration: none"
>{label}</a>"""
QUIET = '<a href="{href}" target="_self" style="color: inherit">{label}</a>'


def signed_in() -> bool:
    return visitors.visitor() != visitors.NOBODY


def require_role(needed: str) -> None:
    """Stop the page for visitors who may not see it. The first line of every page, and of fragments that show data."""
    t, visitor = translator(), visitors.visitor()
    if visitor == visitors.NOBODY:
        form()
        st.stop()
    if not visitor.has_role(needed):
        st.error(NotAllowed("This page is for the role {role}: ask your administrator.", role=t(needed)).text(t))
        st.stop()


def form() -> None:
    """The way to the sign-in, and nothing else."""
    t = translator()
    st.title("crm_ai")
    with st.container(key="sign-in"):
        if visitors.openid():
            _provider()
        elif visitors.local_accounts():
            st.write(t("Sign in to see this page."))
            asked = urlencode({"next": _here(), "lang": "zh" if t("Sign in") != "Sign in" else "en"}, quote_via=quote)
            st.html(LINK.format(href=f"{visitors.base()}/sign-in?{escape(asked)}", label=escape(t("Sign in"))))
        else:
            _closed()


def _provider() -> None:
    t = translator()
    if not st.user.is_logged_in:
        st.write(t("Sign in to see this page."))
        st.button(t("Sign in"), type="primary", on_click=st.login)
        return
    st.warning(t("Your provider does not vouch for your e-mail address, so it does not count here."))
    st.button(t("Sign out"), on_click=st.logout)


def _here() -> str:
    """The address of this page, for coming back."""
    path, query = urlsplit(st.context.url or "/").path, urlencode(st.query_params.to_dict())
    return f"{path or '/'}?{query}" if query else path or "/"


def _closed() -> None:
    """Nobody signs in here yet: what to do about it."""
    t = translator()
    st.info(t("This program answers only on the machine it runs on, because nobody has an account yet."))
    st.markdown(t("Whoever runs it can let people in by one of these:"))
    st.markdown("1. " + t("Add accounts. From the first one on, everybody signs in:"))
    st.code("python -m crm_ai account add you@example.com --role admin", "shell")
    st.markdown("2. " + t("Connect an OpenID provider; the documents say how."))
    last = t("Let everybody in who reaches this address, with all rights: start it with {setting}.")
    st.markdown("3. " + last.format(setting="`CRM_AI_OPEN=1`"))


def menu(visitor: Visitor) -> None:
    """Who is signed in, at the foot of the side bar."""
    t = translator()
    if visitor == LOCAL:
        if settings().open:
            st.sidebar.warning(t("Everybody who reaches this address may see, change and delete everything here."))
        return
    with st.sidebar.container(key="account"):
        st.caption(literal(visitor.name or visitor.email))
        if visitors.openid():
            st.button(t("Sign out"), on_click=st.logout, type="tertiary", icon=":material/logout:")
        else:
            links = (("/account", t("Your account")), ("/sign-out", t("Sign out")))
            html = " · ".join(QUIET.format(href=visitors.base() + to, label=escape(label)) for to, label in links)
            st.html(f"<small>{html}</small>")


@contextmanager
def answering() -> Iterator[None]:
    """Around what a dialog or a fragment does without the rest of its page: why it cannot be done is said there, and
    who was signed out meanwhile comes to the sign-in."""
    try:
        yield
    except CrmError as error:
        if not signed_in():
            st.rerun()
        refused(error)


def refused(error: Exception) -> bool:
    """Say why something cannot be done.

    Returns:
        Whether it is dealt with: faults of the program are not.
    """
    if isinstance(error, CrmError):
        st.error(error.text(translator()), icon=":material/error:")
        return True
    return False
