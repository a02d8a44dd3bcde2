"""The page of dashboards as a script: no browser, no server, real results."""

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm_ai.access import LOCAL, Visitor
from crm_ai.dashboards import content, kept, refreshing
from crm_ai.dashboards.boards import Tile
from crm_ai.dashboards.content import Answer
from crm_ai.data.filters import Filters
from crm_ai.jobs import Job
from crm_ai.recipes import Recipe
from crm_ai.settings import settings
from crm_ai.store import Workspace
from crm_ai.ui import session, visitors
from crm_ai.ui.boards import looking
from tests.dashboards.conftest import lines, put

CARDS = Tile("cards", "cards", Recipe("shop", "overview"), width=12)
CHART = Tile("chart", "chart", Recipe("shop", "overview"), "revenue", width=6)
TABLE = Tile("table", "table", Recipe("shop", "overview"), "by_month", width=6)
FOUND = Tile("found", "findings", Recipe("shop", "overview"), width=6)
NOTE = Tile("note", "note", title="Aim", note="**Grow** <b>now</b> ![x](http://evil.example/x.png)", width=6)


@pytest.fixture
def place(tmp_path):
    found = Workspace(tmp_path / "workspace")
    put(found, "shop", 1, transactions=lines(100))
    put(found, "shop", 2, transactions=lines(130))
    return found


@pytest.fixture
def board(desk):
    """Six tiles, all computed."""
    made = kept.create(desk, "Sales", note="Our *shop*", tiles=(CARDS, CHART, TABLE, FOUND, NOTE))
    compute(desk, made)
    return made


def compute(desk, board, filters=Filters()):
    return refreshing.compute(desk.workspace, board, filters)


@pytest.fixture
def app(place, monkeypatch):
    monkeypatch.setenv("CRM_AI_WORKSPACE", str(place.folder))
    monkeypatch.setenv("CRM_AI_WORKERS", "0")  # what is missing stays missing
    monkeypatch.setattr(visitors, "visitor", lambda: LOCAL)
    settings.cache_clear()
    st.cache_resource.clear()
    yield AppTest.from_file(str(session.ROOT / "crm_ai" / "ui" / "main.py"), default_timeout=60)
    settings.cache_clear()
    st.cache_resource.clear()


def at(app: AppTest, language: str = "en", **address: str) -> AppTest:
    """The page of dashboards at an address."""
    app.session_state["language"] = language
    app.run()
    app.switch_page(str(session.page("dashboards")))
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info, *app.error, *app.warning])


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    app.run()
    assert not app.exception
    return app


# ---- looking ---------------------------------------------------------------------------------------------------------


def test_with_no_board_the_list_says_how_to_begin(app):
    assert "template" in words(at(app))


def test_the_list_leads_to_every_board(app, desk, board):
    kept.create(desk, "Another")
    assert [link.label for link in at(app).get("page_link")] == ["**Another**", "**Sales**"]
    assert "5 tiles" in words(app)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_board_shows_all_its_tiles(app, board, language):
    page = at(app, language, board=board.id)
    assert page.title[0].value == "Sales"
    assert len(page.metric) == 5
    assert len(page.get("plotly_chart")) == len(page.dataframe) == 1
    assert not page.error
    assert not page.button(key="edit-board").disabled
    html = "".join(element.proto.body for element in page.get("html"))
    assert "<strong>Grow</strong> &lt;b&gt;now&lt;/b&gt;" in html
    assert "<img" not in html


def test_cards_show_what_changed_since_the_version_before(app, board):
    page = at(app, board=board.id)
    assert figures(page)["Revenue"] == "390.00"
    assert next(metric for metric in page.metric if metric.label == "Revenue").delta == "+30.0\u00a0%"
    assert "version 2" in words(page)
    assert "compared with version 1" in words(page)


def test_filters_in_the_address_hold_for_all_tiles(app, desk, board):
    compute(desk, board, Filters(since="2024-04-01", country=("Peru",)))
    page = at(app, board=board.id, since="2024-04-01", country="Peru")
    assert figures(page)["Orders"] == "13"
    assert page.button(key="filters-clear")
    assert figures(press(page, "filters-clear"))["Orders"] == "130"
    assert "country" not in page.query_params


def test_filters_that_the_data_do_not_know_are_dropped_and_nonsense_is_said(app, board):
    assert figures(at(app, board=board.id, country="Atlantis"))["Orders"] == "130"
    assert "cannot be read" in words(at(app, board=board.id, since="yesterday"))


def test_filters_of_the_board_can_be_taken_off_and_put_back(app, desk, board):
    compute(desk, board, Filters(country=("Peru",)))
    kept.save(desk, replace(board, filters=Filters(country=("Peru",))))
    page = at(app, board=board.id)
    assert figures(page)["Orders"] == "44"
    assert figures(press(page, "filters-clear"))["Orders"] == "130"
    assert figures(press(page, "filters-back"))["Orders"] == "44"


