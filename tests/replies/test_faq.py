"""Rows that fit, in the language of the message, with their number."""

import pytest

from crm_ai.errors import BadFile
from crm_ai.replies import demo
from crm_ai.replies.faq import Faq, faq

ASKED = {
    "I forgot my password": "3",
    "密码忘了怎么登录": "3",
    "take me off the newsletter": "5",
    "can you wrap this, it is a birthday present": "10",
    "买家具送安装服务吗": "23",
    "at what hours is customer service open": "1",
    "还在保修期吗，保修几年": "7",
}


@pytest.fixture(scope="module")
def asked() -> Faq:
    return faq(demo.rows("faq"), "meaning")


def test_the_demo_has_25_questions_in_both_languages():
    rows = demo.rows("faq")
    assert {(row["row"], row["language"]) for row in rows} == {
        (str(n), spoken) for n in range(1, 26) for spoken in ("en", "zh")
    }


@pytest.mark.parametrize("message", ASKED)
def test_other_words_find_the_row(asked, message):
    language = "en" if message.isascii() else "zh"
    hit = asked.ask(message, wanted=language)[0]
    assert hit.source == f"faq:{ASKED[message]}"
    assert hit.row.language == language


def test_the_question_itself_fits_fully_by_words_alone_too():
    rows = demo.rows("faq")
    table = faq(rows, "words")
    for row in rows:
        best = table.ask(row["question"], 1)[0]
        assert (best.row.row, best.row.language) == (row["row"], row["language"])
        assert best.score > 0.6


def test_a_row_is_found_across_languages_by_meaning():
    english = [row for row in demo.rows("faq") if row["language"] == "en"]
    assert faq(english, "meaning").ask("忘记密码了怎么办")[0].row.row == "3"


def test_nothing_fits_nothing(asked):
    assert asked.ask("") == []
    assert asked.ask(None) == []
    assert faq([], "meaning").ask("hello") == []


def test_scores_stay_between_0_and_1(asked):
    for message in [*ASKED, "qwertz", "!!!", "是", "the the the"]:
        assert all(0 < hit.score <= 1 for hit in asked.ask(message, 50))


@pytest.mark.parametrize(
    "rows",
    [
        [{"question": "a?", "answer": ""}],
        [{"question": "", "answer": "b"}],
        [{"row": "1", "question": "a?", "answer": "b"}, {"row": "1", "question": "c?", "answer": "d"}],
    ],
)
def test_a_table_with_holes_is_refused(rows):
    with pytest.raises(BadFile):
        faq(rows, "words")
