"""A row of the frame: the status above, the prompt and the hints below."""

from __future__ import annotations

from typing import Any

from textual.strip import Strip

from tui.presenters.cells import Line
from tui.widgets.ink import Ink
from tui.widgets.lines import Lines


class OneLine(Lines):
    """A single line on `ground`, painted only when it changes."""

    def __init__(self, ink: Ink, **options: Any) -> None:
        super().__init__(ink, **options)
        self.line: Line = []

    def show(self, line: Line) -> None:
        """Show another line."""
        if line != self.line:
            self.line = line
            self.refresh()

    def draw_line(self, y: int, width: int) -> Strip:
        """The strip of the line."""
        return self.ink.strip(self.line, width, "ground")
