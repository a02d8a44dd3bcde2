"""Personal data inside a text: where they are and what they are.

Digits are parted from their neighbours by look-arounds on ASCII letters and digits, never by word boundaries: a Chinese
character counts as a letter there, and stands beside a number without a blank.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address

from crm_ai.data.privacy.checksums import is_bank_card, is_id_card, is_old_id_card
from crm_ai.data.privacy.names import HINTS, names_in
from crm_ai.data.privacy.treatments import narrow

_WIDE = "[0-9０-９]"
HINT = rf"[@＠]|{_WIDE}(?:[ ()（）./－-]{{0,2}}{_WIDE}){{6}}|\d\.\d+\.\d|:[0-9A-Fa-f]{{0,4}}:|{HINTS}"
"""For RE2: a text without this has nothing that ``traces`` would find."""

_RUN = re.compile(r"\d(?:[ ()./-]{0,2}\d){6,}", re.ASCII)
_MAIL = re.compile(r"[^@\s,;:()<>\u3000-\u9fff\uff00-\uffef]+@[^@\s.]+(\.[^@\s.]+)+")
"""An e-mail address in most scripts, where nothing else stands around it."""
_ADDRESSED = re.compile(r"\d\.\d+\.\d|:[0-9A-Fa-f]{0,4}:", re.ASCII)
_NUMBERED = (
    *("order", "invoice", "tracking", "parcel", "sku", "item", "product", "ref", "serial"),
    *("订单", "单号", "运单", "快递", "编号", "货号", "流水", "发票", "条码", "款号"),
)
_NUMBER = re.compile(
    rf"(?:{'|'.join(_NUMBERED)}|reference)\s*(?:no|number|nr|id|code|号码|编号|号)?[\s.:：#_为是-]{{0,4}}$"
)
"""Before a number: it is that of an order or a product."""
_LEAST = {"id_card": 15, "bank_card": 14}
_BEFORE, _BEHIND = 24, 3
"""Characters around the digits of a number that may tell what it is."""


@dataclass(frozen=True)
class Trace:
    """A piece of a text.

    Attributes:
        start, end: of the piece.
        kind: of ``treatments.KINDS``.
    """

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Form:
    """How a kind is written: the group ``it`` of a pattern, and a check of it."""

    kind: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool]

    def fits(self, found: re.Match[str]) -> bool:
        return self.check(found["it"])


def traces(text: str) -> list[Trace]:
    """What identifies a person in a text, from left to right, without overlaps; the surer kind wins.

    Numbers need their check digit or the form of a telephone number, and no word before them that makes them the number
    of an order or a product. Names are found only where the text says that they are one: "my name is ...", "我叫...",
    salutations and signatures.
    """
    kept: list[Trace] = []
    for trace in _all(narrow(text)):
        at = bisect_left(kept, trace.end, key=lambda other: other.start)
        if not at or kept[at - 1].end <= trace.start:
            kept.insert(at, trace)
    return kept


def whole(value: str) -> str:
    """The kind of a value that is one piece of personal data and nothing else; "" for any other."""
    text = narrow(value).strip()
    text = text[:-2] if text.endswith(".0") else text
    forms = (form for form in _forms() if (found := form.pattern.fullmatch(text)) and form.fits(found))
    return next((form.kind for form in forms), "email" if _MAIL.fullmatch(text) else "")


def _all(plain: str) -> Iterator[Trace]:
    """Everything that may be a trace, the surest kinds first."""
    runs = [run.span() for run in _RUN.finditer(plain)]
    for form in _forms():
        for place in _places(plain, form.kind, runs):
            for found in form.pattern.finditer(plain, *place):
                start = found.start("it")
                if form.fits(found) and (form.kind in ("email", "ip") or not _is_numbered(plain, start)):
                    yield Trace(start, found.end("it"), form.kind)
    yield from (Trace(start, end, "name") for start, end in names_in(plain))


def _places(plain: str, kind: str, runs: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Where a kind may be: all over the text if its sign is there, or around the digits that are long enough."""
    if kind in ("email", "ip"):
        may_be = "@" in plain if kind == "email" else _is_addressed(plain)
        return [(0, len(plain))] if may_be else []
    least = _LEAST.get(kind, 0)
    return [(max(0, start - _BEFORE), end + _BEHIND) for start, end in runs if end - start >= least]


