"""A visitor: who it is, and the role he has."""

from dataclasses import dataclass

ROLES = ("viewer", "analyst", "admin")
"""Each may do all that the ones before it may: look, work, look after people."""


@dataclass(frozen=True)
class Visitor:
    """Who asks.

    Attributes:
        email: of the account, in lower case; "local" where nobody signs in; "link:<id>" for a shared link.
        role: one of ROLES; "" may do nothing but what was given to this visitor by name.
        name: as people call him.
    """

    email: str
    role: str
    name: str = ""

    def has_role(self, needed: str) -> bool:
        """Whether the role is at least the one needed."""
        return self.role in ROLES and ROLES.index(self.role) >= ROLES.index(needed)


LOCAL = Visitor("local", "admin")
"""The one user of an installation without sign-in."""

NOBODY = Visitor("", "")
"""Before the sign-in."""
