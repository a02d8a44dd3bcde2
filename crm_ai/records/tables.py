"""The tables. A change here needs a step in ``migrations`` too; tests/records compare the two.

Moments are UTC without a zone. Documents are JSON of the dataclass that the room in charge describes.
"""

from sqlalchemy import JSON, Boolean, Column, DateTime, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

accounts = Table(
    "accounts",
    METADATA,
    Column("email", String(254), primary_key=True),
    Column("name", String(200), nullable=False, default=""),
    Column("role", String(20), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", DateTime, nullable=False),
)
"""Local accounts: whoever signs in here and not at an OpenID provider."""

sessions = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("email", String(254), nullable=False, index=True),
    Column("client", String(300), nullable=False, default=""),
    Column("created_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
)
"""Browsers that are signed in to a local account."""

tries = Table(
    "tries",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("what", String(100), nullable=False),
    Column("at", DateTime, nullable=False),
    Index("ix_tries_what_at", "what", "at"),
)
"""Wrong passwords, so that guessing can be slowed down."""

owners = Table(
    "owners",
    METADATA,
    Column("kind", String(20), primary_key=True),
    Column("thing", String(40), primary_key=True),
    Column("email", String(254), nullable=False),
)
"""Whose a dataset, a draft or a dashboard is."""

grants = Table(
    "grants",
    METADATA,
    Column("kind", String(20), primary_key=True),
    Column("thing", String(40), primary_key=True),
    Column("who", String(254), primary_key=True),
    Column("level", String(10), nullable=False),
)
"""What others may do with it: ``who`` is an e-mail or "*", ``level`` is "view" or "edit"."""

dashboards = Table(
    "dashboards",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("changed_at", DateTime, nullable=False),
)
"""Dashboards, see ``dashboards.boards.Board``; a save of an older revision is refused."""

links = Table(
    "links",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("dashboard", String(40), nullable=False, index=True),
    Column("made_by", String(254), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime),
    Column("revoked_at", DateTime),
    Column("password_hash", Text),
    Column("options", JSON, nullable=False),
    Column("opened", Integer, nullable=False, default=0),
    Column("opened_at", DateTime),
)
"""Read-only links to dashboards; the token itself is kept nowhere."""

schedules = Table(
    "schedules",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("dashboard", String(40), nullable=False, index=True),
    Column("made_by", String(254), nullable=False),
    Column("document", JSON, nullable=False),
    Column("next_at", DateTime, index=True),
    Column("claimed_until", DateTime),
    Column("last_at", DateTime),
    Column("last_error", JSON),
)
"""Refreshes and reports that come by themselves, see ``scheduling.schedules.Schedule``."""

audit = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("who", String(254), nullable=False),
    Column("action", String(60), nullable=False),
    Column("kind", String(20), nullable=False, default=""),
    Column("thing", String(40), nullable=False, default=""),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_kind_thing", "kind", "thing"),
)
"""Who did what, when; without secrets and without data of customers."""
