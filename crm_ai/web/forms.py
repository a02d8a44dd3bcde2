"""Forms that nobody else's page can send: a secret in the form equals the one in a cookie, and the page is ours."""

import secrets
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from crm_ai.errors import BadParameter
from crm_ai.web.site import FORM, Site, cookie

LARGEST = 16_000
"""Bytes of a form."""


def secret(request: Request) -> str:
    """What a form carries along: the secret of this browser, else a new one."""
    return cookie(request.cookies, FORM) or secrets.token_urlsafe(32)


async def fields(request: Request, site: Site) -> dict[str, str]:
    """What was sent.

    Raises:
        BadParameter: it does not come from a page of ours, or is too large.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise BadParameter("This form is too large.")
    found = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    kept = cookie(request.cookies, FORM)
    same = bool(kept) and secrets.compare_digest(kept.encode(), found.get("secret", "").encode())
    if not (same and _ours(request, site)):
        raise BadParameter("This page was open too long: try again.")
    return found


def _ours(request: Request, site: Site) -> bool:
    """Whether the page with the form has our address; a browser says so in one of two headers."""
    said = request.headers.get("origin") or request.headers.get("referer") or ""
    hosts = {request.headers.get("host"), urlsplit(site.address).netloc} - {None, ""}
    return urlsplit(said).netloc in hosts and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def local(path: str) -> str:
    """Itself where it is an address of ours, else "/"."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if plain and all(" " < letter != "\x7f" for letter in path) else "/"
