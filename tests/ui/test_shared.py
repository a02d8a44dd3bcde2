"""The page of a link: one dashboard or one sentence, whatever else the address says."""

from datetime import timedelta

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from crm_ai import jobs
from crm_ai.access import LOCAL, Desk, accounts
from crm_ai.dashboards import Tile, kept, links
from crm_ai.dashboards.links import Options
from crm_ai.data import intake, samples
from crm_ai.recipes import Recipe
from crm_ai.records import Records, now
from crm_ai.records.tables import links as table
from crm_ai.settings import settings
from crm_ai.store import Workspace
from crm_ai.ui import session

CLOSED = "This link is closed"
PASSWORD = "seven blue horses"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A workspace with a small shop, people who have to sign in, and a board with cards, a table and a note."""
    folder = tmp_path_factory.mktemp("shared")
    place, records = Workspace(folder / "workspace"), Records.open(folder / "workspace")
    samples.demo(seed=3, customers=300)["transactions"].to_csv(folder / "orders.csv", index=False)
    draft = place.new_draft()
    intake.ingest([folder / "orders.csv"], draft.folder, name="Secret name of the data")
    version = place.commit(draft)
    jobs.compute(place, Recipe(version.dataset, "overview"), "duckdb://")
    accounts.add(records, "boss@example.com", "admin", "green tea 42 pots")
    yield Desk(place, records, LOCAL)
    records.close()


@pytest.fixture(scope="module")
def board(desk):
    recipe = Recipe(next(iter(desk.workspace.datasets())), "overview")
    tiles = (
        Tile("a", "cards", recipe),
        Tile("b", "table", recipe, "top_customers"),
        Tile("c", "note", note="A note for *everybody*."),
    )
    return kept.create(desk, "For everybody", tiles=tiles)


@pytest.fixture
def app(desk, monkeypatch):
    monkeypatch.setenv("CRM_AI_WORKSPACE", str(desk.workspace.folder))
    monkeypatch.setenv("CRM_AI_WORKERS", "0")  # every result is there
    settings.cache_clear()
    st.cache_resource.clear()
    yield AppTest.from_file(str(session.ROOT / "crm_ai" / "ui" / "main.py"), default_timeout=60)
    settings.cache_clear()
    st.cache_resource.clear()


def at(app: AppTest, token: str, page: str = "shared", **address: str) -> AppTest:
    app.session_state["language"] = "en"
    app.run()
    app.switch_page(str(session.page(page)))
    for name, value in {"link": token, **address}.items():
        app.query_params[name] = value
    return app.run()


def shown(app: AppTest) -> str:
    """All that is told, and the cells of tables."""
    assert not app.exception
    parts = [*app.title, *app.markdown, *app.caption, *app.info, *app.error, *app.warning, *app.metric]
    texts = [str(part.value) for part in parts] + [frame.value.to_csv() for frame in app.dataframe]
    return "\n".join([*texts, *(str(item.proto) for item in app.get("html"))])


def test_a_link_shows_its_dashboard_with_labels_for_people_and_no_name_of_the_data(app, desk, board):
    _, token = links.create(desk, board.id)
    text = shown(at(app, token))
    assert "For everybody" in text
    assert "Customer 1" in text
    assert "C00" not in text
    assert "Secret name" not in text
    assert len(app.metric) == 5


def test_the_owner_may_let_a_link_show_people(app, desk, board):
    _, token = links.create(desk, board.id, Options(small=True, personal=True))
    text = shown(at(app, token))
    assert "C00" in text
    assert "Secret name" not in text


@pytest.mark.parametrize("token", ["", "x", "a" * 22])
def test_without_a_token_there_is_one_sentence(token, app, desk, board):
    text = shown(at(app, token, board=board.id, dataset=board.datasets[0]))
    assert CLOSED in text
    assert not app.metric
    assert not app.dataframe


def test_a_link_that_was_closed_shows_nothing_at_the_next_run(app, desk, board):
    revoked, token = links.create(desk, board.id)
    assert at(app, token).metric
    links.revoke(desk, board.id, revoked.id)
    app.run()
    assert CLOSED in shown(app)
    assert not app.metric
    over, token = links.create(desk, board.id, expires_at=now() + timedelta(hours=1))
    app.query_params["link"] = token
    assert app.run().metric
    with desk.records.write() as connection:
        connection.execute(update(table).where(table.c.id == over.id), {"expires_at": now()})
    assert not app.run().metric


@pytest.mark.parametrize("page", ["data", "dashboards", "people", "overview"])
def test_on_any_other_page_the_token_is_no_key(page, app, desk, board):
    _, token = links.create(desk, board.id)
    at(app, token, page, board=board.id, dataset=board.datasets[0])
    text = shown(app)
    assert "For everybody" not in text
    assert "Secret name" not in text
    assert not app.metric


def test_a_password_stands_before_everything(app, desk, board):
    _, token = links.create(desk, board.id, password=PASSWORD)
    assert "For everybody" not in shown(at(app, token))
    app.text_input[0].set_value("seven red horses")
    app.button[0].click().run()
    assert "This password is wrong" in shown(app)
    assert not app.metric
    app.text_input[0].set_value(PASSWORD)
    app.button[0].click().run()
    assert app.metric
    _, token = links.create(desk, board.id, password=PASSWORD)
    app.query_params["link"] = token
    assert not app.run().metric, "the password of one link does not open another"


def test_an_opening_counts_once_a_session(app, desk, board):
    link, token = links.create(desk, board.id)
    at(app, token).run().run()
    seen = {each.id: each for each in links.of_board(desk, board.id)}
    assert seen[link.id].opened == 1


def test_filters_in_the_address_have_no_effect_where_they_may_not_be_changed(app, desk, board):
    _, token = links.create(desk, board.id, Options(filters=False))
    before = [card.value for card in at(app, token).metric]
    app.query_params["since"] = "2024-06-01"
    assert [card.value for card in app.run().metric] == before


def test_what_may_not_be_downloaded_has_no_button(app, desk, board):
    _, token = links.create(desk, board.id, Options(downloads=False))
    at(app, token)
    assert not [each for each in app.get("popover") if "Report" in str(each.proto)]
    _, token = links.create(desk, board.id)
    app.query_params["link"] = token
    assert [each for each in app.run().get("popover") if "Report" in str(each.proto)]
