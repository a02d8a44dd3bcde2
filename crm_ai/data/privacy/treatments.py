"""What can be done with personal data, value by value: mask it, or put a code in its place."""

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from crm_ai.data.privacy.checksums import is_id_card, is_old_id_card

KINDS = ("email", "phone", "id_card", "bank_card", "name", "address", "ip", "birth_date", "text")
KEEP, MASK, PSEUDONYMISE, REMOVE = TREATMENTS = ("keep", "mask", "pseudonymise", "remove")
OTHER = "other"
"""The kind of a column in which nothing was found."""
HIDDEN = "***"
_PREFIX, _CODE_BYTES = "p_", 8
CODE = re.compile(rf"{_PREFIX}[0-9a-f]{{{2 * _CODE_BYTES}}}")
"""What a pseudonym looks like."""
_SUGGESTED = {"id_card": REMOVE, "bank_card": REMOVE}
_TO_NARROW = str.maketrans("０１２３４５６７８９＋－（）．＠　", "0123456789+-().@ ")
_PROVINCE = re.compile(
    r"\s*(?:中国)?\s*((?:北京|天津|上海|重庆)市?|(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东"
    r"|海南|四川|贵州|云南|陕西|甘肃|青海|台湾)省?|(?:内蒙古|广西|西藏|宁夏|新疆)(?:壮族|回族|维吾尔)?(?:自治区)?|香港|澳门)"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d")


def suggestion(kind: str, identifies: bool = False) -> str:
    """The treatment proposed for a kind.

    Args:
        kind: of ``KINDS``.
        identifies: the column tells customers apart: it needs a code, since two of them may look the same masked.
    """
    return PSEUDONYMISE if identifies else _SUGGESTED.get(kind, MASK)


def narrow(text: str) -> str:
    """Full-width digits and signs as their usual forms; the length stays."""
    return text if text.isascii() else text.translate(_TO_NARROW)


def masked(value: str, kind: str) -> str:
    """The value with as much left as is readable, and no person in it: ``138****5678``, ``l***@example.com``.

    Empty values stay; what does not look like its kind is hidden altogether.
    """
    text = _plain(value)
    return _MASKS.get(kind, _hidden)(text) if text else value


def pseudonym(value: str, kind: str, key: bytes) -> str:
    """A code that stands for the value: equal values, equal codes; without the key no way back.

    E-mail addresses are equal whatever their case and blanks, numbers whatever their punctuation.

    Args:
        value: empty values stay.
        kind: of ``KINDS``, or ``OTHER``.
        key: at most 64 bytes.
    """
    text = _essence(value, kind)
    if not text:
        return value
    return _PREFIX + hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_CODE_BYTES, key=key).hexdigest()


def _essence(value: str, kind: str) -> str:
    """What makes two values the same person's."""
    text = _plain(value)
    if "@" in text:
        return text.lower()
    if kind == "phone":
        return _without_country(_digits(text)) or text
    if kind in ("bank_card", "id_card"):
        return text.replace(" ", "").replace("-", "").upper()
    return text


def _plain(value: str) -> str:
    """Without full-width digits, blanks around it, and the ``.0`` of a number that a spreadsheet made of it."""
    text = narrow(value).strip()
    return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text


def _digits(text: str) -> str:
    return text if text.isdecimal() else re.sub(r"\D", "", text, flags=re.ASCII)


def _without_country(digits: str) -> str:
    """A Chinese mobile number without the 86 before it."""
    found = re.fullmatch(r"(?:00)?86(1[3-9]\d{9})", digits) if len(digits) in (13, 15) else None
    return found[1] if found else digits


def _hidden(_: str) -> str:
    return HIDDEN


def _email(text: str) -> str:
    local, _, domain = text.partition("@")
    is_one = len(local) > 1 and domain and "@" not in domain and len(text.split()) == 1
    return f"{local[0]}{HIDDEN}@{domain}" if is_one else HIDDEN


def _phone(text: str) -> str:
    digits = _without_country(_digits(text))
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else HIDDEN


def _id_card(text: str) -> str:
    known = is_id_card(text) or is_old_id_card(text)
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if known else HIDDEN


def _bank_card(text: str) -> str:
    digits = _digits(text)
    return f"****{digits[-4:]}" if len(digits) >= 13 else HIDDEN


def _name(text: str) -> str:
    """The surname in Chinese, else the initial."""
    return f"{text[0]}**" if text[0].isalpha() else HIDDEN


def _address(text: str) -> str:
    """The province, where one leads."""
    found = _PROVINCE.match(text)
    return f"{found[1]}{HIDDEN}" if found else HIDDEN


def _ip(text: str) -> str:
    with suppress(ValueError):
        version, parts = ip_address(text).version, ip_address(text).exploded
        return ".".join(parts.split(".")[:2]) + ".*.*" if version == 4 else ":".join(parts.split(":")[:2]) + ":*"
    return HIDDEN


def _birth_date(text: str) -> str:
    """The year."""
    found = _YEAR.search(text)
    return found[0] if found else HIDDEN


_MASKS: dict[str, Callable[[str], str]] = {
    "email": _email,
    "phone": _phone,
    "id_card": _id_card,
    "bank_card": _bank_card,
    "name": _name,
    "address": _address,
    "ip": _ip,
    "birth_date": _birth_date,
}
