"""Who is it, and which role has he?

With ``[auth]`` in secrets.toml people come from an OpenID provider; their roles stand in ``[roles]`` there (e-mail =
role; ``default`` for everybody else, else viewer). Else with accounts of our own by the cookie of the sign-in. Else
whoever sits at this machine is the one local user, and nobody else gets in, unless CRM_AI_OPEN says so.

Asked anew whenever something is to be done: whoever is signed out somewhere is out at the next click.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crm_ai.access import LOCAL, NOBODY, ROLES, Visitor, accounts, arrivals, sessions
from crm_ai.errors import NotAllowed
from crm_ai.settings import settings
from crm_ai.web.site import records, token
from crm_ai.web.uploads import uploaders

__all__ = ["LOCAL", "NOBODY", "visitor"]
LOG = logging.getLogger("crm_ai")
T = TypeVar("T")


def openid() -> bool:
    """Whether an OpenID provider is set up."""
    return bool(secret("auth"))


def local_accounts() -> bool:
    """Whether people sign in with accounts of our own."""
    return not openid() and accounts.exist(records())


def visitor() -> Visitor:
    """Whoever is looking; NOBODY before the sign-in."""
    if openid():
        return _from_provider()
    if held := _held():
        found = sessions.found(records(), held)
        if found:
            return found
    return LOCAL if not accounts.exist(records()) and (settings().open or _from_here()) else NOBODY


def _held() -> str:
    """The token that the browser holds; a script without a browser (a test) has something else for cookies."""
    found = token(st.context.cookies)
    return found if isinstance(found, str) else ""


def _from_provider() -> Visitor:
    if not st.user.is_logged_in:
        return NOBODY
    email, roles = str(st.user.get("email") or "").strip().lower(), secret("roles")
    vouched = str(st.user.get("email_verified", True)).lower() == "true"  # else anybody may say so
    if "@" not in email or not vouched:
        return NOBODY
    role = str(roles.get(email, roles.get("default", "viewer")))
    return Visitor(email, role if role in ROLES else "", str(st.user.get("name") or ""))


def _from_here() -> bool:
    """Whether the browser runs on this machine; a script without a browser (a test) does."""
    headers = st.context.headers
    return not headers or arrivals.from_here(st.context.ip_address, {name: headers.get_all(name) for name in headers})


def lasting() -> Callable[[], Visitor]:
    """Whoever is looking, asked again later, also where no page is run: NOBODY once this session has ended."""
    found, held = visitor(), "" if openid() else _held()
    if not held:
        return lambda: found
    kept = records()
    return lambda: sessions.found(kept, held) or NOBODY


def still(make: Callable[[], T]) -> Callable[[], T]:
    """The same function, for later: a download is made when it is clicked, without the page being run again.

    It raises NotAllowed once the session of whoever was promised it has ended.
    """
    who = lasting()

    def made() -> T:
        if who() == NOBODY:
            raise NotAllowed("You are signed out: sign in again.")
        return make()

    return made


def arrive() -> Visitor:
    """Whoever is looking, at the start of a run; says what his session may send."""
    found, run = visitor(), get_script_run_ctx()
    if run is not None:
        uploaders().let(run.session_id, found.has_role("analyst"))
    return found


def warn(asks: bool) -> None:
    """Say in the log how open this server is."""
    address = str(st.get_option("server.address") or "0.0.0.0")
    if asks or openid():
        LOG.info("People sign in.")
    elif settings().open:
        LOG.warning("CRM_AI_OPEN=1: EVERYBODY who reaches %s may see, change and delete ALL DATA.", address)
    elif address not in ("localhost", "127.0.0.1", "::1"):
        LOG.warning("Nobody signs in, so only this machine is let in. Add an account: python -m crm_ai account add")


def base() -> str:
    """The path before all addresses, as "/crm"."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def secret(name: str) -> dict[str, str]:
    """A section of secrets.toml; {} where there is none."""
    try:
        return dict(st.secrets.get(name, {}))
    except StreamlitSecretNotFoundError:
        return {}
