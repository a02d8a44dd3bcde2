"""Notes: Markdown that can neither load, run nor lead elsewhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.dashboards import notes

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![p](http://evil.example/p.png)",
    "![p](/logout)",
    "![p][r]\n\n[r]: http://evil.example",
    "[x](javascript:alert(1))",
    "[x](http://evil.example)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](data:text/html;base64,xxxx)",
    "[x][r]\n\n[r]: https://evil.example",
    "<https://evil.example>",
    "a <b onclick=alert(1)>b</b>",
    "&#60;script&#62;",
    "[x](&#106;avascript:alert(1))",
]
ALLOWED = re.compile(r"</?(p|h[1-6]|ul|ol|li|strong|em|s|code|pre|blockquote|hr|br|table|thead|tbody|tr|th|td)\b[^>]*>")


def tags(text: str) -> list[str]:
    return re.findall(r"<[^>]*>", notes.html(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_notes_are_only_text(text):
    assert all(ALLOWED.fullmatch(tag) or re.fullmatch(r'<a href="[/?#](?!/|\\)[^"]*">|</a>', tag) for tag in tags(text))
    assert not re.search(r'(href|src)="[^"]*(evil|javascript|logout"[^>]*img)', notes.html(text).replace("/%5C", ""))


@given(st.lists(st.sampled_from([*HOSTILE, "**b**", "- l", "| a |\n|---|\n| b |", "`c`", "\n\n", "<", "[", "](", ")"])))
def test_no_mixture_of_them_makes_other_tags(parts):
    for tag in tags("".join(parts)):
        assert ALLOWED.fullmatch(tag) or re.fullmatch(r'<a href="[/?#][^"]*">|</a>', tag)


def test_what_people_write_is_shaped():
    html = notes.html("# Aim\n\n- **Grow** in [Peru](/segments?dataset=a)\n- keep ~~all~~ *most*\n\n1 < 2")
    for piece in (
        "<h1>Aim</h1>",
        "<strong>Grow</strong>",
        '<a href="/segments?dataset=a">',
        "<em>most</em>",
        "1 &lt; 2",
    ):
        assert piece in html
