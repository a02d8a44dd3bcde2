"""What comes by itself, under a dashboard: refreshes and reports by e-mail, made, changed, started, switched off."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from crm_ai import i18n
from crm_ai.dashboards.boards import Board
from crm_ai.errors import CrmError
from crm_ai.records import now
from crm_ai.scheduling import Schedule, kept
from crm_ai.scheduling.plans import Plan
from crm_ai.scheduling.schedules import FORMATS, LONGEST_SUBJECT
from crm_ai.settings import settings
from crm_ai.ui import session

WHAT = {"refresh": "Compute it anew", "report": "Send a report by e-mail"}
WHENS = {"day": "Every day", "week": "Every week", "month": "Every month"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FILES = {"pdf": "PDF", "pptx": "PowerPoint", "xlsx": "Excel", "html": "Web page"}
OFTEN = 2
"""Seconds between two looks at what runs."""


def panel(board: Board) -> None:
    """The schedules of a dashboard; for whoever may change it."""
    t = session.translator()
    with st.expander(t("Schedules"), icon=":material/schedule:", key="schedules", on_change="rerun") as fold:
        if fold.open:  # nobody else waits for it
            _opened(board)


def _opened(board: Board) -> None:
    t, plans = session.translator(), kept.of_board(session.desk(), board.id)
    st.caption(t("The dashboard is computed anew, or sent as a report, whenever you say."))
    if st.button(t("New schedule"), icon=":material/add:", key="schedule-new"):
        _dialog(board, None)
    busy = any(map(_busy, plans))
    st.fragment(lambda: _lines(board, busy), run_every=OFTEN if busy else None)()


def _busy(plan: Plan) -> bool:
    return plan.runs(now()) or (plan.next_at is not None and plan.next_at <= now())


def _lines(board: Board, busy: bool) -> None:
    """One line a schedule; looked at again and again while one runs."""
    plans = kept.of_board(session.desk(), board.id)
    if busy and not any(map(_busy, plans)):
        st.rerun()
    for plan in plans:
        with st.container(border=True, gap="xsmall", key=f"schedule-{plan.id}"):
            _line(board, plan)


def _line(board: Board, plan: Plan) -> None:
    t, schedule = session.translator(), plan.schedule
    icon = "mail" if schedule.what == "report" else "refresh"
    st.markdown(f":material/{icon}: **{session.literal(_what(schedule))}**")
    st.caption(" · ".join(session.literal(part) for part in _told(plan)))
    if plan.trouble:
        st.error(plan.trouble.error.text(t), icon=":material/error:")
    with st.container(horizontal=True, gap="xsmall"):
        _button(plan, "run", t("Run now"), "play_arrow", kept.run_now, disabled=_busy(plan))
        turned = replace(schedule, on=not schedule.on)
        label, sign = (t("Switch off"), "pause") if schedule.on else (t("Switch on"), "alarm_on")
        _button(plan, "turn", label, sign, lambda desk, name: kept.change(desk, name, turned))
        if st.button(t("Edit"), icon=":material/edit:", type="tertiary", key=f"schedule-edit-{plan.id}"):
            _dialog(board, plan)
        if st.button(t("Delete"), icon=":material/delete:", type="tertiary", key=f"schedule-delete-{plan.id}"):
            _delete(plan)


def _button(plan: Plan, mark: str, label: str, icon: str, act: Callable[..., None], disabled: bool = False) -> None:
    key = f"schedule-{mark}-{plan.id}"
    if st.button(label, icon=f":material/{icon}:", type="tertiary", key=key, disabled=disabled):
        act(session.desk(), plan.id)
        st.rerun()


def _what(schedule: Schedule) -> str:
    t = session.translator()
    if schedule.what == "refresh":
        return t("Compute it anew")
    files = ", ".join(t(FILES[kind]) for kind in schedule.formats)
    if len(schedule.recipients) == 1:
        return t("{files} to {who}").format(files=files, who=schedule.recipients[0])
    return t("{files} to {n} people").format(files=files, n=i18n.number(len(schedule.recipients)))


def _told(plan: Plan) -> list[str]:
    """When it comes round, when it did, and whose it is."""
    t, schedule = session.translator(), plan.schedule
    parts = [t("{when} at {time} ({zone})").format(when=_when(schedule), time=schedule.at, zone=schedule.zone)]
    if plan.runs(now()):
        parts.append(t("runs at this moment"))
    elif plan.next_at is None:
        parts.append(t("has stopped") if plan.stopped else t("is off"))
    else:
        parts.append(t("next: {moment}").format(moment=_local(plan, plan.next_at)))
    parts += [t("last: {moment}").format(moment=_local(plan, plan.last_at))] if plan.last_at else []
    return [*parts, t("by {who}").format(who=plan.made_by)] if plan.made_by != "local" else parts


def _when(schedule: Schedule) -> str:
    t = session.translator()
    if schedule.every == "week":
        return t("Every week on {day}").format(day=t(WEEKDAYS[schedule.weekday]))
    if schedule.every == "month":
        return t("Every month on day {n}").format(n=schedule.day)
    return t("Every day")


def _local(plan: Plan, moment: datetime) -> str:
    return f"{moment.replace(tzinfo=UTC).astimezone(ZoneInfo(plan.schedule.zone)):%Y-%m-%d %H:%M}"


# ---- made and changed ------------------------------------------------------------------------------------------------


def _dialog(board: Board, plan: Plan | None) -> None:
    t = session.translator()

    @st.dialog(t("Change the schedule") if plan else t("New schedule"), width="medium")
    def ask() -> None:
        begun = plan.schedule if plan else Schedule(zone=_zone(), language=session.language())
        mark = f"{plan.id if plan else 'new'}-{session.language()}"
        chosen = _moments(_recipients(_contents(begun, mark), mark), mark)
        if st.button(t("Save"), type="primary", key="schedule-save", disabled=not _can(chosen)):
            _save(board, plan, chosen)

    ask()


def _contents(begun: Schedule, mark: str) -> Schedule:
    label = session.translator()("What happens")
    return replace(begun, what=_one_of(label, WHAT, begun.what, f"plan-what-{mark}"))


def _one_of(label: str, names: Mapping[str, str], begun: str, key: str) -> str:
    """One of a few choices, side by side."""
    t = session.translator()
    found = st.segmented_control(
        label, list(names), required=True, default=begun, format_func=lambda name: t(names[name]), key=key
    )
    return found or begun


def _recipients(begun: Schedule, mark: str) -> Schedule:
    """Who gets what, for reports."""
    t = session.translator()
    if begun.what != "report":
        return begun
    if not settings().smtp:
        st.info(t("E-mail is not set up: ask your administrator for CRM_AI_SMTP and CRM_AI_SENDER."))
    people = st.text_area(
        t("Recipients"),
        "\n".join(begun.recipients),
        placeholder="ann@example.com",
        help=t("E-mail addresses, one a line. Each gets a message of its own and does not see the others."),
        key=f"plan-to-{mark}",
    )
    formats = st.pills(
        t("Files"),
        FORMATS,
        default=begun.formats or ("pdf",),
        selection_mode="multi",
        format_func=lambda kind: t(FILES[kind]),
        key=f"plan-files-{mark}",
    )
    usual = t("The title of the dashboard and the day")
    subject = st.text_input(
        t("Subject"), begun.subject, max_chars=LONGEST_SUBJECT, placeholder=usual, key=f"plan-subject-{mark}"
    )
    names = list(i18n.LANGUAGES)
    place, speaks = names.index(begun.language), i18n.LANGUAGES.__getitem__
    language = st.selectbox(t("Language"), names, place, format_func=speaks, key=f"plan-language-{mark}")
    found = tuple(people.replace(",", " ").replace(";", " ").split())
    return replace(begun, recipients=found, formats=tuple(formats), subject=subject.strip(), language=language)


def _moments(begun: Schedule, mark: str) -> Schedule:
    t = session.translator()
    chosen = replace(begun, every=_one_of(t("How often"), WHENS, begun.every, f"plan-every-{mark}"))
    if chosen.every == "week":
        days, named = list(range(7)), lambda n: t(WEEKDAYS[n])
        day = st.selectbox(t("Weekday"), days, begun.weekday, format_func=named, key=f"plan-weekday-{mark}")
        chosen = replace(chosen, weekday=day)
    if chosen.every == "month":
        last = t("A month that is shorter takes its last day.")
        day = st.number_input(t("Day of the month"), 1, 31, begun.day, help=last, key=f"plan-day-{mark}")
        chosen = replace(chosen, day=int(day))
    return _clock(chosen, mark)


def _clock(begun: Schedule, mark: str) -> Schedule:
    t, zones = session.translator(), _zones(begun.zone)
    left, right = st.columns(2)
    at = left.time_input(t("Time"), time.fromisoformat(begun.at), step=900, key=f"plan-at-{mark}")
    zone = right.selectbox(t("Time zone"), zones, zones.index(begun.zone), key=f"plan-zone-{mark}")
    return replace(begun, at=f"{at:%H:%M}", zone=zone)


def _can(chosen: Schedule) -> bool:
    return chosen.what == "refresh" or bool(settings().smtp)


def _save(board: Board, plan: Plan | None, chosen: Schedule) -> None:
    desk = session.desk()
    try:
        if plan:
            kept.change(desk, plan.id, chosen)
        else:
            kept.add(desk, board.id, chosen)
    except CrmError as error:
        st.error(error.text(session.translator()), icon=":material/error:")
        return
    st.rerun()


def _delete(plan: Plan) -> None:
    t = session.translator()

    @st.dialog(t("Delete this schedule?"))
    def ask() -> None:
        st.write(t("The dashboard stays as it is."))
        if st.button(t("Delete"), type="primary", key="schedule-delete-now"):
            kept.remove(session.desk(), plan.id)
            st.rerun()

    ask()


def _zone() -> str:
    """The time zone of the visitor's browser."""
    found = str(st.context.timezone or "UTC")
    return found if found in available_timezones() else "UTC"


@lru_cache
def _zones(chosen: str) -> list[str]:
    """All that people would name, and the one that is chosen."""
    named = {zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))}
    return sorted(named | {"UTC", chosen})
