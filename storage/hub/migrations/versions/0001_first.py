"""The log of a hub and the functions of consoles."""

from __future__ import annotations

from storage.hub.migrations.scripts import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make tables and functions; the owner of the schema is the present role."""
    run_script("0001_first")
    run_script("0001_functions")
