"""The data page with versions and unfinished uploads, and what other pages say of the version they stand on."""

import json

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm_ai import export, jobs
from crm_ai.data import intake
from crm_ai.recipes import Recipe
from crm_ai.settings import settings
from crm_ai.store import Workspace
from crm_ai.ui import session, upload, versions

HEAD = "Order No,Customer ID,Order Date,Product,Quantity,Unit Price\n"
MARCH = HEAD + "".join(f"{n},C{n % 7},2024-03-{n % 28 + 1:02},Tea,1,2\n" for n in range(60))
APRIL = HEAD + "".join(f"{n},C{n % 7},2024-04-{n % 28 + 1:02},Mug,1,3\n" for n in range(50, 100))


def staged(place, name, text, base=None):
    """A draft with one file that has been read."""
    draft = place.new_draft(base, intake.MODES["append"] if base else "uploaded")
    path = draft.folder / intake.FILES / ("001" if base else "000") / name
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    intake.stage([path], draft.folder)
    return draft


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two versions, their overviews, and the files that would make a third."""
    place = Workspace(tmp_path_factory.mktemp("versions"))
    first = staged(place, "march.csv", MARCH)
    intake.finish(first.folder, name="Shop *1*")
    name = place.commit(first).dataset
    second = staged(place, "april.csv", APRIL, name)
    intake.refresh(second.folder, place.version(name).folder, "replace")
    place.commit(second)
    for number in (1, 2):
        jobs.compute(place, Recipe(f"{name}@{number}", "overview"), "duckdb://")
    staged(place, "may.csv", APRIL.replace("2024-04", "2024-05"), name)
    return place


@pytest.fixture
def place(made, monkeypatch):
    monkeypatch.setenv("CRM_AI_WORKSPACE", str(made.folder))
    monkeypatch.setenv("CRM_AI_WORKERS", "0")
    settings.cache_clear()
    st.cache_resource.clear()
    yield made
    settings.cache_clear()
    st.cache_resource.clear()


@pytest.fixture
def app(place):
    """A page at an address."""

    def at(name, language="en", **address):
        test = AppTest.from_file(str(session.ROOT / "crm_ai" / "ui" / "main.py"), default_timeout=60)
        test.session_state["language"] = language
        test.run()
        test.switch_page(str(session.page(name)))
        for key, value in address.items():
            test.query_params[key] = value
        test.run()
        assert not test.exception
        return test

    return at


def only(place):
    return next(iter(place.datasets()))


def asked(page, name):
    """What the address says."""
    value = page.query_params[name]
    return value if isinstance(value, str) else value[0]


def texts(page):
    return [each.value for each in [*page.markdown, *page.caption]]


def test_the_data_page_says_what_changed_and_lists_the_versions(app, place):
    page = app("data", dataset=only(place))
    said = "\n".join(texts(page)).replace("\\", "")
    assert "Order lines: 60 before, 100 now." in said
    assert "Orders: 40 new, 10 changed, 0 gone." in said
    assert "The last day was 2024-03-28 and is now 2024-04-28." in said
    assert "**Version 2** · Rows added and replaced" in said
    assert "**Version 1** · Uploaded" in said


def test_the_same_in_chinese(app, place):
    said = "\n".join(texts(app("data", "zh", dataset=only(place)))).replace("\\", "")
    assert "订单：新增 40，变更 10，减少 0。" in said
    assert "**第 2 版** · 追加并替换了数据" in said


def test_an_older_version_opens_and_every_page_says_so(app, place):
    page = app("data", dataset=only(place))
    page.button(key="open-version-1").click().run()
    assert asked(page, "dataset") == f"{only(place)}@1"
    overview = app("overview", dataset=f"{only(place)}@1")
    assert overview.metric[0].value == "120.00"
    assert any(text.startswith("Version 1 of 2, uploaded") and text.endswith("60 rows") for text in texts(overview))
    overview.button(key="newest").click().run()
    assert asked(overview, "dataset") == only(place)
    assert overview.metric[0].value == "250.00"
    assert not [button for button in overview.button if button.key == "newest"]


def test_an_address_of_a_version_that_is_gone_shows_the_newest(app, place):
    assert app("overview", dataset=f"{only(place)}@9").metric[0].value == "250.00"


def test_an_unfinished_upload_can_be_gone_on_with(app, place):
    (draft,) = place.unfinished()
    page = app("data", dataset=only(place))
    assert any("More data for Shop" in text and "may" in text for text in texts(page))
    page.button(key=f"continue-{draft.id}").click().run()
    assert asked(page, "new") == draft.id
    assert any("added to Shop" in info.value for info in page.info)
    assert [radio.options for radio in page.radio] == [list(versions.MODES.values())]
    assert any("Order id" in text for text in texts(page))


def test_files_without_keys_can_only_be_added_or_stand_alone(app, place):
    draft = staged(place, "plain.csv", "when,what,stars\n2024-01-01,good tea,5\n2024-01-02,bad mug,1\n", only(place))
    page = app("data", new=draft.id)
    page.selectbox(key=f"kind-{draft.folder.name}-0-en").set_value("feedback").run()
    assert page.radio[0].options == [versions.MODES["append"], versions.MODES["everything"]]
    page.button(key="discard").click().run()
    assert draft.id not in [each.id for each in place.unfinished()]


def test_columns_that_are_looked_at_again_begin_as_they_are(app, place):
    page = app("data", dataset=f"{only(place)}@1")
    before = {draft.id for draft in place.unfinished()}
    page.button(key="remap").click().run()
    (draft,) = [draft for draft in place.unfinished() if draft.id not in before]
    assert (draft.base, draft.why) == (f"{only(place)}@1", "columns changed")
    assert not page.radio
    again = app("data", dataset=f"{only(place)}@1")
    again.button(key="remap").click().run()
    assert asked(again, "new") == draft.id, "what was begun is gone on with"
    place.discard(draft)


def test_a_report_says_on_which_version_it_stands(app, place):
    app("overview")
    head = versions.head(f"{only(place)}@1")
    assert (head["dataset"], head["version"], head["rows"]) == ("Shop *1*", "1 of 2", "60")
    recipe = Recipe(f"{only(place)}@1", "overview")
    key = recipe.key(place.version(recipe.dataset).fingerprint)
    section = export.Section("overview", place.load_result(key, "overview"), recipe.params, head)
    assert b"1 of 2" in export.report([section], "html", title="x")


def test_a_result_says_on_which_version_it_stands(place):
    version = place.version(f"{only(place)}@1")
    key = Recipe(version.dataset, "overview").key(version.fingerprint)
    data = json.loads((place.result_folder(key) / "result.json").read_text("utf-8"))["data"]
    assert (data["version"], data["rows"], data["fingerprint"]) == (1, 60, version.fingerprint)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("sales.csv", "sales.csv"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\\b\x00c.csv", "a_b_c.csv"),
        ("..", "file"),
        ("销售.csv", "销售.csv"),
    ],
)
def test_names_of_uploaded_files_lead_nowhere(name, kept):
    assert upload._safe(name) == kept
    assert len(upload._safe("数" * 300 + ".csv").encode()) <= upload.LONGEST
