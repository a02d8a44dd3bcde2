"""The panels of joins and of databases, without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crm_ai.data import databases, relations
from crm_ai.data.databases.connections import PREFIX
from tests.data.test_databases import named, shop  # noqa: F401 - fixtures

WAIT = 60


def choosing() -> None:
    import streamlit as st

    from crm_ai.ui import databases

    found = databases.panel()
    if found:
        st.session_state["found"] = found


def joining(folder: str) -> None:
    from pathlib import Path

    import streamlit as st

    from crm_ai.data import relations
    from crm_ai.data.sources import read_source
    from crm_ai.ui import joins

    sources = read_source(Path(folder) / "shop.db", Path(folder) / "raw")
    suggested = relations.suggest(sources)
    found = joins.panel(sources, suggested, suggested[1:] if "partly" in folder else suggested, "shop")
    if found is not None:
        st.session_state["found"] = found


def opened(script, language: str = "en", **kwargs) -> AppTest:
    app = AppTest.from_function(script, kwargs=kwargs, default_timeout=WAIT)
    app.query_params["lang"] = language
    return app.run()


@pytest.mark.parametrize(("language", "word"), [("en", "No database is connected"), ("zh", "尚未连接")])
def test_without_a_connection_the_screen_says_how_to_make_one(language, word, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in databases.connections():
        monkeypatch.delenv(f"{PREFIX}{name.upper()}")
    app = opened(choosing, language)
    assert word in app.info[0].value
    assert "[connections.shop]" in app.code[0].value
    assert not app.exception


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_are_chosen_and_taken(language, shop):  # noqa: F811
    app = opened(choosing, language)
    assert not app.button
    app.multiselect[0].select("orders").select("customers").run()
    assert [len(frame.value) for frame in app.dataframe] == [20, 20]
    app.button[0].click().run()
    assert app.session_state["found"] == databases.Request("shop", ("orders", "customers"))
    assert not app.exception


def test_a_query_is_tried_and_taken(shop):  # noqa: F811
    app = opened(choosing)
    app.button_group[0].set_value("A query").run()
    app.text_area[0].set_value("DROP TABLE orders").run()
    assert "SELECT" in app.error[0].value
    assert not app.button
    app.text_area[0].set_value("SELECT city, count(*) AS n FROM customers GROUP BY 1").run()
    assert len(app.dataframe[0].value) == 3
    app.button[0].click().run()
    assert app.session_state["found"].query.startswith("SELECT city")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_joins_are_ticked_off_and_added(language, shop, tmp_path):  # noqa: F811
    app = opened(joining, language, folder=str(tmp_path))
    assert [box.value for box in app.checkbox] == [True, True]
    assert "**order\\_lines**" in app.checkbox[0].label
    assert "100" in app.checkbox[0].label
    app.checkbox[0].uncheck()
    app.button[0].click().run()
    (left,) = app.session_state["found"]
    assert (left.left, left.right) == ("orders", "customers")
    app.selectbox[0].set_value(("order_lines", "order_id"))
    app.selectbox[1].set_value(("orders", "id"))
    app.button[0].click().run()
    assert {(join.left, join.why) for join in app.session_state["found"]} == {
        ("orders", "declared in the database"),
        ("order_lines", relations.joins.CHOSEN),
    }
    app.selectbox[1].set_value(("customers", "city"))
    app.button[0].click().run()
    assert "city" in app.error[0].value
    assert not app.exception


def test_joins_that_are_not_made_are_offered(shop, tmp_path):  # noqa: F811
    folder = tmp_path / "partly"
    folder.mkdir()
    (tmp_path / "shop.db").rename(folder / "shop.db")
    app = opened(joining, folder=str(folder))
    assert [box.value for box in app.checkbox] == [True, False]
    app.checkbox[1].check()
    app.button[0].click().run()
    assert {join.left for join in app.session_state["found"]} == {"order_lines", "orders"}
