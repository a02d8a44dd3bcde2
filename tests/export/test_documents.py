import base64
import gzip
import io
import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from fontTools.ttLib import TTFont
from pdfminer.high_level import extract_pages, extract_text
from pdfminer.layout import LTChar, LTPage, LTTextContainer, LTTextLine
from plotly.offline import get_plotlyjs
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE

from crm_ai import analyses, charts, export, i18n
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.export.notes import Line, Run
from crm_ai.export.outline import Block, Card, Chapter, Outline, outline
from tests.export.conftest import TITLE, report, section

FONT = Path(export.__file__).parents[1] / "assets" / "NotoSansSC-subset.otf"


# ---- html --------------------------------------------------------------------------------------------------------


def test_a_page_brings_plotly_once_and_asks_nothing_of_the_net():
    page = report("html", "en", 2).decode()
    (packed,) = re.findall(r'<script type="application/gzip" id="plotly">([^<]*)</script>', page)
    assert gzip.decompress(base64.b64decode(packed)).decode() == get_plotlyjs()
    assert len(packed) < 0.5 * len(get_plotlyjs())
    assert not re.search(r"""<(script|link|img|iframe)[^>]*(src|href)\s*=\s*["']?https?:""", page)
    assert "default-src 'none'" in page


def test_the_data_of_a_chart_cannot_end_its_element():
    page = report("html").decode()
    assert "<script>report" not in page
    data = re.findall(r"<script type='application/json'>(.*?)</script>", page, re.DOTALL)
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


def test_a_pdf_has_a_cover_contents_and_page_numbers(chromium):
    made = report("pdf", "en", 2)
    pages = [text_of(page) for page in extract_pages(io.BytesIO(made))]
    assert squeezed(TITLE) in squeezed(pages[0])
    assert "nasty & <co>" in pages[0]
    assert " / " not in pages[0]
    assert "Contents" in pages[1]
    assert "Items in a basket" in pages[1]
    assert all(f"{number} / {len(pages)}" in page for number, page in enumerate(pages[1:], 2))
    assert "Method and data" in pages[-2] + pages[-1]


def test_the_same_analysis_has_one_entry_among_the_methods(chromium):
    reading = squeezed(analyses.load("baskets").READING)
    assert squeezed(extract_text(io.BytesIO(report("pdf", "en", 2)))).count(reading) == 1


def test_a_pdf_embeds_its_fonts_and_draws_charts_as_vectors(chromium):
    made = report("pdf", "zh")
    assert b"NotoSansSC" in made
    assert b"NotoSansLatin" in made
    assert b"/Subtype /Image" not in made
    text = extract_text(io.BytesIO(made))
    figure = analyses.load("baskets").figures(section().result, i18n.translator("zh"))["sizes"]
    assert figure.layout.title.text in text
    assert figure.layout.xaxis.title.text in text


@pytest.mark.parametrize(("language", "widest"), [("en", 0.6), ("zh", 1.01)])
def test_quotes_are_as_narrow_as_the_language_wants(language, widest):
    note = Block(note=(Line((Run("It’s “so”"),)),))
    made = export.write(Outline("x", language, (Chapter("x", "", (note,)),)), "pdf")
    wide = [sign.width / sign.size for sign in signs(extract_pages(io.BytesIO(made))) if sign.get_text() in "’“”"]
    assert len(wide) == 3
    assert max(wide) <= widest
    assert language == "en" or min(wide) > 0.9


def test_the_font_has_every_letter_of_the_catalogue_and_all_of_gb_2312():
    known = TTFont(FONT).getBestCmap().keys()
    rows = [bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)]
    wanted = {ord(sign) for text in [*rows, *i18n.catalogue("zh").values()] for sign in text} - {10}
    assert {chr(code) for code in wanted - known} == set()
    latin = TTFont(FONT.with_name("NotoSansLatin-subset.otf")).getBestCmap().keys()
    assert latin >= set(range(0x20, 0x7F)) | {0x2019, 0x201C, 0x20AC}
    assert FONT.with_name("NotoSansSC-OFL.txt").read_text("utf-8").count("SIL OPEN FONT LICENSE") == 1


# ---- pptx --------------------------------------------------------------------------------------------------------


