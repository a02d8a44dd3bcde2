"""With sign-in configured, nobody sees anything but the sign-in - on a server that nobody has used yet."""

import pytest

from crm_ai import analyses
from tests.browser import driver

SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1/oauth2callback"
cookie_secret = "a-long-random-text-for-this-test-only"
client_id = "crm_ai"
client_secret = "secret"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""
PATHS = ["/", "/data", *(f"/{name}" for name in analyses.ALL), "/overview?dataset=x", "/main", "/nothing"]


@pytest.mark.browser
@pytest.mark.parametrize("path", PATHS)
def test_a_cold_server_shows_nobody_more_than_the_sign_in(path, chromium, cold):
    with driver.visiting(chromium, cold) as visitor:
        visitor.open(path)
        assert visitor.find("sign-in").is_visible()
        assert "Data" not in visitor.text().replace("\n", " ").split()
        assert (
            visitor.page.locator('[data-testid="stFileUploader"], .js-plotly-plot, [data-testid="stDataFrame"]').count()
            == 0
        )
        assert visitor.page.locator('[data-testid="stSidebarNavLink"]').count() == 0


@pytest.fixture
def cold(tmp_path):
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(SECRETS)
    with driver.serving(tmp_path, "--secrets.files", str(secrets)) as server:
        yield server
        assert server.traceback() == ""
