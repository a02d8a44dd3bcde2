"""Who may see or change a dataset or a dashboard: for its owner to say, for others to know."""

from collections.abc import Callable

import streamlit as st

from crm_ai.access import LOCAL, Desk
from crm_ai.access.grants import EVERYBODY
from crm_ai.access.people import People
from crm_ai.errors import CrmError
from crm_ai.ui import session

LEVELS = {"view": "May see it", "edit": "May change it"}
MINE = {
    "view": "It belongs to {owner}; you may see it.",
    "edit": "It belongs to {owner}; you may see and change it.",
}


def panel(kind: str, thing: str) -> None:
    """Who may do what with it. Shows nothing where nobody signs in.

    Args:
        kind: "dataset" or "dashboard".
        thing: its id.
    """
    desk = session.desk()
    if desk.visitor == LOCAL:
        return
    t, owner, level = session.translator(), desk.owner(kind, thing), desk.level(kind, thing)
    if level != "own":
        st.caption(_belongs(owner, level))
        return
    with st.expander(t("Who may see this"), icon=":material/group:", key=f"granting-{thing}"):
        st.caption(_owned(owner, desk.visitor.email))
        _given(desk, kind, thing)
        _give(desk, kind, thing)
        _hand_over(desk, kind, thing, owner)


def _belongs(owner: str | None, level: str) -> str:
    t = session.translator()
    if owner is None:
        return t("It belongs to nobody in particular: everybody may see it, and analysts may change it.")
    return t(MINE[level]).format(owner=session.literal(owner))


def _owned(owner: str | None, me: str) -> str:
    t = session.translator()
    if owner == me:
        return t("It is yours. Only you, administrators and people below may see it.")
    return t("It belongs to {owner}.").format(owner=session.literal(owner)) if owner else _belongs(None, "own")


def _given(desk: Desk, kind: str, thing: str) -> None:
    """A line for everybody it was given to."""
    t = session.translator()
    for who, level in desk.given(kind, thing).items():
        with st.container(horizontal=True, vertical_alignment="center", key=f"given-{thing}-{who}"):
            name = t("Everybody") if who == EVERYBODY else who
            st.markdown(f"{session.literal(name)} · {t(LEVELS[level])}", width="stretch")
            if st.button(t("Take back"), icon=":material/close:", key=f"take-back-{thing}-{who}"):
                desk.give(kind, thing, who, "")
                st.rerun()


def _give(desk: Desk, kind: str, thing: str) -> None:
    t = session.translator()
    with st.form(f"give-{thing}", border=False, clear_on_submit=True):
        who = _who(desk, f"give-who-{thing}")
        level = st.radio(
            t("What may they do?"),
            list(LEVELS),
            format_func=lambda each: t(LEVELS[each]),
            key=f"give-level-{thing}-{session.language()}",
            horizontal=True,
            help=t("Viewers only ever look, whatever is given to them."),
        )
        pressed = st.form_submit_button(t("Share it"), type="primary", icon=":material/person_add:")
    if pressed and who:
        _done(lambda: desk.give(kind, thing, who, level or "view"))


def _hand_over(desk: Desk, kind: str, thing: str, owner: str | None) -> None:
    t = session.translator()
    with (
        st.popover(t("Hand over"), icon=":material/swap_horiz:", key=f"hand-over-{thing}"),
        st.form(f"hand-over-form-{thing}", border=False, clear_on_submit=True),
    ):
        st.write(t("Somebody else becomes its owner; what was shared stays shared."))
        who = _who(desk, f"new-owner-{thing}", everybody=False)
        pressed = st.form_submit_button(t("Hand over"))
    if pressed and who and who != owner:
        _done(lambda: desk.hand_over(kind, thing, who))


def _who(desk: Desk, key: str, everybody: bool = True) -> str:
    """One of the accounts, everybody, or an e-mail where people come from elsewhere."""
    t, known = session.translator(), People(desk.records, desk.visitor).known()
    if not known:
        text = st.text_input(t("E-mail"), key=key, max_chars=254).strip()
        return EVERYBODY if everybody and text == EVERYBODY else text
    known.pop(desk.visitor.email, None)
    names = {EVERYBODY: t("Everybody")} if everybody else {}
    names |= {email: f"{name} ({email})" if name else email for email, name in known.items()}
    label, place = t("With whom?") if everybody else t("To whom?"), t("Choose somebody")
    chosen = st.selectbox(
        label, list(names), None, names.__getitem__, key=f"{key}-{session.language()}", placeholder=place
    )
    return chosen or ""


def _done(act: Callable[[], None]) -> None:
    """Do it and look anew; say why it cannot be done."""
    try:
        act()
    except CrmError as error:
        st.error(error.text(session.translator()), icon=":material/error:")
        return
    st.rerun()
