"""Places are filled once, with facts of one customer, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.errors import BadFile
from crm_ai.replies import demo
from crm_ai.replies.templates import LANGUAGES, TONES, Filled, choose, fill, templates

ROW = {"intent": "order_status", "language": "en", "tone": "friendly", "text": "Hello {name}!"}


def test_places_are_filled_from_the_facts():
    for points in (12, 12.0, "12"):
        found = fill("Hello {name}, {points} points.", {"name": "Ann", "points": points})
        assert found == Filled("Hello Ann, 12 points.", ())


def test_one_unknown_fact_leaves_nothing():
    found = fill("{name}: {order_status} {order_status}", {"name": "Ann", "order_status": None})
    assert found == Filled("", ("order_status",))


@pytest.mark.parametrize(
    "value", ["", "  ", None, float("nan"), True, [1], {"a": 1}, object(), "x" * 201, b"x", "\u200b"]
)
def test_what_is_no_short_text_or_number_is_not_known(value):
    assert fill("{name}", {"name": value}) == Filled("", ("name",))


def test_a_value_stays_on_one_line_without_hidden_characters():
    assert fill("{name}", {"name": "Ann\r\nBcc: all\u202e\x00 "}).text == "Ann Bcc: all"


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_value_is_never_filled_again(name, secret):
    filled = fill("<{name}>", {"name": f"{{secret}}{name}", "secret": secret})
    assert filled.text.startswith("<{secret}")


@given(st.text(alphabet="{}abc_.[]!:0 \n", max_size=30))
def test_whatever_is_written_filling_never_fails_or_evaluates(text):
    filled = fill(text, {"a": "1", "b": "2"})
    assert bool(filled.missing) <= (filled.text == "")


NO_PLACES = ["{", "}", "{}", "{0}", "{Name}", "{{name}}", "{name", "${name}{", "{name.__class__}", "{name[0]}"]
NO_PLACES += ["{name!r}", "{name:>1000000}", "", "{ name }", "{% if name %}", "a" * 2_001]


@pytest.mark.parametrize("text", NO_PLACES)
def test_a_template_with_anything_but_places_is_refused(text):
    with pytest.raises(BadFile):
        templates([ROW | {"text": text}])


@pytest.mark.parametrize("change", [{"language": "fr"}, {"tone": "rude"}, {"intent": ""}])
def test_a_template_without_home_is_refused(change):
    with pytest.raises(BadFile):
        templates([ROW | change])


def test_a_name_is_used_once():
    with pytest.raises(BadFile):
        templates([ROW, ROW])


def test_the_other_tone_serves_where_the_wished_one_is_missing_but_never_the_other_language():
    of = templates([ROW])
    assert choose(of, "order_status", "en", "formal").tone == "friendly"
    assert choose(of, "order_status", "zh", "friendly") is None


def test_the_demo_answers_in_every_language_and_tone():
    of = templates(demo.rows("templates"))
    intents = {row["intent"] for row in demo.rows("examples")} - {"talk_to_person"}
    assert set(of) == {f"{i}/{language}/{tone}" for i in intents for language in LANGUAGES for tone in TONES}