def test_slides_have_titles_and_charts_that_can_be_edited(chromium):
    deck = Presentation(io.BytesIO(report("pptx")))
    assert all(slide.shapes.title.text_frame.text for slide in deck.slides)
    found = {slide.shapes.title.text_frame.text: chart for slide, chart in charts_of(deck)}
    sizes = found["Items in a basket"]
    assert sizes.chart_type == XL_CHART_TYPE.COLUMN_CLUSTERED
    assert list(sizes.plots[0].categories) == section().result.sizes["items"].tolist()
    assert list(sizes.plots[0].series[0].values) == section().result.sizes["baskets"].tolist()
    assert found["Strongest rules"].chart_type == XL_CHART_TYPE.BAR_CLUSTERED


def test_the_sheets_behind_the_charts_hold_no_formula_and_no_link(chromium):
    figure = charts.bar("=1", ["=1+1", "{=A1}", "mailto:a@b.c", "http://x.y"], [1, 2, 3, 4])
    made = export.write(Outline("x", "en", (Chapter("x", "", (Block("x", figure=figure),)),)), "pptx")
    ((_, chart),) = charts_of(Presentation(io.BytesIO(made)))
    (sheet,) = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).worksheets
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]
    assert [name.strip("\u200e") for name in chart.plots[0].categories] == [
        "=1+1",
        "{=A1}",
        "mailto:a@b.c",
        "http://x.y",
    ]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_notes_of_a_slide_tell_the_method_and_the_data(language, chromium):
    t = i18n.translator(language)
    notes = [
        slide.notes_slide.notes_text_frame.text
        for slide, _ in charts_of(Presentation(io.BytesIO(report("pptx", language))))
    ]
    assert notes
    for text in notes:
        assert t(analyses.load("baskets").READING) in text
        assert "nasty & <co>" in text
        assert t("Smallest confidence") in text


def test_cards_say_whether_a_difference_is_good_news():
    cards = (Card("Revenue", "12", "+3 %", True), Card("Late", "4", "+1", False))
    made = export.write(Outline("x", "en", (Chapter("x", "", (Block(cards=cards),)),)), "pptx")
    shapes = [
        shape for slide in Presentation(io.BytesIO(made)).slides for shape in slide.shapes if shape.has_text_frame
    ]
    colors = {
        run.text: str(run.font.color.rgb)
        for shape in shapes
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    }
    assert colors["+3 %"] != colors["+1"]
    page = export.write(Outline("x", "en", (Chapter("x", "", (Block(cards=cards),)),)), "html").decode()
    assert "<i class='good'>+3 %</i>" in page
    assert "<i class='bad'>+1</i>" in page


def test_nothing_on_a_slide_begins_outside_it(chromium):
    deck = Presentation(io.BytesIO(report("pptx", "zh")))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert 0 <= shape.left < shape.left + shape.width <= deck.slide_width
            assert 0 <= shape.top < shape.top + shape.height <= deck.slide_height


@pytest.mark.parametrize("name", analyses.ALL)
def test_chapters_of_every_analysis_can_be_outlined(name):
    frames = samples.demo(seed=3, customers=300)
    result = analyses.load(name).run(Dataset.from_frames(**frames | {"feedback": frames["feedback"].head(300)}))
    found = outline([export.Section(name, result)], "x", "zh")
    (chapter,), (method,) = found.chapters, found.methods
    assert chapter.title
    assert any(block.cards for block in chapter.blocks)
    assert any(block.findings for block in chapter.blocks)
    assert any(block.figure is not None for block in chapter.blocks)
    assert any(block.table is not None for block in chapter.blocks)
    assert method.reading
    assert method.bases[0][1]


# ---- reading documents -------------------------------------------------------------------------------------------


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def text_of(page) -> str:
    return "".join(part.get_text() for part in page if isinstance(part, LTTextContainer))


def signs(parts):
    """All letters of a PDF."""
    for part in parts:
        if isinstance(part, LTChar):
            yield part
        elif isinstance(part, LTPage | LTTextContainer | LTTextLine):
            yield from signs(part)


def charts_of(deck):
    return [(slide, shape.chart) for slide in deck.slides for shape in slide.shapes if shape.has_chart]