def test_a_board_that_is_gone_is_said_above_the_list(app, board):
    page = at(app, board="gone")
    assert "not here any more" in words(page)
    assert page.get("page_link")


def test_one_broken_tile_does_not_take_the_others_down(app, desk, board):
    gone = Tile("gone", "cards", Recipe("deleted", "overview"))
    none = Tile("none", "chart", Recipe("shop", "overview"), "no such chart")
    lack = Tile("lack", "cards", Recipe("shop", "feedback"))
    kept.save(desk, replace(board, tiles=(*board.tiles, none, lack)))
    with desk.records.write() as connection:
        document = replace(board, tiles=(gone, *board.tiles, none, lack)).to_json()
        from crm_ai.records.tables import dashboards

        connection.execute(dashboards.update().values(document=document))
    page = at(app, board=board.id)
    assert len(page.metric) == 5
    for sentence in ("not here any more", "nothing to show here", "needs the columns"):
        assert sentence in words(page)


def test_what_is_missing_is_on_its_way_and_then_there(app, desk, place):
    made = kept.create(desk, "Sales", tiles=(CARDS, CHART))
    page = at(app, board=made.id)
    assert not page.metric
    assert "Waiting for a free worker" in words(page)
    compute(desk, made)
    page.run()
    assert figures(page)["Orders"] == "130"


def test_a_run_that_ends_after_it_was_looked_up_has_brought_its_result(app, desk, board, monkeypatch):
    job, real = Job("key", {}, state="done"), content.answer
    job.ended.set()
    monkeypatch.setattr(looking, "_job", lambda answer: job)
    monkeypatch.setattr(content, "answer", lambda *a, **k: replace(real(*a, **k), result=None))  # a moment too early
    assert figures(at(app, board=board.id))["Orders"] == "130"


def test_a_tile_whose_run_ends_before_it_is_drawn_still_waits():
    job = Job("key", {}, state="done")
    job.ended.set()
    assert looking.Found(Answer(CARDS, CARDS.recipe), job=job).waits


def test_a_new_version_waits_until_it_is_asked_for(app, desk, place, board):
    page = at(app, board=board.id)
    put(place, "shop", 3, transactions=lines(140))
    compute(desk, board)
    page.run()
    assert figures(page)["Orders"] == "130"
    assert "new version of Shop" in words(page)
    assert figures(press(page, "refresh-newer"))["Orders"] == "140"
    assert "new version of Shop" not in words(page)


def test_a_live_board_takes_a_new_version_by_itself(app, desk, place, board):
    board = kept.save(desk, replace(board, live=True))
    page = at(app, board=board.id)
    put(place, "shop", 3, transactions=lines(140))
    compute(desk, board)
    page.run()
    assert figures(page)["Orders"] == "140"


def test_tiles_of_different_data_say_on_which_they_stand(app, desk, place, board):
    board = kept.save(desk, board.with_tile(Tile("old", "cards", Recipe("shop@1", "overview"))))
    compute(desk, board)
    page = at(app, board=board.id)
    assert "each says on which" in words(page)
    assert "version 1 of 2024-06-01 08:00" in words(page)


# ---- changing --------------------------------------------------------------------------------------------------------


def tiles(desk, board) -> list[str]:
    return [tile.id for tile in kept.found(desk, board.id).tiles]


def test_tiles_are_moved_widened_removed_and_brought_back(app, desk, board):
    page = press(at(app, board=board.id), "edit-board")
    press(page, "move1-chart")
    assert tiles(desk, board) == ["cards", "table", "chart", "found", "note"]
    page.selectbox(key="width-chart-6").select(8)
    page.run()
    assert kept.found(desk, board.id).tile("chart").width == 8
    press(page, "remove-chart")
    assert "chart" not in tiles(desk, board)
    press(page, "undo")
    assert tiles(desk, board) == ["cards", "table", "chart", "found", "note"]
    press(page, "edit-board")
    assert not [button for button in page.button if button.key == "remove-chart"]


def test_whoever_was_slower_is_told_and_then_sees_the_newest(app, desk, board):
    page = press(at(app, board=board.id), "edit-board")
    kept.save(desk, replace(board, title="Theirs"))
    press(page, "remove-note")
    assert "Somebody else" in words(page)
    assert "note" in tiles(desk, board)
    assert page.title[0].value == "Theirs"
    press(page, "remove-note")
    assert "note" not in tiles(desk, board)


