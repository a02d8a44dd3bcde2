"""Differences to the version of the data before: on cards, as a percentage, in points, or as a number."""

from dataclasses import dataclass

from crm_ai import i18n
from crm_ai.i18n import Translator

MORE_IS_GOOD = {"revenue", "orders", "customers", "average_order_value", "repeat_rate", "share_positive", "score"}
MORE_IS_GOOD |= {"completeness", "validity", "uniqueness", "consistency"}
LESS_IS_GOOD = {"share_negative", "at_risk_share", "outlier_share", "freshness_days"}
"""Where neither says, a difference is neither good nor bad news."""


@dataclass(frozen=True)
class Delta:
    """A difference in words, "" where there is none to tell, and whether it is good news."""

    text: str = ""
    good: bool | None = None


def delta(name: str, kind: str, now: float | None, earlier: float | None, t: Translator = str) -> Delta:
    """From what it was to what it is: shares in points, counts and money in percent, scores as numbers.

    Args:
        name: of the metric.
        kind: as in ``CARDS``: "number", "percent", "money" or "score".
    """
    if now is None or earlier is None:
        return Delta()
    text, change = _written(kind, now, earlier, t), now - earlier
    if not text:
        return Delta(t("unchanged"))
    known = 1 if name in MORE_IS_GOOD else -1 if name in LESS_IS_GOOD else 0
    return Delta(text, change * known > 0 if known else None)


def _written(kind: str, now: float, earlier: float, t: Translator) -> str:
    """ "" where the difference is too small to be written."""
    change = now - earlier
    if kind == "percent":
        points = round(100 * change, 1)
        return t("{change} points").format(change=f"{points:+.1f}") if points else ""
    if kind == "score" or earlier <= 0:
        return _signed(change) if round(change, 3) else ""
    share = round(100 * change / earlier, 1)
    return f"{share:+.1f}\u00a0%" if share else ""


def _signed(change: float) -> str:
    text = i18n.number(abs(change), 3 if abs(change) < 1 else None)
    return f"{'+' if change > 0 else '-'}{text}"
