"""What the terminal can do, asked before Textual is imported: it reads its own variables at import."""

from __future__ import annotations

import os
import sys

SMALLEST_COLUMNS, SMALLEST_ROWS = 40, 12


class TerminalUnfit(Exception):
    """The console cannot run here; the text says what to do."""


def check() -> None:
    """Raise TerminalUnfit where a full screen cannot be shown."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TerminalUnfit("the console needs a terminal; in a pipe use the verbs, such as: lampboard queue --json")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise TerminalUnfit("TERM is not set to a terminal that can draw; set it, for instance TERM=xterm-256color")
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    if columns < SMALLEST_COLUMNS or rows < SMALLEST_ROWS:
        raise TerminalUnfit(
            f"the terminal is {columns}x{rows}; the console needs {SMALLEST_COLUMNS}x{SMALLEST_ROWS}, "
            "make the window larger or use the verbs, such as: lampboard queue"
        )


def prepare() -> None:
    """Set what Textual reads at import: no animation, no smooth scrolling; a person's own choice wins."""
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    os.environ.setdefault("ESCDELAY", "25")
