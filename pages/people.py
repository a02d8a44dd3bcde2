"""Accounts, who is signed in, and who did what. Role: admin."""

from crm_ai.ui import people, signin

signin.require_role("admin")
people.page()
