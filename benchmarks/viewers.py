"""Many people look at one dashboard: how long a page takes, and what each of them costs the server in memory.

    python benchmarks/viewers.py [ONLINE_RETAIL.parquet] [--viewers 50]

Starts the real server on a workspace of its own: the file, else the generated shop, and a dashboard whose results are
kept already. The viewers are web sockets that speak Streamlit's protocol, as a browser does; a page is timed from the
question to its last message. First they come one after the other, then all are there and each opens the page anew from
time to time, then all of them press reload at once. By the address of the dashboard, and by a link without an account.
"""

import argparse
import asyncio
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(ROOT := Path(__file__).parents[1]))

ARRIVALS = 1.0
"""Seconds from one newcomer to the next."""
THINKING = 20.0
"""Seconds between two pages of one viewer, on average."""
LASTS = 60.0
"""Seconds the second part lasts."""
PATIENCE = 120.0


@dataclass
class Viewer:
    """One browser tab.

    Attributes:
        seconds: how long each of its pages took.
        bytes, charts: what came with the last.
        watched: part of the page -> seconds after which the browser asks for it again by itself.
    """

    port: int
    page: str
    query: str
    socket: Any = None
    seconds: list[float] = field(default_factory=list)
    bytes: int = 0
    charts: int = 0
    watched: dict[str, float] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def come(self) -> "Viewer":
        """Connect, open the page, and ask again for what is to be kept fresh."""
        import websockets

        url = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        headers = {"Origin": f"http://127.0.0.1:{self.port}"}
        self.socket = await websockets.connect(
            url, subprotocols=["streamlit"], max_size=None, additional_headers=headers, ping_interval=None
        )
        await self.look()
        assert self.charts, "the dashboard shows no chart"
        self.tasks = [asyncio.create_task(self._watch(*part)) for part in self.watched.items()]
        return self

    async def go(self) -> None:
        for task in self.tasks:
            task.cancel()
        await self.socket.close()

    async def look(self) -> None:
        """Open the page; timed."""
        async with self.turn:
            begun, self.bytes, self.charts = time.perf_counter(), 0, 0
            await self._ask()
            self.seconds.append(time.perf_counter() - begun)

    async def _watch(self, part: str, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            async with self.turn:
                await self._ask(part)

    async def _ask(self, part: str = "") -> None:
        """Run the page, or a part of it, and take all that comes."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        question = BackMsg()
        state = question.rerun_script
        state.query_string, state.page_name, state.fragment_id = self.query, self.page, part
        state.is_auto_rerun = bool(part)
        state.context_info.locale, state.context_info.timezone = "en-GB", "UTC"
        await self.socket.send(question.SerializeToString())
        await asyncio.wait_for(self._answer(), PATIENCE)

    async def _answer(self) -> None:
        """Up to the end of the script; one that begins anew ends later."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        while True:
            data = await self.socket.recv()
            message = ForwardMsg.FromString(data)
            kind, self.bytes = message.WhichOneof("type"), self.bytes + len(data)
            if kind == "auto_rerun":
                self.watched[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            elif kind == "delta":
                self._drawn(message.delta.new_element)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return

    def _drawn(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        self.charts += kind == "plotly_chart"
        if kind == "exception":
            raise RuntimeError(element.exception.message)


@dataclass(frozen=True)
class Server:
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def megabytes(self) -> float:
        """What the server itself holds in memory; its workers are not counted."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    @property
    def cpu(self) -> float:
        """Seconds it has computed so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)]
    variables = {**os.environ, "CRM_AI_WORKSPACE": str(folder), "OMP_NUM_THREADS": "1"}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([*command, "--server.headless", "true"], env=variables, stdout=log, stderr=log)
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2)
                break
            except OSError:
                time.sleep(0.2)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)


