"""Passwords and tokens: neither is kept; of a password argon2id, of a token its SHA-256."""

import hashlib
import secrets
import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm_ai.errors import BadParameter

SHORTEST, LONGEST, FEWEST = 10, 1000, 5
COMMON = {"1234567890", "0123456789", "12345678910", "password123", "password1234", "qwertyuiop", "qwerty12345"}
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that nobody takes for another."""
_HASHER = PasswordHasher()
_AT_ONCE = threading.BoundedSemaphore(2)  # each takes 64 MB and a core


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password; where there is none (None) the same work is done for nothing."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _nobodys(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@lru_cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe())


def checked(password: str, email: str = "") -> str:
    """Itself, where it is hard to guess.

    Raises:
        BadParameter: it is too short or too well known.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadParameter("A password needs at least {n} characters: choose a longer one.", n=SHORTEST)
    plain, name = password.lower(), email.partition("@")[0]
    if (
        plain in COMMON
        or len(set(plain)) < FEWEST
        or plain == email
        or (len(name) > 3 and plain.strip("0123456789!") == name)
    ):
        raise BadParameter("This password is easy to guess: choose another one.")
    return password


def invented() -> str:
    """A password for somebody else, easy to read out: 79 bits in four groups."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def token() -> str:
    """256 bits for a cookie or an address."""
    return secrets.token_urlsafe(32)


def token_hash(given: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(given.encode()).hexdigest()
