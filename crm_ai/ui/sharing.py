"""Links to a dashboard, under it: made, listed, revoked."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

import streamlit as st

from crm_ai import i18n
from crm_ai.dashboards import links
from crm_ai.dashboards.boards import Board
from crm_ai.dashboards.links import Link, Options
from crm_ai.errors import CrmError
from crm_ai.records import now
from crm_ai.settings import settings
from crm_ai.ui import session, visitors

MADE = "link-made"
"""In the session: the address of the link that was just made, until the visitor has seen it once."""


def panel(board: Board) -> None:
    """Who may open this dashboard by a link; for whoever may change it."""
    t, desk = session.translator(), session.desk()
    with st.expander(t("Share by a link"), icon=":material/link:", key="sharing"):
        st.caption(t("Whoever has the link sees this dashboard and nothing else, without an account."))
        _made(board)
        if st.button(t("New link"), icon=":material/add_link:", key="link-new"):
            _new(board)
        found = links.of_board(desk, board.id)
        for link in sorted(found, key=lambda link: not link.open):
            _line(board, link)


# ---- one more --------------------------------------------------------------------------------------------------------


def _made(board: Board) -> None:
    """The address of a new link, once."""
    t, made = session.translator(), st.session_state.get(MADE)
    if not made or made[0] != board.id:
        return
    with st.container(border=True, key="link-address"):
        st.markdown(t("**Copy the link now**: it is shown only once, and kept nowhere."))
        st.code(made[1], language=None, wrap_lines=True)
        if made[2]:
            st.markdown(t("For a page of yours:"))
            st.code(_frame(made[1]), language="html", wrap_lines=True)
        if st.button(t("I have copied it"), icon=":material/check:", key="link-copied"):
            del st.session_state[MADE]
            st.rerun()


def _frame(address: str) -> str:
    return f'<iframe src="{address}&embed=true" width="100%" height="900" style="border: 0"></iframe>'


def _new(board: Board) -> None:
    """Ask what the new link shall be."""
    t = session.translator()

    @st.dialog(t("New link"))
    def ask() -> None:
        with st.form("link-form", border=False):
            tomorrow = now().date() + timedelta(days=1)
            last = st.date_input(
                t("Valid until"),
                None,
                tomorrow,
                help=t("Empty: it does not end."),
                format="YYYY-MM-DD",
                key="link-last",
            )
            password = st.text_input(
                t("Password"),
                type="password",
                placeholder=t("None"),
                help=t("Send it by another way than the link."),
                autocomplete="new-password",
                key="link-password",
            )
            options = _options(session.desk().may("own", "dashboard", board.id))
            sites = st.text_input(
                t("May be shown on these sites"),
                placeholder="https://intranet.example.com",
                help=t("Sites that may show the dashboard in a frame, separated by blanks; empty: none."),
                key="link-sites",
            )
            pressed = st.form_submit_button(t("Make the link"), type="primary", icon=":material/add_link:")
        if pressed:
            origins = tuple(site.rstrip("/").lower() for site in sites.replace(",", " ").split())
            end = datetime.combine(last + timedelta(days=1), time()) if last else None
            _make(board, replace(options, origins=origins), password, end)

    ask()


def _options(own: bool) -> Options:
    """What the link lets see and do."""
    t, why = session.translator(), None
    if not own:
        why = t("Only the owner of the dashboard can allow this.")
    filters = st.checkbox(t("Filters can be changed"), True, key="link-filters")
    downloads = st.checkbox(t("Charts, tables and reports can be downloaded"), True, key="link-downloads")
    small = st.checkbox(
        t("Show groups of fewer than five"),
        help=why or t("Numbers about so few may be about somebody in particular."),
        disabled=not own,
        key="link-small",
    )
    personal = st.checkbox(
        t("Show who people are"),
        help=why or t("Customer numbers, names and what people wrote."),
        disabled=not own,
        key="link-personal",
    )
    return Options(filters, downloads, small, personal)


def _make(board: Board, options: Options, password: str, end: datetime | None) -> None:
    try:
        _, token = links.create(session.desk(), board.id, options, password=password, expires_at=end)
    except CrmError as error:
        st.error(error.text(session.translator()))
        return
    st.session_state[MADE] = (board.id, f"{_place()}/shared?link={token}", bool(options.origins))
    st.rerun()


def _place() -> str:
    """Where people reach this installation."""
    here = urlsplit(st.context.url or "http://localhost:8501")
    return settings().address or f"{here.scheme}://{here.netloc}{visitors.base()}"


# ---- those there are -------------------------------------------------------------------------------------------------


def _line(board: Board, link: Link) -> None:
    t = session.translator()
    with st.container(horizontal=True, vertical_alignment="center", key=f"link-{link.id}", border=True):
        with st.container(width="stretch", gap=None):
            icon = ":material/link:" if link.open else ":material/link_off:"
            st.markdown(f"{icon} {_state(link)}")
            st.caption(" · ".join(session.literal(part) for part in _told(link)))
        if link.open and st.button(t("Revoke"), icon=":material/block:", type="tertiary", key=f"revoke-{link.id}"):
            links.revoke(session.desk(), board.id, link.id)
            st.rerun()


def _state(link: Link) -> str:
    t = session.translator()
    if link.revoked_at:
        return t("Revoked on {day}").format(day=_day(link.revoked_at))
    if not link.open:
        return t("Ended on {day}").format(day=_day(link.expires_at))
    if link.opened_at is None:
        return t("Not opened yet")
    opened = t("Opened once, on {day}") if link.opened == 1 else t("Opened {n} times, last on {day}")
    return opened.format(n=i18n.number(link.opened), day=_day(link.opened_at))


def _told(link: Link) -> list[str]:
    """Who made it, until when, and what it lets see."""
    t, options = session.translator(), link.options
    made = t("made on {day} by {who}").format(day=_day(link.created_at), who=link.made_by)
    parts = [made, t("until {day}").format(day=_day(link.expires_at)) if link.expires_at and link.open else ""]
    parts += [t("with a password") if link.password else ""]
    parts += ["" if options.filters else t("without filters"), "" if options.downloads else t("without downloads")]
    parts += [t("shows small groups") if options.small else "", t("shows who people are") if options.personal else ""]
    parts += [t("may be shown on {sites}").format(sites=", ".join(options.origins)) if options.origins else ""]
    return [part for part in parts if part]


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""
