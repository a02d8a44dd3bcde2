"""A report by e-mail, from the panel under a dashboard to the postbox of who gets it."""

from pathlib import Path

import pytest

from crm_ai.access import LOCAL, Desk
from crm_ai.dashboards import Tile, kept
from crm_ai.recipes import Recipe
from crm_ai.records import Records
from crm_ai.store import Workspace
from tests import crashing
from tests.browser import driver
from tests.scheduling.postbox import Postbox, postbox
from tests.scheduling.test_work import LINES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def box():
    with postbox(None, sign_in=False) as found:
        yield found


@pytest.fixture(scope="module")
def server(box: Postbox, tmp_path_factory):
    settings = {"CRM_AI_SMTP": f"smtp://127.0.0.1:{box.port}", "CRM_AI_SENDER": "crm@example.com"}
    with driver.serving(tmp_path_factory.mktemp("server"), **settings) as found:
        yield found
        assert found.traceback() == ""


@pytest.fixture(scope="module")
def board(server) -> str:
    workspace, records = Workspace(server.workspace), Records.open(server.workspace)
    crashing.add(workspace, "shop.csv", LINES)
    tile = Tile("a", "findings", Recipe(next(iter(workspace.datasets())), "overview"))
    return kept.create(Desk(workspace, records, LOCAL), "Weekly sales", tiles=(tile,)).id


def lines(visitor: driver.Visitor) -> str:
    return str(visitor.find("schedules").inner_text())


def asked_for_a_report(visitor: driver.Visitor, language: str) -> None:
    """Choose a report in the dialog; a click while the dialog is drawn anew is lost, so it is repeated."""
    choice = visitor.find(f"plan-what-new-{language}").locator("button").nth(1)
    wanted = visitor.page.locator(f".st-key-plan-to-new-{language} textarea")
    for _ in range(3):
        choice.click()
        visitor.quiet()
        if wanted.count():
            return


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_is_set_up_sent_switched_off_and_deleted(language, chromium, server, box, board, tmp_path):
    box.letters.clear()
    says = {"en": ("Run now", "last: ", "is off"), "zh": ("立即运行", "上次：", "已停用")}[language]
    with driver.visiting(chromium, server) as visitor:
        visitor.open(f"/dashboards?board={board}&lang={language}")
        visitor.find("schedules").locator("summary").click()
        visitor.quiet().click("schedule-new")
        asked_for_a_report(visitor, language)
        visitor.find(f"plan-to-new-{language}").locator("textarea").fill("ann@example.com\nbob@example.com")
        visitor.find("schedule-save").locator("button").click()
        visitor.page.get_by_text(says[0]).wait_for()
        assert box.letters == []
        visitor.quiet().page.locator('[class*="st-key-schedule-run-"] button').first.click()
        visitor.page.get_by_text(says[1]).wait_for(timeout=120_000)
        assert [recipients for _, recipients, _ in box.letters] == [["ann@example.com"], ["bob@example.com"]]
        files = {part.get_filename(): part.get_content() for part in box.letters[0][2].iter_attachments()}
        assert [name.split()[0] for name in files] == ["Weekly"]
        assert all(content.startswith(b"%PDF") for content in files.values())
        visitor.quiet().page.locator('[class*="st-key-schedule-turn-"] button').first.click()
        visitor.page.get_by_text(says[2]).wait_for()
        assert visitor.quiet().too_wide() == []
        visitor.page.locator('[class*="st-key-schedule-delete-"] button').first.click()
        visitor.find("schedule-delete-now").locator("button").click()
        visitor.page.get_by_text(says[0]).wait_for(state="detached")


def test_an_address_that_is_none_is_said_at_once(chromium, server, board):
    with driver.visiting(chromium, server, width=390, dark=True) as visitor:
        visitor.open(f"/dashboards?board={board}")
        visitor.find("schedules").locator("summary").click()
        visitor.quiet().click("schedule-new")
        asked_for_a_report(visitor, "en")
        visitor.find("plan-to-new-en").locator("textarea").fill("ann")
        visitor.find("schedule-save").locator("button").click()
        visitor.page.get_by_text("ann is not an e-mail address.").wait_for()
        assert "Run now" not in lines(visitor)
        assert Path(server.workspace, "records.db").exists()
