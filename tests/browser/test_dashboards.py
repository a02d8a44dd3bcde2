"""A dashboard in a browser: tiles come by themselves, filters and changes hold, nothing sticks out."""

import pytest

from crm_ai.data import samples
from tests.browser import driver

pytestmark = [pytest.mark.browser, pytest.mark.slow]

THERE = """() => !document.querySelector('[class*="st-key-wait-"]')"""


@pytest.fixture(scope="module")
def address(chromium, server, tmp_path_factory):
    """A dashboard of the sales template on a small shop, made by clicks; all its tiles are there."""
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    samples.demo(seed=3, customers=200)["transactions"].to_csv(path, index=False)
    with driver.visiting(chromium, server) as visitor:
        visitor.upload(path)
        visitor.open("/dashboards").click("begin-sales").find("new-create").locator("button").click()
        visitor.find("board").wait_for()
        visitor.page.evaluate("window.sameDocument = true")
        filled(visitor)
        assert visitor.page.evaluate("window.sameDocument")
        assert len(visitor.charts()) == 6
        return visitor.page.url.removeprefix(server.url)


def filled(visitor: driver.Visitor) -> driver.Visitor:
    visitor.page.wait_for_function(THERE, timeout=120_000)
    return visitor.quiet()


def values(visitor: driver.Visitor) -> list[str]:
    return visitor.page.locator('[data-testid="stMetricValue"]').all_inner_texts()


def test_a_filter_changes_every_tile_and_the_address(chromium, server, address):
    with driver.visiting(chromium, server) as visitor:
        whole = values(filled(visitor.open(address)))
        charts = visitor.charts()
        visitor.page.locator('[class*="st-key-filter-country-"] button:visible').first.click()
        visitor.page.locator('[class*="st-key-filter-country-"] input:visible').first.click()
        visitor.page.get_by_role("option", name="Germany", exact=True).click()
        visitor.page.keyboard.press("Escape")
        visitor.page.get_by_role("button", name="Apply").click()
        visitor.page.wait_for_url("**country=Germany**")
        part = values(filled(visitor))
        assert all(one != other for one, other in zip(whole, part, strict=True))
        assert visitor.charts() != charts
        assert values(filled(visitor.open(visitor.page.url.removeprefix(server.url)))) == part


def test_a_note_is_added_moved_and_taken_back(chromium, server, address):
    with driver.visiting(chromium, server) as visitor:
        filled(visitor.open(address)).click("edit-board").click("add-note")
        visitor.page.get_by_role("textbox", name="Note").fill("Watch <b>**Germany**</b>")
        visitor.page.get_by_role("textbox", name="Note").press("Tab")
        visitor.click("words-save")
        assert "Watch <b>Germany</b>" in visitor.text()
        visitor.click("undo")
        assert "Watch" not in visitor.text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "language"), [(1280, "en-GB"), (390, "zh-CN")])
def test_nothing_sticks_out_and_nothing_leaves_the_machine(chromium, server, address, width, language, dark):
    with driver.visiting(chromium, server, width=width, height=4200, language=language, dark=dark) as visitor:
        filled(visitor.open(address.replace("lang=en", f"lang={language[:2]}")))
        assert len(visitor.charts()) == 6
        assert visitor.too_wide() == []
        assert driver.strangers(server) == []
        assert server.traceback() == ""
