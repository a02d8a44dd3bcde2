"""The demo's examples, phrases in another style, and small models that many tests share."""

import csv
from pathlib import Path

import pytest

from crm_ai.replies import demo
from crm_ai.replies.answering import Desk
from crm_ai.replies.intents import Intents
from crm_ai.replies.learning import learn


@pytest.fixture(scope="session")
def phrases() -> list[dict[str, str]]:
    """Messages of the demo's intents in a style of their own; those without intent are about something else."""
    with (Path(__file__).parent / "phrases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def few() -> tuple[list[str], list[str]]:
    """Five examples in both languages of each of five intents."""
    names = ("order_status", "cancel_order", "invoice", "loyalty_points", "return_item")
    rows = [row for row in demo.rows("examples") if row["intent"] in names]
    groups = [(name, language) for name in names for language in ("en", "zh")]
    flat = [row for group in groups for row in [r for r in rows if (r["intent"], r["language"]) == group][:5]]
    return [row["text"] for row in flat], [row["intent"] for row in flat]


@pytest.fixture(scope="session")
def words_only(few: tuple[list[str], list[str]]) -> Intents:
    """A model by words alone, quick to learn."""
    return learn(*few, reading="words")


@pytest.fixture(scope="session")
def by_meaning(few: tuple[list[str], list[str]]) -> Intents:
    """A model by words and meaning."""
    return learn(*few, reading="meaning")


@pytest.fixture(scope="session")
def desk() -> Desk:
    """The demo's desk with the encoder that is always there."""
    return demo.desk("meaning")
