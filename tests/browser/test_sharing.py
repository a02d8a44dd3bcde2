"""A dashboard goes to people without an account: opened, filtered, taken away, closed; and nothing else is let out."""

import io
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pdfminer.high_level import extract_text
from pptx import Presentation

from crm_ai import analyses
from crm_ai.access import accounts
from crm_ai.records import Records
from tests.browser import driver

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD, OWNER = "green tea 42 pots", "ann@example.com"
SECRET = "seven blue horses"
CLOSED = "This link is closed"
CONTENT = '.js-plotly-plot, [data-testid="stDataFrame"], [data-testid="stMetric"], [data-testid="stSidebarNavLink"]'


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server on which people sign in."""
    with driver.serving(tmp_path_factory.mktemp("house")) as server:
        records = Records.open(server.workspace)
        accounts.add(records, "boss@example.com", "admin", PASSWORD)
        accounts.add(records, OWNER, "analyst", PASSWORD)
        server.records = records
        yield server
        records.close()
        assert server.traceback() == ""
        assert driver.strangers(server) == []


def signed_in(visitor: driver.Visitor, path: str) -> driver.Visitor:
    visitor.open(path, quiet=False)
    visitor.page.get_by_label("E-mail").fill(OWNER)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.wait_for_url(lambda url: "sign-in" not in url)
    return visitor.quiet()


@pytest.fixture(scope="module")
def owner(chromium, house, csv):
    """The analyst in front of a dashboard of six tiles or more, all of them computed."""
    with driver.visiting(chromium, house, height=1800) as visitor:
        signed_in(visitor, "/data").upload(csv)
        visitor.open("/dashboards").click("new-board")
        visitor.page.get_by_role("dialog").get_by_text("Sales overview").first.click()
        visitor.quiet().click("new-create").quiet(180)
        assert visitor.page.locator('[class*="st-key-tile-"]').count() >= 6
        visitor.board = visitor.page.url
        yield visitor


def made(owner: driver.Visitor, *, password: str = "", sites: str = "", off: tuple[str, ...] = ()) -> str:
    """The address of a new link to the board that is open."""
    if not owner.page.get_by_role("button", name="New link").is_visible():
        owner.find("sharing").locator("summary").click()
        owner.quiet()
    owner.click("link-new")
    if password:
        owner.page.locator(".st-key-link-password input").fill(password)
    if sites:
        owner.page.locator(".st-key-link-sites input").fill(sites)
    for name in off:
        owner.page.locator(f".st-key-link-{name} label").first.click()
    owner.page.get_by_role("button", name="Make the link").click()
    owner.quiet()
    address = owner.find("link-address").locator("code").first.inner_text().strip()
    owner.click("link-copied")
    assert owner.page.locator(".st-key-link-address").count() == 0
    return address


def only_the_sentence(visitor: driver.Visitor) -> bool:
    assert CLOSED in visitor.text()
    return visitor.page.locator(CONTENT).count() == 0


def token(address: str) -> str:
    return address.partition("link=")[2]


def test_who_has_the_link_opens_filters_and_takes_away_until_it_is_revoked(chromium, house, owner):
    address = made(owner)
    assert re.fullmatch(rf"{house.url}/shared\?link=[\w-]{{22}}", address)
    path = address.removeprefix(house.url)
    with driver.visiting(chromium, house, height=1800) as guest:
        text = guest.open(path).text()
        assert "8,911,408" in text
        assert "Online Retail.csv" not in text.replace("Sales overview: Online Retail", "")
        assert guest.page.locator('[data-testid="stSidebarNavLink"]').count() == 0
        for hidden in ("Keep and share", "Open the analysis", "import crm_ai", "Share by a link", "Refresh", "Edit"):
            assert hidden not in text
        countries = guest.page.content()
        assert "United Kingdom" in countries
        assert "Saudi Arabia" not in countries, "a country of one customer"

        guest.page.get_by_role("button", name="Country").click()
        guest.quiet()
        guest.page.locator('[class*="st-key-filter-country-"] input').first.fill("Germany")
        guest.page.get_by_role("option", name="Germany", exact=True).click()
        guest.page.keyboard.press("Tab")
        guest.page.get_by_role("button", name="Apply").last.click()
        guest.quiet(180)
        assert "country=Germany" in guest.page.url
        assert "8,911,408" not in guest.text()

        guest.click("reports")
        report = guest.download("board-pdf")
        assert report.startswith(b"%PDF")
        pages = extract_text(io.BytesIO(report))
        assert "Germany" in pages
        assert "Saudi Arabia" not in pages
        slides = Presentation(io.BytesIO(guest.download("board-pptx")))
        assert len(slides.slides) >= 6

        owner.page.locator('[class*="st-key-revoke-"] button').first.click()
        owner.quiet()
        guest.find("board-html").locator("button").first.click()  # a download that was promised before
        guest.page.wait_for_timeout(1500)
        guest.page.get_by_role("button", name="Clear filters").click()
        guest.quiet()
        assert only_the_sentence(guest)
        guest.open(path)
        assert only_the_sentence(guest)


def test_a_page_that_lies_open_closes_by_itself(chromium, house, owner):
    address = made(owner)
    with driver.visiting(chromium, house, height=1800) as guest:
        guest.open(address.removeprefix(house.url))
        assert guest.page.locator(CONTENT).count() > 0
        owner.page.locator('[class*="st-key-revoke-"] button').first.click()
        owner.quiet()
        guest.page.get_by_text(CLOSED).wait_for(timeout=60_000)
        assert only_the_sentence(guest.quiet())


def test_the_token_opens_nothing_else(chromium, house, owner):
    address = made(owner)
    board, dataset = re.search(r"board=(\w+)", owner.board)[1], "anything"
    words = f"link={token(address)}&dataset={dataset}&board={board}&analysis=overview&new=x&top=50&params=x"
    with driver.visiting(chromium, house, height=1800) as guest:
        whole = guest.open(f"/shared?link={token(address)}").text()
        assert guest.open(f"/shared?{words}").text() == whole
        for name in ("data", "dashboards", "people", *analyses.ALL):
            guest.open(f"/{name}?{words}", quiet=False)
            guest.page.wait_for_url(lambda url: "/sign-in" in url)
            assert guest.page.locator(CONTENT).count() == 0
    with driver.visiting(chromium, house, height=1800) as guest:
        past = lambda way: way.continue_(headers={**way.request.headers, "accept": "*/*"})  # noqa: E731
        guest.page.route("**/*", past)  # the guard takes it for something else: the pages themselves must refuse
        for name in ("data", "dashboards", "people", *analyses.ALL):
            guest.open(f"/{name}?{words}")
            assert guest.find("sign-in").is_visible()
            assert guest.page.locator(CONTENT).count() == 0


def test_a_password_is_asked_for_and_downloads_and_filters_can_be_kept_back(chromium, house, owner):
    address = made(owner, password=SECRET, off=("filters", "downloads"))
    with driver.visiting(chromium, house, height=1800) as guest:
        guest.open(address.removeprefix(house.url))
        assert guest.page.locator(CONTENT).count() == 0
        guest.page.locator(".st-key-link-password-input input").fill("seven red horses")
        guest.click("link-unlock")
        assert "This password is wrong" in guest.text()
        assert guest.page.locator(CONTENT).count() == 0
        guest.page.locator(".st-key-link-password-input input").fill(SECRET)
        guest.click("link-unlock").quiet()
        assert "8,911,408" in guest.text()
        for word in ("Report", "Country", "All days"):
            assert guest.page.get_by_role("button", name=word).count() == 0
        guest.open(f"{address.removeprefix(house.url)}&country=Germany")
        guest.page.locator(".st-key-link-password-input input").fill(SECRET)
        guest.click("link-unlock").quiet()
        assert "8,911,408" in guest.text(), "an address is no way round filters that may not be changed"


@contextmanager
def hosting(html: str):
    """Another site on this machine that serves one page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site.server_port
        site.shutdown()


def test_only_named_sites_show_it_in_a_frame(chromium, house, owner):
    with hosting("<iframe width=1100 height=900></iframe>") as port:
        address = made(owner, sites=f"http://localhost:{port}")
        for place, shown in ((f"http://localhost:{port}", True), (f"http://127.0.0.1:{port}", False)):
            page = chromium.new_context(viewport={"width": 1200, "height": 1000}).new_page()
            page.goto(place)
            page.evaluate("address => document.querySelector('iframe').src = address", f"{address}&embed=true")
            inner = page.frame_locator("iframe")
            if shown:
                inner.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
                assert inner.get_by_text("Sales overview").count()
            else:
                page.wait_for_timeout(3000)
                assert page.frames[-1].url.startswith("chrome-error")
            page.context.close()


def test_neither_tokens_nor_passwords_are_written_down(house, owner):
    address = made(owner, password=SECRET)
    files = [house.log, *(path for path in house.workspace.rglob("*") if path.is_file())]
    kept = b"".join(path.read_bytes() for path in files)
    assert b"link made" in kept
    for secret in (token(address), SECRET, PASSWORD):
        assert secret.encode() not in kept
