"""What a keeper writes down: documents, its lease and reporting tables; and rights of rows as a second line."""

from __future__ import annotations

from storage.hub.migrations.scripts import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what keepers write and what consoles read of it."""
    run_script("0002_keeper")
    run_script("0002_report")
    run_script("0002_rows")
