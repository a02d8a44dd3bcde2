"""Which column of a file plays which part, and which canonical table it makes: weighed from headings and content."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crm_ai.data.contents import Content
from crm_ai.data.fits import fit, is_identifier
from crm_ai.data.headings import likeness

HEADING, PART, VALUES, COMBINED = "heading", "part of the heading", "content", "two columns together"
"""Why a column was taken; texts to translate."""
LEAST = 0.3
EXACT = 0.75


@dataclass(frozen=True)
class Part:
    """A column in a part.

    Attributes:
        content: of the column.
        confidence: 0 to 1.
        why: one of the texts above.
        joined: columns whose text follows after a blank.
    """

    content: Content
    confidence: float
    why: str
    joined: tuple[Content, ...] = ()


Parts = dict[str, Part]


def assign(found: Mapping[str, Content], names: Sequence[str]) -> Parts:
    """Canonical column -> the column that fits best; each column plays one part."""
    scored = [
        (_score(content, name), place, name, heading)
        for name in names
        for place, (heading, content) in enumerate(found.items())
    ]
    parts: Parts = {}
    taken: set[str] = set()
    for (score, why), _, name, heading in sorted(scored, key=lambda item: (-item[0][0], item[1])):
        if score >= LEAST and name not in parts and heading not in taken:
            parts[name] = Part(found[heading], round(min(score, 1.0), 2), why)
            taken.add(heading)
    return parts


def _score(content: Content, name: str) -> tuple[float, str]:
    said = likeness(content.heading, name)
    score = said * fit(content, name) if said else 0.0
    return score, HEADING if said >= EXACT else PART


def _free(found: Mapping[str, Content], parts: Parts) -> list[Content]:
    """Columns without a part, in the order of the file."""
    taken = {part.content.heading for part in parts.values()} | {c.heading for p in parts.values() for c in p.joined}
    return [content for heading, content in found.items() if heading not in taken]


def _by_values(found: Mapping[str, Content], parts: Parts, name: str, least: float = 0.9) -> Parts:
    """The part filled by the first free column whose values fit, when no heading named one."""
    if name in parts:
        return parts
    best = next((content for content in _free(found, parts) if fit(content, name) >= least), None)
    return parts | {name: Part(best, 0.5, VALUES)} if best else parts


def transactions(found: Mapping[str, Content], names: Sequence[str]) -> Parts:
    """Parts of order lines."""
    parts = assign(found, names)
    parts = _with_clock(found, _by_values(found, parts, "ordered_at"), "ordered_at")
    if all(map(_is_unnamed, found)):
        parts = _nameless(found)
    if "order_id" not in parts:
        numbered = [
            c for c in _free(found, parts) if c.values and all(re.fullmatch(r"#\d+.*", value) for value in c.values)
        ]
        parts |= {"order_id": Part(numbered[0], 0.7, VALUES)} if numbered else {}
    parts = _with_plain_id(found, _products_apart(parts))
    if "amount" not in parts and "quantity" not in parts and "unit_price" in parts:
        parts["amount"] = parts.pop("unit_price")
    if "amount" not in parts and "unit_price" not in parts and {"customer_id", "ordered_at"} <= parts.keys():
        parts = _by_values(found, parts, "amount", least=1.0)
    return _with_prefix(parts)


def customers(found: Mapping[str, Content], names: Sequence[str]) -> Parts:
    """Parts of a customer table; an identifier must tell customers apart."""
    parts = assign(found, names)
    key = parts.get("customer_id")
    if key is None or key.content.uniqueness < 0.9:
        parts.pop("customer_id", None)
        keys = [
            c for c in found.values() if _is_key(c) and c.heading not in {p.content.heading for p in parts.values()}
        ]
        parts |= {"customer_id": Part(keys[0], 0.6, VALUES)} if keys else {}
    return _likeliest_target(found, parts)


def feedback(found: Mapping[str, Content], names: Sequence[str]) -> Parts:
    """Parts of a table of texts."""
    parts = assign(found, names)
    text = parts.get("text")
    if text is None or fit(text.content, "text") < 0.5:
        longest = max(_free(found, parts), key=lambda c: (fit(c, "text"), c.length), default=None)
        if longest is not None and fit(longest, "text") == 1.0:
            parts["text"] = Part(longest, 0.55, VALUES)
    if "label" not in parts and "rating" not in parts:
        parts = _by_values(found, parts, "label")
    if "product_id" not in parts:
        groups = assign({content.heading: content for content in _free(found, parts)}, ["category"])
        parts |= {"product_id": groups["category"]} if groups else {}
    if "feedback_id" not in parts:
        index = [c for c in _free(found, parts) if _is_unnamed(c.heading) and fit(c, "feedback_id") and c.is_whole]
        parts |= {"feedback_id": Part(index[0], 0.5, VALUES)} if index else {}
    return parts


def series(found: Mapping[str, Content], names: Sequence[str]) -> Parts:
    """Parts of a table of time series."""
    parts = assign(found, names)
    if "time" not in parts or not fit(parts["time"].content, "time"):
        parts = _by_values(found, parts, "time")
    parts = _with_clock(found, parts, "time")
    if "value" not in parts:
        numeric = [c for c in _free(found, parts) if fit(c, "value") == 1.0]
        parts |= {"value": Part(numeric[-1], 0.5, VALUES)} if numeric else {}
    return parts


def _nameless(found: Mapping[str, Content]) -> Parts:
    """Order lines without headings: an identifier that comes again, a date, a small count, money."""
    parts: Parts = {}
    parts = _by_values(found, parts, "ordered_at")
    money = [c for c in _free(found, parts) if c.share_numbers > 0.9 and not c.is_whole]
    parts |= {"amount": Part(money[-1], 0.5, VALUES)} if money else {}
    keys = [c for c in _free(found, parts) if is_identifier(c) and c.uniqueness < 0.9 and c.distinct > 20]
    parts |= {"customer_id": Part(keys[0], 0.5, VALUES)} if keys else {}
    twins = [c for c in keys[1:] if abs(c.distinct - keys[0].distinct) <= 0.1 * keys[0].distinct]
    counts = [c for c in _free(found, parts) if c.is_whole and c not in twins and max(c.numbers) < 1000]
    return parts | ({"quantity": Part(counts[-1], 0.4, VALUES)} if counts else {})


def _with_clock(found: Mapping[str, Content], parts: Parts, name: str) -> Parts:
    """A date joined with the time of day beside it."""
    date = parts.get(name)
    clocks = [content for content in _free(found, parts) if content.is_clock]
    if (
        date is None
        or not clocks
        or any(":" in value for value in date.content.values[:50] if not value.endswith("00:00:00"))
    ):
        return parts
    return parts | {name: replace(date, why=COMBINED, joined=(clocks[0],))}


def _products_apart(parts: Parts) -> Parts:
    """A numeric "Product" is an identifier, and a wordy "Item ID" a name."""
    name = parts.get("product_name")
    if name and "product_id" not in parts and name.content.share_numbers > 0.9:
        return {key: part for key, part in parts.items() if key != "product_name"} | {"product_id": name}
    return parts


def _with_plain_id(found: Mapping[str, Content], parts: Parts) -> Parts:
    """A column called just "id": of the product when it comes again and products have names, else of the order."""
    plain_id = next((c for c in _free(found, parts) if c.heading.strip().casefold() == "id" and is_identifier(c)), None)
    if plain_id is None:
        return parts
    name = "product_id" if plain_id.uniqueness < 0.9 and "product_name" in parts else "order_id"
    return {name: Part(plain_id, 0.6, HEADING)} | parts


def _with_prefix(parts: Parts) -> Parts:
    """Cancellations told by the order's number: a minority begins with C and goes with negative quantities."""
    order = parts.get("order_id")
    if "cancelled" in parts or order is None:
        return parts
    marked = sum(value[:1] in "Cc" and value[1:].isdigit() for value in order.content.values)
    plain = sum(value.isdigit() for value in order.content.values)
    sums = [parts[name].content for name in ("quantity", "amount") if name in parts]
    negative = any(number < 0 for content in sums for number in content.numbers)
    if 0 < marked < 0.4 * len(order.content.values) and plain > marked and negative:
        return parts | {"cancelled": Part(order.content, 0.9, VALUES)}
    return parts


