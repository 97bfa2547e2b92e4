"""Which time zone tables this program counts with, so that two consoles can tell why they differ."""

from __future__ import annotations

from importlib import import_module


def zone_data_version() -> str:
    """The release of the pinned tables, as 2026a; zones come from them alone (`tui/command_line.py`)."""
    return str(import_module("tzdata").IANA_VERSION)
