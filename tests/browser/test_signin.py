"""Nobody sees anything but the sign-in - on servers that nobody has used yet, and by any way past it."""

import re
from pathlib import Path
from urllib.parse import quote

import httpx
import oidc_provider_mock
import pytest

from crm_ai import analyses, jobs
from crm_ai.access import accounts, grants, sessions
from crm_ai.data import intake, samples
from crm_ai.recipes import Recipe
from crm_ai.records import Records
from crm_ai.store import Workspace
from tests.browser import driver

PASSWORD = "green tea 42 pots"
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "a-long-random-text-for-this-test-only"
client_id = "crm_ai"
client_secret = "secret-of-the-client"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[roles]
"ann@example.com" = "analyst"
"boss@example.com" = "admin"
"""
PATHS = ["/", "/data", "/people", "/dashboards", *(f"/{name}" for name in analyses.ALL)]
PATHS += ["/overview?dataset=x", "/data?new=x", "/dashboards?board=x", "/main", "/nothing"]
CONTENT = (
    '[data-testid="stFileUploader"], .js-plotly-plot, [data-testid="stDataFrame"], [data-testid="stSidebarNavLink"]'
)

pytestmark = pytest.mark.browser


def only_the_sign_in(visitor: driver.Visitor) -> bool:
    assert visitor.find("sign-in").is_visible()
    assert "Data" not in visitor.text().replace("\n", " ").split()
    return visitor.page.locator(CONTENT).count() == 0


def entered(visitor: driver.Visitor, email: str, password: str = PASSWORD) -> driver.Visitor:
    """Fill in the form that is shown."""
    visitor.page.get_by_label("E-mail").fill(email)
    visitor.page.get_by_label("Password").fill(password)
    visitor.page.get_by_role("button", name="Sign in").click()
    return visitor


def secretless(server: driver.Server, *secrets: str) -> bool:
    """Whether neither the log nor anything that is kept holds a secret."""
    files = [server.log, *(path for path in server.workspace.rglob("*") if path.is_file())]
    kept = b"".join(path.read_bytes() for path in files)
    return not [secret for secret in secrets if secret.encode() in kept]


# ---- accounts of our own ---------------------------------------------------------------------------------------------


@pytest.fixture
def housed(tmp_path):
    """A cold server with three accounts."""
    with driver.serving(tmp_path) as server:
        records = Records.open(server.workspace)
        for name, role in {"boss": "admin", "ann": "analyst", "vera": "viewer"}.items():
            accounts.add(records, f"{name}@example.com", role, PASSWORD, name.title())
        server.records = records
        yield server
        records.close()
        assert server.traceback() == ""
        assert driver.strangers(server) == []


def forged(visitor: driver.Visitor) -> None:
    """Ask for pages as no browser does, so that the guard takes them for something else, with a token made up."""
    visitor.page.route("**/*", lambda way: way.continue_(headers={**way.request.headers, "accept": "*/*"}))
    visitor.page.context.add_cookies([{"name": "crm_ai", "value": "x" * 43, "url": visitor.server.url}])


@pytest.mark.parametrize("path", ["/data", "/people", "/overview?dataset=x"])
def test_a_cold_server_shows_nobody_more_than_the_sign_in(path, chromium, housed):
    """Streamlit would run a page straight from its address on a server that has shown none, were it not prevented."""
    with driver.visiting(chromium, housed) as visitor:
        forged(visitor)
        visitor.open(path)
        assert visitor.page.url.startswith(housed.url + path.partition("?")[0])
        assert only_the_sign_in(visitor)


def test_no_address_leads_nobody_anywhere_but_to_the_sign_in(chromium, housed):
    with driver.visiting(chromium, housed) as visitor:
        for path in PATHS:
            visitor.open(path, quiet=False)
            assert visitor.page.url == f"{housed.url}/sign-in?next={quote(path, safe='')}"
            assert visitor.page.get_by_label("Password").is_visible()
        forged(visitor)
        for path in PATHS:
            visitor.open(path)
            assert only_the_sign_in(visitor)


def test_two_people_share_and_a_revoked_session_is_out_at_the_next_click(chromium, housed, tmp_path):
    address = f"/overview?dataset={small_shop(housed, tmp_path)}"
    with driver.visiting(chromium, housed) as ann, driver.visiting(chromium, housed) as vera:
        vera.open(address, quiet=False)
        entered(vera, "vera@example.com").quiet()
        assert "Nothing is shared with you yet" in vera.text()
        ann.open("/data", quiet=False)
        entered(ann, "ann@example.com").quiet()
        ann.page.get_by_text("Who may see this").click()
        ann.quiet().page.get_by_label("With whom?").click()
        ann.page.get_by_role("option", name=re.compile("Vera")).click()
        ann.quiet().page.get_by_role("button", name="Share it").click()
        ann.quiet()
        assert vera.open(address).charts()
        with vera.page.expect_download(timeout=60_000) as waiting:
            vera.page.locator('[class*="st-key-get-"][class*="-csv"] button').first.click()
        assert Path(waiting.value.path()).read_bytes().count(b"\n") > 2
        cookies = [cookie for who in (ann, vera) for cookie in who.page.context.cookies()]
        tokens = [cookie["value"] for cookie in cookies if cookie["name"] == "crm_ai"]
        assert len(tokens) == 2
        sessions.revoke_all(housed.records, "vera@example.com")
        vera.page.get_by_text("Segments").first.click()
        assert only_the_sign_in(vera.quiet())
        vera.page.locator(".st-key-sign-in a").click()
        vera.page.wait_for_url("**/sign-in?**")
        assert secretless(housed, PASSWORD, *tokens)


def test_a_dialog_that_was_open_when_the_session_ended_does_nothing_any_more(chromium, housed, tmp_path):
    """A click in a dialog runs the dialog alone, not the page that asks for the role."""
    name = small_shop(housed, tmp_path)
    with driver.visiting(chromium, housed) as ann:
        ann.open("/data", quiet=False)
        entered(ann, "ann@example.com").quiet().click(f"delete-{name}")
        sessions.revoke_all(housed.records, "ann@example.com")
        ann.click("delete-now")
        assert ann.find("sign-in").is_visible()
        assert name in Workspace(housed.workspace).datasets()


def small_shop(server: driver.Server, folder: Path) -> str:
    """A dataset of Ann's with its overview."""
    place = Workspace(server.workspace)
    samples.demo(seed=3, customers=60)["transactions"].to_csv(folder / "orders.csv", index=False)
    draft = place.new_draft()
    intake.ingest([folder / "orders.csv"], draft.folder)
    version = place.commit(draft)
    jobs.compute(place, Recipe(version.dataset, "overview"), "duckdb://")
    with server.records.write() as connection:
        grants.own(connection, "dataset", version.dataset, "ann@example.com")
    return version.dataset


