"""Who may do what. Every screen, route and schedule goes through a ``Desk``, which asks before it acts.

visitors.py     who asks, and the roles
arrivals.py     whether a visitor sits at this machine
passwords.py    what is kept of passwords and tokens
tries.py        how often something was tried lately
accounts.py     local accounts
sessions.py     browsers that are signed in
people.py       accounts and sessions, as one visitor may see and change them
grants.py       whose a thing is, and who was given what of it
desk.py         the workspace, as one visitor may see and change it
"""

from crm_ai.access.desk import Desk
from crm_ai.access.visitors import LOCAL, NOBODY, ROLES, Visitor

__all__ = ["LOCAL", "NOBODY", "ROLES", "Desk", "Visitor"]
