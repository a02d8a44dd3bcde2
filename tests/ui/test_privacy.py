"""The question of what is to become of personal data."""

import pytest
from streamlit.testing.v1 import AppTest

from crm_ai import i18n
from crm_ai.data.privacy import KINDS, TREATMENTS
from crm_ai.ui import privacy


def page(language: str, kinds: list[str], default: dict[str, str], before: dict[str, str]) -> None:
    from pathlib import Path

    import streamlit as st

    from crm_ai.data.privacy import Personal
    from crm_ai.data.sources import Source
    from crm_ai.ui import privacy

    st.session_state["language"] = language
    source = Source("s.csv", Path("s"), ("a",), 1000, None, 0, "0", "csv")
    found = [Personal(f"*{kind}* <b>", kind, 1.0, 12, ("a***@b.cn",), ("phone", "email")) for kind in kinds]
    st.session_state["chosen"] = privacy.panel(source, found, before, "one", default)


def shown(*arguments: object) -> AppTest:
    app = AppTest.from_function(page, args=arguments).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_is_shown_in_words_with_its_suggestion(language):
    app = shown(language, list(KINDS), {}, {})
    chosen = app.session_state["chosen"]
    assert chosen == {f"*{kind}* <b>": "remove" if kind.endswith("card") else "mask" for kind in KINDS}
    texts = "\n".join(markdown.value for markdown in app.markdown)
    assert "\\*email\\* \\<b\\>" in texts
    assert all(i18n.translator(language)(privacy.KINDS[kind]) in texts for kind in KINDS if kind != "text")


def test_the_default_is_proposed_and_an_earlier_choice_wins():
    app = shown(
        "en",
        ["email", "phone", "name"],
        {"*email* <b>": "pseudonymise", "*phone* <b>": "pseudonymise"},
        {"*phone* <b>": "keep"},
    )
    assert list(app.session_state["chosen"].values()) == ["pseudonymise", "keep", "mask"]


def test_another_choice_is_given_back():
    app = shown("en", ["email"], {}, {})
    app.selectbox[0].select("remove").run()
    assert app.session_state["chosen"] == {"*email* <b>": "remove"}


def test_nothing_found_is_one_quiet_line():
    app = shown("en", [], {}, {})
    assert app.session_state["chosen"] == {}
    assert [caption.value for caption in app.caption] == [":material/verified_user: No personal data found."]
    assert not app.selectbox


def test_all_words_have_their_chinese():
    known = i18n.catalogue("zh")
    words = [*privacy.KINDS.values(), *privacy.LABELS.values(), *privacy.EXPLAINED.values()]
    assert [word for word in words if word not in known] == []
    assert set(privacy.KINDS) | {"text"} == set(KINDS)
    assert set(privacy.LABELS) == set(privacy.EXPLAINED) == set(TREATMENTS)
