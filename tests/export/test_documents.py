import io
import json
import re
import shutil
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from pdfminer.high_level import extract_pages, extract_text
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE

from crm_ai import analyses, charts, export, i18n
from tests.export.conftest import report, section

FONT = Path(export.__file__).parents[1] / "assets" / "NotoSansSC-subset.otf"


# ---- html --------------------------------------------------------------------------------------------------------


def test_a_page_brings_plotly_once_and_asks_nothing_of_the_net():
    page = report("html", "en", 2).decode()
    assert page.count("plotly.js v") == 1
    assert not re.search(r"""<(script|link|img|iframe)[^>]*(src|href)\s*=\s*["']?https?:""", page)
    assert "default-src 'none'" in page


def test_the_data_of_a_chart_cannot_end_its_element():
    page = report("html").decode()
    assert "<script>report" not in page
    data = re.findall(r"<script type='application/json'>(.*?)</script>", page, re.S)
    assert len(data) == len(analyses.load("baskets").figures(section().result))
    assert all({"data", "layout"} <= json.loads(text).keys() for text in data)


def test_a_page_names_its_language():
    assert '<html lang="zh-CN">' in export.chart(charts.bar("销售", ["a"], [1]), "html", language="zh").decode()


@pytest.mark.browser
def test_a_page_draws_its_charts_in_a_browser_without_errors():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        try:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"))
        except sync_api.Error:
            pytest.skip("needs Chromium")
        page, wrong, asked = browser.new_page(), [], []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url) if request.url.startswith("http") else None)
        page.set_content(report("html").decode(), wait_until="load")
        page.wait_for_function("document.querySelectorAll('.chart .main-svg').length >= 6")
        assert (wrong, asked) == ([], [])
        browser.close()


# ---- pdf ---------------------------------------------------------------------------------------------------------


def test_a_pdf_numbers_its_pages_and_lists_the_chapters(chromium):
    made = report("pdf", "en", 2)
    pages, text = len(list(extract_pages(io.BytesIO(made)))), extract_text(io.BytesIO(made))
    assert all(f"{number} / {pages}" in text for number in range(1, pages + 1))
    assert "Contents" in text


def test_a_pdf_embeds_its_font_and_draws_charts_as_vectors(chromium):
    made = report("pdf", "zh")
    assert b"NotoSansSC" in made
    text = extract_text(io.BytesIO(made))
    title = analyses.load("baskets").figures(section().result, i18n.translator("zh"))["sizes"].layout.title.text
    assert title in text


def test_the_font_has_every_letter_of_the_catalogue_and_all_of_gb_2312():
    known = TTFont(FONT).getBestCmap().keys()
    rows = [bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)]
    wanted = {ord(sign) for text in [*rows, *i18n.catalogue("zh").values()] for sign in text} - {10}
    assert {chr(code) for code in wanted - known} == set()
    assert FONT.with_name("NotoSansSC-OFL.txt").read_text("utf-8").count("SIL OPEN FONT LICENSE") == 1


# ---- pptx --------------------------------------------------------------------------------------------------------


def test_slides_have_titles_and_charts_that_can_be_edited(chromium):
    deck = Presentation(io.BytesIO(report("pptx")))
    assert all(slide.shapes.title.text_frame.text for slide in deck.slides)
    charts_found = {
        slide.shapes.title.text_frame.text: shape.chart
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_chart
    }
    sizes = charts_found["Items in a basket"]
    assert sizes.chart_type == XL_CHART_TYPE.COLUMN_CLUSTERED
    assert list(sizes.plots[0].categories) == section().result.sizes["items"].tolist()
    assert list(sizes.plots[0].series[0].values) == section().result.sizes["baskets"].tolist()
    assert charts_found["Strongest rules"].chart_type == XL_CHART_TYPE.BAR_CLUSTERED


def test_nothing_on_a_slide_begins_outside_it(chromium):
    deck = Presentation(io.BytesIO(report("pptx", "zh")))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert 0 <= shape.left < shape.left + shape.width <= deck.slide_width
            assert 0 <= shape.top < shape.top + shape.height <= deck.slide_height


@pytest.mark.parametrize("name", analyses.ALL)
def test_chapters_of_every_analysis_can_be_outlined(name):
    from crm_ai.data import samples
    from crm_ai.data.dataset import Dataset
    from crm_ai.export.outline import chapters

    frames = samples.demo(seed=3, customers=300)
    result = analyses.load(name).run(Dataset.from_frames(**frames | {"feedback": frames["feedback"].head(300)}))
    (chapter,) = chapters([export.Section(name, result)], "zh")
    assert chapter.title
    assert chapter.findings
    assert chapter.cards
    assert chapter.tables
    assert chapter.basis
