"""How quick the pages are on Online Retail: first results, reruns, and reruns while a worker computes.

    python benchmarks/pages.py ONLINE_RETAIL.parquet

The file is written as CSV first (45 MB), as a user would upload it.

The first result is timed from the click to the kept result, by a worker that has been started with the app. A rerun is
the script of a page whose result is there. Median of 15 runs each.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

SHOP = ("overview", "segments", "purchases", "forecast", "baskets", "anomalies")


def main(file: Path) -> None:
    folder = tempfile.TemporaryDirectory()
    os.environ["CRM_AI_WORKSPACE"] = folder.name
    from crm_ai.data import intake
    from crm_ai.recipes import Recipe
    from crm_ai.ui import session

    place = session.workspace()
    draft = place.new_draft()
    csv = Path(folder.name) / "Online Retail.csv"
    pd.read_parquet(file).to_csv(csv, index=False)
    begun = time.perf_counter()
    intake.ingest([csv], draft.folder)
    version = place.commit(draft)
    print(f"\nUpload read, mapped and cleaned: {time.perf_counter() - begun:.1f} s\n")
    runner = session.runner()
    runner.run(Recipe(version.dataset, "overview", {"top": 11}), version.fingerprint).wait()
    firsts = {name: first(runner, Recipe(version.dataset, name), version.fingerprint) for name in SHOP}
    page = app()
    print("| page | first result, s | rerun, ms | rerun while a worker computes, ms |\n|---|---|---|---|")
    for horizon, name in enumerate(SHOP, 10):
        page.switch_page(str(session.page(name))).run()
        calm = rerun(page)
        busy = runner.run(Recipe(version.dataset, "forecast", {"horizon": horizon}), version.fingerprint)
        loaded = rerun(page)
        runner.cancel(busy)
        assert not page.exception
        print(f"| {name} | {firsts[name]:.2f} | {calm:.0f} | {loaded:.0f} |", flush=True)
    runner.close()


def first(runner, recipe, fingerprint: str) -> float:
    """Seconds to a first result."""
    begun = time.perf_counter()
    job = runner.run(recipe, fingerprint)
    job.wait()
    assert job.state == "done", job.error
    return time.perf_counter() - begun


def app():
    """The app without a browser, on its first page."""
    from streamlit.testing.v1 import AppTest

    from crm_ai.ui import session

    return AppTest.from_file(str(session.ROOT / "crm_ai" / "ui" / "main.py"), default_timeout=120).run()


def rerun(page) -> float:
    """Median milliseconds of a rerun."""
    times = []
    for _ in range(15):
        begun = time.perf_counter()
        page.run()
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
