"""Rules of words: whole words, both languages, any, all and none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.errors import BadFile
from crm_ai.replies.keywords import PERSON, Rule, first, rules

REFUND = Rule("refund", "refund_status", any=("money back", "refund"), none=("policy",))
HUMAN = Rule("human", PERSON, any=("人工", "真人"), none=("人工智能",))
BOTH = Rule("both", "cancel_order", all=("取消", "订单"))


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("I want my MONEY back!", REFUND),
        ("money, bring it back", None),
        ("refunds are slow", None),
        ("What is your refund policy?", None),
        ("转人工", HUMAN),
        ("你们用人工智能吗", None),
        ("我要取消这个订单", BOTH),
        ("我要取消這個訂單", BOTH),
        ("我的订单呢", None),
        ("", None),
        (None, None),
    ],
)
def test_the_first_rule_that_fits_counts(message, rule):
    assert first((REFUND, HUMAN, BOTH), message) == rule


def test_rules_are_read_from_rows():
    row = {"name": "a", "says": "refund_status", "any": "money back; refund", "all": "", "none": "policy|rules；terms"}
    assert rules([row]) == (Rule("a", "refund_status", ("money back", "refund"), (), ("policy", "rules", "terms")),)


@pytest.mark.parametrize("row", [{"name": "a", "says": "b", "none": "c"}, {"name": "", "says": "b", "any": "c"}, {}])
def test_a_rule_that_would_always_or_never_fit_is_refused(row):
    with pytest.raises(BadFile):
        rules([row])


@given(st.text(max_size=80))
def test_no_message_breaks_a_rule(message):
    assert first((REFUND, HUMAN, BOTH), message) in (REFUND, HUMAN, BOTH, None)
