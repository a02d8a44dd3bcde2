"""Which digits are an ID card or a bank card: the check digit decides.

Sources: GB 11643-1999 (resident ID), ISO 7064 MOD 11-2, ISO/IEC 7812 (Luhn) and the public ranges of the card schemes.
"""

import re
from contextlib import suppress
from datetime import date

_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ID_CARD = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_OLD_ID_CARD = re.compile(r"[1-9]\d{14}", re.ASCII)
_BANK_CARD = re.compile(
    r"62\d{14,17}|9558\d{12,15}|4\d{15}|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}|(?:6011|65\d\d|64[4-9]\d|352[89]|35[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}",
    re.ASCII,
)
_TWICE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def id_check(body: str) -> str:
    """The check character of the first 17 digits of a Chinese resident ID."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]


def is_id_card(text: str) -> bool:
    """A Chinese resident ID of 18 characters: region, date of birth and check character are right."""
    text = text.upper()
    if not _ID_CARD.fullmatch(text) or not _PROVINCE.match(text):
        return False
    return _is_birth(text[6:14]) and id_check(text[:17]) == text[17]


def is_old_id_card(text: str) -> bool:
    """A Chinese resident ID of 15 digits (until 1999): it has no check digit, so only its region and date speak."""
    return bool(_OLD_ID_CARD.fullmatch(text)) and _PROVINCE.match(text) is not None and _is_birth(f"19{text[6:12]}")


def is_bank_card(text: str) -> bool:
    """Digits in a range and length of a card scheme, with a right check digit."""
    return bool(_BANK_CARD.fullmatch(text)) and luhn(text)


def luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check of the others."""
    numbers = [int(digit) for digit in reversed(digits)]
    return (sum(numbers[::2]) + sum(_TWICE[n] for n in numbers[1::2])) % 10 == 0


def _is_birth(digits: str) -> bool:
    with suppress(ValueError):
        return date(1900, 1, 1) <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) <= date.today()
    return False
