"""One door: where an answer comes from, when a person takes over, and that no message makes it say anything else."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai import i18n
from crm_ai.replies import answering, demo, templates
from crm_ai.replies.answering import HOLDING, Desk, holding

FACTS = {
    "name": "Ann Lee",
    "order_number": "1001",
    "order_status": "packed",
    "delivery_date": "5 May",
    "refund_status": "under way",
    "payment_status": "settled",
    "points": 120,
    "segment": "Gold",
}
OTHERS = {"secret": "Maria Gomez", "order_number": "2002"}
INJECTIONS = [line for line in (Path(__file__).parent / "injections.txt").read_text("utf-8").splitlines() if line]


def allowed(desk: Desk, facts: dict[str, object]) -> set[str]:
    """Everything that may ever be said to a customer with these facts."""
    filled = {templates.fill(template.text, facts).text for template in desk.templates.values()}
    return filled | {row.answer for row in desk.faq.rows} | set(HOLDING.values())


def test_the_corpus_of_injections_is_large():
    assert len(set(INJECTIONS)) >= 60


@pytest.mark.parametrize("least", [0.0, 0.5, 2.0])
def test_no_injection_makes_it_say_anything_but_its_own_sentences(desk, least):
    eager = replace(desk, least=least, faq_least=least)
    own = allowed(desk, FACTS) | {""}
    for language in (None, "en", "zh"):
        for said in eager.answers(INJECTIONS, [FACTS] * len(INJECTIONS), language):
            assert {said.text, said.draft} <= own
            assert not any(secret in said.text + said.draft for secret in OTHERS.values())


def test_a_customers_own_facts_are_never_run_either(desk):
    eager = replace(desk, least=0.0)
    for value in INJECTIONS:
        said = eager.answer("Where is my order?", FACTS | {"order_status": value, "secret": "Maria Gomez"}, "en")
        assert "Maria Gomez" not in said.text or "Maria Gomez" in value
        assert "49" not in said.text


@given(message=st.text(max_size=120))
@settings(max_examples=40)
def test_no_message_fails_or_gets_into_an_answer(desk, message):
    said = replace(desk, least=0.0, faq_least=0.0).answer(message, FACTS)
    assert said.text in allowed(desk, FACTS)
    assert 0 <= said.confidence <= 1
    assert said.why.text()


def test_an_answer_names_its_template(desk):
    said = desk.answer("Where is my order?", FACTS, tone="formal")
    assert (said.source, said.hand_over, said.intent) == ("template:order_status/en/formal", False, "order_status")
    assert said.text == "Dear Ann Lee, the status of your order 1001 is: packed. The expected delivery date is 5 May."
    assert "Where is my order?" in said.why.text()


def test_language_follows_the_message(desk):
    said = desk.answer("我的订单到哪里了？", FACTS)
    assert said.source == "template:order_status/zh/friendly"
    assert said.text.startswith("Ann Lee您好呀")


def test_an_answer_from_the_faq_names_its_row(desk):
    said = desk.answer("How do I reset my password?", FACTS)
    assert (said.source, said.hand_over) == ("faq:3", False)
    assert said.text == desk.answer("how do i reset my password", {}).text


def test_a_fact_that_is_not_known_leaves_it_to_a_person(desk):
    said = desk.answer("Where is my order?", {"name": "Ann"})
    assert (said.hand_over, said.source, said.intent) == (True, "holding", "order_status")
    assert said.text == HOLDING["en", "friendly"]
    assert "order_number" in said.why.text()


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("", answering.EMPTY),
        (None, answering.EMPTY),
        ("<b></b>", answering.EMPTY),
        ("88213 ??? 🤖", answering.EMPTY),
        ("Ich hätte gern gewusst, wo meine Bestellung bleibt, vielen Dank", answering.FOREIGN),
        ("get me a human right now", answering.BY_RULE_PERSON),
        ("转人工", answering.BY_RULE_PERSON),
        ("Connect me with an agent", answering.NO_TEMPLATE),
        ("purple monkeys sing in the rain over Peru", answering.OUTSIDE),
    ],
)
def test_a_person_takes_over_and_it_is_said_why(desk, message, why):
    said = desk.answer(message, FACTS)
    assert (said.hand_over, said.source, said.why.sentence) == (True, "holding", why)
    assert said.text in HOLDING.values()


def test_below_the_bound_the_likeliest_answer_is_a_draft(desk):
    said = replace(desk, least=2.0).answer("Where is my order?", FACTS)
    assert (said.hand_over, said.why.sentence) == (True, answering.UNSURE)
    assert said.draft_source == "template:order_status/en/friendly"
    assert "1001" in said.draft


def test_a_rule_goes_before_the_model(desk):
    said = desk.answer("I need a tax invoice, where is my order?", FACTS)
    assert said.source == "template:invoice/en/friendly"
    assert (said.confidence, said.why.sentence) == (1.0, answering.BY_RULE)


def test_many_at_once_are_answered_as_one_by_one(desk):
    messages = ["Where is my order?", "", "发票怎么开", "转人工", "how do i reset my password", "你们招人吗"]
    together = desk.answers(messages, [FACTS] * len(messages))
    alone = [desk.answer(message, FACTS) for message in messages]
    for a, b in zip(together, alone, strict=True):
        assert (a.text, a.source, a.intent, a.hand_over) == (b.text, b.source, b.intent, b.hand_over)
        assert a.confidence == pytest.approx(b.confidence, abs=1e-4)


def test_without_a_model_and_a_faq_a_person_answers():
    said = Desk(None, {}).answer("Where is my order?", FACTS)
    assert said.hand_over
    assert Desk(None, {}).answers([], []) == []


def test_every_reason_has_its_chinese_with_the_same_places():
    known = i18n.catalogue("zh")
    for reason in answering.REASONS:
        values = {place: f"<{place}>" for place in re.findall(r"\{(\w+)\}", reason)}
        said = answering.Why(reason, values).text(lambda text: known[text])
        assert all(value in said for value in values.values())


def test_a_foreign_customer_reads_english_meanwhile():
    assert holding("de", "formal") == HOLDING["en", "friendly"]
    assert holding("zh", "loud") == HOLDING["zh", "friendly"]


def test_the_demo_refuses_a_table_that_is_none():
    with pytest.raises(ValueError, match="passwords"):
        demo.rows("passwords")
