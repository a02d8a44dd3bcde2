"""What every answer tells the browser: who may show it in a frame, and that addresses are nobody else's business.

Only a shared link may be shown on other sites, on those that its options name.
"""

import time
from functools import lru_cache
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_ai.dashboards import links
from crm_ai.web.site import records

ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
SHARED = "/shared"
"""Its addresses hold the token of a link, which nobody else is told, not even ourselves in a log of referrers."""
KEPT = 30
"""Seconds for which the sites of a link are remembered."""


class Headers:
    """Middleware: adds the headers to all answers of the app; ``base`` is the path before all its addresses."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self.app, self.shared = app, base + SHARED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        shared = str(scope["path"]).rstrip("/") == self.shared
        frames = " ".join(["frame-ancestors 'self'", *(await _origins(scope) if shared else ())])

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(ALWAYS | ({"Referrer-Policy": "no-referrer"} if shared else {}))
                headers.append("Content-Security-Policy", frames)
            await send(message)

        await self.app(scope, receive, told)


async def _origins(scope: Scope) -> tuple[str, ...]:
    """The sites that may show the link in the address."""
    token = parse_qs(scope["query_string"].decode("latin-1")).get("link", [""])[0]
    return await to_thread.run_sync(_of_token, token, int(time.monotonic() // KEPT)) if token else ()


@lru_cache(maxsize=256)
def _of_token(token: str, moment: int) -> tuple[str, ...]:
    return links.origins(records(), token)
