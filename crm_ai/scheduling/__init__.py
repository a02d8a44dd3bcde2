"""What comes by itself: dashboards computed anew, and reports by e-mail."""

from crm_ai.scheduling.schedules import Schedule

__all__ = ["Schedule"]
