"""Which language a text is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.text.language import UNKNOWN, language, languages


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("good", "en"),
        ("Works fine", "en"),
        ("很好", "zh"),
        ("這個產品質量很好", "zh"),
        ("iPhone 很好用", "zh"),
        ("I love my 淘宝 order, it is great", "en"),
        ("とても良い商品です", "ja"),
        ("아주 좋아요", "ko"),
        ("Très bon produit, je le recommande", "fr"),
        ("Sehr gut, schnelle Lieferung, alles bestens", "de"),
        ("Excelente producto y muy rápido el envío", "es"),
        ("Очень хорошо, доставка быстрая", "ru"),
        ("", UNKNOWN),
        ("👍👍 !!! 123", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_languages_of_short_and_mixed_texts(text, code):
    assert language(text) == code


@given(st.lists(st.text(max_size=80) | st.none(), max_size=8))
def test_every_text_gets_a_language_in_its_place(texts):
    found = languages(texts)
    assert len(found) == len(texts)
    assert found == [language(text) for text in texts]
    assert all(found)
