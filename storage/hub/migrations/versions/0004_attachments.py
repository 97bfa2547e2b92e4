"""Kinds of operations that came later: files of tickets, persons who were purged."""

from __future__ import annotations

from storage.hub.migrations.scripts import run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the hub take these kinds."""
    run_script("0004_attachments")
