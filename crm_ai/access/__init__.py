"""Who may do what. Every screen, route and schedule goes through a ``Desk``, which asks before it acts."""

from crm_ai.access.desk import Desk
from crm_ai.access.visitors import LOCAL, ROLES, Visitor

__all__ = ["LOCAL", "ROLES", "Desk", "Visitor"]
