"""Dashboards on the screen: ``show`` draws one, ``page`` is the page with all of them."""

from crm_ai.ui.boards.filtering import asked
from crm_ai.ui.boards.grid import show
from crm_ai.ui.boards.page import page

__all__ = ["asked", "page", "show"]
