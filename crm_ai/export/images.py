"""PNG and SVG of charts, by one Chromium that stays open for the whole process."""

import asyncio
import atexit
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

from crm_ai.errors import CrmError, MissingExtra

WIDTH, HEIGHT = 900, 480
TALL = 450
"""From this height on a chart has as many rows as it needs, and keeps it."""
PATIENCE = 30.0
"""Seconds one picture may take."""
FONT = "Noto Sans Latin, Noto Sans CJK SC, Noto Sans SC, sans-serif"
"""The first is what Typst draws Latin letters with, the second what Chromium measures them by."""
REST = 600.0
"""Seconds after the last picture until the browser is closed: it holds some hundred MB."""
RELOAD = 100
"""Pictures after which the page is loaded anew; Kaleido does it after each, which takes longer than the picture."""
UNSEEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Studio:
    """Pictures are asked for from any thread, and those of several mix in one browser."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._browser: Browser | None = None
        self._rest = threading.Timer(REST, self.close)

    def pictures(self, figures: Sequence[go.Figure], options: Sequence[dict[str, Any]]) -> list[bytes | None]:
        """Each figure drawn as its options say; None where that fails twice, the second time in a new browser.

        Raises:
            MissingExtra: there is no Chromium.
        """
        found: dict[int, bytes | None] = dict.fromkeys(range(len(figures)))
        for _ in range(2):
            left = [place for place, picture in found.items() if picture is None]
            if left:
                with self._lent() as browser:
                    found |= zip(left, browser.drawn([(figures[n], options[n]) for n in left]), strict=True)
                    if None in found.values():
                        self._leave(browser)
        return list(found.values())

    def close(self) -> None:
        """Close the browser where nobody draws in it; the next picture starts another."""
        with self._lock:
            browser = self._browser
            if browser is None or browser.users:
                return
            self._browser = None
        browser.close()

    @contextmanager
    def _lent(self) -> Iterator["Browser"]:
        """The browser; one that was left is closed by the last who draws in it, another after a while of rest."""
        with self._lock:
            self._rest.cancel()
            browser = self._browser = self._browser or Browser()
            browser.users += 1
        try:
            yield browser
        finally:
            with self._lock:
                browser.users -= 1
                over = browser.users == 0 and browser is not self._browser
                self._rest.cancel()
                self._rest = threading.Timer(REST, self.close)
                self._rest.daemon = True
                self._rest.start()
            if over:
                browser.close()

    def _leave(self, browser: "Browser") -> None:
        """Give up a browser that went wrong; the next picture starts another."""
        with self._lock:
            if self._browser is browser:
                self._browser = None


class Browser:
    """One Chromium by Kaleido, and the thread its loop runs in.

    Raises:
        MissingExtra: it does not start.
    """

    def __init__(self) -> None:
        self.users = 0
        self._loop = asyncio.new_event_loop()
        self._kaleido: Any = None
        threading.Thread(target=self._loop.run_forever, name="images", daemon=True).start()
        try:
            self._kaleido = self._wait(_opened(), PATIENCE)
        except Exception as error:
            self.close()
            raise MissingExtra(
                "PNG and SVG need Chromium, which does not start here: apt-get install chromium fonts-noto-cjk"
            ) from error

    @property
    def process(self) -> int:
        """Its id."""
        return int(self._kaleido.subprocess.pid)

    def drawn(self, jobs: Sequence[tuple[go.Figure, dict[str, Any]]]) -> list[bytes | None]:
        """Pictures of figures with their options; None for each that fails."""
        try:
            return self._wait(_all(self._kaleido, jobs), PATIENCE * (1 + len(jobs)))  # type: ignore[no-any-return]
        except Exception:  # the browser or its loop is gone
            return [None] * len(jobs)

    def close(self) -> None:
        if self._kaleido is not None:
            try:
                self._wait(self._kaleido.close(), 5)
            except Exception:
                self._kaleido = None
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _wait(self, work: Any, seconds: float) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)


async def _opened() -> Any:
    from kaleido import Kaleido

    class Quick(Kaleido):
        """Keeps its page from picture to picture."""

        drawn = 0

        async def _return_kaleido_tab(self, tab: Any) -> None:
            self.drawn += 1
            if self.drawn % RELOAD == 0:
                await super()._return_kaleido_tab(tab)
            else:
                await self.tabs_ready.put(tab)

    # no MathJax: Kaleido would fetch it from the net
    return await Quick(timeout=PATIENCE, mathjax=False).__aenter__()


async def _all(kaleido: Any, jobs: Sequence[tuple[go.Figure, dict[str, Any]]]) -> list[bytes | None]:
    drawn = await asyncio.gather(*(kaleido.calc_fig(f, opts=o) for f, o in jobs), return_exceptions=True)
    return [None if isinstance(each, BaseException) else _readable(each) for each in drawn]


def _readable(picture: bytes) -> bytes:
    """An SVG without signs that XML may not hold; a PNG as it is."""
    return UNSEEN.sub(b"", picture) if picture.startswith(b"<svg") else picture


@lru_cache
def studio() -> Studio:
    """The browser of this process; closed when it ends."""
    found = Studio()
    atexit.register(found.close)
    return found


def chart(figure: go.Figure, kind: str, language: str) -> bytes:
    """One chart, on white, as ``png`` (at double resolution) or ``svg``.

    Raises:
        MissingExtra: there is no Chromium.
    """
    (drawn,) = pictures([figure], kind)
    if drawn is None:
        raise CrmError("This chart could not be drawn: try it again.")
    return drawn


def pictures(figures: Sequence[go.Figure], kind: str, sizes: Sequence[tuple[int, int]] = ()) -> list[bytes | None]:
    """Several charts, each in its size, by default one for the screen; None for each that cannot be drawn.

    Raises:
        MissingExtra: there is no Chromium.
    """
    if not figures:
        return []
    places = sizes or [(WIDTH, height(figure, HEIGHT)) for figure in figures]
    options = [{"format": kind, "width": w, "height": h, "scale": 2 if kind == "png" else 1} for w, h in places]
    return studio().pictures([light(figure) for figure in figures], options)


def height(figure: go.Figure, usual: int) -> int:
    """Of a chart: its own where it has many rows."""
    own = int(figure.layout.height or 0)
    return own if own > TALL else usual


def light(figure: go.Figure) -> go.Figure:
    """A copy for paper: dark on white, whatever the screen shows, in letters as wide as those of the reports."""
    white = {"template": "plotly_white", "paper_bgcolor": "white", "plot_bgcolor": "white"}
    return go.Figure(figure).update_layout(font={"color": "#1F2733", "family": FONT}, **white)


def untitled(figure: go.Figure) -> go.Figure:
    """A copy without its title, for places that have one of their own; the legend stays clear of the axis above it."""
    found = go.Figure(figure).update_layout(title_text="", margin={"t": 16, "l": 40, "r": 12, "b": 30})
    legend = figure.layout.legend
    if legend.orientation == "h" and (legend.y or 0) < 0:
        found.update_layout(legend={"yref": "container", "y": 0, "yanchor": "bottom"})
    return found
