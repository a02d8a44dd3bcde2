"""Who made a schedule, and what he may do at the moment it comes round."""

import tomllib
from pathlib import Path
from typing import Any

from crm_ai.access import LOCAL, ROLES, Visitor, accounts
from crm_ai.records import Records

SECRETS = Path(".streamlit") / "secrets.toml"
PROGRAM = Path(__file__).parents[2]


def maker(records: Records, email: str) -> Visitor | None:
    """The visitor of that e-mail with the role he has now; None where he may not come in any more."""
    secrets = _secrets()
    if secrets.get("auth"):
        roles = secrets.get("roles", {})
        role = str(roles.get(email, roles.get("default", "viewer")))
        return Visitor(email, role if role in ROLES else "")
    if accounts.exist(records):
        known = (each for each in accounts.every(records) if each.email == email and each.active)
        return next((Visitor(each.email, each.role, each.name) for each in known), None)
    return LOCAL if email == LOCAL.email else None


def _secrets() -> dict[str, Any]:
    """As the pages read them: those beside the program count most, those of the user least."""
    found: dict[str, Any] = {}
    for folder in (Path.home(), Path.cwd(), PROGRAM):
        try:
            found |= tomllib.loads((folder / SECRETS).read_text("utf-8"))
        except (OSError, ValueError):
            continue
    return found
