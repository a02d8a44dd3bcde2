"""The words of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.text.words import simplified, telling, terms, tokens, words


def test_english_words_are_lower_case_without_stop_words():
    assert words("The battery isn't GOOD, don't buy it") == ["battery", "good", "buy"]


def test_chinese_words_come_from_the_dictionary():
    assert words("物流很快，包装也很好") == ["物流", "很快", "包装", "好"]


def test_traditional_chinese_is_parted_alike_and_kept_as_written():
    assert tokens("客服態度非常好") == ["客服", "態度", "非常", "好"]
    assert simplified("物流態度") == "物流态度"


def test_mixed_texts_keep_their_order():
    assert words("快递 was late 太慢") == ["快递", "late", "太慢"]


def test_pairs_tell_not_good_from_good():
    assert "not good" in terms(tokens("not good at all"))
    assert "not good" not in terms(tokens("good"))


@pytest.mark.parametrize("nothing", ["", None, "123 456", "!!!", "😀", "的 了 the a"])
def test_texts_that_say_nothing_have_no_words(nothing):
    assert words(nothing) == []


@given(st.text(max_size=300))
def test_words_are_pieces_of_the_text_in_their_order(text):
    found, place = tokens(text), 0
    assert telling(found) == words(text)
    written = " ".join(text.lower().replace("’", "'").split())
    for token in found:
        if token in written:
            place = max(place, written.find(token))
        assert token.strip() == token
        assert token