def prepared(folder: Path, file: Path | None) -> tuple[str, str]:
    """A dashboard with kept results: its id, and the token of a link to it."""
    from crm_ai.access import LOCAL, Desk
    from crm_ai.dashboards import kept, links, refreshing, templates
    from crm_ai.data import intake
    from crm_ai.records import Records
    from crm_ai.store import Workspace

    workspace, records = Workspace(folder), Records.open(folder)
    desk, draft = Desk(workspace, records, LOCAL), workspace.new_draft()
    if file:
        intake.ingest([file], draft.folder, name="Online Retail")
    else:
        intake.demo_dataset(draft.folder)
    dataset = workspace.commit(draft).dataset
    tiles = templates.made("sales", dataset, workspace.open(dataset)).tiles
    board = kept.create(desk, "Sales overview", tiles=tiles)
    refreshing.compute(workspace, board, board.filters)
    _, token = links.create(desk, board.id, links.Options())
    records.close()
    return board.id, token


async def measured(server: Server, page: str, query: str, viewers: int) -> None:
    """The figures of one kind of address."""
    first = await Viewer(server.port, page, query).come()
    begun = server.cpu
    for _ in range(10):
        await first.look()
    cpu, before = (server.cpu - begun) / 10, server.megabytes
    print(f"\n/{page}: {first.charts} charts, {first.bytes / 1000:.0f} kB; {cpu:.2f} s of one core a page; ", end="")
    print(f"the first page after a start {first.seconds[0]:.1f} s\n")
    print("| | pages | p50, s | p95, s | longest, s |\n|---|---|---|---|---|")
    others = await _arrive(server, page, query, viewers - 1)
    each, there = (server.megabytes - before) / (viewers - 1), [first, *others]
    _line(f"{viewers - 1} come, one every {ARRIVALS:g} s", [viewer.seconds[0] for viewer in others])
    marks = _marks(there)
    await _stay(there)
    _line(f"{viewers} are there, each opens it anew every {THINKING:g} s", _since(there, marks))
    marks = _marks(there)
    await asyncio.gather(*(viewer.look() for viewer in there))
    _line(f"all {viewers} at the same moment", _since(there, marks))
    print(f"\nServer: {before:.0f} MB with one viewer, {each:.1f} MB for each further one; ", end="")
    print(f"{server.megabytes:.0f} MB in the end")
    await asyncio.gather(*(viewer.go() for viewer in there))


async def _arrive(server: Server, page: str, query: str, viewers: int) -> list[Viewer]:
    coming = []
    for _ in range(viewers):
        coming.append(asyncio.create_task(Viewer(server.port, page, query).come()))
        await asyncio.sleep(ARRIVALS)
    return list(await asyncio.gather(*coming))


async def _stay(viewers: Sequence[Viewer]) -> None:
    rng, end = random.Random(1), time.monotonic() + LASTS

    async def stay(viewer: Viewer) -> None:
        while (pause := rng.expovariate(1 / THINKING)) < end - time.monotonic():
            await asyncio.sleep(pause)
            await viewer.look()

    await asyncio.gather(*map(stay, viewers))


def _marks(viewers: Sequence[Viewer]) -> list[int]:
    return [len(viewer.seconds) for viewer in viewers]


def _since(viewers: Sequence[Viewer], marks: Sequence[int]) -> list[float]:
    return [seconds for viewer, mark in zip(viewers, marks, strict=True) for seconds in viewer.seconds[mark:]]


def _line(what: str, seconds: Sequence[float]) -> None:
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[18]
    print(
        f"| {what} | {len(seconds)} | {statistics.median(seconds):.2f} | {p95:.2f} | {max(seconds):.2f} |", flush=True
    )


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("file", nargs="?", type=Path)
    words.add_argument("--viewers", type=int, default=50)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        board, token = prepared(Path(folder), given.file)
        for page, query in (("dashboards", f"board={board}&lang=en"), ("shared", f"link={token}&lang=en")):
            with serving(Path(folder)) as server:
                asyncio.run(measured(server, page, query, given.viewers))


if __name__ == "__main__":
    main()
