"""A dashboard by its link. Role: none; the link says what may be seen."""

from crm_ai.ui import shared

shared.page()
