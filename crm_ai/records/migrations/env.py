"""Alembic's environment: it works on the connection that ``records.database`` hands over."""

from alembic import context

from crm_ai.records.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
