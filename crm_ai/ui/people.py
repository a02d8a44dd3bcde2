"""The people of this installation: accounts, who is signed in, and who did what."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm_ai import export
from crm_ai.access import LOCAL, ROLES
from crm_ai.access.accounts import Account
from crm_ai.access.people import People
from crm_ai.access.sessions import Session
from crm_ai.errors import CrmError
from crm_ai.records.audit import Act
from crm_ai.ui import session, visitors

SHOWN = 50
"""Accounts in sight; others are found by typing."""
MEANING = {
    "viewer": "Looks at what is shared with him, and runs analyses on it.",
    "analyst": "Also uploads data, cleans them, makes dashboards and shares both.",
    "admin": "May do everything with everybody's data, and looks after the accounts.",
}
RIGHTS = {"view": "May see it", "edit": "May change it", "": "Nothing"}


def page() -> None:
    """Three tabs; the roles of people from an OpenID provider are looked after elsewhere."""
    t, door = session.translator(), People(session.records(), visitors.visitor())
    st.title(t("People"))
    kept = t("Accounts"), t("Signed in now"), t("Who did what")
    here, now, trail = st.tabs(kept, key=f"people-{session.language()}")
    with here:
        if visitors.openid():
            st.info(
                t("People come from your OpenID provider; their roles stand in the section [roles] of secrets.toml.")
            )
        else:
            _accounts(door)
    with now:
        _signed_in(door)
    with trail:
        _trail(door.acts())


def _tried(act: Callable[[], str | None]) -> str | None:
    """Do something; say why it cannot be done."""
    try:
        return act()
    except CrmError as error:
        st.error(error.text(session.translator()), icon=":material/error:")
        return None


# ---- accounts --------------------------------------------------------------------------------------------------------


def _accounts(door: People) -> None:
    t, first = session.translator(), door.visitor == LOCAL
    if first:
        st.info(t("Nobody has an account yet, so nobody signs in and only this machine is let in."))
    with st.expander(t("Add somebody"), icon=":material/person_add:", expanded=first, key="add-person"):
        _add(door, first)
    every = door.accounts()
    asked = st.text_input(t("Find somebody"), key="find-person").strip().lower() if len(every) > SHOWN else ""
    found = [each for each in every if asked in f"{each.email} {each.name.lower()}"]
    for each in found[:SHOWN]:
        with st.container(border=True, key=f"person-{each.email}"):
            _line(door, each)
    if found[SHOWN:]:
        st.caption(t("{n} more: type a part of the name.").format(n=len(found) - SHOWN))


def _add(door: People, first: bool) -> None:
    """The form for a new account; the first one is an admin's, and ends this visit without a sign-in."""
    t = session.translator()
    with st.form("new-person", border=False, clear_on_submit=True):
        email = st.text_input(t("E-mail"), max_chars=254, key="new-email")
        name = st.text_input(t("Name"), max_chars=100, key="new-name")
        roles = ["admin"] if first else list(ROLES)
        role = st.selectbox(t("Role"), roles, format_func=t, key=f"new-role-{session.language()}", help=_roles())
        pressed = st.form_submit_button(t("Add"), type="primary")
    password = _tried(partial(door.add, email, role or roles[0], name)) if pressed else None
    if password:
        _once(email.strip().lower(), password)
    if password and first:
        st.warning(t("From now on everybody signs in, you too: keep the password, then sign in with it."))


def _roles() -> str:
    t = session.translator()
    return "  \n".join(f"**{t(role)}**: {t(text)}" for role, text in MEANING.items())


def _once(email: str, password: str) -> None:
    """A password that is shown now and never again."""
    t = session.translator()
    st.success(t("The password of {email} is below. It is shown only now: hand it over.").format(
        email=session.literal(email)
    ))  # fmt: skip
    st.code(password, None)


