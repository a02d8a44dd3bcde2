"""What each table of each analysis holds. A new table has to be named here before it can be shared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_ai.dashboards.hiding import settling
from crm_ai.dashboards.hiding.kinds import Groups, Kind, People
from crm_ai.i18n import Translator

NOBODY = Kind()
CUSTOMER, ORDER, TEXT = "Customer {n}", "Order {n}", "Text {n}"


@dataclass(frozen=True)
class Rules:
    """How results of one analysis are made safe.

    Attributes:
        tables: what they hold.
        counts: numbers of the result that must not be too small, or nothing is shown.
        needed: tables of which something must be left, or nothing is shown.
        settle: makes the rest of the result agree with its tables.
        lists: instead of ``tables`` and ``counts`` where the result lists orders or customers, by their unit.
    """

    tables: Mapping[str, Kind]
    counts: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    settle: settling.Settle = settling.nothing
    lists: Callable[[str], Mapping[str, Kind]] | None = None

    def of(self, result: Any) -> Mapping[str, Kind]:
        """Table -> what it holds."""
        return self.lists(result.unit) if self._listed(result) else self.tables  # type: ignore[misc]

    def bases(self, result: Any) -> tuple[str, ...]:
        """Names of the numbers that must not be too small."""
        return self.counts if self.lists is None or self._listed(result) else ("people",)

    def _listed(self, result: Any) -> bool:
        return self.lists is not None and result.unit in ("order", "customer")


def relabelled(frames: Mapping[str, pd.DataFrame], known: Mapping[str, Kind], t: Translator) -> dict[str, pd.DataFrame]:
    """Running labels in the place of ids; one id has one label in all tables."""
    said: dict[str, dict[str, str]] = {}

    def label(value: Any, name: str) -> Any:
        names = said.setdefault(name, {})
        return value if pd.isna(value) else names.setdefault(str(value), t(name).format(n=len(names) + 1))

    def safe(frame: pd.DataFrame, ids: Mapping[str, str]) -> pd.DataFrame:
        names = {column: name for column, name in ids.items() if column in frame}
        here = {column: [label(value, name) for value in frame[column]] for column, name in names.items()}
        return frame.assign(**{column: pd.Series(values, frame.index, dtype="str") for column, values in here.items()})

    return {name: safe(frame, known[name].ids) for name, frame in frames.items()}


def _unusual(unit: str) -> dict[str, Kind]:
    """Tables of unusual orders or customers."""
    name = ORDER if unit == "order" else CUSTOMER
    ids = {"id": name, "label": name, "customer_id": CUSTOMER}
    codes = ("method", "occasion")
    return {
        "flags": People(gone=("reason",), ids=ids, by=("measure", "kind"), codes=codes, exact=("reason",)),
        "measures": Groups(sizes=("n_high", "n_low"), blank=("n_high", "n_low"), within=None),
        "points": People(ids={"id": name}, by=("flagged",)),
        "strengths": Groups(sizes=("rows",)),
    }


RULES: Mapping[str, Rules] = {
    "overview": Rules(
        {
            "kpis": NOBODY,
            "by_month": Groups(sizes=("customers", "orders"), parts=("new_customers", "returning_customers")),
            "top_products": Groups(sizes=("customers", "orders")),
            "top_customers": People(ids={"customer_id": CUSTOMER}),
            "changes": Groups(sizes=("customers_after", "customers_before", "orders_after", "orders_before")),
            "parts": Groups(sizes=("customers", "orders"), within=("part",)),
            "rhythm": Groups(sizes=("orders",)),
        },
        counts=("customers", "orders"),
        needed=("by_month", "rhythm"),
        settle=settling.overview,
    ),
    "segments": Rules(
        {
            "customers": People(
                ids={"customer_id": CUSTOMER},
                by=("segment",),
                codes=("name", "rfm_score", "rfm_segment"),
                free=True,
            ),
            "segments": Groups(sizes=("customers",)),
            "criteria": NOBODY,
            "profile": NOBODY,
            "rfm_grid": Groups(sizes=("customers",)),
            "concentration": NOBODY,
            "merges": NOBODY,
            "neighbours": NOBODY,
            "left_out": NOBODY,
        },
        counts=("n_customers",),
        needed=("segments", "customers"),
        settle=settling.segments,
    ),
    "purchases": Rules(
        {
            "scores": People(
                ids={"customer_id": CUSTOMER}, by=("decile",), gone=("reasons",), exact=("reasons", "reason_codes")
            ),
            "models": NOBODY,
            "drivers": NOBODY,
            "checks": NOBODY,
            "holdout": People(ids={"customer_id": CUSTOMER}, exact=("actual",)),
        },
        counts=("n_customers", "n_unknown", "n_train", "n_test"),
        needed=("scores", "holdout"),
        settle=settling.purchases,
    ),
    "forecast": Rules(
        {
            "forecast": NOBODY,
            "models": NOBODY,
            "backtest": NOBODY,
            "steps": NOBODY,
            "rhythm": NOBODY,
            "history": NOBODY,
        },
        needed=("forecast", "history"),
        settle=settling.forecast,
    ),
    "baskets": Rules(
        {
            "rules": Groups(sizes=("count",), within=None),
            "itemsets": Groups(sizes=("count",), within=None),
            "pairs": Groups(sizes=("count",), within=None),
            "sizes": Groups(sizes=("baskets",)),
        },
        counts=("n_baskets", "people"),
        needed=("itemsets", "sizes"),
        settle=settling.baskets,
    ),
    "anomalies": Rules(
        {
            "flags": NOBODY,
            "measures": NOBODY,
            "points": NOBODY,
            "strengths": NOBODY,
        },
        counts=("looked_at", "n_flagged", "people"),
        needed=("points", "strengths"),
        settle=settling.anomalies,
        lists=_unusual,
    ),
    "feedback": Rules(
        {
            "texts": People(
                gone=("text", "label"),
                ids={"feedback_id": TEXT},
                by=("topic",),
                codes=("language", "sentiment", "topic_name", "aspects"),
                exact=("text", "label"),
            ),
            "aspects": Groups(sizes=("texts",), within=None),
            "topics": Groups(gone=("example",), sizes=("texts",)),
            "words": Groups(sizes=("count",), within=None),
            "neighbours": Groups(sizes=("count",), within=None),
            "by_month": Groups(sizes=("texts",)),
            "languages": Groups(sizes=("texts",)),
            "evaluation": Groups(sizes=("texts",), within=None),
            "cloud": Groups(sizes=("count",), within=None),
        },
        counts=("n_texts", "people"),
        needed=("texts", "languages"),
        settle=settling.feedback,
    ),
    "quality": Rules(
        {
            "dimensions": NOBODY,
            "columns": NOBODY,
            "checks": NOBODY,
            "rules": NOBODY,
            "near_duplicates": NOBODY,
            "outliers": Groups(sizes=("n",), within=None, blank=("share", "share_of_total", "example")),
            "gaps": NOBODY,
            "by_month": Groups(sizes=("rows",), within=("table",)),
        },
        counts=("rows",),
        needed=("columns",),
        settle=settling.quality,
    ),
}
