"""Launcher: `streamlit run app.py`.

The script lies in crm_ai/ui and not here: beside a pages/ folder a fresh server would run a page
straight from its address, past the sign-in.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.websockets import WebSocket, WebSocketDisconnected

HERE = Path(__file__).parent
if str(HERE) not in sys.path:  # another server may import this file from anywhere
    sys.path.insert(0, str(HERE))

from crm_ai import web  # noqa: E402
from crm_ai.settings import settings  # noqa: E402
from crm_ai.ui import refusals, signin, visitors, warming  # noqa: E402


async def gone(visitor: WebSocket, error: Exception) -> None:
    """A visitor who closes the browser while the server answers is no fault worth a traceback."""


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Says how open the server is; a clock for what comes by itself runs beside the pages."""
    from crm_ai.scheduling import clock

    visitors.warn(site.asks())
    refusals.plainly()
    running = clock.begin(settings())
    warming.begin()
    yield
    running.stop()


site = web.Site(web.records, visitors.openid, settings().address, visitors.base())
app = st.App(
    HERE / "crm_ai" / "ui" / "main.py",
    lifespan=lifespan,
    routes=web.routes(site),
    middleware=[Middleware(web.Headers, base=visitors.base()), Middleware(web.Guard, site=site)],
    exception_handlers={WebSocketDisconnected: gone},
    on_script_error=signin.refused,
)
