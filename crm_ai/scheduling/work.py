"""What a schedule does when it comes round: the dashboard is computed, and its report is sent."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crm_ai.access import NOBODY, Desk
from crm_ai.dashboards import content, kept, refreshing
from crm_ai.dashboards.boards import Board
from crm_ai.dashboards.content import Answer, Content
from crm_ai.errors import CrmError, NotAllowed, UnknownName
from crm_ai.i18n import Translator, translator
from crm_ai.records import Records
from crm_ai.scheduling import mail
from crm_ai.scheduling.makers import maker
from crm_ai.scheduling.plans import Plan
from crm_ai.settings import Settings
from crm_ai.store import Workspace

MOST_CARDS, MOST_FINDINGS = 12, 6
"""What of a dashboard stands in the message itself."""
BAD = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


@dataclass(frozen=True)
class Place:
    """Where the work is done.

    Attributes:
        send: hands messages in, see ``mail.send``.
    """

    workspace: Workspace
    records: Records
    settings: Settings
    send: Callable[..., dict[str, CrmError]] = mail.send


def perform(place: Place, plan: Plan, moment: datetime) -> dict[str, CrmError]:
    """Do it, as who made it.

    Returns:
        Recipient -> why he got nothing; {} where all went well.

    Raises:
        NotAllowed: its maker may not do it any more.
        CrmError: it cannot be done now.
    """
    board = _board(place, plan)
    answers = refreshing.compute(place.workspace, board, board.filters, place.settings.engine)
    failed = [answer.error for answer in answers if answer.error]
    if failed and len(failed) == sum(answer.recipe is not None for answer in answers):
        raise failed[0]
    if plan.schedule.what == "refresh":
        return {}
    server = mail.server(place.settings.smtp)
    letter = _letter(place, plan, board, answers, moment)
    return place.send(server, letter, (plan.trouble and plan.trouble.left) or plan.schedule.recipients)


def _board(place: Place, plan: Plan) -> Board:
    """The dashboard, where its maker may still change it."""
    try:
        desk = Desk(place.workspace, place.records, maker(place.records, plan.made_by) or NOBODY)
        desk.require_role("analyst")
        desk.require("edit", "dashboard", plan.dashboard)
        return kept.found(desk, plan.dashboard)
    except (NotAllowed, UnknownName):
        raise NotAllowed(
            "{who} may not change this dashboard any more, so this has stopped: save it again to make it yours.",
            who=plan.made_by,
        ) from None


def _letter(place: Place, plan: Plan, board: Board, answers: Sequence[Answer], moment: datetime) -> mail.Letter:
    from crm_ai.dashboards import reports

    schedule, title = plan.schedule, " ".join(board.title.split())
    day = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(schedule.zone)).date().isoformat()
    before = [content.before(place.workspace, answer) if board.compare else None for answer in answers]
    files = {
        f"{_file_name(title)} {day}.{kind}": reports.report(
            board, answers, kind, language=schedule.language, before=before
        )
        for kind in schedule.formats
    }
    shown = [content.content(a, schedule.language, before=b) for a, b in zip(answers, before, strict=True)]
    text = _text(place, plan, board, shown)
    return mail.Letter(place.settings.sender, schedule.subject or f"{title}, {day}", text, files)


def _file_name(title: str) -> str:
    return " ".join(BAD.sub(" ", title).split())[:60].strip(" .") or "report"


def _text(place: Place, plan: Plan, board: Board, shown: Sequence[Content]) -> str:
    """The figures and sentences of the dashboard, and where more is."""
    t = translator(plan.schedule.language)
    parts = [t("{title}: the report is attached.").format(title=board.title), *_figures(shown), _errors(shown, t)]
    if place.settings.address:
        parts.append(f"{t('Open the dashboard:')} {place.settings.address}/dashboards?board={board.id}")
    foot = t("This message comes by itself.")
    if "@" in plan.made_by:
        foot = t("This message comes by itself. {who} has set it up and can change or stop it.").format(
            who=plan.made_by
        )
    return "\n\n".join(part for part in [*parts, f"-- \n{foot}"] if part) + "\n"


def _figures(shown: Sequence[Content]) -> list[str]:
    cards = [f"{c.label}: {c.text}" + (f" ({c.delta})" if c.delta else "") for each in shown for c in each.cards]
    findings = [f"- {finding}" for each in shown for finding in each.findings]
    return ["\n".join(cards[:MOST_CARDS]), "\n".join(findings[:MOST_FINDINGS])]


def _errors(shown: Sequence[Content], t: Translator) -> str:
    lines = [f"- {each.title}: {each.error}" for each in shown if each.error]
    return "\n".join([t("Not in the report:"), *lines]) if lines else ""
