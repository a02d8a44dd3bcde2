"""The routes and the guard before a page that says where it is."""

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from crm_ai import web
from crm_ai.access import accounts, passwords
from crm_ai.records import Records

PASSWORD = "green tea 42 pots"
HTML = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def records(tmp_path):
    found = Records.open(tmp_path)
    yield found
    found.close()


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
