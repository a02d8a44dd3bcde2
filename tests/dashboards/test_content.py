"""What stands in a tile: looked up, never computed by looking; an error stays in its tile."""

from dataclasses import replace

import pytest

from crm_ai import analyses, i18n, jobs
from crm_ai.dashboards import content, refreshing
from crm_ai.dashboards.boards import Board, Tile
from crm_ai.data.filters import Filters
from crm_ai.errors import CrmError, MissingColumns, TooLittleData, UnknownName
from crm_ai.recipes import Recipe

CARDS = Tile("cards", "cards", Recipe("shop", "overview"))
REVENUE = Tile("revenue", "chart", Recipe("shop", "overview"), "revenue")


def computed(place, tile, filters=Filters()):
    asked = content.answer(place, tile, filters)
    jobs.compute(place, asked.recipe, "duckdb://")
    return content.answer(place, tile, filters)


def test_looking_computes_nothing_and_finds_what_is_there(place):
    asked = content.answer(place, CARDS)
    assert asked.missing
    assert asked.recipe.dataset == "shop@2"
    assert not place.has_result(asked.key)
    assert computed(place, CARDS).result.revenue == 390.0


def test_a_tile_stays_on_the_version_it_names(place):
    old = replace(CARDS, recipe=Recipe("shop@1", "overview"))
    found = computed(place, old)
    assert (found.version.number, found.result.revenue) == (1, 300.0)


def test_filters_of_the_board_hold_for_a_tile_and_those_that_cannot_are_told(place):
    found = computed(place, CARDS, Filters(country=("Peru",), segment=()))
    assert found.result.orders == 44
    assert found.without == ()
    notes = content.answer(
        place, Tile("n", "findings", Recipe("notes", "feedback")), Filters("2024-01-01", country=("Peru",))
    )
    assert notes.without == ("since", "country")
    assert notes.recipe.filters == {}


def test_a_part_by_segment_makes_the_segments_first_and_keeps_them(place):
    key = Recipe("shop", "segments", {"method": "rfm"}).key("shop2")
    with pytest.raises(TooLittleData, match="No rows are left"):
        computed(place, CARDS, Filters(segment=("Nobody",)))
    customers = place.load_result(key, "segments").customers
    name = customers["segment"].iloc[0]
    found = computed(place, CARDS, Filters(segment=(name,)))
    assert 0 < found.result.customers == (customers["segment"] == name).sum() < 11


@pytest.mark.parametrize(
    ("recipe", "error"),
    [
        (Recipe("gone", "overview"), UnknownName),
        (Recipe("shop@9", "overview"), UnknownName),
        (Recipe("../x", "overview"), UnknownName),
        (Recipe("shop", "nonsense"), UnknownName),
        (Recipe("shop", "overview", {"top": -1}), CrmError),
        (Recipe("shop", "feedback"), MissingColumns),
    ],
)
def test_what_cannot_be_answered_is_a_sentence_in_its_tile(place, recipe, error):
    found = content.answer(place, Tile("t", "cards", recipe))
    assert isinstance(found.error, error)
    for language in ("en", "zh"):
        assert content.content(found, language).error == found.error.text(i18n.translator(language)) != ""


def test_what_is_not_computed_yet_says_so(place):
    assert "not computed yet" in content.content(content.answer(place, CARDS), "en").error


def test_a_note_needs_no_data(place):
    found = content.answer(place, Tile("n", "note", title="Aim", note="**Grow**"))
    shown = content.content(found, "en")
    assert (shown.title, shown.note, shown.error, shown.version) == ("Aim", "**Grow**", "", None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_of_a_result_can_be_a_tile(place, language):
    found = computed(place, CARDS)
    parts = content.views(found, language).parts
    assert {kind for kind, _, _ in parts} == {"cards", "findings", "chart", "table"}
    for kind, part, title in parts:
        shown = content.content(replace(found, tile=Tile("t", kind, CARDS.recipe, part)), language)
        assert not shown.error
        assert shown.title == title
        filled = [shown.figure is not None, bool(shown.cards), bool(shown.findings), shown.table is not None]
        assert filled.count(True) == 1


def test_a_part_that_these_data_do_not_have_is_said(place):
    found = computed(place, replace(REVENUE, part="no such chart"))
    shown = content.content(found, "en")
    assert shown.figure is None
    assert "nothing to show" in shown.error


def test_one_card_alone_and_a_title_of_its_own(place):
    found = computed(place, replace(CARDS, part="orders", title="Orders so far"))
    shown = content.content(found, "en")
    assert [(card.name, card.text) for card in shown.cards] == [("orders", "130")]
    assert shown.title == "Orders so far"


def test_cards_tell_the_difference_to_the_version_before(place):
    board = Board("b", "Sales", tiles=(CARDS, REVENUE))
    found, chart = refreshing.compute(place, board, Filters())
    before = content.before(place, found)
    assert before.version.number == 1
    cards = {card.name: card for card in content.content(found, "en", before=before).cards}
    assert cards["revenue"].delta == "+30.0\u00a0%"
    assert cards["revenue"].good
    assert all(card.delta == "" for card in content.content(found, "en").cards)
    assert content.before(place, chart) is None


def test_the_first_version_has_nothing_before_it(place):
    assert content.before(place, content.answer(place, replace(CARDS, recipe=Recipe("shop@1", "overview")))) is None


def test_content_leaves_result_and_figures_as_they_were(place):
    found = computed(place, REVENUE)
    view = content.views(found, "en")
    before = view.figures["revenue"].to_json()
    content.content(found, "en", seen=lambda *_: view)
    assert view.figures["revenue"].to_json() == before


# ---- refreshing ------------------------------------------------------------------------------------------------------


def test_refreshing_answers_every_tile_in_order_whatever_goes_wrong(place):
    broken = Tile("broken", "cards", Recipe("gone", "overview"))
    empty = Tile("empty", "cards", Recipe("shop", "overview", filters={"country": ["Nowhere"]}))
    board = Board("b", "Sales", tiles=(broken, CARDS, Tile("n", "note"), empty, REVENUE))
    found = refreshing.compute(place, board, Filters())
    assert [answer.tile.id for answer in found] == ["broken", "cards", "n", "empty", "revenue"]
    assert [answer.result is not None for answer in found] == [False, True, False, False, True]
    assert [answer.error is not None for answer in found] == [True, False, False, True, False]


def test_the_versions_of_a_board_are_the_newest_of_what_is_there(place):
    tiles = (CARDS, Tile("x", "cards", Recipe("gone", "overview")), Tile("y", "cards", Recipe("shop@1", "overview")))
    assert refreshing.versions(place, Board("b", "B", tiles=tiles)) == {"shop": 2}


def test_questions_of_every_analysis_have_a_usual_title(place):
    for name in analyses.ALL:
        found = content.answer(place, Tile("t", "cards", Recipe("gone", name)))
        assert content.content(found, "en").title == analyses.load(name).TITLE