def asking(app: AppTest, code: str, **state: object) -> AppTest:
    """A dialog alone, open in every run: in the app a click opens it, and it runs on by itself."""
    test = AppTest.from_string(f"from crm_ai.ui.boards import adding, editing, listing\n{code}", default_timeout=60)
    test.session_state["language"] = "en"
    for key, value in state.items():
        test.session_state[key] = value
    test.run()
    assert not test.exception
    return test


def test_what_was_typed_survives_a_conflict(app, desk, board):
    code = "from crm_ai.ui import session\nimport streamlit as st\nediting.words(st.session_state['tile'])"
    page = asking(app, code, tile=NOTE, **{"board-seen": board})
    page.text_area[0].set_value("A long thought")
    kept.save(desk, replace(board, title="Theirs"))
    page.button(key="words-save").click().run()
    assert "Somebody else" in words(page)
    assert page.text_area[0].value == "A long thought"
    page.button(key="words-save").click().run()
    now = kept.found(desk, board.id)
    assert (now.title, now.tile("note").note) == ("Theirs", "A long thought")


def test_filters_can_be_kept_for_everybody(app, desk, board):
    page = press(at(app, board=board.id, country="Peru"), "edit-board")
    press(page, "keep-filters")
    assert kept.found(desk, board.id).filters == Filters(country=("Peru",))


def test_a_board_is_deleted_after_a_question(app, desk, board):
    code = "import streamlit as st\nif 'board' in st.session_state:\n    editing.delete(st.session_state.pop('board'))"
    page = press(press(at(app, board=board.id), "edit-board"), "delete-board")
    assert kept.boards(desk)
    assert page.button(key="delete-board-now")
    page = asking(app, code.replace("pop('board')", "board"), board=board)
    page.button(key="delete-board-now").click().run()
    assert kept.boards(desk) == []


def test_a_viewer_changes_nothing(app, desk, board, monkeypatch):
    monkeypatch.setattr(visitors, "visitor", lambda: Visitor("vic@x.org", "viewer"))
    page = at(app)
    assert "new-board" not in [button.key for button in page.button]
    page.query_params["board"] = board.id
    page.run()
    assert "not here any more" in words(page)
    from crm_ai.access import grants

    with desk.records.write() as connection:
        grants.give(connection, "dashboard", board.id, "vic@x.org", "edit")
    page.session_state["board-edited"] = board.id
    page.query_params["board"] = board.id
    page.run()
    assert len(page.metric) == 5
    keys = [str(button.key) for button in page.button]
    assert not [key for key in keys if key.startswith(("edit", "move", "remove", "add", "delete"))]


# ---- making ----------------------------------------------------------------------------------------------------------


def test_a_board_is_made_of_a_template_and_says_what_is_left_out(app, desk, place):
    page = asking(app, "listing.create()")
    page.button(key="new-create").click().run()
    made = kept.boards(desk)[0]
    assert made.title == "Sales overview: Shop"
    assert [tile.part for tile in made.tiles] == ["", "revenue", "", "forecast", "", "country", "rhythm"]
    assert "Left out: Overview needs more columns: Product" in page.session_state["board-said"][1]


def test_an_empty_board_is_made_as_well(app, desk, place):
    page = asking(app, "listing.create()")
    page.radio(key="new-kind-None").set_value("").run()
    page.button(key="new-create").click().run()
    assert [(board.title, board.tiles) for board in kept.boards(desk)] == [("My dashboard", ())]


def test_from_an_analysis_page_a_part_goes_on_a_board(app, desk, board):
    app.session_state["language"] = "en"
    app.run()
    app.switch_page(str(session.page("overview")))
    app.query_params["dataset"] = "shop"
    app.run()
    assert [button for button in app.button if button.key == "add-page"]
    assert press(app, "add-chart-activity").button(key="add-now")
    page = asking(
        app, "from crm_ai.recipes import Recipe\nadding.add(Recipe('shop', 'overview'), [('chart', 'activity')])"
    )
    page.button(key="add-now").click().run()
    added = kept.found(desk, board.id).tiles[-1]
    assert (added.kind, added.part, added.recipe) == ("chart", "activity", Recipe("shop", "overview"))
    page.selectbox(key="add-board").select("").run()
    page.text_input(key="add-title").set_value("Second").run()
    page.button(key="add-now").click().run()
    assert [(made.title, len(made.tiles)) for made in kept.boards(desk)] == [("Second", 1), ("Sales", 6)]


def test_a_tile_is_picked_inside_a_board(app, desk, board):
    code = "import streamlit as st\nadding.pick(st.session_state['board-seen'])"
    page = asking(app, code, **{"board-seen": board})
    page.multiselect(key="add-parts").select(("chart", "rhythm")).run()
    page.button(key="pick-now").click().run()
    assert kept.found(desk, board.id).tiles[-1].part == "rhythm"
