"""What routes and guard know of the installation, and the cookies they set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from crm_ai.access import Visitor, accounts, sessions
from crm_ai.records import Records
from crm_ai.settings import settings

SESSION, FORM = "crm_ai", "crm_ai_form"
"""Cookies: the token of a session; the half of a form's secret that the browser keeps."""
HOST = "__Host-"
"""Under HTTPS browsers hold a cookie of this prefix to: this host, all paths, never in the clear."""


@dataclass(frozen=True)
class Site:
    """One installation.

    Attributes:
        records: opens the records; called at each request, so it should remember them.
        openid: whether people come from an OpenID provider instead.
        address: where people reach it ("https://crm.example.com"), "" where unknown.
        base: path before all addresses, as "/crm"; "" is none.
    """

    records: Callable[[], Records]
    openid: Callable[[], bool]
    address: str = ""
    base: str = ""

    def asks(self) -> bool:
        """Whether people have to sign in here."""
        return not self.openid() and accounts.exist(self.records())

    def visitor(self, request: HTTPConnection) -> Visitor | None:
        """Who holds the session of this browser."""
        return sessions.found(self.records(), token(request.cookies))

    def secure(self, request: HTTPConnection) -> bool:
        """Whether browsers speak HTTPS, to us or to a proxy before us."""
        said = request.url.scheme, request.headers.get("x-forwarded-proto"), urlsplit(self.address).scheme
        return "https" in said


def records() -> Records:
    """Those of this process, for pages and for answers beside them."""
    return _opened(settings().workspace, settings().records)


@lru_cache(maxsize=1)
def _opened(folder: Path, url: str) -> Records:
    return Records.open(folder, url)


def token(cookies: Mapping[str, str]) -> str:
    """The token of the session, "" where there is none."""
    return cookie(cookies, SESSION)


def cookie(cookies: Mapping[str, str], name: str) -> str:
    return cookies.get(HOST + name) or cookies.get(name, "")


def put(response: Response, name: str, value: str, secure: bool, seconds: int | None = None) -> None:
    """Set a cookie that no script can read and no other site's form sends along."""
    full = HOST + name if secure else name
    response.set_cookie(full, value, seconds, httponly=True, samesite="lax", secure=secure, path="/")


def drop(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", httponly=True, samesite="lax")
    response.delete_cookie(HOST + name, path="/", httponly=True, samesite="lax", secure=True)
