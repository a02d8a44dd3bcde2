"""Boards as documents: what stands on the tiles, what it rests on, and nothing more."""

import io
from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go
import pytest
from pdfminer.high_level import extract_text

from crm_ai import analyses, i18n
from crm_ai.dashboards import content, refreshing, reports
from crm_ai.dashboards.boards import Board, Tile
from crm_ai.dashboards.hiding import Hide
from crm_ai.data.filters import Filters
from crm_ai.export.outline import Outline
from crm_ai.recipes import Recipe

OVERVIEW = Recipe("shop", "overview")
TILES = (
    Tile("1", "cards", OVERVIEW, "revenue", width=3),
    Tile("2", "chart", OVERVIEW, "revenue", note="Look **here**."),
    Tile("3", "note", note="## Remember\n- <b>this</b>", title="Words"),
    Tile("4", "findings", OVERVIEW),
    Tile("5", "table", OVERVIEW, "by_month", title="Months"),
    Tile("6", "chart", Recipe("gone", "overview"), "revenue", title="Lost"),
)
BOARD = Board("b", "Week 47", "What came in.", TILES)


@pytest.fixture
def told(place):
    """A function: the outline of the board as it is asked for."""
    answers = refreshing.compute(place, BOARD, Filters())

    def outline(board: Board = BOARD, language: str = "en", **words: object) -> Outline:
        return reports.outline(board, answers, language, **words)

    return outline


def test_tiles_stand_in_their_order_with_what_they_are_about(told):
    (chapter,) = told().chapters
    card, chart, note, findings, table, lost = chapter.blocks
    assert [c.label for c in card.cards] == ["Revenue"]
    assert isinstance(chart.figure, go.Figure)
    assert chart.title == "Revenue by month"
    assert [line.plain for line in chart.note] == ["Look here."]
    assert [line.plain for line in note.note] == ["Remember", "• <b>this</b>"]
    assert findings.findings
    assert isinstance(table.table, pd.DataFrame)
    assert table.title == "Months"
    assert lost.problem == "This dataset is not here any more: choose another on the data page."
    assert [block.width for block in chapter.blocks] == [3, 6, 6, 6, 6, 6]


def test_tiles_of_one_analysis_share_its_entry_and_say_what_rests_on_what(told):
    (method,) = told().methods
    assert method.title == "Overview"
    ((names, basis),) = method.bases
    assert names == "Revenue · Revenue by month · What we found · Months"
    assert ("Version", "2 of 2") in basis


def test_the_cover_names_the_data_and_the_filters(told):
    found = dict(told(filters=Filters(since="2024-02-01", country=("France", "Peru"))).facts)
    assert found["Dataset"] == "Shop"
    assert found["Version"] == "2 of 2"
    assert found["Uploaded"] == "2024-06-02 08:00 UTC"
    assert found["Fingerprint"] == "shop2"
    assert (found["First day"], found["Country"]) == ("2024-02-01", "France, Peru")
    assert told().subtitle == "What came in."


def test_without_filters_of_the_moment_those_of_the_board_count(told):
    assert dict(told(replace(BOARD, filters=Filters(until="2024-03-01"))).facts)["Last day"] == "2024-03-01"


def test_a_long_note_stands_before_the_tiles_and_not_on_the_cover(told):
    found = told(replace(BOARD, note="word " * 100))
    assert found.subtitle == ""
    assert found.blocks[0].note[0].plain.startswith("word word")


def test_cards_carry_the_difference_to_the_version_before(place, told):
    answers = [content.answer(place, tile, Filters()) for tile in TILES]
    before = [content.before(place, each) for each in answers]
    block = reports.outline(BOARD, answers, "en", before=before).blocks[0]
    assert block.cards[0].delta.startswith("+")
    assert block.cards[0].good
    assert told().blocks[0].cards[0].delta == ""


def test_who_may_not_see_the_data_learns_only_from_when_they_are(told):
    found = told(hide=Hide())
    assert dict(found.facts) == {"As of": "2024-06-02 08:00 UTC"}
    said = repr([(method.bases, method.title) for method in found.methods])
    assert "shop2" not in said
    assert "Shop" not in said


def test_what_is_hidden_is_hidden_before_anything_is_made_of_it(place):
    board = Board("b", "x", tiles=(Tile("1", "table", OVERVIEW, "top_customers"),))
    answers = refreshing.compute(place, board, Filters())
    names = set(answers[0].result.top_customers["customer_id"])
    (open_,) = reports.outline(board, answers, "en").blocks
    assert set(open_.table["customer_id"]) == names
    (block,) = reports.outline(board, answers, "en", hide=Hide()).blocks
    assert block.problem or not names & set(block.table.astype(str).to_numpy().ravel())


def test_the_result_of_a_tile_that_is_not_computed_is_a_sentence(place):
    answers = [content.answer(place, tile, Filters()) for tile in TILES[:1]]
    (block,) = reports.outline(replace(BOARD, tiles=TILES[:1]), answers, "zh").blocks
    assert block.problem == i18n.translator("zh")("This is not computed yet: open the dashboard to compute it.")


def test_a_filter_that_cannot_apply_is_said(place):
    board = Board("b", "x", tiles=(Tile("1", "findings", Recipe("notes", "feedback")),))
    answers = refreshing.compute(place, board, Filters(country=("Peru",)))
    (block,) = reports.outline(board, answers, "en").blocks
    assert "Not filtered by Country" in block.note[-1].plain


def test_results_and_figures_stay_as_they_were(place):
    tile = Tile("1", "chart", OVERVIEW, "revenue", title="Other")
    answers = refreshing.compute(place, Board("b", "x", tiles=(tile,)), Filters())
    shown = content.content(answers[0], "en")
    before = shown.figure.to_json()
    reports.report(Board("b", "x", tiles=(tile,)), answers, "html", language="en")
    assert content.content(answers[0], "en").figure.to_json() == before


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_board_becomes_a_pdf(place, language):
    answers = refreshing.compute(place, BOARD, Filters())
    made = reports.report(BOARD, answers, "pdf", language=language)
    text = extract_text(io.BytesIO(made))
    t = i18n.translator(language)
    sentence = analyses.load("overview").findings(answers[0].result, t)[0]
    assert "".join(sentence.split())[:20] in "".join(text.split())
    for words in ("Week 47", "What came in.", t("Method and data"), t("Contents"), "Lost", "Months"):
        assert words in text
