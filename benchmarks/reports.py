"""How long a report of a dashboard with 20 charts takes, in each format and both languages.

    python benchmarks/reports.py ONLINE_RETAIL.parquet

The results are there, as they are when somebody looks at the dashboard. "First" is the first report of a new process,
with the imports and the start of Chromium; "next" the median of three more, and the CPU seconds of all processes in it;
"two at once" is the time until both of two visitors have theirs. Memory is what the process and its Chromium hold at
their highest, each process with its share of what several of them hold together.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from crm_ai.dashboards import content, refreshing, reports
from crm_ai.dashboards.boards import Board, Tile
from crm_ai.data import intake
from crm_ai.data.filters import Filters
from crm_ai.recipes import Recipe
from crm_ai.store import Workspace

CHARTS = {
    "overview": ("revenue", "activity", "top_products", "changes", "new_and_returning", "rhythm", "country"),
    "segments": ("sizes", "map", "profile", "rfm"),
    "forecast": ("forecast", "backtest", "models"),
    "baskets": ("strongest", "network", "items"),
    "anomalies": ("timeline_1", "strengths", "most_unusual"),
}
REPEATS = 3
KINDS = ("pdf", "pptx", "xlsx", "html", "zip")


def main(file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Workspace(Path(folder) / "workspace")
        draft, csv = place.new_draft(), Path(folder) / "Online Retail.csv"
        pd.read_parquet(file).to_csv(csv, index=False)
        intake.ingest([csv], draft.folder)
        found = board(place.commit(draft).dataset)
        refreshing.compute(place, found, Filters())
        print(f"\n{sum(tile.kind == 'chart' for tile in found.tiles)} charts, {len(found.tiles)} tiles\n")
        print("| format | language | first, s | next, s | CPU, s | two at once, s | size, MB | memory, MB |")
        print("|---|---|---|---|---|---|---|---|")
        for kind in KINDS:
            for language in ("en", "zh"):
                subprocess.run(
                    [sys.executable, __file__, str(place.folder), found.datasets[0], kind, language], check=True
                )


def board(dataset: str) -> Board:
    """Cards and findings, then the charts."""
    charts = [(name, part) for name, parts in CHARTS.items() for part in parts]
    tiles = [
        Tile("cards", "cards", Recipe(dataset, "overview")),
        Tile("found", "findings", Recipe(dataset, "overview")),
    ]
    tiles += [Tile(f"{n}-{part}", "chart", Recipe(dataset, n), part) for n, part in charts]
    return Board("b", "Online Retail", "Twenty charts.", tuple(tiles))


def measure(folder: str, dataset: str, kind: str, language: str) -> None:
    """One row of the table, in a process of its own."""
    place, found = Workspace(Path(folder)), board(dataset)
    answers = [content.answer(place, tile, Filters()) for tile in found.tiles]

    def make() -> bytes:
        return reports.report(found, answers, kind, language=language)

    with Memory() as memory:
        first, begun = seconds(make), cpu()
        following = statistics.median(seconds(make) for _ in range(REPEATS))
        spent = (cpu() - begun) / REPEATS
        both, size = seconds(lambda: twice(make)), len(make()) / 1e6
    row = f"{first:.1f} | {following:.1f} | {spent:.1f} | {both:.1f} | {size:.1f} | {memory.most:.0f}"
    print(f"| {kind} | {language} | {row} |", flush=True)


def cpu() -> float:
    """CPU seconds of this process and its descendants so far."""
    stats = [Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split() for process in family(os.getpid())]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def twice(make: Callable[[], bytes]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(make), pool.submit(make)]:
            each.result()


class Memory:
    """The most that this process and its descendants held, in MB, looked at four times a second."""

    def __enter__(self) -> "Memory":
        self.most, self._over = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.25):
            self.most = max(self.most, sum(map(held, family(os.getpid()))))


def family(process: int) -> list[int]:
    """A process and its descendants."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = status.read_text().split(" ", 1)
        except OSError:
            continue
        parents.setdefault(int(rest.rpartition(")")[2].split()[1]), []).append(int(number))
    found, left = [], [process]
    while left:
        found.append(left.pop())
        left += parents.get(found[-1], [])
    return found


def held(process: int) -> float:
    """MB, with its share of what it holds together with others."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    measure(*sys.argv[1:]) if len(sys.argv) > 2 else main(Path(sys.argv[1]))
