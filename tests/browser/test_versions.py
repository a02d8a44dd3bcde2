"""The next month comes: added to the dataset, what changed is said, and the version before can still be opened."""

import pytest

from tests.browser import driver

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEAD = "Order No,Customer ID,Order Date,Product,Quantity,Unit Price\n"


def month(number: int, orders: range, price: int) -> str:
    return HEAD + "".join(f"{n},C{n % 9},2024-{number:02}-{n % 28 + 1:02},Tea,1,{price}\n" for n in orders)


@pytest.fixture(scope="module")
def address(chromium, server, tmp_path_factory):
    """A dataset of March, to which April is added in the browser."""
    folder = tmp_path_factory.mktemp("months")
    (folder / "march.csv").write_text(month(3, range(1, 81), 2))
    (folder / "april.csv").write_text(month(4, range(71, 121), 3))
    with driver.visiting(chromium, server) as visitor:
        visitor.upload(folder / "march.csv")
        found = visitor.page.url.split("?")[1].split("&")[0]
        visitor.open(f"/data?{found}")
        visitor.page.locator('.st-key-more input[type="file"]').set_input_files([str(folder / "april.csv")])
        visitor.find("accept").wait_for(timeout=120_000)
        visitor.quiet().click("accept")
        visitor.find("changes").wait_for(timeout=120_000)
        text = visitor.quiet().text()
        assert "Order lines: 80 before, 120 now." in text
        assert "Orders: 40 new, 10 changed, 0 gone." in text
        return found


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_of_the_versions_is_cut_off(language, width, chromium, server, address):
    with driver.visiting(chromium, server, width=width, language=language) as visitor:
        visitor.open(f"/data?{address}").find("change-transactions").locator("summary").click()
        visitor.quiet()
        assert visitor.too_wide() == []


def test_the_version_before_opens_and_says_so_on_every_page(chromium, server, address):
    with driver.visiting(chromium, server) as visitor:
        visitor.open(f"/data?{address}").click("open-version-1")
        assert f"{address}%401" in visitor.page.url or f"{address}@1" in visitor.page.url
        visitor.open(f"/overview?{address}@1").quiet(120)
        assert "Version 1 of 2" in visitor.text()
        assert "160.00" in visitor.text()
        visitor.click("newest")
        visitor.quiet(120)
        assert "Version 2 of 2" in visitor.text()
        assert "290.00" in visitor.text()


def test_a_version_can_be_deleted(chromium, server, address):
    with driver.visiting(chromium, server) as visitor:
        visitor.open(f"/data?{address}")
        visitor.click("delete-version-1").click("delete-version-now")
        assert not visitor.find("version-1").count()
        assert visitor.find("version-2").is_visible()
        assert len(list((server.workspace / "datasets").glob("*/versions/*/manifest.json"))) == 1
