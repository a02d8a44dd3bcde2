"""Texts that a spreadsheet would take for formulas."""

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of a formula."""
NUMBER = re.compile(r"[+-]?[\d.,]+%?")


def harmless(text: str, numbers: bool = False) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula.

    Args:
        text: of a cell.
        numbers: whether texts such as -1.5 or +3% are known to be numbers, and stay.
    """
    if not text.startswith(FORMULA) or (numbers and NUMBER.fullmatch(text)):
        return text
    return f"'{text}"
