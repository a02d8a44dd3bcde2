"""The routes and the guard before a page that says where it is."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from crm_ai import web
from crm_ai.access import accounts
from tests.access.conftest import PASSWORD

HTML = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def _quickly(quick_passwords):
    """In every test here."""


@pytest.fixture
def people(records):
    """Ann, an analyst, beside her administrator."""
    accounts.add(records, "boss@x.com", "admin", PASSWORD)
    return accounts.add(records, "ann@x.com", "analyst", PASSWORD, "Ann <b>")


@pytest.fixture
def browser(records):
    """Makes browsers; each has cookies of its own."""

    def made(*, openid: bool = False, address: str = "", base: str = "", url: str = "http://testserver") -> TestClient:
        site = web.Site(lambda: records, lambda: openid, address, base)
        page = Route("/{path:path}", lambda request: HTMLResponse(f"page {request.url.path}"), methods=["GET", "PUT"])
        app = Starlette(routes=[*web.routes(site), page], middleware=[Middleware(web.Guard, site=site)])
        return TestClient(app, url, follow_redirects=False)

    return made
