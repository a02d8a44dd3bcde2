"""Every page as a script: no browser, no server, real results."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm_ai import analyses, jobs
from crm_ai.data import intake, samples
from crm_ai.recipes import Recipe
from crm_ai.settings import settings
from crm_ai.store import Workspace
from crm_ai.ui import session

every = pytest.mark.parametrize("name", analyses.ALL)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A workspace with a small demo shop and the default result of every analysis."""
    folder = tmp_path_factory.mktemp("shop")
    place = Workspace(folder / "workspace")
    frames = samples.demo(seed=3, customers=300)
    for table, frame in frames.items():
        frame.head(4000 if table == "transactions" else 300).to_csv(folder / f"{table}.csv", index=False)
    draft = place.new_draft()
    intake.ingest([folder / f"{table}.csv" for table in frames], draft.folder, name="Small shop")
    version = place.commit(draft)
    for name in analyses.ALL:
        jobs.compute(place, Recipe(version.dataset, name), "duckdb://")
    return place


@pytest.fixture
def app(monkeypatch, request, tmp_path):
    """The app on that workspace; on an empty one for tests marked so."""
    empty = request.node.get_closest_marker("parametrize") is None and "nothing" in request.node.name
    place = Workspace(tmp_path) if empty else request.getfixturevalue("shop")
    monkeypatch.setenv("CRM_AI_WORKSPACE", str(place.folder))
    monkeypatch.setenv("CRM_AI_WORKERS", "0")  # every result is there
    settings.cache_clear()
    st.cache_resource.clear()
    test = AppTest.from_file(str(session.ROOT / "crm_ai" / "ui" / "main.py"), default_timeout=60)
    yield test
    settings.cache_clear()
    st.cache_resource.clear()


def at(app: AppTest, name: str, language: str = "en", address: dict[str, str] | None = None) -> AppTest:
    """The app on one of its pages."""
    app.session_state["language"] = language
    app.run()
    app.switch_page(str(session.page(name)))
    for key, value in (address or {}).items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


@every
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_answers_without_a_click(name, language, app):
    page, module = at(app, name, language), analyses.load(name)
    assert len(page.metric) == len(module.CARDS)
    assert page.get("plotly_chart")
    assert page.title[0].value == session.i18n.translator(language)(module.TITLE)
    heading = {"en": "**What we found**", "zh": "**主要发现**"}[language]
    assert heading in [markdown.value for markdown in page.markdown]


@every
def test_a_parameter_out_of_range_in_the_address_is_said_and_the_default_shown(name, app):
    page = at(app, name, address={"dataset": _only(), "no_such": "1", _first(name): "nonsense"})
    assert page.get("plotly_chart")
    assert [warning.value for warning in page.warning]


@every
def test_the_page_says_in_python_what_it_did(name, app):
    code = at(app, name).code[0].value
    assert f"crm_ai.run({name!r}, data" in code
    compile(code, "copied", "exec")


def test_the_data_page_shows_the_report_and_what_the_data_can_carry(app):
    page = at(app, "data")
    assert [heading.value for heading in page.subheader] == [
        "Versions of Small shop",
        "Quality of Small shop",
        "Your datasets",
    ]
    assert len(page.get("page_link")) == len(analyses.ALL)


def test_with_nothing_uploaded_every_page_leads_to_the_data_page(app):
    for name in analyses.ALL:
        page = at(app, name)
        assert "upload" in page.info[0].value
    assert not at(app, "data").error


def test_an_unknown_dataset_in_the_address_falls_back(app):
    assert at(app, "overview", address={"dataset": "../../etc"}).metric


def _only() -> str:
    return next(iter(Workspace(settings().workspace).datasets()))


def _first(name: str) -> str:
    """A parameter that text cannot be."""
    from crm_ai.analyses import options

    known = options.options(analyses.load(name).Params)
    return next(n for n, (option, _) in known.items() if isinstance(option, options.Range | options.Choice))
