"""Who sees what on the pages: roles, rights and forged addresses. No browser, no server."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm_ai import analyses, jobs
from crm_ai.access import LOCAL, NOBODY, Desk, Visitor, accounts, grants
from crm_ai.data import intake, samples
from crm_ai.errors import NotAllowed, UnknownName
from crm_ai.recipes import Recipe
from crm_ai.settings import settings
from crm_ai.store import Workspace
from crm_ai.ui import session, visitors

ANN, AL, VERA = (
    Visitor(f"{name}@x.com", role) for name, role in (("ann", "analyst"), ("al", "analyst"), ("vera", "viewer"))
)
BOSS = Visitor("boss@x.com", "admin")
PASSWORD = "green tea 42 pots"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A workspace with one small dataset and its overview, and files that wait to be finished."""
    folder = tmp_path_factory.mktemp("people")
    place = Workspace(folder / "workspace")
    samples.demo(seed=3, customers=60)["transactions"].to_csv(folder / "orders.csv", index=False)
    draft = place.new_draft()
    intake.ingest([folder / "orders.csv"], draft.folder, name="Secret shop")
    version = place.commit(draft)
    jobs.compute(place, Recipe(version.dataset, "overview"), "duckdb://")
    waiting = place.new_draft()
    intake.stage([folder / "orders.csv"], waiting.folder)
    return place, version.dataset, waiting.id


@pytest.fixture
def app(monkeypatch, shop, tmp_path):
    """Opens a page for somebody: both the dataset and the waiting files are Ann's."""
    place, name, draft = shop
    monkeypatch.setenv("CRM_AI_WORKSPACE", str(place.folder))
    monkeypatch.setenv("CRM_AI_RECORDS", f"sqlite:///{tmp_path / 'records.db'}")
    monkeypatch.setenv("CRM_AI_WORKERS", "0")
    settings.cache_clear()
    st.cache_resource.clear()
    with session.records().write() as connection:
        grants.own(connection, "dataset", name, ANN.email)
        grants.own(connection, "draft", draft, ANN.email)
    yield lambda who, page, **address: _opened(monkeypatch, who, page, address)
    settings.cache_clear()
    st.cache_resource.clear()


def _opened(monkeypatch, who: Visitor, page: str, address: dict[str, str]) -> AppTest:
    monkeypatch.setattr(visitors, "visitor", lambda: who)
    test = AppTest.from_file(str(session.ROOT / "crm_ai" / "ui" / "main.py"), default_timeout=60)
    test.session_state["language"] = "en"
    test.run()
    test.switch_page(str(session.page(page)))
    for key, value in address.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def give(shop, who: Visitor, level: str) -> None:
    with session.records().write() as connection:
        grants.give(connection, "dataset", shop[1], who.email, level)


def texts(page: AppTest) -> str:
    """Everything that is written on a page."""
    kinds = (
        page.markdown,
        page.caption,
        page.info,
        page.error,
        page.warning,
        page.subheader,
        page.title,
        page.selectbox,
    )
    return " ".join(str(each.value) for kind in kinds for each in kind)


def buttons(page: AppTest) -> set[str]:
    return {str(button.key).partition("-")[0] for button in page.button}


PAGES = ["data", "people", "dashboards", *analyses.ALL]


@pytest.mark.parametrize("name", PAGES)
def test_nobody_sees_nothing_whatever_the_address_says(app, shop, name):
    page = app(NOBODY, name, dataset=shop[1], new=shop[2])
    assert [title.value for title in page.title] == ["crm_ai"]
    assert not page.metric
    assert not page.get("file_uploader")
    assert not page.get("plotly_chart")
    assert "Secret shop" not in texts(page)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", [VERA, AL])
def test_without_a_right_a_dataset_is_as_if_it_were_not_there(app, shop, name, who):
    page = app(who, name, dataset=shop[1], new=shop[2])
    assert "Secret shop" not in texts(page)
    assert not page.metric
    assert not page.get("plotly_chart")
    assert "accept" not in buttons(page)


def test_a_dataset_in_a_forged_session_is_not_shown_either(app, shop):
    page = app(AL, "overview")
    page.session_state["dataset"] = shop[1]
    page.session_state["params:overview"] = {}
    page.run()
    assert not page.metric
    assert "Secret shop" not in texts(page)


def test_a_viewer_sees_results_of_what_is_shared_with_him_and_no_data_page(app, shop):
    give(shop, VERA, "edit")
    page = app(VERA, "overview", dataset=shop[1])
    assert page.metric
    refused = app(VERA, "data", dataset=shop[1], new=shop[2])
    assert "for the role analyst" in refused.error[0].value
    assert not refused.get("file_uploader")
    assert buttons(refused) == set()


@pytest.mark.parametrize(
    ("level", "there", "missing"),
    [("view", set(), {"apply", "remap", "rename", "delete"}), ("edit", {"apply", "remap"}, {"delete"})],
)
def test_an_analyst_finds_only_the_buttons_he_may_press(app, shop, level, there, missing):
    give(shop, AL, level)
    page = app(AL, "data", dataset=shop[1], new=shop[2])
    assert "Secret shop" in texts(page)
    assert there <= buttons(page)
    assert not missing & buttons(page)
    assert len(page.get("file_uploader")) == (2 if level == "edit" else 1)  # for more files of this dataset
    assert "It belongs to ann@x.com" in texts(page).replace("\\", "")


def test_a_button_that_was_there_before_the_right_was_taken_back_does_nothing(app, shop):
    give(shop, AL, "edit")
    page = app(AL, "data", dataset=shop[1])
    give(shop, AL, "")
    page.button(key="remap").click().run()
    assert "Secret shop" not in texts(page)
    assert len(session.workspace().unfinished()) == 1  # the files that wait