def _likeliest_target(found: Mapping[str, Content], parts: Parts) -> Parts:
    """Of several equally named labels the one with the more even halves."""
    target = parts.get("target")
    if target is None:
        return parts
    rivals = [c for c in found.values() if likeness(c.heading, "target") >= EXACT and fit(c, "target") == 1.0]
    words = {c.heading: likeness(c.heading, "target") for c in rivals}
    close = [c for c in rivals if words[c.heading] >= max(words.values()) - 0.06]
    best = max(close, key=_evenness, default=target.content)
    others = {p.content.heading for name, p in parts.items() if name != "target"}
    return parts if best.heading in others else parts | {"target": replace(target, content=best)}


def _evenness(content: Content) -> float:
    values = content.values
    return min(values.count(value) for value in set(values)) / len(values) if len(set(values)) > 1 else 0.0


def _is_key(content: Content) -> bool:
    named = re.fullmatch(
        r"(?i).*\bid\b|.*id|.*key|.*code|.*num|.*number|.*no|.*编号|.*编码|.*号",
        content.heading.strip().replace("_", " "),
    )
    return bool(named) and content.uniqueness > 0.95 and is_identifier(content)


def _is_unnamed(heading: str) -> bool:
    return bool(re.fullmatch(r"column_\d+(_\d+)?|Unnamed: \d+", heading))
