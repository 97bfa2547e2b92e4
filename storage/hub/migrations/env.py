"""What Alembic runs: on the connection it is handed, in the hub's own schema."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table="schema_version",
    version_table_schema="lampboard",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
