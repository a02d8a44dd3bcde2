"""Passwords that are hashed in no time."""

import pytest

PASSWORD = "green tea 42 pots"


@pytest.fixture(autouse=True)
def _quickly(quick_passwords):
    """In every test here."""