def _line(door: People, account: Account) -> None:
    t, email = session.translator(), account.email
    with st.container(horizontal=True, vertical_alignment="center"):
        off = "" if account.active else f" · :gray[{t('disabled')}]"
        under = f"  \n{session.literal(email)}" if account.name else ""
        st.markdown(f"**{session.literal(account.name or email)}**{under}{off}", width="stretch")
        _role(door, account)
        with st.popover(t("More"), key=f"more-{email}"):
            _more(door, account)


def _role(door: People, account: Account) -> None:
    """The choice of a role; in force at once."""
    t, roles = session.translator(), list(ROLES)
    key = f"role-{account.email}-{account.role}-{session.language()}"
    label = t("Role of {email}").format(email=account.email)
    look = {"label_visibility": "collapsed", "width": 150}
    chosen = st.selectbox(label, roles, roles.index(account.role), t, key=key, **look)  # type: ignore[call-overload]
    if chosen != account.role and _tried(partial(_done, door.set_role, account.email, chosen)):
        st.rerun()


def _more(door: People, account: Account) -> None:
    t, email = session.translator(), account.email
    st.caption(t("since {day}").format(day=f"{account.created_at:%Y-%m-%d}"))
    if st.button(t("New password"), icon=":material/key:", key=f"reset-{email}", width="stretch"):
        password = _tried(partial(door.reset, email))
        if password:
            _once(email, password)
    label, icon = (t("Disable"), ":material/block:") if account.active else (t("Enable"), ":material/check:")
    if st.button(label, icon=icon, key=f"switch-{email}", width="stretch") and _tried(
        partial(_done, door.set_active, email, not account.active)
    ):
        st.rerun()


def _done(act: Callable[..., None], *given: object) -> str:
    """An act without an answer, for ``_tried``."""
    act(*given)
    return "done"


# ---- sessions and the trail ------------------------------------------------------------------------------------------


def _signed_in(door: People) -> None:
    t, lasting = session.translator(), door.sessions()
    if not lasting:
        st.caption(t("Nobody is signed in with an account of this program."))
    for each in lasting[:SHOWN]:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"session-{each.id}"):
            _session(door, each)


def _session(door: People, each: Session) -> None:
    t = session.translator()
    seen = t("last used {when} UTC").format(when=f"{each.seen_at:%Y-%m-%d %H:%M}")
    st.markdown(f"**{session.literal(each.email)}**  \n{each.client or t('Unknown browser')} · {seen}", width="stretch")
    if st.button(t("Sign out"), icon=":material/logout:", key=f"end-{each.id}") and _tried(
        partial(_done, door.end_session, each.email, each.id)
    ):
        st.rerun()


def _trail(acts: list[Act]) -> None:
    """The newest acts as a table that can be searched and taken away."""
    t = session.translator()
    if not acts:
        st.caption(t("Nothing has happened yet."))
        return
    frame = pd.DataFrame([_told(act) for act in acts])
    st.dataframe(frame, hide_index=True, key="trail")
    look: dict[str, Any] = {"icon": ":material/download:", "type": "tertiary", "on_click": "ignore"}
    made = visitors.still(partial(export.table, frame, "csv", title=t("Who did what"), language=session.language()))
    st.download_button("CSV", made, "trail.csv", key="get-trail", **look)


def _told(act: Act) -> dict[str, str]:
    """One line of the trail, in the visitor's language."""
    t = session.translator()
    words = {"*": "Everybody", **RIGHTS}
    details = {name: str(value) for name, value in act.detail.items() if str(value)[:40] != act.thing}
    return {
        t("When (UTC)"): f"{act.at:%Y-%m-%d %H:%M:%S}",
        t("Who"): t(act.who),
        t("What happened"): t(act.action),
        t("Of what"): f"{t(act.kind)} {act.thing}".strip(),
        t("More about it"): ", ".join(f"{t(name)}: {t(words.get(value, value))}" for name, value in details.items()),
    }
