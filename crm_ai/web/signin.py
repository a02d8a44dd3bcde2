"""Sign in, sign out and one's own account, where accounts are kept here."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crm_ai.access import NOBODY, sessions
from crm_ai.access.people import People, sign_in
from crm_ai.errors import CrmError
from crm_ai.web import forms, pages
from crm_ai.web.browsers import name
from crm_ai.web.pages import Look
from crm_ai.web.site import FORM, SESSION, Site, drop, put, token

NEWS = {
    "out": "You are signed out.",
    "password": "The password is changed; all other browsers are signed out.",
    "session": "That browser is signed out.",
}
Form = dict[str, str]


def routes(site: Site) -> list[Route]:
    """The addresses, for the server."""
    found = {
        "/sign-in": (_sign_in_page, _sign_in),
        "/sign-out": (_sign_out_page, _sign_out),
        "/account": (_account_page, None),
        "/account/password": (None, _password),
        "/account/sessions": (None, _session),
    }
    return [
        Route(site.base + path, partial(_answer, site, shown, done), methods=[*_methods(shown, done)])
        for path, (shown, done) in found.items()
    ]


Show = Callable[[Site, Request, Look, Form], Response]
Do = Callable[[Site, Request, Look, Form], Response]


def _methods(shown: Show | None, done: Do | None) -> list[str]:
    return [method for method, there in (("GET", shown), ("POST", done)) if there]


async def _answer(site: Site, shown: Show | None, done: Do | None, request: Request) -> Response:
    """Show the page, or do what its form says; a form that fails comes back with the reason."""
    if not await run_in_threadpool(site.asks):
        return RedirectResponse(f"{site.base}/", 303)
    look, given = _look(site, request), dict(request.query_params)
    if request.method != "POST":
        response = await run_in_threadpool(shown or _account_page, site, request, look, given)
    else:
        response = await _done(site, done or _sign_in, shown, request)
    put(response, FORM, look.secret, site.secure(request))
    return response


async def _done(site: Site, done: Do, shown: Show | None, request: Request) -> Response:
    given: Form = {}
    try:
        given = await forms.fields(request, site)
        return await run_in_threadpool(done, site, request, _look(site, request, given), given)
    except CrmError as error:
        look = _look(site, request, given)
        again = replace(look, error=error.text(look.t))
        response = await run_in_threadpool(shown or _account_page, site, request, again, given)
        response.status_code = 403
        return response


def _look(site: Site, request: Request, given: Form | None = None) -> Look:
    """Language and secret of the page that asks."""
    asked = (given or {}).get("lang") or request.query_params.get("lang") or _preferred(request)
    language = "zh" if asked.startswith("zh") else "en"
    kept = {key: value for key, value in request.query_params.items() if key == "next"}
    path = request.url.path + (f"?{urlencode(kept)}" if kept else "")
    news = NEWS.get(request.query_params.get("news", ""), "") if request.method == "GET" else ""
    look = Look(language, forms.secret(request), site.base, path)
    return replace(look, news=look.t(news))


def _preferred(request: Request) -> str:
    return request.headers.get("accept-language", "").strip().lower()


# ---- signing in and out ----------------------------------------------------------------------------------------------


def _sign_in_page(site: Site, request: Request, look: Look, given: Form) -> Response:
    target = forms.local(given.get("next", "/"))
    if site.visitor(request):
        return RedirectResponse(target, 303)
    return pages.sign_in(look, given.get("email", "")[:254], target)


def _sign_in(site: Site, request: Request, look: Look, given: Form) -> Response:
    """A new session, and back to where the visitor wanted to go."""
    client = request.client.host if request.client else ""
    browser = name(request.headers.get("user-agent", ""))
    made = sign_in(site.records(), given.get("email", ""), given.get("password", ""), browser, client)
    response = RedirectResponse(forms.local(given.get("next", "/")), 303)
    put(response, SESSION, made, site.secure(request), int(sessions.LONGEST.total_seconds()))
    return response


def _sign_out_page(site: Site, request: Request, look: Look, given: Form) -> Response:
    visitor = site.visitor(request)
    return pages.sign_out(look, visitor) if visitor else RedirectResponse(f"{site.base}/sign-in", 303)


def _sign_out(site: Site, request: Request, look: Look, given: Form) -> Response:
    sessions.end(site.records(), token(request.cookies))
    response = RedirectResponse(f"{site.base}/sign-in?news=out&lang={look.language}", 303)
    drop(response, SESSION)
    return response


# ---- one's own account -----------------------------------------------------------------------------------------------


def _account_page(site: Site, request: Request, look: Look, given: Form) -> Response:
    visitor = site.visitor(request)
    if not visitor:
        return RedirectResponse(f"{site.base}/sign-in?next={quote(site.base + '/account')}", 303)
    here = sessions.mark(token(request.cookies))
    own = replace(look, path=f"{site.base}/account")
    return pages.account(own, visitor, People(site.records(), visitor).own_sessions(), here)


def _password(site: Site, request: Request, look: Look, given: Form) -> Response:
    held = token(request.cookies)
    _people(site, request).change_own_password(given.get("before", ""), given.get("after", ""), held)
    return _account(site, look, "password")


def _session(site: Site, request: Request, look: Look, given: Form) -> Response:
    _people(site, request).end_own_session(given.get("session", ""))
    return _account(site, look, "session")


def _people(site: Site, request: Request) -> People:
    return People(site.records(), site.visitor(request) or NOBODY)


def _account(site: Site, look: Look, news: str) -> Response:
    return RedirectResponse(f"{site.base}/account?news={news}&lang={look.language}", 303)
