"""A shop's own examples, templates, questions and rules in English and Chinese: a start, and the demo."""

import csv
from functools import cache
from pathlib import Path

from crm_ai.replies import confidence, faq, keywords, learning, templates
from crm_ai.replies.answering import Desk
from crm_ai.replies.intents import Intents

TABLES = ("examples", "templates", "faq", "keywords")


def rows(table: str) -> list[dict[str, str]]:
    """The rows of one of ``TABLES``."""
    if table not in TABLES:
        raise ValueError(table)
    with (Path(__file__).parent / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def intents(reading: str | None = None) -> Intents:
    """The demo's model of intents, learnt in about ten seconds."""
    examples = rows("examples")
    return learning.learn([row["text"] for row in examples], [row["intent"] for row in examples], reading)


def desk(reading: str | None = None, wished: float = 0.95) -> Desk:
    """The demo's desk; answers go out without a person where they are right as often as wished."""
    model = intents(reading)
    bound = confidence.for_examples(model.tried, wished)
    least = 2.0 if bound.least is None else bound.least  # above every confidence: nothing goes out
    return Desk(
        model,
        templates.templates(rows("templates")),
        faq.faq(rows("faq"), reading),
        keywords.rules(rows("keywords")),
        least,
    )
