"""Launcher: `streamlit run app.py`.

The script lies in crm_ai/ui and not here: beside a pages/ folder a fresh server would run a page
straight from its address, past the sign-in.
"""

from pathlib import Path

import streamlit as st
from starlette.websockets import WebSocket, WebSocketDisconnected


async def gone(visitor: WebSocket, error: Exception) -> None:
    """A visitor who closes the browser while the server answers is no fault worth a traceback."""


app = st.App(
    Path(__file__).parent / "crm_ai" / "ui" / "main.py",
    exception_handlers={WebSocketDisconnected: gone},
)
