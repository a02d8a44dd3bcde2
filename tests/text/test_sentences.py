"""Cleaning texts and parting them into sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.text.sentences import LONGEST, MOST_CHARACTERS, MOST_SENTENCES, clean, sentences


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("<p>Good &amp; cheap</p>", "Good & cheap"),
        ("see https://shop.example/a?b=1 now", "see now"),
        ("two\r\nlines\u2028and\ufeff more", "two lines and more"),
        ("a < b and b > c", "a < b and b > c"),
        (None, ""),
        (float("nan"), ""),
        ("\ud800broken", "broken"),
    ],
)
def test_markup_links_and_odd_characters_go(typed, plain):
    assert clean(typed) == plain


def test_a_megabyte_is_cut():
    assert len(clean("word " * 200_000)) <= MOST_CHARACTERS
    assert len(sentences(clean("字" * 1_000_000))) <= MOST_SENTENCES


def test_sentences_end_at_full_stops_of_both_languages():
    assert sentences("It works well enough. The box was torn!") == ["It works well enough.", "The box was torn!"]
    assert sentences("味道很好非常满意。送餐太慢了真的慢！") == ["味道很好非常满意。", "送餐太慢了真的慢！"]


def test_short_sentences_join_their_neighbour():
    assert sentences("Good. It arrived on time. Ok.") == ["Good. It arrived on time. Ok."]


def test_a_text_without_words_has_no_sentence():
    assert sentences(clean("!!! ... ？？？ 😀😀")) == []


@given(st.text(max_size=3000))
def test_any_text_is_read_without_an_error_and_within_bounds(text):
    parts = sentences(clean(text))
    assert len(parts) <= MOST_SENTENCES
    assert all(part and len(part) <= LONGEST for part in parts)
    assert clean(clean(text).encode("utf-8").decode("utf-8")) is not None
