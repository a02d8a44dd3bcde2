"""The secret behind the pseudonyms: from the environment, or made once and kept beside the data."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from crm_ai.errors import BadFile

VARIABLE = "CRM_AI_PRIVACY_KEY"
_BYTES, _SHORTEST = 32, 16


def key(path: Path) -> bytes:
    """32 secret bytes: from ``CRM_AI_PRIVACY_KEY`` (hexadecimal or any text), else from the file at ``path``.

    The file is made when it is missing, readable by its owner only; its text serves as the variable elsewhere.

    Raises:
        BadFile: the file cannot be read or written, or its text was cut off.
    """
    text = os.environ.get(VARIABLE, "").strip() or _kept(path)
    return hashlib.sha256(_material(text)).digest()


def key_id(key: bytes) -> str:
    """What tells one key from another, and nothing about it."""
    return hashlib.sha256(b"crm_ai pseudonyms " + key).hexdigest()[:12]


def _material(text: str) -> bytes:
    with suppress(ValueError):
        return bytes.fromhex(text)
    return text.encode()


def _kept(path: Path) -> str:
    try:
        if not path.exists():
            _make(path)
        text = path.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise BadFile(
            "The key of the codes in {name} cannot be read: let this program read and write that file.",
            name=path.name,
        ) from error
    if len(text) < _SHORTEST:
        raise BadFile(
            "The key of the codes in {name} is damaged: put the file back from a backup, or delete it to start anew "
            "(new codes will not match old ones).",
            name=path.name,
        )
    return text


def _make(path: Path) -> None:
    """Write the whole file aside, then give it its name: two processes agree on the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_bytes(_BYTES).hex())
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
