"""One door: a message, its customer's facts -> a suggestion that says where it comes from.

    keywords -> intent, if it is sure enough -> template
             -> else a row of the FAQ, if it fits well enough
             -> else a person, with the likeliest answer as a draft

The text of a suggestion may always be sent: where a person takes over it only says so. A message never gets into it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_ai.i18n import Translator, percent
from crm_ai.replies import faq as table
from crm_ai.replies import keywords
from crm_ai.replies import templates as written
from crm_ai.replies.embedding import plain
from crm_ai.replies.faq import Faq, Hit
from crm_ai.replies.intents import Intents
from crm_ai.replies.keywords import Rule
from crm_ai.replies.templates import Template
from crm_ai.text.language import UNKNOWN
from crm_ai.text.language import language as language_of

HOLDING = {
    ("en", "friendly"): "Thank you for your message! A colleague will look at it and answer you soon.",
    ("en", "formal"): "Thank you for your message. A member of our staff will reply to you shortly.",
    ("zh", "friendly"): "谢谢您的留言！我们的同事会尽快看并回复您。",
    ("zh", "formal"): "感谢您的来信，我们的工作人员将尽快回复您。",
}
"""What a customer reads while a person takes over."""

EMPTY = "The message has no words."
FOREIGN = "The message is in a language without templates."
BY_RULE_PERSON = "The rule {rule} sends it to a person."
BY_RULE = "The rule {rule} says {intent}."
OUTSIDE = "The message is about nothing that the examples know."
UNSURE = "{intent} is likeliest, but at {confidence} it is not sure enough."
NO_TEMPLATE = "There is no template for {intent} in this language."
MISSING = "The template needs {fields}, which is not known of this customer."
UNDERSTOOD = "Understood as {intent} at {confidence}, closest to the example “{example}”."
FROM_FAQ = "Row {row} of the FAQ fits at {confidence}: “{question}”."
REASONS = (
    EMPTY, FOREIGN, BY_RULE_PERSON, BY_RULE, OUTSIDE, UNSURE, NO_TEMPLATE, MISSING, UNDERSTOOD, FROM_FAQ,
)  # fmt: skip


@dataclass(frozen=True)
class Why:
    """A sentence that is a key of the catalogue, and its values."""

    sentence: str
    values: Mapping[str, str]

    def text(self, t: Translator = str) -> str:
        return t(self.sentence).format(**self.values)


@dataclass(frozen=True)
class Suggestion:
    """An answer and where it comes from.

    Attributes:
        text: what may be sent as it is.
        intent: the likeliest intent, None where none was read.
        confidence: from 0 to 1; 1 where a rule decided.
        source: "template:order_status/en/friendly", "faq:12", or "holding" where a person takes over.
        hand_over: whether a person has to answer.
        why: what led to it.
        draft: what a person may start from, "" for nothing.
        draft_source: where the draft comes from.
        language: that of the text.
    """

    text: str
    intent: str | None
    confidence: float
    source: str
    hand_over: bool
    why: Why
    draft: str = ""
    draft_source: str = ""
    language: str = "en"


@dataclass(frozen=True)
class _Heard:
    """One message with all that is known before an answer is looked for."""

    message: object
    language: str
    tone: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class Desk:
    """Everything an answer may come from.

    Attributes:
        intents: None where nothing was learnt yet.
        least: confidence from which on a template goes out without a person, see ``confidence.threshold``.
        faq_least: the same for a row of the FAQ.
    """

    intents: Intents | None
    templates: Mapping[str, Template]
    faq: Faq | None = None
    rules: tuple[Rule, ...] = ()
    least: float = 0.8
    faq_least: float = table.LEAST

    def answer(
        self, message: object, facts: Mapping[str, object], language: str | None = None, tone: str = "friendly"
    ) -> Suggestion:
        """Answer a message, whatever is in it.

        Args:
            facts: of THIS customer, by the names that templates use.
            language: of the answer, by default that of the message.
            tone: one of ``templates.TONES``.
        """
        return self.answers([message], [facts], language, tone)[0]

    def answers(
        self,
        messages: Sequence[object],
        facts: Sequence[Mapping[str, object]],
        language: str | None = None,
        tone: str = "friendly",
    ) -> list[Suggestion]:
        """Answer many messages, each with the facts of its customer."""
        read = self.intents.read(messages) if self.intents and len(messages) else None
        found = []
        for place, (message, known) in enumerate(zip(messages, facts, strict=True)):
            heard = _Heard(message, language or language_of(message), tone, known)
            understood = _Understood.of(self.intents, read, place) if self.intents and read else None
            found.append(self._answer(heard, understood))
        return found

    def _answer(self, heard: _Heard, understood: "_Understood | None") -> Suggestion:
        if not plain(heard.message) or heard.language == UNKNOWN:
            return _person(heard, None, 0.0, Why(EMPTY, {}))
        if heard.language not in written.LANGUAGES:
            return _person(heard, _intent(understood), 0.0, Why(FOREIGN, {}))
        rule = keywords.first(self.rules, heard.message)
        if rule and rule.says == keywords.PERSON:
            return _person(heard, _intent(understood), 1.0, Why(BY_RULE_PERSON, {"rule": rule.name}))
        if rule:
            why = Why(BY_RULE, {"rule": rule.name, "intent": rule.says})
            return self._by_template(heard, rule.says, 1.0, why)
        return self._by_reading(heard, understood)

    def _by_reading(self, heard: _Heard, understood: "_Understood | None") -> Suggestion:
        if understood and understood.inside and understood.sure >= self.least:
            return self._by_template(heard, understood.intent, understood.sure, understood.why)
        hit = self._row(heard)
        if hit and hit.score >= self.faq_least:
            values = {"row": hit.row.row, "confidence": percent(hit.score, 0), "question": hit.row.question}
            why = Why(FROM_FAQ, values)
            return Suggestion(
                hit.row.answer, _intent(understood), hit.score, hit.source, False, why, language=heard.language
            )
        return self._unsure(heard, understood, hit)

    def _unsure(self, heard: _Heard, understood: "_Understood | None", hit: Hit | None) -> Suggestion:
        """A person, with a draft from the likeliest template, or from the FAQ where it is about something else."""
        if understood is None or not understood.inside:
            held = _person(heard, _intent(understood), understood.sure if understood else 0.0, Why(OUTSIDE, {}))
            return replace(held, draft=hit.row.answer, draft_source=hit.source) if hit else held
        likely = self._by_template(heard, understood.intent, understood.sure, understood.why)
        values = {"intent": understood.intent, "confidence": percent(understood.sure, 0)}
        held = _person(heard, understood.intent, understood.sure, Why(UNSURE, values))
        return held if likely.hand_over else replace(held, draft=likely.text, draft_source=likely.source)

    def _by_template(self, heard: _Heard, intent: str, sure: float, why: Why) -> Suggestion:
        template = written.choose(self.templates, intent, heard.language, heard.tone)
        if template is None:
            return _person(heard, intent, sure, Why(NO_TEMPLATE, {"intent": intent}))
        filled = written.fill(template.text, heard.facts)
        if filled.missing:
            return _person(heard, intent, sure, Why(MISSING, {"fields": ", ".join(filled.missing)}))
        return Suggestion(filled.text, intent, sure, f"template:{template.name}", False, why, language=heard.language)

    def _row(self, heard: _Heard) -> Hit | None:
        hits = self.faq.ask(heard.message, 1, heard.language) if self.faq else []
        return hits[0] if hits else None


@dataclass(frozen=True)
class _Understood:
    intent: str
    sure: float
    inside: bool
    why: Why

    @staticmethod
    def of(model: Intents, read: Any, place: int) -> "_Understood":
        intent, sure = model.names[read.intent[place]], float(read.sure[place])
        example = model.texts[read.nearest[place]]
        why = Why(UNDERSTOOD, {"intent": intent, "confidence": percent(sure, 0), "example": example})
        return _Understood(intent, sure, bool(read.inside[place]), why)


def holding(language: str, tone: str) -> str:
    """What a customer reads while a person takes over; English where the language has no sentence."""
    return HOLDING.get((language, tone)) or HOLDING.get((language, written.TONES[0])) or HOLDING["en", written.TONES[0]]


def _intent(understood: _Understood | None) -> str | None:
    return understood.intent if understood else None


def _person(heard: _Heard, intent: str | None, sure: float, why: Why) -> Suggestion:
    text = holding(heard.language, heard.tone)
    spoken = heard.language if heard.language in written.LANGUAGES else "en"
    return Suggestion(text, intent, sure, "holding", True, why, language=spoken)
