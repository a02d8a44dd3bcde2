"""Dashboards: tiles on a board, each a recipe; who made them shares them, and others only look."""

from crm_ai.dashboards.boards import Board, Tile

__all__ = ["Board", "Tile"]
