"""Where a person's desks, settings and crash reports lie on this machine (XDG base directories)."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_DESK = "main"
DEMO_DESK = "demo"


def data_folder() -> Path:
    """`$XDG_DATA_HOME/lampboard`: the desks of this OS user."""
    return _folder("XDG_DATA_HOME", ".local/share")


def config_folder() -> Path:
    """`$XDG_CONFIG_HOME/lampboard`: settings and key map."""
    return _folder("XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """`$XDG_STATE_HOME/lampboard`: crash reports and logs."""
    return _folder("XDG_STATE_HOME", ".local/state")


def desk_path(desk: str) -> Path:
    """The file of the desk called `desk`."""
    return data_folder() / "desks" / desk / "desk.db"


def desks() -> list[str]:
    """The names of this user's desks."""
    folder = data_folder() / "desks"
    return sorted(entry.parent.name for entry in folder.glob("*/desk.db"))


def _folder(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    # A relative path is to be ignored, says the specification.
    root = Path(value) if value.startswith("/") else Path.home() / fallback
    return root / "lampboard"
