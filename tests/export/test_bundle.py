import io
import zipfile
from pathlib import PurePosixPath

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai import charts, export
from crm_ai.export.bundle import file_name
from crm_ai.export.outline import Block, Chapter, Outline


def bundle(*blocks: Block, language: str = "en") -> zipfile.ZipFile:
    made = export.write(Outline("Week 47", language, (Chapter("x", "", blocks),), facts=(("Dataset", "shop"),)), "zip")
    return zipfile.ZipFile(io.BytesIO(made))


@given(st.text())
def test_any_title_gives_a_name_inside_the_bundle_that_every_system_takes(title):
    name = file_name(1, title)
    assert name.startswith("01")
    assert PurePosixPath(name).name == name
    assert not set(name) & set('\\/:*?"<>|. \t\n\x00')
    assert len(name) <= 63


def test_charts_are_there_as_png_and_svg_and_tables_as_csv(chromium):
    blocks = [
        Block("../../销售 1", figure=charts.bar("销售", ["a"], [1])),
        Block("=cmd", table=pd.DataFrame({"a": ["=1"]})),
    ]
    found = bundle(*blocks)
    assert found.namelist() == ["charts/01-销售-1.png", "charts/01-销售-1.svg", "tables/01-cmd.csv", "README.txt"]
    assert found.read("charts/01-销售-1.png").startswith(b"\x89PNG")
    assert "销售" in found.read("charts/01-销售-1.svg").decode()
    assert "'=1" in found.read("tables/01-cmd.csv").decode("utf-8-sig")


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "1 charts as PNG and SVG, 1 tables as CSV"), ("zh", "1 张图表")]
)
def test_a_text_says_what_is_inside(language, sentence, chromium):
    blocks = [Block("a", figure=charts.bar("a", ["a"], [1])), Block("b", table=pd.DataFrame({"a": [1]}))]
    text = bundle(*blocks, language=language).read("README.txt").decode("utf-8-sig")
    assert sentence in text
    assert "Week 47" in text
    assert "Dataset: shop" in text


def test_without_chromium_the_tables_are_there_and_it_is_said(no_chromium):
    blocks = [Block("a", figure=charts.bar("a", ["a"], [1])), Block("b", table=pd.DataFrame({"a": [1]}))]
    found = bundle(*blocks)
    assert found.namelist() == ["tables/01-b.csv", "README.txt"]
    assert "apt-get install chromium" in found.read("README.txt").decode()
