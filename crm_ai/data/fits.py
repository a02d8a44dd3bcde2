"""How well the content of a column fits each canonical column, from 0 (never) to 1."""

import re
from collections.abc import Callable
from statistics import fmean

from crm_ai.data.contents import Content

_MOST_NAMES = 100
_STEP = re.compile(r"[A-Za-z]{0,8}[ _-]?\d{1,5}(\.0)?")


def fit(content: Content, canonical: str) -> float:
    """How well a column's values fit; empty columns fit nothing."""
    return _FITS[canonical](content) if content.filled else 0.0


def steps(content: Content) -> bool:
    """Whole numbers that count the steps of a series: 1, 2, 3 ... or V1, V2 ..."""
    found = all(_STEP.fullmatch(value) for value in content.values) and not _are_serials(content)
    return content.native in ("number", "text") and bool(content.values) and found


def _are_serials(content: Content) -> bool:
    """Days since 1899 as spreadsheets count them, from 1982 to 2064."""
    return content.share_numbers == 1 and 30_000 <= min(content.numbers) <= max(content.numbers) <= 60_000


def is_identifier(content: Content) -> bool:
    """Short values without decimals that may stand for something."""
    decimals = content.share_numbers > 0.9 and not content.is_whole
    return content.native not in ("time", "clock", "flag") and not decimals and content.length <= 80


def _time(content: Content) -> float:
    if content.native == "time" or content.dates.share >= 0.8:
        return 1.0
    return 0.7 if content.dates.share >= 0.4 else 0.0


def _customer(content: Content) -> float:
    if not is_identifier(content) or content.is_clock or content.dates.share > 0.9 > content.share_numbers:
        return 0.0
    return 0.3 if content.distinct <= 2 < content.rows else 1.0


def _order(content: Content) -> float:
    return _customer(content) if content.distinct > 2 or content.rows <= 5 else 0.0


def _product(content: Content) -> float:
    return 0.9 if is_identifier(content) and content.share_flags < 1 else 0.0


def _name(content: Content) -> float:
    if content.native != "text" or content.dates.share > 0.9 or content.length > 2.5 * _MOST_NAMES:
        return 0.0
    return 0.5 if content.share_numbers > 0.9 else 1.0 if content.uniqueness < 0.9 or content.length < 60 else 0.7


def _category(content: Content) -> float:
    if content.native in ("time", "clock") or content.dates.share > 0.9 or content.length > _MOST_NAMES:
        return 0.0
    few = content.distinct <= 30 or content.uniqueness <= 0.3
    decimals = content.share_numbers > 0.9 and not content.is_whole
    return 0.0 if decimals or not few else 0.7 if content.share_numbers > 0.9 else 1.0


def _place(content: Content) -> float:
    return _category(content) if content.share_numbers < 0.5 and content.distinct <= 400 else 0.0


def _quantity(content: Content) -> float:
    if content.share_numbers < 0.9 or content.native == "time":
        return 0.0
    return 1.0 if content.is_whole else 0.7


def _money(content: Content) -> float:
    return 1.0 if content.share_numbers >= 0.9 and content.native != "time" else 0.0


def _price(content: Content) -> float:
    return _money(content) if sum(number < 0 for number in content.numbers) < 0.2 * len(content.numbers) else 0.4


def _discount(content: Content) -> float:
    """A share of the price: 0.15 or 15 %; a column of what remains to be paid, such as 0.85, is none."""
    if content.share_numbers < 0.9 or content.native == "time":
        return 0.0
    most = 100 if is_percent(content) else 1
    return 1.0 if 0 <= min(content.numbers) <= max(content.numbers) <= most > 2 * fmean(content.numbers) else 0.0


def is_percent(content: Content) -> bool:
    """Whether 15 stands for 15 %, by the heading or by signs beside the values."""
    said = re.search(r"(?i)percent|pct|%|％|百分", content.heading)
    signs = bool(content.values) and all(value.endswith(("%", "％")) for value in content.values[:200])
    return signs or bool(said and max(content.numbers, default=0) > 1)


def _currency(content: Content) -> float:
    return 1.0 if content.distinct <= 40 and content.length <= 12 and content.share_numbers < 0.5 else 0.0


def _cancelled(content: Content) -> float:
    if content.share_flags > 0.95 and content.distinct <= 3:
        return 1.0
    if content.share_cancelled > 0 and content.distinct <= 40 and content.share_cancelled < 1:
        return 1.0
    return 0.0


def _target(content: Content) -> float:
    return 1.0 if content.distinct == 2 and content.share_filled > 0.5 and content.dates.share < 0.5 else 0.0


def _treatment(content: Content) -> float:
    return 1.0 if 2 <= content.distinct <= 6 and content.share_filled > 0.5 else 0.0


def _value(content: Content) -> float:
    return _money(content)


def _series(content: Content) -> float:
    return 1.0 if is_identifier(content) and content.dates.share < 0.9 and content.uniqueness < 0.7 else 0.0


def _moment(content: Content) -> float:
    return max(_time(content), 0.8 if steps(content) and content.distinct > 2 else 0.0)


def _free_text(content: Content) -> float:
    if content.native != "text" or content.share_numbers > 0.5 or content.dates.share > 0.5:
        return 0.0
    varied = content.uniqueness >= 0.3 and content.distinct > 2
    if content.length >= 25 and varied and content.spaced > 0.5:
        return 1.0
    return 0.6 if content.length >= 8 and varied and content.spaced > 0.2 else 0.15


def _rating(content: Content) -> float:
    numbers = content.numbers
    if content.share_numbers < 0.9 or min(numbers) < -5 or max(numbers) > 100:
        return 0.0
    return 1.0 if content.distinct <= 21 and content.distinct > 2 else 0.4


def _label(content: Content) -> float:
    if content.native in ("time", "clock") or content.length > 60 or content.dates.share > 0.9:
        return 0.0
    return 1.0 if 2 <= content.distinct <= 5 else 0.8 if content.distinct <= 200 and content.uniqueness < 0.2 else 0.0


def _key(content: Content) -> float:
    return 1.0 if is_identifier(content) and content.uniqueness > 0.9 and content.spaced < 0.5 else 0.0


_FITS: dict[str, Callable[[Content], float]] = {
    "customer_id": _customer,
    "order_id": _order,
    "ordered_at": _time,
    "product_id": _product,
    "product_name": _name,
    "category": _category,
    "quantity": _quantity,
    "unit_price": _price,
    "discount": _discount,
    "amount": _money,
    "currency": _currency,
    "country": _place,
    "channel": _category,
    "cancelled": _cancelled,
    "target": _target,
    "treatment": _treatment,
    "series_id": _series,
    "time": _moment,
    "value": _value,
    "feedback_id": _key,
    "created_at": _time,
    "text": _free_text,
    "rating": _rating,
    "label": _label,
}
