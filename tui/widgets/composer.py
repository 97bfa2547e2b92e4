"""A field for a text of several lines at the foot of the ticket: a reply or a note, kept as it is typed."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from core.text import plain
from tui.presenters.cells import spread
from tui.widgets.ink import Ink
from tui.widgets.one_line import OneLine


def harmless(text: str) -> str:
    """A text of any length whose only structure is its line ends: no controls, no bidi overrides, no tabs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")
    return "\n".join(plain(line, len(line)) for line in lines)


class ComposerField(TextArea):
    """The text; ctrl+s and f8 are done with it, escape leaves it as a draft, tab is blanks."""

    class Finished(Message):
        """The person wants the text saved or sent."""

    class Left(Message):
        """The person leaves the text as a draft."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("ctrl+s", "f8", "escape"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Left() if event.key == "escape" else self.Finished())
            return
        if event.key == "shift+tab":
            # Outside the text the next letters would be commands.
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)

    def edit(self, edit: Edit) -> EditResult:
        """Every way into the text leads through here: keys, pastes, the clipboard of the program."""
        edit.text = harmless(edit.text)
        return super().edit(edit)

    def load_text(self, text: str) -> None:
        """Replace the text, as by a kept draft."""
        super().load_text(harmless(text))


class Composer(Vertical):
    """Title and field."""

    def __init__(self, ink: Ink, **options: Any) -> None:
        super().__init__(**options)
        self.title = OneLine(ink, id="composer-title")
        self.field = ComposerField(
            id="composer-field", soft_wrap=True, show_line_numbers=False, compact=True, tab_behavior="indent"
        )
        self.field.cursor_blink = False

    def compose(self) -> Any:
        """Title above the field."""
        yield self.title
        yield self.field

    def begin(self, title: str, fact: str, text: str) -> None:
        """Start writing with a kept draft."""
        width = max(20, self.size.width or 60)
        self.title.show(spread([(f" {plain(title, 200)}", "accent bold")], [(f"{fact} ", "muted")], width))
        self.field.load_text(text)
        self.field.move_cursor(self.field.document.end)
        self.field.focus()
