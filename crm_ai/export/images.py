"""PNG and SVG of charts, by one Chromium that stays open for the whole process."""

import asyncio
import atexit
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

from crm_ai.errors import MissingExtra
from crm_ai.export.native import text

WIDTH, HEIGHT = 900, 480
TALL = 450
"""From this height on a chart has as many rows as it needs, and keeps it."""
PATIENCE = 60.0
"""Seconds one picture may take."""


class Studio:
    """A browser in a thread of its own; pictures are asked for from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._kaleido: Any = None

    def pictures(self, figures: Sequence[go.Figure], options: Sequence[dict[str, Any]]) -> list[bytes]:
        """Each figure drawn as its options say; a browser that has gone away is started again.

        Raises:
            MissingExtra: there is no Chromium.
        """
        with self._lock:
            try:
                return self._drawn(figures, options)
            except MissingExtra:
                raise
            except Exception:
                self._close()
                return self._drawn(figures, options)

    def close(self) -> None:
        with self._lock:
            self._close()

    def _drawn(self, figures: Sequence[go.Figure], options: Sequence[dict[str, Any]]) -> list[bytes]:
        self._open()
        return [self._wait(self._kaleido.calc_fig(f, opts=o)) for f, o in zip(figures, options, strict=True)]

    def _open(self) -> None:
        if self._loop is None:
            from kaleido import Kaleido

            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="images", daemon=True).start()
            self._loop = loop
            try:
                # no MathJax: Kaleido would fetch it from the net
                self._kaleido = self._wait(_opened(Kaleido, timeout=PATIENCE, mathjax=False))
            except Exception as error:
                self._close()
                raise MissingExtra(
                    "PNG and SVG need Chromium, which does not start here: apt-get install chromium fonts-noto-cjk"
                ) from error

    def _close(self) -> None:
        if self._loop is None:
            return
        if self._kaleido is not None:
            try:
                self._wait(self._kaleido.close(), 5)
            except Exception:
                self._kaleido = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = self._kaleido = None

    def _wait(self, work: Any, seconds: float = PATIENCE) -> Any:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)


@lru_cache
def studio() -> Studio:
    """The browser of this process; closed when it ends."""
    found = Studio()
    atexit.register(found.close)
    return found


def chart(figure: go.Figure, kind: str, language: str) -> bytes:
    """One chart, on white, as ``png`` (at double resolution) or ``svg``."""
    return pictures([figure], kind)[0]


def pictures(figures: Sequence[go.Figure], kind: str, width: int = WIDTH, height: int = HEIGHT) -> list[bytes]:
    """Several charts; a tall one keeps its own height.

    Raises:
        MissingExtra: there is no Chromium.
    """
    size = [figure.layout.height if (figure.layout.height or 0) > TALL else height for figure in figures]
    options = [{"format": kind, "width": width, "height": high, "scale": 2 if kind == "png" else 1} for high in size]
    return studio().pictures([light(figure) for figure in figures], options)


def light(figure: go.Figure) -> go.Figure:
    """A copy for paper: dark on white, whatever the screen shows."""
    white = {"template": "plotly_white", "paper_bgcolor": "white", "plot_bgcolor": "white"}
    return go.Figure(figure).update_layout(font_color="#1F2733", **white)


async def _opened(kind: Any, **options: Any) -> Any:
    return await kind(**options).__aenter__()


def title(figure: go.Figure) -> str:
    """The title of a figure as plain text."""
    return text(figure.layout.title.text or "")


def untitled(figure: go.Figure) -> go.Figure:
    """A copy without its title, for places that have one of their own."""
    return go.Figure(figure).update_layout(title_text="", margin_t=24)
