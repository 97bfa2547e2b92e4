"""Lines of text drawn one by one, scrolled by lines and half pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.strip import Strip

from core.text import fold
from tui.presenters.cells import Line
from tui.widgets.ink import Ink
from tui.widgets.lines import Lines


class LineView(Lines, can_focus=True):
    """Fixed head lines above a body of lines, each on its ground."""

    def __init__(self, ink: Ink, **options: Any) -> None:
        super().__init__(ink, **options)
        self.head: list[tuple[Line, str]] = []
        self.body: list[tuple[Line, str]] = []
        self.top = 0

    def show(self, head: list[tuple[Line, str]], body: list[tuple[Line, str]], *, keep_place: bool = False) -> None:
        """Show other lines, from the top unless the place is kept; nothing is painted if nothing differs."""
        top = min(self.top, max(0, len(body) - 1)) if keep_place else 0
        if (head, body, top) == (self.head, self.body, self.top):
            return
        before = self._seen()
        self.head, self.body, self.top = head, body, top
        # Only lines that differ go over the wire: labels and blank lines of two tickets are often the same.
        self.refresh_where(before, self._seen())

    def _seen(self) -> list[tuple[Line, str] | None]:
        """What stands on each line of the widget."""
        height = self.size.height
        seen = [*self.head, *self.body[self.top : self.top + height]][:height]
        return [*seen, *[None] * (height - len(seen))]

    def draw_line(self, y: int, width: int) -> Strip:
        """The strip of one line of the widget."""
        if y < len(self.head):
            line, ground = self.head[y]
            return self.ink.strip(line, width, ground)
        place = self.top + y - len(self.head)
        if place >= len(self.body):
            return self.ink.blank(width, "panel")
        line, ground = self.body[place]
        return self.ink.strip(line, width, ground)

    def find(self, words: Sequence[str], step: int) -> str:
        """Bring the next line that holds all words (or the one before) to the top; `wrapped` past the end, empty for
        none."""
        said = [fold("".join(text for text, _ink in line)) for line, _ground in self.body]
        places = [place for place, text in enumerate(said) if all(word in text for word in words)]
        if not places:
            return ""
        ahead = [place for place in places if (place - self.top) * step > 0]
        wanted = (ahead or places)[0 if step > 0 else -1]
        last = max(0, len(self.body) - max(1, self.size.height - len(self.head)))
        if min(wanted, last) != self.top:
            self.top = min(wanted, last)
            self.refresh()
        return "found" if ahead else "wrapped"

    def move(self, how: str) -> None:
        """Move the view over the body: down, up, page_down, page_up, half_down, half_up, first, last."""
        shown = max(1, self.size.height - len(self.head))
        end = len(self.body)
        lines = {"down": 1, "page_down": shown - 1, "half_down": shown // 2, "last": end}
        lines |= {"up": -1, "page_up": 1 - shown, "half_up": -(shown // 2), "first": -end}
        top = max(0, min(self.top + lines[how], max(0, end - shown)))
        if top != self.top:
            self.top = top
            self.refresh()
