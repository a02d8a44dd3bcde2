"""Boards and tiles: what is written down comes back, and moves lose nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.dashboards.boards import COLUMNS, MOST_TILES, WIDTHS, Board, Tile
from crm_ai.data.filters import Filters
from crm_ai.errors import BadParameter, CrmError, UnknownName
from crm_ai.recipes import Recipe

recipes = st.builds(
    Recipe,
    st.sampled_from(["a1", "b2@3"]),
    st.just("overview"),
    st.sampled_from([{}, {"top": 7}]),
    st.sampled_from([{}, {"country": ["Peru"]}]),
)
texts = st.text(max_size=40)
shown = st.builds(
    Tile,
    st.uuids().map(str),
    st.sampled_from(["chart", "cards", "findings", "table"]),
    recipes,
    texts,
    texts,
    texts,
    st.sampled_from(WIDTHS),
)
written = st.builds(Tile, st.uuids().map(str), st.just("note"), title=texts, note=texts, width=st.sampled_from(WIDTHS))
boards = st.builds(
    Board,
    st.uuids().map(str),
    texts,
    texts,
    st.lists(shown | written, max_size=9).map(tuple),
    st.just(Filters("2024-01-01", "", ("Peru",))),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)


@given(boards)
def test_json_gives_the_board_back(board):
    document = json.loads(json.dumps(board.to_json()))
    assert Board.from_json(board.id, board.revision, document) == board


@given(boards, st.data())
def test_moving_a_tile_keeps_all_tiles_and_the_order_of_the_others(board, data):
    if not board.tiles:
        return
    name = data.draw(st.sampled_from([tile.id for tile in board.tiles]))
    by = data.draw(st.integers(-12, 12))
    before = [tile.id for tile in board.tiles]
    after = [tile.id for tile in board.moved(name, by).tiles]
    assert sorted(after) == sorted(before)
    assert [each for each in after if each != name] == [each for each in before if each != name]
    assert after.index(name) == min(max(before.index(name) + by, 0), len(before) - 1)


@given(boards)
def test_rows_hold_all_tiles_in_order_and_are_never_too_wide(board):
    assert [tile for row in board.rows for tile in row] == list(board.tiles)
    assert all(0 < sum(tile.width for tile in row) <= COLUMNS for row in board.rows)
    for row, following in zip(board.rows, board.rows[1:], strict=False):
        assert sum(tile.width for tile in row) + following[0].width > COLUMNS


@given(boards, shown)
def test_a_tile_takes_the_place_of_the_one_of_its_id_else_the_last(board, tile):
    added = board.with_tile(tile)
    assert added.tiles == (*board.tiles, tile)
    other = Tile(tile.id, "note", note="instead")
    assert added.with_tile(other).tiles == (*board.tiles, other)
    assert added.without(tile.id) == board


def test_a_board_names_its_datasets_once_without_versions():
    tiles = [Tile(str(n), "cards", Recipe(name, "overview")) for n, name in enumerate(["a", "b@2", "a@1"])]
    assert Board("x", "x", tiles=(*tiles, Tile("n", "note"))).datasets == ["a", "b"]


def test_a_tile_that_is_gone_is_said():
    with pytest.raises(UnknownName):
        Board("x", "x").tile("gone")


def test_there_is_an_end_to_tiles():
    full = Board("x", "x", tiles=tuple(Tile(str(n), "note") for n in range(MOST_TILES)))
    with pytest.raises(BadParameter, match="at most"):
        full.with_tile(Tile("one more", "note"))


@pytest.mark.parametrize(
    "document",
    [
        {"id": "a", "kind": "film"},
        {"id": "a", "kind": "note", "width": 5},
        {"id": "a", "kind": "chart"},
        {"id": "a", "kind": "note", "note": "x" * 5_000},
        {"id": "a", "kind": "note", "colour": "red"},
        {"id": "a", "kind": "chart", "recipe": {"dataset": "a", "analysis": "nonsense"}},
        {"id": "a", "kind": "chart", "recipe": {"dataset": "a", "analysis": "overview", "params": {"top": -1}}},
    ],
)
def test_what_is_no_tile_is_refused(document):
    with pytest.raises(CrmError):
        Tile.from_json(document)