def test_upload_needs_a_session_that_may(chromium, housed, tmp_path):
    """The way of the files is closed for who has only opened a page, and open for an analyst."""
    file = tmp_path / "sample.csv"
    file.write_text("order_id,customer_id,order_date,quantity,unit_price\n1,C1,2024-03-01,2,4.5\n2,C2,2024-03-02,1,3\n")
    with driver.visiting(chromium, housed) as ann:
        ann.open("/data", quiet=False)
        entered(ann, "ann@example.com").quiet()
        ann.page.set_input_files('input[type="file"]', [str(file)])
        ann.find("accept").wait_for(timeout=120_000)
    assert httpx.put(f"{housed.url}/_stcore/upload_file/guessed/1", content=b"x").status_code == 403


# ---- an OpenID provider ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def provided(tmp_path_factory):
    """A cold server whose people come from a provider on this machine."""
    folder, port = tmp_path_factory.mktemp("provided"), driver.free_port()
    with oidc_provider_mock.run_server_in_thread() as provider:
        secrets, issuer = folder / "secrets.toml", f"http://127.0.0.1:{provider.server_port}"
        secrets.write_text(SECRETS.format(port=port, provider=issuer))
        with driver.serving(folder, "--secrets.files", str(secrets), port=port) as server:
            server.issuer = issuer
            yield server
            assert server.traceback() == ""
            assert [url for url in driver.strangers(server) if "/pico" not in url] == []  # the style of its own pages