def _is_addressed(plain: str) -> bool:
    """Whether an Internet address may be in it: three points, or two colons near each other."""
    return (plain.count(".") > 2 or plain.count(":") > 1) and bool(_ADDRESSED.search(plain))


def _is_numbered(plain: str, start: int) -> bool:
    before = plain[max(0, start - _BEFORE) : start].lower()
    return any(word in before for word in _NUMBERED) and bool(_NUMBER.search(before))


@cache
def _forms() -> tuple[Form, ...]:
    """The forms of everything but names, the surest first."""
    return tuple(
        Form(kind, re.compile(pattern, re.ASCII | re.VERBOSE), check)
        for kind, patterns, check in (
            ("email", _EMAIL, bool),
            ("id_card", _ID_CARD, is_id_card),
            ("id_card", _OLD_ID_CARD, is_old_id_card),
            ("bank_card", _BANK_CARD, _is_card),
            ("phone", _PHONE, bool),
            ("ip", _IP, _is_ip),
        )
        for pattern in patterns
    )


_START = r"(?<![A-Za-z0-9_]) (?<!\d[.,])"
_END = r"(?!\d|[.,]\d)"
_CALLED = r"(?i:tel|telephone|phone|mobile|cell|call|whatsapp|fax|电话|手机|座机|联系方式|热线|传真)"
_IDENTITY = r"(?i:id\ card|id\ no|id\ number|身份证|证件)"
_EMAIL = (r"(?<![\w.%+'-]) (?P<it> [\w.%+'-]{1,64} @ (?:[A-Za-z0-9-]{1,63}\.){1,8} [A-Za-z]{2,24} )",)
_ID_CARD = (rf"{_START} (?P<it> [1-9]\d{{16}}[\dXx] ) (?![0-9A-Za-z])",)
_OLD_ID_CARD = (rf"{_IDENTITY} \D{{0,10}} (?P<it> [1-9]\d{{14}} ) {_END}",)
_BANK_CARD = (
    rf"""{_START} (?P<it> \d{{14,19}} (?![A-Za-z_])
        | \d{{4}} ([ -]) \d{{4}} \2 \d{{4}} \2 \d{{1,4}} (?:\2\d{{1,3}})?
        | \d{{4}}[ -]\d{{6}}[ -]\d{{4,5}} | \d{{6}}[ -]\d{{13}} ) {_END}""",
)
_PHONE = (
    rf"""{_START} (?P<it> (?: (?:\+|00)? 86 [ -]? )? 1[3-9]\d [ -]? \d{{4}} [ -]? \d{{4}}  # Chinese mobile
        | \+[1-9] (?:[ ().-]{{0,2}}\d){{7,14}}  # E.164
        | (?: \(0[1-9]\d{{1,2}}\)[ -]? | 0[1-9]\d{{1,2}}- ) [2-9]\d{{6,7}} (?:-\d{{1,5}})?  # Chinese landline
        | (?:1[ .-])? (?: \([2-9]\d\d\)[ ]? | [2-9]\d\d[.-] ) [2-9]\d\d[.-]\d{{4}} ) {_END}  # North America""",
    rf"{_CALLED} [^\d+(\n_]{{0,12}} (?P<it> [+(]? \d (?:[ ()/.-]{{0,2}}\d){{6,14}} ) {_END}",
)
_IP = (
    r"(?<![0-9A-Za-z.]) (?P<it> \d{1,3} (?:\.\d{1,3}){3} ) (?![0-9A-Za-z]|\.\d)",
    r"(?<![0-9A-Za-z:.]) (?P<it> [0-9A-Fa-f]{0,4} (?::[0-9A-Fa-f]{0,4}){3,7} ) (?![0-9A-Za-z:])",
)


def _is_card(text: str) -> bool:
    return is_bank_card(re.sub(r"[ -]", "", text))


def _is_ip(text: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(text))
    return False
