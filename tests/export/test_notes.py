import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.dashboards import reports
from crm_ai.export.notes import CODE, HEAD, ITEM, QUOTE, TEXT, Run, plain


def kinds(note: str) -> list[tuple[str, int, str, str]]:
    return [(line.kind, line.level, line.mark, "".join(run.text for run in line.runs)) for line in reports.lines(note)]


def test_paragraphs_headings_quotes_and_code_are_lines():
    assert kinds("## A b\ntext\nmore\n\n> said\n\n```\nx = 1\ny\n```") == [
        (HEAD, 2, "", "A b"),
        (TEXT, 0, "", "text more"),
        (QUOTE, 0, "", "said"),
        (CODE, 0, "", "x = 1\ny"),
    ]


def test_lists_have_marks_and_levels():
    assert kinds("3. a\n4. b\n   - c\n   - d\n\n     e\n5. f") == [
        (ITEM, 0, "3.", "a"),
        (ITEM, 0, "4.", "b"),
        (ITEM, 1, "•", "c"),
        (ITEM, 1, "•", "d"),
        (ITEM, 1, "", "e"),
        (ITEM, 0, "5.", "f"),
    ]


def test_letters_are_bold_italic_or_code():
    (line,) = reports.lines("a **b *c*** `d`")
    assert line.runs[1:3] == (Run("b ", bold=True), Run("c", bold=True, italic=True))
    assert line.runs[-1] == Run("d", code=True)


def test_rows_of_a_table_become_lines():
    assert plain(reports.lines("| a | b |\n|---|---|\n| 1 | **2** |")) == "a  ·  b\n1  ·  2"


@pytest.mark.parametrize(
    "note",
    ["<b>x</b>", "![x](http://a.b/c.png)", "<img src=x onerror=alert(1)>", "<!-- x -->", "<script>\nx\n</script>"],
)
def test_html_and_pictures_stay_the_text_they_are(note):
    assert plain(reports.lines(note)).replace(" ", "\n") == note.replace(" ", "\n")


def test_an_empty_note_has_no_lines():
    assert reports.lines(" \n") == ()


@given(st.text(alphabet="ab *_`#->1.\n|[]()!<&~\t", max_size=60))
def test_any_note_can_be_read_and_has_no_empty_run(note):
    assert all(run.text for line in reports.lines(note) for run in line.runs)
