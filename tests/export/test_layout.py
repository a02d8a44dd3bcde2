import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.export.grid import GAP, LEAST, grid, letters
from crm_ai.export.layout import COLUMNS, HALF, rows
from crm_ai.export.outline import Block, Card

CARD = Card("a", "1")


def placed(*blocks: Block, slim: bool = False) -> list[list[int]]:
    return [[place.columns for place in row] for row in rows(blocks, lambda _: slim)]


def chart(width: int) -> Block:
    return Block(figure=go.Figure(), width=width)


def test_charts_stand_two_in_a_row_and_a_single_one_gets_all_of_it():
    assert placed(chart(6), chart(3), chart(4)) == [[6, 6], [12]]
    assert placed(chart(8), chart(4)) == [[12], [12]]


def test_single_cards_stand_side_by_side():
    blocks = [Block(cards=(CARD,), width=3)] * 3
    assert placed(*blocks, Block(cards=(CARD,) * 5, width=3)) == [[3, 3, 3], [12]]


def test_slim_tables_share_a_row():
    table = Block(table=pd.DataFrame({"a": [1]}))
    assert placed(table, table, slim=True) == [[6, 6]]
    assert placed(table, table) == [[12], [12]]


@given(st.lists(st.builds(chart, st.sampled_from([3, 4, 6, 8, 12])), max_size=20))
def test_every_block_has_its_place_in_order_and_no_row_is_too_wide(blocks):
    found = rows(blocks, lambda _: False)
    assert [id(place.block) for row in found for place in row] == [id(block) for block in blocks]
    assert all(sum(place.columns for place in row) <= COLUMNS for row in found)
    assert all(place.columns >= HALF for row in found for place in row)


# ---- tables that are cut -----------------------------------------------------------------------------------------


def test_a_table_is_cut_to_its_room_and_says_so():
    frame = pd.DataFrame({f"column_{n}": ["x" * 20] * 30 for n in range(9)})
    found = grid(frame, str, 10, 60)
    assert (len(found.rows), len(found.heads)) == (10, 2)
    assert found.note == "The first 10 of 30 rows. The first 2 of 9 columns."
    assert grid(frame.iloc[:5, :2], str, 10, 60).note == ""


def test_columns_of_long_texts_share_what_is_left():
    frame = pd.DataFrame({"id": ["a"], "text": ["x" * 80], "more": ["y" * 60]})
    wide = grid(frame, str, 10, 120)
    assert sum(wide.widths) <= 120
    assert wide.widths[1] > wide.widths[2] > grid(frame, str, 10, 80).widths[2] > wide.widths[0]


def test_chinese_letters_take_twice_the_room():
    assert (letters("茶叶"), letters("tea")) == (4, 3)
    found = grid(pd.DataFrame({"name": ["茶叶礼盒套装"]}), str, 10)
    assert found.widths == [12 + GAP]


def test_long_cells_are_cut_and_line_ends_become_blanks():
    found = grid(pd.DataFrame({"text": ["a\n\nb" + "c" * 50]}), str, 10, longest=10)
    assert found.rows == [["a bcccccc…"]]


@given(
    st.dictionaries(st.text(min_size=1), st.lists(st.text(), min_size=2, max_size=2), min_size=1, max_size=8),
    st.integers(1, 200),
)
def test_a_table_of_any_text_keeps_its_shape(columns, room):
    found = grid(pd.DataFrame(columns, dtype="object"), str, 2, room)
    assert len(found.heads) == len(found.widths) == len(found.kinds) >= min(LEAST, len(columns))
    assert all(len(row) == len(found.heads) for row in found.rows)
    assert sum(found.widths) <= room or len(found.heads) == min(LEAST, len(columns))


def test_an_empty_table_has_headings_alone():
    found = grid(pd.DataFrame({"a": []}), str, 10)
    assert (found.heads, found.rows) == (["A"], [])


@pytest.mark.parametrize("room", [10, 1000])
def test_the_lines_of_a_table_are_counted(room):
    found = grid(pd.DataFrame({"text": ["x" * 60], "b": ["y"]}), str, 10, room)
    assert found.lines == (2 if room == 10 else 1)
