"""The bare baseline: the least a Textual application can be, one label and a key that changes it.

Run as a program. It uses Textual's own driver and nothing of ours, so that a ratio to it says what the console adds.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Label

FIRST_WORDS = "0 keys so far"


class Minimal(App[None]):
    """One label that counts keys."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("down", "count"), ("up", "count"), ("q", "quit")]

    count = 0

    def compose(self) -> ComposeResult:
        """The label."""
        yield Label(FIRST_WORDS, id="label")

    def action_count(self) -> None:
        """Change the label."""
        self.count += 1
        self.query_one("#label", Label).update(f"{self.count} keys so far")


if __name__ == "__main__":
    Minimal().run(mouse=False)
