"""Named connections: where databases are and how to sign in. Only their names go any further than this room.

An administrator sets them, one of two ways:

    CRM_AI_DATABASE_SHOP=postgres://reader:password@host/shop        in the environment
    [connections.shop]                                               in .streamlit/secrets.toml
    url = "postgres://reader:password@host/shop"
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crm_ai.errors import UnknownName

PREFIX = "CRM_AI_DATABASE_"
SECRETS = Path(".streamlit") / "secrets.toml"


def connections() -> tuple[str, ...]:
    """The names of the connections that are set, in the order of the alphabet."""
    return tuple(sorted(_addresses()))


def address(name: str) -> str:
    """The URL behind a name; it holds the password, so it must not leave this room.

    Raises:
        UnknownName: no connection has that name.
    """
    known = _addresses()
    if name not in known:
        raise UnknownName(
            "There is no database connection {name}: set its address in the file .streamlit/secrets.toml.", name=name
        )
    return known[name]


def _addresses() -> dict[str, str]:
    """Name -> URL; the environment comes before the secrets of the program, and those before the user's."""
    found: dict[str, str] = {}
    for folder in (Path.home(), Path.cwd()):
        found |= _secrets(folder / SECRETS)
    named = {key.removeprefix(PREFIX).lower(): url for key, url in os.environ.items() if key.startswith(PREFIX)}
    return found | {name: url.strip() for name, url in named.items() if name and url.strip()}


def _secrets(path: Path) -> dict[str, str]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):  # missing or not TOML: the screen says how it should look
        return {}
    known = document.get("connections", {})
    return {name: part["url"].strip() for name, part in known.items() if _is_connection(part)} if known else {}


def _is_connection(part: Any) -> bool:
    return isinstance(part, Mapping) and isinstance(part.get("url"), str) and bool(part["url"].strip())
