"""The real app in a real browser: start a server, wait for quiet, look."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
QUIET = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.getAttribute('data-test-script-state') !== 'notRunning') return false;
  if (app.getAttribute('data-test-connection-state') !== 'CONNECTED') return false;
  return !document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"], .st-key-progress, [data-stale="true"]');
}"""


@dataclass
class Server:
    """One running app."""

    url: str
    log: Path
    workspace: Path
    requests: list[str] = field(default_factory=list)

    def traceback(self) -> str:
        """What went wrong in the server, "" when nothing did."""
        text = self.log.read_text("utf-8", "replace")
        found = re.search(r"Traceback.*", text, re.S)
        return found.group(0)[:4000] if found else ""


@contextmanager
def serving(folder: Path, *flags: str, port: int | None = None, **environment: str) -> Iterator[Server]:
    """The app on a free port with a workspace of its own."""
    port = port or free_port()
    server = Server(f"http://127.0.0.1:{port}", folder / "server.log", folder / "workspace")
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port), *flags]
    variables = {**os.environ, "CRM_AI_WORKSPACE": str(server.workspace), **environment}
    with server.log.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)
        try:
            _answering(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _answering(server: Server, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(server.log.read_text("utf-8", "replace")[-2000:])


@dataclass
class Visitor:
    """One browser tab."""

    page: Any
    server: Server

    def open(self, path: str = "/", quiet: bool = True) -> "Visitor":
        self.page.goto(self.server.url + path)
        return self.quiet() if quiet else self

    def quiet(self, seconds: float = 60) -> "Visitor":
        """Wait until nothing has moved for 250 ms: the script rests, connected, nothing stale, no progress."""
        end, still = time.monotonic() + seconds, 0
        while still < 3:
            if time.monotonic() > end:
                raise TimeoutError(f"the page did not come to rest in {seconds} s: {self.text()[:500]}")
            still = still + 1 if self.page.evaluate(QUIET) else 0
            self.page.wait_for_timeout(125)
        return self

    def text(self) -> str:
        return str(self.page.inner_text('[data-testid="stApp"]'))

    def find(self, key: str) -> Any:
        """The widget or container with this Streamlit key."""
        return self.page.locator(f".st-key-{key}").first

    def click(self, key: str) -> "Visitor":
        target = self.find(key)
        button = target.locator("button").first
        (button if button.count() else target).click()
        return self.quiet()

    def change(self, key: str, text: str) -> "Visitor":
        """Pick an option of a select box by its text, or type into a number field."""
        field = self.find(key).locator("input")
        if field.get_attribute("type") == "number":
            field.fill(text)
            field.press("Tab")
        else:
            field.click()
            self.page.get_by_role("option", name=text, exact=True).first.click()
        return self.quiet()

    def download(self, key: str) -> bytes:
        with self.page.expect_download(timeout=120_000) as waiting:
            self.find(key).locator("button").first.click()
        return Path(waiting.value.path()).read_bytes()

    def upload(self, *paths: Path) -> "Visitor":
        """Choose files on the data page, accept the columns, land on the first page."""
        self.open("/data")
        self.page.set_input_files('input[type="file"]', [str(path) for path in paths])
        self.find("accept").wait_for(timeout=120_000)
        return self.quiet().click("accept").settled("/data")

    def settled(self, left: str) -> "Visitor":
        """Wait until the address has left a path and the new page is at rest."""
        self.page.wait_for_url(lambda url: left not in url, timeout=120_000)
        return self.quiet(120)

    def charts(self) -> dict[str, str]:
        """Key of every chart -> what it draws."""
        self.page.wait_for_function(DRAWN, timeout=60_000)
        return dict(self.page.evaluate(CHARTS))

    def picture(self, path: Path) -> None:
        self.page.screenshot(path=str(path))

    def too_wide(self) -> list[str]:
        """Texts that are cut off or stick out of the window."""
        return list(self.page.evaluate(CLIPPED))


DRAWN = """() => {
  const places = [...document.querySelectorAll('[class*="st-key-chart-"]')];
  return places.length && places.every(p => p.querySelector('.js-plotly-plot .main-svg'));
}"""
CHARTS = """() => Object.fromEntries([...document.querySelectorAll('[class*="st-key-chart-"]')].map(p => [
  [...p.classList].find(c => c.startsWith('st-key-chart-')).slice(13),
  JSON.stringify(p.querySelector('.js-plotly-plot').data, (k, v) => k === 'uid' ? undefined : v)]))"""

CLIPPED = """() => {
  const out = [], width = document.documentElement.clientWidth;
  for (const e of document.querySelectorAll('[data-testid="stMain"] :is(h1,h2,h3,p,li,label,button,[data-testid="stMetricValue"])')) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!box.width || !box.height || style.visibility === 'hidden') continue;
    if (box.right > width + 1 && !e.closest('[role="tablist"], [data-testid="stCode"], pre')) out.push('sticks out: ' + e.innerText.slice(0, 60));
    else if (style.overflow === 'hidden' && e.scrollWidth > e.clientWidth + 1) out.push('cut off: ' + e.innerText.slice(0, 60));
  }
  return out;
}"""


@contextmanager
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def visiting(
    chromium: Any, server: Server, *, width: int = 1440, height: int = 2600, language: str = "en-GB", dark: bool = False
) -> Iterator[Visitor]:
    """A fresh visitor; requests that leave the machine are noted at the server."""
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale=language, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.on("request", lambda request: server.requests.append(request.url))
    try:
        yield Visitor(page, server)
    finally:
        context.close()


def strangers(server: Server) -> list[str]:
    """Requests that left the machine."""
    return [url for url in server.requests if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", url)]