def test_files_that_wait_are_gone_on_with_by_their_owner_only(app, shop):
    assert "accept" in buttons(app(ANN, "data", new=shop[2]))
    for who in (AL, VERA, NOBODY):
        assert "accept" not in buttons(app(who, "data", new=shop[2]))


def test_the_owner_shares_a_dataset_on_the_data_page(app, shop):
    page = app(ANN, "data", dataset=shop[1])
    page.text_input(key=f"give-who-{shop[1]}").set_value("vera@x.com")
    next(button for button in page.button if button.label == "Share it").click().run()
    assert grants.given(session.records(), "dataset", shop[1]) == {"vera@x.com": "view"}
    assert app(VERA, "overview", dataset=shop[1]).metric
    page = app(ANN, "data", dataset=shop[1])
    page.button(key=f"take-back-{shop[1]}-vera@x.com").click().run()
    assert grants.given(session.records(), "dataset", shop[1]) == {}


def test_an_address_that_is_none_is_said(app, shop):
    page = app(ANN, "data", dataset=shop[1])
    page.text_input(key=f"give-who-{shop[1]}").set_value("vera")
    next(button for button in page.button if button.label == "Share it").click().run()
    assert "not an e-mail address" in page.error[0].value


# ---- the people page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [VERA, ANN])
def test_only_admins_see_the_people_page(app, who):
    page = app(who, "people")
    assert "for the role admin" in page.error[0].value
    assert not page.tabs


def test_the_first_account_is_made_on_the_people_page_and_gets_what_was_there(app, shop):
    with session.records().write() as connection:
        grants.own(connection, "dataset", shop[1], LOCAL.email)
    page = app(LOCAL, "people")
    page.text_input(key="new-email").set_value("boss@x.com")
    next(button for button in page.button if button.label == "Add").click().run()
    assert [(each.email, each.role) for each in accounts.every(session.records())] == [("boss@x.com", "admin")]
    password = page.code[0].value
    assert accounts.passwords.matches(accounts.kept_password(session.records(), "boss@x.com"), password)
    assert Desk(session.workspace(), session.records(), BOSS).owner("dataset", shop[1]) == "boss@x.com"
    page.run()
    assert not page.code  # shown once


def test_an_admin_changes_roles_resets_passwords_and_switches_accounts_off(app):
    accounts.add(session.records(), "boss@x.com", "admin", PASSWORD, "*Bo*")
    accounts.add(session.records(), "vera@x.com", "viewer", PASSWORD)
    page = app(BOSS, "people")
    page.selectbox(key="role-vera@x.com-viewer-en").set_value("analyst").run()
    page.button(key="switch-vera@x.com").click().run()
    assert [(each.role, each.active) for each in accounts.every(session.records())][1] == ("analyst", False)
    page.selectbox(key="role-boss@x.com-admin-en").set_value("viewer").run()
    assert "only admin" in page.error[0].value
    page.button(key="reset-vera@x.com").click().run()
    assert page.code[0].value.count("-") == 3
    trail = page.dataframe[-1].value
    assert list(trail["What happened"])[:2] == ["password changed", "account disabled"]


def test_in_chinese_the_people_page_says_it_in_chinese(app):
    accounts.add(session.records(), "boss@x.com", "admin", PASSWORD)
    page = app(BOSS, "people")
    page.session_state["language"] = "zh"
    page.run()
    assert page.title[0].value == "人员"
    assert page.dataframe[-1].value["操作"][0] == "添加账户"


# ---- who is it? ------------------------------------------------------------------------------------------------------


def test_a_part_of_a_page_is_drawn_only_while_its_visitor_may(app, shop, monkeypatch):
    monkeypatch.setattr(visitors, "visitor", lambda: ANN)
    ask = session.watching("view", "dataset", shop[1])
    ask()
    with session.records().write() as connection:
        grants.hand_over(connection, "dataset", shop[1], AL.email)
    with pytest.raises(UnknownName):
        ask()


def test_a_download_is_made_only_while_its_visitor_is_signed_in(app, monkeypatch, tmp_path):
    from crm_ai.access import sessions

    accounts.add(session.records(), "boss@x.com", "admin", PASSWORD)
    token = sessions.begin(session.records(), "boss@x.com")
    monkeypatch.setattr(visitors, "_held", lambda: token)
    later = visitors.still(lambda: b"numbers")
    assert later() == b"numbers"
    sessions.revoke_all(session.records(), "boss@x.com")
    with pytest.raises(NotAllowed):
        later()


ROLES = {"ann@x.com": "analyst", "king@x.com": "king"}


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"email": "Ann@X.com", "name": "Ann"}, Visitor("ann@x.com", "analyst", "Ann")),
        ({"email": "vera@x.com"}, Visitor("vera@x.com", "viewer")),
        ({"email": "king@x.com"}, Visitor("king@x.com", "")),
        ({"email": "ann@x.com", "email_verified": True}, Visitor("ann@x.com", "analyst")),
        ({"email": "ann@x.com", "email_verified": False}, NOBODY),
        ({"email": "ann@x.com", "email_verified": "false"}, NOBODY),
        ({"email": "local"}, NOBODY),
        ({"email": "link:1"}, NOBODY),
        ({"sub": "1"}, NOBODY),
        ({"email": "ann@x.com", "is_logged_in": False}, NOBODY),
    ],
)
def test_a_provider_says_who_it_is_and_the_secrets_say_which_role(app, monkeypatch, user, expected):
    class User(dict):
        is_logged_in = user.get("is_logged_in", True)

    monkeypatch.setattr(visitors.st, "user", User(user))
    monkeypatch.setattr(visitors, "secret", {"auth": {"client_id": "x"}, "roles": ROLES}.__getitem__)
    assert visitors._from_provider() == expected
