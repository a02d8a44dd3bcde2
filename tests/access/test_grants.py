"""Whose a thing is, and what others may do with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from crm_ai.access import LOCAL, NOBODY, Visitor, grants
from crm_ai.access.grants import LEVELS, Rights
from crm_ai.errors import BadParameter

ROLES = ("", "viewer", "analyst", "admin")
levels = st.sampled_from(["", "view", "edit"])
owners = st.sampled_from([None, "me@x.com", "other@x.com"])


def rights(role: str, owner: str | None, given: str) -> Rights:
    return Rights(Visitor("me@x.com", role), {"it": owner} if owner else {}, {"it": given} if given else {})


@given(owners, levels)
def test_a_higher_role_may_never_less(owner, level):
    found = [rights(role, owner, level).level("it") for role in ROLES]
    ranks = [("", *LEVELS).index(each) for each in found]
    assert ranks == sorted(ranks)


@given(st.sampled_from(ROLES), owners, levels)
def test_a_level_includes_the_lower_ones(role, owner, level):
    allowed = [rights(role, owner, level).may(each, "it") for each in LEVELS]
    assert allowed == sorted(allowed, reverse=True)


@given(owners, levels)
def test_who_only_looks_never_changes(owner, level):
    for role in ("", "viewer"):
        assert not rights(role, owner, level).may("edit", "it")


@pytest.mark.parametrize("kind", grants.KINDS)
def test_nobody_may_nothing(records, kind):
    with records.write() as connection:
        grants.own(connection, kind, "owned", "ann@x.com")
        grants.give(connection, kind, "owned", "*", "edit")
    assert not any(grants.may(records, NOBODY, "view", kind, thing) for thing in ("owned", "free", ""))


def test_a_grant_to_one_and_to_everybody_adds_up_and_can_be_taken_back(records):
    ann = Visitor("ann@x.com", "analyst")
    with records.write() as connection:
        for kind in ("dataset", "dashboard"):
            grants.own(connection, kind, "it", "boss@x.com")
        grants.give(connection, "dataset", "it", "*", "view")
        grants.give(connection, "dataset", "it", " ANN@x.com ", "edit")
    assert grants.given(records, "dataset", "it") == {"*": "view", "ann@x.com": "edit"}
    assert grants.may(records, ann, "edit", "dataset", "it")
    with records.write() as connection:
        grants.give(connection, "dataset", "it", "ann@x.com", "")
    assert not grants.may(records, ann, "edit", "dataset", "it")
    assert grants.may(records, ann, "view", "dataset", "it")
    assert not grants.may(records, ann, "view", "dashboard", "it")


@pytest.mark.parametrize(("who", "level"), [("ann", "view"), ("", "view"), ("ann@x.com", "own"), ("ann@x.com", "all")])
def test_a_grant_that_makes_no_sense_is_refused(records, who, level):
    with records.write() as connection, pytest.raises(BadParameter):
        grants.give(connection, "dataset", "it", who, level)


def test_two_hundred_things_cost_two_queries(records):
    with records.write() as connection:
        for n in range(200):
            grants.own(connection, "dataset", f"d{n}", "ann@x.com" if n % 2 else "al@x.com")
    asked = []
    event.listen(records.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    found = grants.rights(records, Visitor("ann@x.com", "analyst"), "dataset", [f"d{n}" for n in range(200)])
    assert sum(found.may("own", f"d{n}") for n in range(200)) == 100
    assert len([query for query in asked if query.startswith("SELECT")]) == 2


def test_the_local_user_may_everything(records):
    assert grants.may(records, LOCAL, "own", "dataset", "anything")
