from functools import cache

import pandas as pd
import pytest

from crm_ai import export
from crm_ai.analyses import baskets
from crm_ai.data.dataset import Dataset
from crm_ai.errors import MissingExtra
from crm_ai.export import Section, images

NASTY = ["=1+1 tea", "</script><b>milk</b>", "#panic()[*jam*] $x$", "茶叶礼盒", '{salt} \\ & "pepper"', "@SUM(A1)"]
"""Names of products that a format could take for its own language."""


TITLE = "</title> Q3 <script>report & #1 = 茶"


@cache
def section() -> Section:
    """Baskets of products with nasty names, some of which go together."""
    lists = [NASTY[:2]] * 30 + [NASTY[2:4]] * 30 + [NASTY[4:]] * 20 + [[name] for name in NASTY] * 5
    lines = [(f"o{number}", name) for number, names in enumerate(lists) for name in names]
    frame = pd.DataFrame(lines, columns=["order_id", "product_name"], dtype="str")
    result = baskets.run(Dataset.from_frames(transactions=frame))
    return Section("baskets", result, {"min_confidence": 0.3}, {"dataset": "nasty & <co>"})


@cache
def report(kind: str, language: str = "en", copies: int = 1) -> bytes:
    """A report of that section, made once."""
    return export.report([section()] * copies, kind, title=TITLE, language=language)


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skip where charts cannot be drawn."""
    import plotly.graph_objects as go

    try:
        export.chart(go.Figure(), "png")
    except MissingExtra as error:
        pytest.skip(str(error))


@pytest.fixture
def no_chromium(monkeypatch) -> None:
    """A machine without Chromium."""

    def missing(*_: object, **__: object) -> None:
        raise MissingExtra(
            "PNG and SVG need Chromium, which does not start here: apt-get install chromium fonts-noto-cjk"
        )

    monkeypatch.setattr(images.Studio, "_lent", missing)
