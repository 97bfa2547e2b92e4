"""A list of any length drawn line by line: only what is seen is rendered, only what changed is painted.

The widget keeps the top row itself, because Textual repaints a whole scrolled view; at the edge it jumps half a page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from core.pages import QueueRow
from tui.presenters.cells import Line
from tui.widgets.ink import Ink
from tui.widgets.lines import Lines
from tui.widgets.window import Window
from tui.words import _


class LineList(Lines, can_focus=True):
    """Rows of a `Window` under fixed head lines, with a cursor."""

    class CursorMoved(Message):
        """The cursor stands on another row."""

        def __init__(self, source: LineList, row: QueueRow | None) -> None:
            super().__init__()
            self.source = source
            self.row = row

        def can_replace(self, message: Message) -> bool:
            """A flood of moves collapses to the last one."""
            return isinstance(message, LineList.CursorMoved) and message.source is self.source

    class RowsWanted(Message):
        """Rows outside the window are about to be seen."""

        def __init__(self, source: LineList, direction: str, anchor: tuple[Any, ...] | None) -> None:
            super().__init__()
            self.source = source
            self.direction = direction
            self.anchor = anchor

    def __init__(self, ink: Ink, **options: Any) -> None:
        super().__init__(ink, **options)
        self.window = Window()
        self.cursor = 0
        self.top = 0
        self._is_waiting = False
        self.keeps_cursor = True
        """Whether the cursor row shows while the keys are elsewhere."""

    # What a list says of itself.

    def head_lines(self) -> list[tuple[Line, str]]:
        """Lines above the rows, each with its ground."""
        return []

    def present(self, row: QueueRow, index: int, *, is_cursor: bool) -> Line:
        """A row as a line."""
        raise NotImplementedError

    def empty_lines(self) -> list[Line]:
        """What a list without rows says instead."""
        return []

    # Drawing.

    def draw_line(self, y: int, width: int) -> Strip:
        """The strip of one line of the widget."""
        head = self.head_lines()
        if y < len(head):
            line, ground = head[y]
            return self.ink.strip(line, width, ground)
        if not self.window.total:
            said = self.empty_lines()
            place = y - len(head) - 1
            return self.ink.strip(said[place] if 0 <= place < len(said) else [], width, "panel")
        index = self.top + y - len(head)
        if index >= self.window.total:
            return self.ink.blank(width, "panel")
        row = self.window.row(index)
        if row is None:
            return self.ink.strip([("          " + _("reading"), "faint")], width, "panel")
        is_cursor = index == self.cursor and (self.has_focus or self.keeps_cursor)
        ground = ("select" if self.has_focus else "idle") if is_cursor else "panel"
        return self.ink.strip(self.present(row, index, is_cursor=is_cursor), width, ground)

    @property
    def rows_shown(self) -> int:
        """How many rows fit under the head."""
        return max(1, self.size.height - len(self.head_lines()))

    @property
    def current(self) -> QueueRow | None:
        """The row under the cursor."""
        return self.window.row(self.cursor)

    @property
    def is_reading(self) -> bool:
        """True while the row under the cursor is on its way from the store."""
        return self.current is None and self.window.total > 0

    def paint_row(self, index: int) -> None:
        """Paint one row again, if it is in view."""
        y = index - self.top
        if 0 <= y < self.rows_shown:
            self.refresh(Region(0, y + len(self.head_lines()), self.size.width, 1))

    def same_under_cursor(self, row: QueueRow) -> tuple[int, int] | None:
        """Cells (from, to) of a row that look alike with and without the cursor, so that a move need not send them."""
        return None

    def _paint_cursor(self, index: int) -> None:
        row = self.window.row(index)
        same = self.same_under_cursor(row) if row is not None else None
        if same is None:
            self.paint_row(index)
            return
        y, (start, end) = index - self.top + len(self.head_lines()), same
        self.refresh(Region(0, y, start, 1), Region(end, y, self.size.width - end, 1))

    def focus_changed(self) -> None:
        """The cursor row shows who has the keys."""
        self.paint_row(self.cursor)

    # Moving.

    def move_to(self, index: int) -> None:
        """Put the cursor on a place of the whole list; at the edge the view jumps half a page."""
        index = max(0, min(index, self.window.total - 1))
        before = self.cursor
        if index == before:
            return
        self.cursor = index
        shown = self.rows_shown
        if self.top <= index < self.top + shown:
            self._paint_cursor(before)
            self._paint_cursor(index)
        else:
            self._bring_into_view(index, shown)
            self.refresh()
        self._moved()

    def move(self, how: str) -> None:
        """Move the cursor: down, up, page_down, page_up, half_down, half_up, first, last."""
        _STEPS[how](self)

    def move_by(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.move_to(self.cursor + rows)

    def page_by(self, pages: float) -> None:
        """Move the cursor and the view by whole or half pages."""
        shown = self.rows_shown
        step = max(1, int(shown * abs(pages))) * (1 if pages > 0 else -1)
        last_top = max(0, self.window.total - shown)
        top = max(0, min(self.top + step, last_top))
        cursor = max(0, min(self.cursor + step, self.window.total - 1))
        if (top, cursor) == (self.top, self.cursor):
            return
        self.top = top
        self.cursor = max(top, min(cursor, top + shown - 1))
        self.refresh()
        self._moved()

    def _bring_into_view(self, index: int, shown: int) -> None:
        half = max(1, shown // 2)
        last_top = max(0, self.window.total - shown)
        if index < self.top:
            top = min(index, self.top - half) if self.top - index <= half else index - half
        else:
            top = max(index - shown + 1, self.top + half) if index - self.top - shown < half else index - half
        self.top = max(0, min(top, last_top))

    def _moved(self) -> None:
        self.fetch_more()
        self.post_message(self.CursorMoved(self, self.current))

    # Rows coming in.

    def fetch_more(self) -> None:
        """Ask for rows near the edge of the window; one request at a time."""
        wanted = self.window.wants(self.top, self.top + self.rows_shown)
        if wanted is not None and not self._is_waiting:
            self._is_waiting = True
            self.post_message(self.RowsWanted(self, *wanted))

    def rows_came(self) -> None:
        """Rows were added to the window: paint, and ask for more if the cursor ran on meanwhile."""
        self._is_waiting = False
        self.cursor = max(0, min(self.cursor, self.window.total - 1))
        self.top = max(0, min(self.top, max(0, self.window.total - self.rows_shown)))
        self.refresh()
        self._moved()

    def shift(self, places: int) -> None:
        """Every place moved because the top of the list was reached."""
        self.cursor += places
        self.top += places

    def on_resize(self) -> None:
        """Keep the cursor in view in the new size."""
        shown = self.rows_shown
        if not self.top <= self.cursor < self.top + shown:
            self.top = max(0, self.cursor - shown + 1)
        self.top = max(0, min(self.top, max(0, self.window.total - shown)))
        self.fetch_more()


_STEPS: dict[str, Callable[[LineList], None]] = {
    "down": lambda pane: pane.move_by(1),
    "up": lambda pane: pane.move_by(-1),
    "page_down": lambda pane: pane.page_by(1),
    "page_up": lambda pane: pane.page_by(-1),
    "half_down": lambda pane: pane.page_by(0.5),
    "half_up": lambda pane: pane.page_by(-0.5),
    "first": lambda pane: pane.move_to(0),
    "last": lambda pane: pane.move_to(pane.window.total - 1),
}
