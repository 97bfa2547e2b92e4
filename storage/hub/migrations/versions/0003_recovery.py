"""Epochs of a hub, and what consoles ask to find the common part of two logs."""

from __future__ import annotations

from storage.hub.migrations.scripts import run_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of epochs and the functions."""
    run_script("0003_recovery")