@pytest.mark.parametrize("path", ["/data", "/", "/people", "/overview?dataset=x", "/main"])
def test_with_a_provider_too_nobody_sees_more_than_the_sign_in(path, chromium, provided):
    with driver.visiting(chromium, provided) as visitor:
        visitor.open(path)
        assert only_the_sign_in(visitor)


@pytest.mark.parametrize(
    ("email", "claims", "seen", "unseen"),
    [
        ("boss@example.com", {}, {"Data", "Overview", "People"}, set()),
        ("ann@example.com", {"email_verified": True}, {"Data", "Overview"}, {"People"}),
        ("somebody@example.com", {}, {"Overview"}, {"Data", "People"}),
        ("boss@example.com", {"email_verified": False}, set(), {"Data", "Overview", "People"}),
    ],
)
def test_a_provider_says_who_it_is_and_secrets_toml_which_role(chromium, provided, email, claims, seen, unseen):
    person = {"email": email, "name": "Somebody", **claims}
    assert httpx.put(f"{provided.issuer}/users/{quote(email)}", json=person).status_code == 204
    with driver.visiting(chromium, provided) as visitor:
        visitor.open("/data").page.get_by_role("button", name="Sign in").click()
        visitor.page.locator("input[name=sub]").fill(email)
        visitor.page.get_by_role("button", name="Authorize").click()
        visitor.page.wait_for_url(f"{provided.url}/**")
        visitor.quiet()
        links = visitor.page.locator('[data-testid="stSidebarNavLink"]').all_inner_texts()
        menu = {text.splitlines()[-1] for text in links}
        assert seen <= menu
        assert not unseen & menu
        visitor.open("/people")
        assert ("Who did what" in visitor.text()) == ("People" in seen)
        with visitor.page.expect_navigation():
            visitor.page.get_by_role("button", name="Sign out").click()
        assert only_the_sign_in(visitor.open("/overview"))
    assert secretless(provided, "secret-of-the-client", "a-long-random-text")


# ---- no sign-in ------------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(chromium):
    """A browser for which this machine has the name of another one."""
    flags = [*driver.FLAGS, "--host-resolver-rules=MAP crm.example.com 127.0.0.1"]
    found = chromium.browser_type.launch(executable_path=driver.CHROMIUM, args=flags)
    yield found
    found.close()


def test_without_a_sign_in_only_this_machine_is_let_in(chromium, elsewhere, tmp_path):
    with driver.serving(tmp_path) as server:
        with driver.visiting(chromium, server) as visitor:
            assert "Data" in visitor.open("/data").text()
        there = driver.Server(server.url.replace("127.0.0.1", "crm.example.com"), server.log, server.workspace)
        with driver.visiting(elsewhere, there) as visitor:
            for path in ("/", "/data", "/people", "/overview"):
                visitor.open(path)
                assert only_the_sign_in(visitor)
                assert "python -m crm_ai account add" in visitor.text()
        assert server.traceback() == ""


def test_whoever_opens_it_to_everybody_is_told_so_loudly(elsewhere, tmp_path):
    with driver.serving(tmp_path, CRM_AI_OPEN="1") as server:
        there = driver.Server(server.url.replace("127.0.0.1", "crm.example.com"), server.log, server.workspace)
        with driver.visiting(elsewhere, there) as visitor:
            assert "Everybody who reaches this address" in visitor.open("/data").text()
        assert "EVERYBODY" in server.log.read_text()
