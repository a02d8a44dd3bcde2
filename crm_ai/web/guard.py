"""Before every answer: who has to sign in first is led there, and files are taken only from whoever may send them."""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_ai.web.site import Site
from crm_ai.web.uploads import uploaders

OPEN = ("shared", "sign-in", "sign-out", "account", "static", "media", "component", "_stcore", "app")
"""First parts of addresses that answer without a sign-in: they look themselves, or hold nothing of anybody's."""
UPLOAD, AGENT = "/_stcore/upload_file/", "/_stcore/agent"


class Guard:
    """Stands before Streamlit."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app, self.site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = Request(scope)
        path = request.url.path.removeprefix(self.site.base)
        refused = self._refused(request, path) or await run_in_threadpool(self._turned_away, request, path)
        return await (refused or self.app)(scope, receive, send)

    def _refused(self, request: Request, path: str) -> Response | None:
        """Files from whoever may not send them; and Streamlit's own way in for programs, which knows no accounts."""
        if path.startswith(AGENT):
            return PlainTextResponse("Not here.", 404)
        if not path.startswith(UPLOAD) or request.method == "OPTIONS":
            return None
        session = path.removeprefix(UPLOAD).partition("/")[0]
        return None if uploaders().may(session) else PlainTextResponse("Not allowed.", 403)

    def _turned_away(self, request: Request, path: str) -> Response | None:
        """The way to the sign-in, for a page that needs one."""
        page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        if not page or path.strip("/").partition("/")[0] in OPEN or not self.site.asks() or self.site.visitor(request):
            return None
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{self.site.base}/sign-in?next={quote(asked, safe='')}", 303)
