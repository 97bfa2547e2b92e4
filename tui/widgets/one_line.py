"""A row of the frame: the status above, the prompt and the hints below."""

from __future__ import annotations

from typing import Any

from textual.strip import Strip
from textual.widget import Widget

from tui.presenters.cells import Line
from tui.widgets.ink import Ink


class OneLine(Widget):
    """A single line on `ground`, painted only when it changes."""

    def __init__(self, ink: Ink, **options: Any) -> None:
        super().__init__(**options)
        self.ink = ink
        self.line: Line = []

    def show(self, line: Line) -> None:
        """Show another line."""
        if line != self.line:
            self.line = line
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The strip of the line."""
        return self.ink.strip(self.line, self.size.width, "ground")
