"""Accounts, passwords, sessions and wrong passwords."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm_ai.access import LOCAL, Visitor, accounts, grants, passwords, sessions, tries
from crm_ai.access import people as door
from crm_ai.access.people import People, sign_in
from crm_ai.errors import BadParameter, NotAllowed, UnknownName
from crm_ai.records import audit, tables
from tests.access.conftest import PASSWORD

BOSS = Visitor("boss@example.com", "admin", "Bo")


@pytest.fixture
def people(records):
    accounts.add(records, BOSS.email, "admin", PASSWORD, BOSS.name)
    accounts.add(records, "ann@example.com", "analyst", PASSWORD)
    return People(records, BOSS)


# ---- accounts --------------------------------------------------------------------------------------------------------


def test_from_the_first_account_on_there_is_a_sign_in_also_when_it_is_switched_off(people):
    assert accounts.exist(people.records)
    people.set_active("ann@example.com", False)
    assert [each.active for each in accounts.every(people.records)] == [False, True]
    assert accounts.exist(people.records)


def test_the_first_account_is_an_admins_and_gets_what_was_there_before(records):
    with records.write() as connection:
        grants.own(connection, "dataset", "old", LOCAL.email)
    with pytest.raises(BadParameter, match="admin"):
        accounts.add(records, "ann@example.com", "analyst", PASSWORD)
    assert not accounts.exist(records)
    accounts.add(records, BOSS.email, "admin", PASSWORD)
    assert grants.owner(records, "dataset", "old") == BOSS.email


def test_e_mails_are_the_same_in_any_case(people):
    with pytest.raises(BadParameter, match="already"):
        people.add(" ANN@Example.com ", "viewer")
    assert sign_in(people.records, " Ann@EXAMPLE.com", PASSWORD)


@pytest.mark.parametrize(
    "email", ["", "ann", "ann@", "@x.com", "a b@x.com", "link:1@x.com", "*", "a@b@c.com", "x" * 250 + "@x.com"]
)
def test_what_is_no_e_mail_is_refused(people, email):
    with pytest.raises(BadParameter):
        people.add(email, "viewer")


@pytest.mark.parametrize("act", [lambda p: p.set_role(BOSS.email, "viewer"), lambda p: p.set_active(BOSS.email, False)])
def test_the_last_admin_stays_one(people, act):
    with pytest.raises(BadParameter, match="only admin"):
        act(people)
    people.set_role("ann@example.com", "admin")
    act(people)


def test_unknown_accounts_and_roles_are_said(people):
    with pytest.raises(UnknownName):
        people.set_role("nobody@example.com", "viewer")
    with pytest.raises(BadParameter):
        people.set_role("ann@example.com", "king")


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaa", "password123", "ann@example.com", "x" * 2000, "andrea2024"]
)
def test_a_password_that_is_easy_to_guess_is_refused(password):
    with pytest.raises(BadParameter):
        passwords.checked(password, "andrea@example.com" if "andrea" in password else "ann@example.com")


@given(st.text(min_size=10, max_size=60))
def test_a_password_opens_with_itself_and_nothing_else(text):
    kept = passwords.hashed(text)
    assert text not in kept
    assert passwords.matches(kept, text)
    assert not passwords.matches(kept, text + "x")
    assert not passwords.matches(None, text)


def test_invented_passwords_are_good_ones():
    found = {passwords.invented() for _ in range(200)}
    assert len(found) == 200
    assert all(passwords.checked(each) and re.fullmatch(r"\w{4}(-\w{4}){3}", each) for each in found)


# ---- signing in ------------------------------------------------------------------------------------------------------


def test_who_signs_in_is_known_by_his_token_with_the_role_he_has_now(people):
    token = sign_in(people.records, "ann@example.com", PASSWORD, "Firefox", "10.0.0.9")
    assert sessions.found(people.records, token) == Visitor("ann@example.com", "analyst")
    people.set_role("ann@example.com", "viewer")
    assert sessions.found(people.records, token).role == "viewer"
    assert len(token) >= 43
    assert sessions.found(people.records, token + "x") is None
    assert sessions.found(people.records, "") is None


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com", "", "x" * 4000])
def test_a_wrong_password_and_an_unknown_account_are_answered_alike(people, email, monkeypatch):
    asked = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda *given: asked.append(1) or real(*given))
    with pytest.raises(NotAllowed) as refused:
        sign_in(people.records, email, "wrong password")
    assert refused.value.sentence == "E-mail or password is wrong."
    assert asked == [1]  # the same work


def test_an_account_that_is_switched_off_is_out_at_once_and_cannot_come_back(people):
    token = sign_in(people.records, "ann@example.com", PASSWORD)
    people.set_active("ann@example.com", False)
    assert sessions.found(people.records, token) is None
    with pytest.raises(NotAllowed):
        sign_in(people.records, "ann@example.com", PASSWORD)
    people.set_active("ann@example.com", True)
    assert sessions.found(people.records, token) is None
    assert sign_in(people.records, "ann@example.com", PASSWORD)


def test_guessing_stops_after_a_few_tries_also_with_the_right_password(people):
    for _ in range(door.BOTH):
        with pytest.raises(NotAllowed, match="wrong"):
            sign_in(people.records, "ann@example.com", "wrong", address="10.0.0.9")
    with pytest.raises(NotAllowed, match="Too many"):
        sign_in(people.records, "ann@example.com", PASSWORD, address="10.0.0.9")
    assert sign_in(people.records, "ann@example.com", PASSWORD, address="10.0.0.10")  # she herself elsewhere


def test_one_address_cannot_try_all_accounts(people):
    for n in range(door.A_CLIENT):
        with pytest.raises(NotAllowed, match="wrong"):
            sign_in(people.records, f"n{n}@example.com", "wrong", address="10.0.0.9")
    with pytest.raises(NotAllowed, match="Too many"):
        sign_in(people.records, "ann@example.com", PASSWORD, address="10.0.0.9")


def test_many_addresses_cannot_try_one_account(people, monkeypatch):
    monkeypatch.setattr(door, "AN_ACCOUNT", 5)
    for n in range(5):
        with pytest.raises(NotAllowed, match="wrong"):
            sign_in(people.records, "ann@example.com", "wrong", address=f"10.0.0.{n}")
    with pytest.raises(NotAllowed, match="Too many"):
        sign_in(people.records, "ann@example.com", "wrong", address="10.0.0.99")


def test_tries_are_forgotten_after_a_while_and_by_who_knows_the_password(records, monkeypatch):
    for _ in range(3):
        tries.take(records, {"a": 3})
    with pytest.raises(NotAllowed):
        tries.take(records, {"a": 3})
    later = tries.now() + tries.WINDOW + timedelta(seconds=1)
    monkeypatch.setattr(tries, "now", lambda: later)
    tries.take(records, {"a": 1})
    with pytest.raises(NotAllowed):
        tries.take(records, {"a": 1})
    tries.forgive(records, "a")
    tries.take(records, {"a": 1})


def test_what_is_counted_does_not_tell_whom():
    assert "ann" not in tries.key("account", "ann@example.com")
    assert tries.key("both", "a", "bc") != tries.key("both", "ab", "c")


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_lasts_while_it_is_used_but_not_for_ever(people, monkeypatch):
    token, begun = sessions.begin(people.records, BOSS.email), sessions.now()
    for hours in range(48, 30 * 24, 48):
        monkeypatch.setattr(sessions, "now", lambda hours=hours: begun + timedelta(hours=hours))
        assert sessions.found(people.records, token) == BOSS
    monkeypatch.setattr(sessions, "now", lambda: begun + sessions.LONGEST + timedelta(hours=1))
    assert sessions.found(people.records, token) is None


def test_a_session_that_nobody_uses_ends(people, monkeypatch):
    token, late = sessions.begin(people.records, BOSS.email), sessions.now() + sessions.IDLE
    monkeypatch.setattr(sessions, "now", lambda: late)
    assert sessions.found(people.records, token) is None
    assert sessions.lasting(people.records) == []


def test_looking_at_a_page_does_not_write_each_time(people, monkeypatch):
    token = sessions.begin(people.records, BOSS.email)
    monkeypatch.setattr(type(people.records), "write", None)
    assert sessions.found(people.records, token) == BOSS


def test_signing_out_ends_this_session_only(people):
    here, there = (sessions.begin(people.records, BOSS.email) for _ in range(2))
    sessions.end(people.records, here)
    assert sessions.found(people.records, here) is None
    assert sessions.found(people.records, there) == BOSS


def test_one_can_end_ones_own_sessions_and_no_others(people):
    mine, hers = sessions.begin(people.records, BOSS.email), sessions.begin(people.records, "ann@example.com", "Edge")
    with pytest.raises(UnknownName):
        people.end_own_session(sessions.mark(hers))
    people.end_own_session(sessions.mark(mine))
    assert sessions.found(people.records, mine) is None
    assert [each.client for each in people.sessions()] == ["Edge"]
    people.end_session("ann@example.com", sessions.mark(hers))
    assert sessions.found(people.records, hers) is None


def test_another_password_signs_all_other_browsers_out(people):
    ann = People(people.records, Visitor("ann@example.com", "analyst"))
    here, there = (sessions.begin(people.records, "ann@example.com") for _ in range(2))
    with pytest.raises(NotAllowed):
        ann.change_own_password("wrong", "another tea 43 cups", here)
    with pytest.raises(BadParameter):
        ann.change_own_password(PASSWORD, PASSWORD, here)
    ann.change_own_password(PASSWORD, "another tea 43 cups", here)
    assert sessions.found(people.records, here)
    assert sessions.found(people.records, there) is None
    assert sign_in(people.records, "ann@example.com", "another tea 43 cups")


def test_the_present_password_cannot_be_guessed_in_a_stolen_session(people):
    ann = People(people.records, Visitor("ann@example.com", "analyst"))
    for _ in range(door.BOTH):
        with pytest.raises(NotAllowed, match="present password"):
            ann.change_own_password("wrong", "another tea 43 cups", "")
    with pytest.raises(NotAllowed, match="Too many"):
        ann.change_own_password(PASSWORD, "another tea 43 cups", "")


def test_an_admin_gives_a_new_password_to_who_lost_his(people):
    token = sessions.begin(people.records, "ann@example.com")
    password = people.reset("ann@example.com")
    assert sessions.found(people.records, token) is None
    assert sign_in(people.records, "ann@example.com", password)


# ---- what is written down --------------------------------------------------------------------------------------------


def test_the_trail_says_who_did_what_and_the_records_hold_no_secret(people, tmp_path):
    token = sign_in(people.records, "ann@example.com", PASSWORD)
    with pytest.raises(NotAllowed):
        sign_in(people.records, "ann@example.com", "wrong secret of ann")
    with pytest.raises(NotAllowed):
        sign_in(people.records, "the password typed into the wrong field", "x")
    made, again = people.add("new@example.com", "viewer"), people.reset("ann@example.com")
    acts = [(act.who, act.action) for act in people.acts()]
    assert ("ann@example.com", "wrong password") in acts
    assert (BOSS.email, "account added") in acts
    people.records.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"ann@example.com" in kept
    for secret in (PASSWORD, "wrong secret", token, made, again, "wrong field"):
        assert secret.encode() not in kept


def test_every_act_of_the_trail_has_a_name_of_at_most_sixty_letters(people):
    with people.records.read() as connection:
        assert all(len(row.action) <= 60 for row in connection.execute(select(tables.audit)))
    assert audit.acts(people.records)
