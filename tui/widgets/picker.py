"""A list of options in the ticket pane's place: chosen by letter at once, or by cursor and enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.message import Message
from textual.strip import Strip

from core.text import fold, plain
from tui.actions.scene import Option
from tui.presenters.cells import spread
from tui.presenters.frame import option_line
from tui.widgets.ink import Ink
from tui.widgets.lines import Lines

MOVES = {"j": 1, "down": 1, "k": -1, "up": -1, "pagedown": 8, "pageup": -8}


class Picker(Lines, can_focus=True):
    """Options under a header; `narrow` keeps those that hold every word typed."""

    class Chosen(Message):
        """An option was chosen, or None: the person backed out."""

        def __init__(self, option: Option | None) -> None:
            super().__init__()
            self.option = option

    def __init__(self, ink: Ink, **options: Any) -> None:
        super().__init__(ink, **options)
        self.title = ""
        self.fact = ""
        self._all: Sequence[Option] = ()
        self.options: Sequence[Option] = ()
        self.cursor = 0
        self.top = 0
        self._seen: list[object] = []

    def offer(self, title: str, options: Sequence[Option], fact: str = "") -> None:
        """Show other options."""
        self.title, self.fact = title, fact
        self._all = options
        self._show(options)

    def narrow(self, text: str) -> None:
        """Keep the options that hold every word of `text`; what begins with it comes first."""
        words = fold(text).split()
        kept = [
            option for option in self._all if all(word in fold(f"{option.title} {option.detail}") for word in words)
        ]
        first = fold(text)
        kept.sort(key=lambda option: not fold(option.title).startswith(first))
        self._show(kept)

    def append(self, options: Sequence[Option]) -> None:
        """Show more options below those that were kept, until the text changes; the cursor stays where it is."""
        self._show([*self.options, *options], self.cursor, self.top)

    def move_by(self, rows: int) -> None:
        """Move the cursor."""
        cursor, top = max(0, min(self.cursor + rows, len(self.options) - 1)), self.top
        shown = max(1, self.size.height - 1)
        if not top <= cursor < top + shown:
            top = max(0, cursor - shown // 2)
        self._show(self.options, cursor, top)

    def _show(self, options: Sequence[Option], cursor: int = 0, top: int = 0) -> None:
        """Paint what differs from what is seen: most keys change a line or two."""
        self.options, self.cursor, self.top = options, cursor, top
        before, self._seen = self._seen, self._lines()
        self.refresh_where(before, self._seen)

    def _lines(self) -> list[object]:
        """What stands on each line: the header, then options, the one under the cursor marked."""
        count = self.fact or str(len(self.options))
        shown = self.options[self.top : self.top + max(0, self.size.height - 1)]
        options = ((*option._replace(value=None), place == self.cursor) for place, option in enumerate(shown, self.top))
        return [(self.title, count), *options]

    def on_resize(self) -> None:
        """Another number of options fits."""
        self._seen = self._lines()

    @property
    def current(self) -> Option | None:
        """The option under the cursor."""
        return self.options[self.cursor] if self.options else None

    def on_key(self, event: events.Key) -> None:
        """While the picker has the focus every key is an answer, so that no letter runs a command by chance."""
        event.stop()
        event.prevent_default()
        option = self.by_letter(event.character or "")
        if option is not None:
            self.post_message(self.Chosen(option))
        elif event.key == "escape":
            self.post_message(self.Chosen(None))
        elif event.key == "enter" and self.current is not None:
            self.post_message(self.Chosen(self.current))
        elif event.key in MOVES:
            self.move_by(MOVES[event.key])

    def by_letter(self, letter: str) -> Option | None:
        """The option that a letter chooses."""
        return next((option for option in self._all if option.letter and option.letter == letter), None)

    def draw_line(self, y: int, width: int) -> Strip:
        """The strip of one line of the widget."""
        if y == 0:
            count = f"{self.fact} " if self.fact else f"{len(self.options)} "
            return self.ink.strip(
                spread([(f" {plain(self.title, 300)}", "accent bold")], [(count, "muted")], width), width, "raised"
            )
        place = self.top + y - 1
        if place >= len(self.options):
            return self.ink.blank(width, "panel")
        option = self.options[place]
        is_cursor = place == self.cursor
        line = option_line(option.title, option.detail, option.letter or option.shown_key, width, is_cursor=is_cursor)
        return self.ink.strip(line, width, "select" if is_cursor else "panel")
