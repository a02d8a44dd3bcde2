"""The filters above a board: days, countries, segments. They stand in the address, so that a view can be sent on."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date

import streamlit as st

from crm_ai import i18n
from crm_ai.dashboards.boards import Board
from crm_ai.dashboards.choices import Choices, choices, together
from crm_ai.data.dataset import Dataset
from crm_ai.data.filters import Filters
from crm_ai.errors import BadParameter, CrmError
from crm_ai.ui import session

ALL = "all"
"""In the address: the filters of the board are taken off."""
NAMED = 2
"""Values that the button of a filter names before it counts."""


def asked(board: Board) -> Filters:
    """The filters in the address; those of the board where it has none."""
    here = [name for name in Filters.__dataclass_fields__ if name in st.query_params]
    if not here:
        return Filters() if ALL in st.query_params else board.filters
    many = {name: st.query_params.get_all(name) for name in here if name in ("country", "segment")}
    try:
        return Filters.from_json({name: st.query_params[name] for name in here} | many)
    except BadParameter as error:
        st.warning(error.text(session.translator()))
        return board.filters


def ask(board: Board, filters: Filters) -> None:
    """Write filters into the address."""
    for name in (*Filters.__dataclass_fields__, ALL):
        if name in st.query_params:
            del st.query_params[name]
    if filters == board.filters:
        return
    if not filters:
        st.query_params[ALL] = "1"
    for name, value in filters.to_json().items():
        st.query_params[name] = value


def offered(board: Board, least: int = 1) -> Choices:
    """What the filters of a board can be set to."""
    found = []
    for name in board.datasets:
        with suppress(CrmError):
            version = session.workspace().version(name)
            found.append(_choices(version.address, version.fingerprint, least))
    return together(found)


@st.cache_resource(show_spinner=False, max_entries=64)
def _choices(address: str, fingerprint: str, least: int) -> Choices:
    return choices(_opened(address), least)


def _opened(address: str) -> Dataset:
    """Not through the desk: who may see a board sees what it can be filtered by."""
    return session.workspace().open(address)


def panel(board: Board, filters: Filters, known: Choices) -> None:
    """One row of buttons; each opens a small form."""
    t = session.translator()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="filters"):
        if known.first:
            _days(board, filters, known)
        if known.countries:
            _names(board, filters, "country", t("Country"), ":material/public:", known.countries)
        if known.segments:
            _names(board, filters, "segment", t("Segment"), ":material/groups:", known.segments)
        if filters != board.filters or filters:
            _back(board, filters)


def _back(board: Board, filters: Filters) -> None:
    """Take the filters off, or back to what the board has."""
    t = session.translator()
    if filters and st.button(t("Clear filters"), icon=":material/close:", type="tertiary", key="filters-clear"):
        ask(board, Filters())
        st.rerun()
    if board.filters and filters != board.filters:
        label = t("As the dashboard has them")
        if st.button(label, icon=":material/undo:", type="tertiary", key="filters-back"):
            ask(board, board.filters)
            st.rerun()


def _days(board: Board, filters: Filters, known: Choices) -> None:
    t, key = session.translator(), _key("days", filters)
    first, last = (date.fromisoformat(day) for day in (known.first, known.last))
    label = span(filters) or t("All days")
    with st.popover(label, icon=":material/calendar_month:", key=key), st.form(f"{key}-form", border=False):
        shown = (_inside(filters.since, first, last) or first, _inside(filters.until, first, last) or last)
        days = st.date_input(
            t("From the first to the last day"), shown, first, last, format="YYYY-MM-DD", key=f"{key}-input"
        )
        if st.form_submit_button(t("Apply"), type="primary", width="stretch") and len(days) == 2:
            since, until = (
                "" if day == edge else day.isoformat() for day, edge in zip(days, (first, last), strict=True)
            )
            ask(board, replace(filters, since=since, until=until))
            st.rerun()


def _names(board: Board, filters: Filters, name: str, label: str, icon: str, values: Sequence[str]) -> None:
    t, key, chosen = session.translator(), _key(name, filters), list(getattr(filters, name))
    with (
        st.popover(f"{label}: {listed(chosen)}" if chosen else label, icon=icon, key=key),
        st.form(f"{key}-form", border=False),
    ):
        every = list(dict.fromkeys([*chosen, *values]))
        words = {value: t(value) if name == "segment" else value for value in every}
        picked = st.multiselect(
            label, every, chosen, format_func=words.__getitem__, placeholder=t("All"), key=f"{key}-input"
        )
        if st.form_submit_button(t("Apply"), type="primary", width="stretch"):
            ask(board, Filters(**(asdict(filters) | {name: tuple(sorted(picked))})))
            st.rerun()


def listed(values: Sequence[str]) -> str:
    """The first of them, and how many more, as Markdown."""
    t = session.translator()
    text = ", ".join(session.literal(t(value)) for value in values[:NAMED])
    more = len(values) - NAMED
    return text + (t(" and {n} more").format(n=i18n.number(more)) if more > 0 else "")


def span(filters: Filters) -> str:
    """The days as people read them, "" for all."""
    t = session.translator()
    if filters.since and filters.until:
        return f"{filters.since} – {filters.until}"
    if filters.since:
        return t("From {day}").format(day=filters.since)
    return t("Until {day}").format(day=filters.until) if filters.until else ""


def _inside(day: str, first: date, last: date) -> date | None:
    return min(max(date.fromisoformat(day), first), last) if day else None


def _key(name: str, filters: Filters) -> str:
    """Other filters or language, another widget: its old value is forgotten, and an open one closes."""
    mark = hashlib.sha256(repr((asdict(filters), session.language())).encode()).hexdigest()[:8]
    return f"filter-{name}-{mark}"
