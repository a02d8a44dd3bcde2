"""Pictures of the real app for the README: the demo shop, uploaded by a browser.

python scripts/screenshots.py
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import driver  # noqa: E402

PICTURES = {
    "overview": ("overview", "en-GB", False),
    "dashboard": ("dashboards", "en-GB", False),
    "segments": ("segments", "en-GB", False),
    "forecast": ("forecast", "en-GB", True),
    "feedback": ("feedback", "en-GB", False),
    "data": ("data", "en-GB", False),
    "overview_zh": ("overview", "zh-CN", False),
    "dashboard_zh": ("dashboards", "zh-CN", False),
    "baskets_zh": ("baskets", "zh-CN", True),
    "feedback_zh": ("feedback", "zh-CN", False),
    "data_zh": ("data", "zh-CN", False),
}
"""Picture -> page, language, dark."""


def new_board(visitor: driver.Visitor) -> str:
    """A dashboard of a template; gives the part of its address that names it."""
    visitor.open("/dashboards").click("new-board")
    visitor.page.get_by_role("dialog").get_by_text("Sales overview").first.click()
    visitor.quiet().click("new-create").quiet(180)
    return next(part for part in visitor.page.url.split("?")[1].split("&") if part.startswith("board="))


def main() -> None:
    out = ROOT / "docs" / "images"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, driver.serving(Path(folder)) as server, driver.browser() as chromium:
        with driver.visiting(chromium, server) as visitor:
            visitor.open("/data").click("demo").settled("/data")
            dataset = visitor.page.url.split("?")[1].split("&")[0]
            board = new_board(visitor)
        for name, (page, language, dark) in PICTURES.items():
            shape = {"width": 1280, "height": 1100, "language": language, "dark": dark}
            with driver.visiting(chromium, server, **shape) as visitor:
                query = board if page == "dashboards" else dataset
                visitor.open(f"/{page}?{query}", quiet=False).quiet(180).picture(out / f"{name}.png")


if __name__ == "__main__":
    main()
