"""Every format carries what the page shows, in both languages, and reads no data as its own language."""

import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pandas as pd
import pytest
from pdfminer.high_level import extract_text
from pptx import Presentation

from crm_ai import analyses, charts, export, i18n
from crm_ai.errors import MissingExtra, UnknownName
from crm_ai.export import CHARTS, REPORTS, TABLES
from crm_ai.export.notes import ITEM, Line, Run
from crm_ai.export.outline import Block, Card, Chapter, Outline
from tests.export.conftest import NASTY, TITLE, report, section

DOCUMENTS = [kind for kind in REPORTS if kind != "zip"]
"""A ZIP has the charts and the tables alone."""
LANGUAGES = pytest.mark.parametrize("language", i18n.LANGUAGES)


def words(kind: str, made: bytes) -> str:
    """The text a reader of a report finds in it."""
    if kind == "pdf":
        return extract_text(io.BytesIO(made))
    if kind == "html":
        return made.decode()
    if kind == "pptx":
        slides = Presentation(io.BytesIO(made)).slides
        shapes = [shape for slide in slides for shape in [*slide.shapes, *slide.notes_slide.shapes]]
        cells = [cell.text for shape in shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
        return "\n".join([shape.text_frame.text for shape in shapes if shape.has_text_frame] + cells)
    ending = "xml" if kind == "xlsx" else (".csv", ".txt")
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(ending))


def squeezed(text: str) -> str:
    """Without blanks and line ends, which formats set as they need."""
    return re.sub(r"\s", "", text)


def as_written(kind: str, text: str) -> str:
    """How a format writes text in its source."""
    import html
    from xml.sax.saxutils import escape

    if kind == "html":
        return html.escape(text)
    return escape(text) if kind == "xlsx" else text


@LANGUAGES
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_report_holds_title_findings_tables_and_basis(kind, language, chromium):
    t, module = i18n.translator(language), analyses.load("baskets")
    found = squeezed(words(kind, report(kind, language)))
    expected = [TITLE, t(module.TITLE), t(analyses.question("baskets")), *module.findings(section().result, t)]
    expected += [t("Bundles"), i18n.heading("antecedents", t), i18n.heading("n_rules", t), t("Smallest confidence")]
    expected += [section().head["dataset"]]
    for sentence in expected:
        assert squeezed(as_written(kind, sentence)) in found, sentence


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_names_of_products_stay_text(kind, chromium):
    found = squeezed(words(kind, report(kind)))
    for name in NASTY:
        assert squeezed(as_written(kind, name)) in found, name


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_report_of_several_results_holds_them_all(kind, chromium):
    text = words(kind, report(kind, "en", 2))
    finding = squeezed(as_written(kind, analyses.load("baskets").findings(section().result)[0]))
    assert squeezed(text).count(finding) >= (1 if kind == "xlsx" else 2)  # a workbook keeps equal texts once


@pytest.mark.parametrize("kind", REPORTS)
def test_without_chromium_a_report_is_made_all_the_same(kind, no_chromium):
    text = words(kind, export.report([section()], kind, title="x", language="en"))
    assert kind == "zip" or squeezed("Customers who buy") in squeezed(text)
    if kind != "html":  # the reader's own browser draws those
        assert squeezed("Chromium") in squeezed(text)


HARM = "=1+1<script>alert(1)</script>#panic()$x$\x00\x0b\x1b\uffff"


@pytest.mark.parametrize("kind", REPORTS)
def test_no_title_note_card_or_cell_is_read_as_markup_or_breaks_a_document(kind, chromium):
    figure = charts.bar(HARM, ["\x00=1", "\x1b<b>"], [1, 2], "=x", "=y")
    blocks = (
        Block(f"{HARM}\ud800", note=(Line((Run(HARM, True, True, True),), ITEM, 1, "•"),), width=6),
        Block(HARM, cards=(Card(HARM, HARM, HARM, True, HARM),), width=3),
        Block(HARM, findings=(HARM,)),
        Block(HARM, figure=figure, width=6),
        Block(HARM, table=pd.DataFrame({"text": [HARM], "=head": ["=1+1"]})),
        Block(HARM, problem=HARM),
    )
    made = export.write(Outline(HARM, "en", (Chapter(HARM, HARM, blocks),), facts=((HARM, HARM),), subtitle=HARM), kind)
    found = words(kind, made)
    assert squeezed(as_written(kind, "=1+1<script>alert(1)</script>#panic()$x$")) in squeezed(found)
    assert "<script>alert" not in found or kind in ("pdf", "pptx", "zip")
    assert not set("\x00\x1b\uffff") & set(found)
    if kind == "xlsx":
        cells = [c for sheet in openpyxl.load_workbook(io.BytesIO(made)) for row in sheet.iter_rows() for c in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]


@pytest.mark.slow
def test_threads_may_make_reports_at_once(chromium):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: export.report([section()], "pdf", title=f"Report {n}"), range(4)))
    assert [f"Report {n}" in extract_text(io.BytesIO(pdf)) for n, pdf in enumerate(made)] == [True] * 4


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_without_chromium_a_picture_says_what_to_install(kind, no_chromium):
    figure = analyses.load("baskets").figures(section().result)["items"]
    with pytest.raises(MissingExtra, match="apt-get install chromium"):
        export.chart(figure, kind)


@pytest.mark.parametrize(("make", "thing"), [(export.chart, None), (export.table, None)])
def test_an_unknown_format_is_named(make, thing):
    with pytest.raises(UnknownName, match="gif"):
        make(thing, "gif")
    with pytest.raises(UnknownName, match="docx"):
        export.report([], "docx", title="x")


def test_every_registered_format_can_be_imported():
    for known, door in ((CHARTS, "chart"), (TABLES, "table"), (REPORTS, "report")):
        for kind in known:
            assert callable(getattr(export._module(known, kind), door))
