"""Reads a theme from its file: ours or one a person wrote, in the same format."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

from themes.roles import ROLES

_HEX = re.compile("#[0-9a-fA-F]{6}")


class ThemeBroken(Exception):
    """A theme that cannot be used; the text says what is missing or wrong."""


class Palette(NamedTuple):
    """A theme's colours by role, as `#rrggbb`."""

    name: str
    is_dark: bool
    roles: dict[str, str]


def shipped(name: str) -> Palette:
    """A theme that comes with Lampboard."""
    known = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.toml"))}
    if name not in known:
        raise ThemeBroken(f"there is no theme {name!r}; known are {', '.join(known)}")
    return _parse(known[name].read_text(encoding="utf-8"), name)


def from_file(path: Path) -> Palette:
    """A theme that a person wrote."""
    try:
        return _parse(path.read_text(encoding="utf-8"), path.stem)
    except OSError as error:
        raise ThemeBroken(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ThemeBroken(f"{path.stem}: not UTF-8 text") from error


def _parse(text: str, name: str) -> Palette:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeBroken(f"{name}: {error}") from error
    roles = document.get("roles", {})
    if not isinstance(roles, dict):
        raise ThemeBroken(f"{name}: [roles] must be a table")
    missing = [role for role in ROLES if role not in roles]
    unknown = [role for role in roles if role not in ROLES]
    wrong = [role for role in ROLES if role in roles and not _HEX.fullmatch(str(roles[role]))]
    if missing or unknown or wrong:
        told = [("missing", missing), ("unknown", unknown), ("not #rrggbb", wrong)]
        raise ThemeBroken(f"{name}: " + "; ".join(f"{what}: {', '.join(which)}" for what, which in told if which))
    return Palette(str(document.get("name", name)), bool(document.get("is_dark", True)), dict(roles))
