"""Spares the start a part of Textual that Lampboard never shows: its own command palette.

Textual's application module imports the palette, and with it input fields, lists, trees and what they validate with.
With asyncio's TLS that is a seventh of what a bare start imports. Lampboard has a palette of its own
(`tui/actions/desk.py`), so the console starts with a stand-in under that module's name; see `docs/decisions/0004`.
"""

from __future__ import annotations

import sys
from types import ModuleType

_PALETTE = "textual.command"
_NAMES = ("CommandListItem", "CommandPalette", "DiscoveryHit", "Hit", "Hits", "Provider", "SimpleProvider")


class _NeverShown:
    """Stands where Textual names a class of its palette."""


def spare() -> None:
    """To be called before Textual is imported; afterwards, and where Textual knows other names, nothing changes."""
    if "textual.app" in sys.modules or _PALETTE in sys.modules:
        return
    _import_loop_without_tls()
    stand_in = ModuleType(_PALETTE)
    for name in _NAMES:
        setattr(stand_in, name, _NeverShown)
    sys.modules[_PALETTE] = stand_in
    try:
        import textual.app  # noqa: F401
    except ImportError:
        # Another version of Textual takes more from its palette: it gets the real one.
        _forget_half_imported()


def _import_loop_without_tls() -> None:
    """The loop of the screen opens no connection; asyncio takes a missing `ssl` as a matter of course."""
    if "ssl" not in sys.modules and "asyncio" not in sys.modules:
        sys.modules["ssl"] = None  # type: ignore[assignment]
        import asyncio  # noqa: F401

        del sys.modules["ssl"]


def _forget_half_imported() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "textual"]:
        del sys.modules[name]
