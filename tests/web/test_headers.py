"""Who may show an answer in a frame, and what browsers tell others of its address."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from crm_ai.access import LOCAL, Desk
from crm_ai.dashboards import kept, links
from crm_ai.dashboards.links import Options
from crm_ai.store import Workspace
from crm_ai.web import Headers, headers

SITES = ("https://intranet.example.com", "http://localhost:8080")


@pytest.fixture
def desk(records, tmp_path, monkeypatch):
    monkeypatch.setattr(headers, "records", lambda: records)
    headers._of_token.cache_clear()
    yield Desk(Workspace(tmp_path), records, LOCAL)
    headers._of_token.cache_clear()


@pytest.fixture
def client():
    async def page(request):
        return PlainTextResponse("page")

    routes = [Route("/{path:path}", page)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Headers)]))


def frames(client: TestClient, path: str) -> str:
    return client.get(path).headers["content-security-policy"]


def test_every_answer_forbids_frames_guessing_and_referrers(client, desk):
    for path in ("/", "/data", "/shared", "/shared?link=", "/shared?link=x", "/_stcore/health"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == ("no-referrer" if "shared" in path else "same-origin")


def test_a_link_may_be_shown_on_its_sites_and_only_itself(client, desk):
    board = kept.create(desk, "Sales")
    _, token = links.create(desk, board.id, Options(origins=SITES))
    _, other = links.create(desk, board.id)
    allowed = "frame-ancestors 'self' https://intranet.example.com http://localhost:8080"
    assert frames(client, f"/shared?link={token}&embed=true") == allowed
    assert frames(client, f"/shared/?link={token}") == allowed
    assert frames(client, f"/shared?link={other}") == "frame-ancestors 'self'"
    for path in (
        "/",
        "/data",
        "/dashboards",
        "/_stcore/health",
        "/notshared",
        "/shared/data",
        "/x/shared",
        "/crm/shared",
    ):
        assert frames(client, f"{path}?link={token}") == "frame-ancestors 'self'"


def test_under_a_path_of_its_own_the_link_is_there(desk):
    board = kept.create(desk, "Sales")
    _, token = links.create(desk, board.id, Options(origins=SITES))

    async def page(request):
        return PlainTextResponse("page")

    under = Starlette(routes=[Route("/{path:path}", page)], middleware=[Middleware(Headers, base="/crm")])
    assert SITES[0] in frames(TestClient(under), f"/crm/shared?link={token}")
    assert SITES[0] not in frames(TestClient(under), f"/shared?link={token}")


def test_a_revoked_link_is_shown_in_no_frame(client, desk):
    board = kept.create(desk, "Sales")
    link, token = links.create(desk, board.id, Options(origins=SITES))
    links.revoke(desk, board.id, link.id)
    assert frames(client, f"/shared?link={token}") == "frame-ancestors 'self'"


def test_sites_are_looked_up_once_for_a_while(client, desk, monkeypatch):
    board = kept.create(desk, "Sales")
    _, token = links.create(desk, board.id, Options(origins=SITES))
    asked = []
    monkeypatch.setattr(links, "origins", lambda records, token: asked.append(token) or SITES)
    for _ in range(5):
        frames(client, f"/shared?link={token}")
    assert len(asked) <= 2
