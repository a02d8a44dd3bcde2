"""Boards that are ready made: for a dataset, only the tiles that its columns can carry."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_ai import analyses, i18n
from crm_ai.dashboards.boards import Tile
from crm_ai.data.dataset import Shaped
from crm_ai.i18n import Translator
from crm_ai.recipes import Recipe

CUSTOMERS = {"transactions": ("customer_id",)}
RFM = {"method": "rfm"}


@dataclass(frozen=True)
class Slot:
    """A tile that a template would like to have; ``needs`` are columns beside those of its analysis."""

    kind: str
    analysis: str
    part: str = ""
    width: int = 6
    params: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    """What it is called, what it answers, and its slots."""

    title: str
    text: str
    icon: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Made:
    """The tiles for one dataset, and sentences about those that its columns cannot carry."""

    tiles: tuple[Tile, ...]
    left_out: tuple[str, ...]


TEMPLATES = {
    "sales": Template(
        "Sales overview",
        "How much is sold, of what, where, and what comes next.",
        ":material/monitoring:",
        (
            Slot("cards", "overview", width=12),
            Slot("chart", "overview", "revenue", 8),
            Slot("findings", "overview", width=4),
            Slot("chart", "forecast", "forecast", 8),
            Slot("findings", "forecast", width=4),
            Slot("chart", "overview", "top_products", needs={"transactions": ("product_id",)}),
            Slot("chart", "overview", "changes", needs={"transactions": ("product_id",)}),
            Slot("chart", "overview", "country", needs={"transactions": ("country",)}),
            Slot("chart", "overview", "rhythm"),
        ),
    ),
    "health": Template(
        "Customer health",
        "Who the customers are, who comes back, and who is about to leave.",
        ":material/favorite:",
        (
            Slot("cards", "segments", "n_customers,top_fifth_share,at_risk_share", 12, RFM),
            Slot("chart", "segments", "sizes", 8, RFM),
            Slot("findings", "segments", width=4, params=RFM),
            Slot("chart", "overview", "new_and_returning", needs=CUSTOMERS),
            Slot("chart", "segments", "concentration", params=RFM, needs=CUSTOMERS),
            Slot("chart", "segments", "rfm", params=RFM, needs=CUSTOMERS),
            Slot("chart", "purchases", "scores"),
            Slot("table", "segments", "segments", 12, RFM),
        ),
    ),
    "campaign": Template(
        "Campaign",
        "Whom to write to, what to offer, and how many would be reached.",
        ":material/campaign:",
        (
            Slot("cards", "purchases", "expected_events,lift_top_decile,roc_auc", 12),
            Slot("chart", "purchases", "gains"),
            Slot("chart", "purchases", "lift"),
            Slot("findings", "purchases", width=4),
            Slot("chart", "purchases", "drivers", 8),
            Slot("chart", "baskets", "strongest", 8),
            Slot("findings", "baskets", width=4),
            Slot("table", "purchases", "scores", 12),
        ),
    ),
    "voice": Template(
        "Voice of the customer",
        "What customers praise, what they complain about, and where it is going.",
        ":material/forum:",
        (
            Slot("cards", "feedback", "n_texts,share_positive,share_negative,accuracy", 12),
            Slot("chart", "feedback", "trend", 8, needs={"feedback": ("created_at",)}),
            Slot("findings", "feedback", width=4),
            Slot("chart", "feedback", "aspects"),
            Slot("chart", "feedback", "topics"),
            Slot("chart", "feedback", "cloud"),
            Slot("table", "feedback", "topics"),
        ),
    ),
}
"""In the order in which they are offered."""


def made(name: str, dataset: str, data: Shaped, t: Translator = str) -> Made:
    """What a template becomes for a dataset.

    Args:
        name: a key of TEMPLATES.
        dataset: its id; the tiles follow its newest version.
        data: tells its columns.
    """
    tiles, left_out = [], []
    for slot in TEMPLATES[name].slots:
        lack = _lack(slot, data)
        if lack:
            left_out.append(_sentence(slot, lack, t))
        else:
            recipe = Recipe(dataset, slot.analysis, dict(slot.params))
            tiles.append(Tile(secrets.token_hex(4), slot.kind, recipe, slot.part, width=slot.width))
    return Made(tuple(tiles), tuple(dict.fromkeys(left_out)))


def _lack(slot: Slot, data: Shaped) -> list[str]:
    """Columns that are missing."""
    needs = analyses.load(slot.analysis).NEEDS
    first = needs[:1] if slot.params == RFM else needs
    found = analyses.lacks(first, data) or analyses.lacks((slot.needs,), data)
    return [column for lack in found for column in lack.columns]


def _sentence(slot: Slot, columns: list[str], t: Translator) -> str:
    needed = ", ".join(i18n.heading(column, t) for column in columns)
    return t("{title} needs more columns: {columns}.").format(
        title=t(analyses.load(slot.analysis).TITLE), columns=needed
    )
