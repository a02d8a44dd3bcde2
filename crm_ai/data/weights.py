"""Which canonical table a file makes: what speaks for each, in points."""

from collections.abc import Mapping

from crm_ai.data.contents import Content
from crm_ai.data.fits import fit, steps
from crm_ai.data.guesses import EXACT, Parts


def weights(found: Mapping[str, Content], made: Mapping[str, Parts]) -> dict[str, float]:
    """How likely each table is; 0 where it lacks what it cannot do without."""
    return {
        "transactions": _weigh_transactions(made["transactions"]),
        "customers": _weigh_customers(found, made["customers"]),
        "series": _weigh_series(found, made),
        "feedback": _weigh_feedback(made["feedback"]),
    }


def _sum(parts: Parts, **worth: float) -> float:
    return sum(parts[name].confidence * value for name, value in worth.items() if name in parts)


def _weigh_transactions(parts: Parts) -> float:
    what = parts.keys() & {"amount", "quantity", "unit_price", "product_id", "product_name"}
    if not ("ordered_at" in parts and (what or "customer_id" in parts)) and not ("order_id" in parts and what):
        return 0.0
    buyer = parts.get("customer_id")
    again = 1.0 if buyer and buyer.content.uniqueness < 0.9 else 0.0
    return again + _sum(
        parts, ordered_at=1.5, order_id=1.5, product_id=1.2, product_name=1.0, quantity=1.0, unit_price=1.0, amount=1.2,
        customer_id=1.0, category=0.2,
    )  # fmt: skip


def _weigh_customers(found: Mapping[str, Content], parts: Parts) -> float:
    key = parts.get("customer_id")
    if key is None and "target" not in parts and len(found) < 5:
        return 0.0
    undated = not any(content.dates.share > 0.9 for content in found.values())
    telling = key is not None and key.confidence >= EXACT
    return (
        _sum(parts, target=2.5, treatment=0.5)
        + (2.0 if telling else 0.7 if key else 0.0)
        + 0.12 * min(len(found), 20)
        + (1.0 if undated else 0.0)
    )


def _weigh_series(found: Mapping[str, Content], made: Mapping[str, Parts]) -> float:
    parts, sold = made["series"], made["transactions"]
    if not {"time", "value"} <= parts.keys():
        return 0.0
    against = _sum(sold, order_id=2.5, customer_id=2.5, unit_price=1.5, product_name=0.3)
    stepped = 1.0 if steps(parts["time"].content) and "series_id" not in parts else 0.0
    width = 0.25 * max(len(found) - 4, 0)
    return 2.0 + _sum(parts, time=1.5, value=1.5, series_id=1.5) - against - width - stepped


def _weigh_feedback(parts: Parts) -> float:
    text = parts.get("text")
    if text is None or fit(text.content, "text") < 0.1:
        return 0.0
    free = fit(text.content, "text")
    return (1.0 + 4.0 * text.confidence if free >= 0.5 else 2.0 * text.confidence) + _sum(
        parts, rating=0.8, label=0.8, feedback_id=0.3, created_at=0.3
    )
