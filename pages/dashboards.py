"""Dashboards: the list, and one of them by its address. Role: viewer."""

from crm_ai.ui import boards, signin

signin.require_role("viewer")
boards.page()
