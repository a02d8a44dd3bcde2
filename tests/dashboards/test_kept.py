"""Boards in the records: whoever may, and nobody overwrites what he has not seen."""

from dataclasses import replace

import pytest

from crm_ai.access import grants
from crm_ai.dashboards import kept
from crm_ai.dashboards.boards import Board, Tile
from crm_ai.errors import BadParameter, NotAllowed, UnknownName
from crm_ai.recipes import Recipe

CARDS = Tile("t1", "cards", Recipe("shop", "overview"))


def give(desk, kind, thing, who, level):
    with desk.records.write() as connection:
        grants.give(connection, kind, thing, who, level)


def owned(desk, kind, thing, who):
    with desk.records.write() as connection:
        grants.own(connection, kind, thing, who)


def test_a_board_is_found_as_it_was_saved(desk):
    made = kept.create(desk, "Sales", tiles=(CARDS,))
    assert kept.found(desk, made.id) == made
    assert [board.id for board in kept.boards(desk)] == [made.id]
    assert made.revision == 1


def test_the_last_changed_comes_first(desk):
    first, second = kept.create(desk, "One"), kept.create(desk, "Two")
    kept.save(desk, replace(first, title="One again"))
    assert [board.title for board in kept.boards(desk)] == ["One again", second.title]


def test_whoever_saves_an_older_revision_is_told_and_overwrites_nothing(desk):
    seen = kept.create(desk, "Sales")
    kept.save(desk, replace(seen, title="Theirs"))
    with pytest.raises(BadParameter, match="Somebody else"):
        kept.save(desk, replace(seen, title="Mine"))
    assert kept.found(desk, seen.id).title == "Theirs"


def test_a_deleted_board_is_gone_and_cannot_be_saved(desk):
    board = kept.create(desk, "Sales")
    kept.remove(desk, board.id)
    assert kept.boards(desk) == []
    with pytest.raises(UnknownName):
        kept.found(desk, board.id)
    with pytest.raises((BadParameter, UnknownName)):
        kept.save(desk, board)


@pytest.mark.parametrize("wrong", [{"title": "  "}, {"title": "x" * 500}, {"note": "x" * 5_000}])
def test_titles_and_notes_have_a_length(desk, wrong):
    with pytest.raises(BadParameter):
        kept.save(desk, replace(kept.create(desk, "Sales"), **wrong))


def test_without_a_title_nothing_is_left_behind(desk):
    with pytest.raises(BadParameter):
        kept.create(desk, "")
    assert kept.boards(desk) == []


def test_others_see_and_change_only_what_was_given_to_them(desk, seat):
    ann, ben, eve = (seat(f"{name}@x.org", "analyst") for name in ("ann", "ben", "eve"))
    board = kept.create(ann, "Sales")
    for other in (ben, eve):
        assert kept.boards(other) == []
        with pytest.raises(UnknownName):
            kept.found(other, board.id)
    give(ann, "dashboard", board.id, "ben@x.org", "view")
    assert kept.found(ben, board.id) == board
    with pytest.raises(NotAllowed):
        kept.save(ben, replace(board, title="Ben's"))
    give(ann, "dashboard", board.id, "ben@x.org", "edit")
    assert kept.save(ben, replace(board, title="Ben's")).title == "Ben's"
    with pytest.raises(NotAllowed):
        kept.remove(ben, board.id)
    with pytest.raises(NotAllowed):
        kept.create(seat("vic@x.org", "viewer"), "Mine")


def test_data_get_on_a_board_only_by_whoever_may_see_them(desk, seat):
    ann, ben = seat("ann@x.org", "analyst"), seat("ben@x.org", "analyst")
    owned(ann, "dataset", "shop", "ann@x.org")
    with pytest.raises(UnknownName):
        kept.create(ben, "Stolen", tiles=(CARDS,))
    board = kept.create(ann, "Sales", tiles=(CARDS,))
    give(ann, "dashboard", board.id, "ben@x.org", "edit")
    board = kept.save(ben, replace(board, tiles=(replace(CARDS, title="Ours", width=12),)))
    more = Tile("t2", "table", Recipe("shop", "segments"), "customers")
    with pytest.raises(UnknownName):
        kept.save(ben, board.with_tile(more))
    with pytest.raises(UnknownName):
        kept.save(ben, board.with_tile(replace(CARDS, recipe=Recipe("shop@1", "overview"))))
    assert kept.save(ann, board.with_tile(more)).datasets == ["shop"]


def test_an_unknown_board_is_not_made_by_saving(desk):
    with pytest.raises((BadParameter, UnknownName)):
        kept.save(desk, Board("never made", "Sales", revision=3))
