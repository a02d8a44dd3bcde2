"""What is written down beside the files: people, dashboards, links, schedules, and who did what.

SQLite in the workspace by default, PostgreSQL by URL.
The tables are in ``tables``, the door is ``Records``; each room keeps its own rows through it.
"""

from crm_ai.records.database import Records, now

__all__ = ["Records", "now"]
