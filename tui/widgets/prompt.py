"""The row above the hints: what happened, or a field in which the person answers."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input
from textual.widgets.input import Selection

from core.text import plain
from tui.presenters.cells import Line, cut, width_of
from tui.widgets.ink import Ink
from tui.widgets.one_line import OneLine

ROOM_TO_ANSWER = 24


class PromptField(Input):
    """One line of text; enter, ctrl+s and f8 answer, escape backs out, up and down move in the list above."""

    class Backed(Message):
        """The person backed out."""

    class Moved(Message):
        """Up or down was pressed while typing."""

        def __init__(self, rows: int) -> None:
            super().__init__()
            self.rows = rows

    class Taken(Message):
        """Tab was pressed while typing."""

    def validate_value(self, value: str) -> str:
        """Every way into the line leads through here."""
        return plain(value)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put a text made harmless at a place, the cursor behind it; its line ends become blanks."""
        super().replace(plain(text.strip("\r\n")), start, end)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()  # Textual's own would keep the first line alone
        self.replace(event.text, *self.selection)

    def mark(self, begins: int, ends: int) -> None:
        """Show where something is wrong: what is typed next takes its place."""
        self.selection = Selection(ends, begins)

    async def on_key(self, event: events.Key) -> None:
        """Keys that are not text."""
        moves = {"up": -1, "down": 1, "pageup": -5, "pagedown": 5}
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Backed())
        elif event.key in ("ctrl+s", "f8"):
            event.stop()
            event.prevent_default()
            await self.action_submit()
        elif event.key == "ctrl+u":
            event.stop()
            event.prevent_default()
            self.value = ""
        elif event.key == "tab":
            event.stop()
            event.prevent_default()
            self.post_message(self.Taken())
        elif event.key in moves:
            event.stop()
            event.prevent_default()
            self.post_message(self.Moved(moves[event.key]))


class PromptRow(Horizontal):
    """A label and a field, shown only while something is asked."""

    def __init__(self, ink: Ink, **options: Any) -> None:
        super().__init__(**options)
        self.label = OneLine(ink, id="prompt-label")
        self.field = PromptField(id="prompt-field", select_on_focus=False, compact=True)
        # Nothing on the screen moves by itself, and over a slow line every blink is sent.
        self.field.cursor_blink = False

    def compose(self) -> Any:
        """Label, then field."""
        yield self.label
        yield self.field

    def ask(self, label: str, initial: str, example: str = "") -> None:
        """Show a question with an answer to begin from; an example stands there until something is typed."""
        # However long a name in the question is, the answer keeps room.
        line: Line = [(f" {cut(label, max(8, self.app.size.width - ROOM_TO_ANSWER))} ", "accent bold")]
        self.label.styles.width = width_of(line[0][0])
        self.label.show(line)
        self.field.placeholder = example
        self.field.value = initial
        self.field.cursor_position = len(self.field.value)
        self.field.focus()
