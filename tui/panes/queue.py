"""The queue: the tickets of a view in their order, a cursor, marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.clock import Instant
from core.ids import EntityId
from core.pages import QueueRow
from core.queue import BREACHED
from core.stages import CLOSED
from core.text import plain
from tui.presenters.cells import Line
from tui.presenters.frame import SCOPE_WORDS
from tui.presenters.lamps import row_lamp
from tui.presenters.queue_row import CALL_DUE, CROSSED, LAMP_CELLS, PENDING, UNSENT, Columns, head, row_line
from tui.widgets.ink import Ink
from tui.widgets.line_list import LineList
from tui.words import _


class QueuePane(LineList):
    """Rows of the view under their column names."""

    def __init__(self, ink: Ink, now: Callable[[], Instant], me: Callable[[], EntityId], **options: Any) -> None:
        super().__init__(ink, **options)
        self._now = now
        self._me = me
        self._columns: Columns | None = None
        self._head_for: Columns | None = None
        self._head: list[tuple[Line, str]] = []
        self.marked: dict[EntityId, QueueRow] = {}
        self.pending: set[EntityId] = set()
        self._calls: Mapping[EntityId, Instant] = {}
        self._unsent: frozenset[EntityId] = frozenset()
        self._crossed: frozenset[EntityId] = frozenset()
        self.last_mark: int | None = None
        self.scope = ""
        """Which tickets are listed; an empty list names it."""
        self.filter = ""
        """What narrows them; an empty list names it too."""

    def head_lines(self) -> list[tuple[Line, str]]:
        """The names of the columns."""
        columns = self._columns_now()
        if self._head_for is not columns:
            self._head_for, self._head = columns, [(head(columns), "panel")]
        return self._head

    def present(self, row: QueueRow, index: int, *, is_cursor: bool) -> Line:
        """A ticket as a row."""
        return row_line(
            row,
            self._columns_now(),
            self._now(),
            is_cursor=is_cursor,
            is_marked=row.id in self.marked,
            is_mine=row.owner == self._me() and row.owner is not None,
            last=self._last_mark_of(row),
        )

    def _last_mark_of(self, row: QueueRow) -> str:
        if row.id in self.pending:
            return PENDING
        if row.id in self._crossed:
            return CROSSED
        if self._has_call_due(row):
            return CALL_DUE
        return UNSENT if row.id in self._unsent else " "

    def _has_call_due(self, row: QueueRow) -> bool:
        due_at = self._calls.get(row.id)
        return due_at is not None and due_at <= self._now() and row.stage_class != CLOSED

    def show_calls(self, calls: Mapping[EntityId, Instant]) -> None:
        """Mark the rows whose promised call is due: for each ticket with one its soonest instant."""
        before, self._calls = self._calls, calls
        for ticket in before.keys() | calls.keys():
            place = self.window.index_of(ticket) if before.get(ticket) != calls.get(ticket) else None
            if place is not None:
                self.paint_row(place)

    def show_sync(self, unsent: frozenset[EntityId], crossed: frozenset[EntityId]) -> None:
        """Mark the rows with work that the hub does not have yet, and those about which a conflict waits."""
        changed = (self._unsent ^ unsent) | (self._crossed ^ crossed)
        self._unsent, self._crossed = unsent, crossed
        for ticket in changed:
            place = self.window.index_of(ticket)
            if place is not None:
                self.paint_row(place)

    def same_under_cursor(self, row: QueueRow) -> tuple[int, int] | None:
        """A lit tile stays as it is."""
        return LAMP_CELLS if row_lamp(row, self._now()).level == BREACHED else None

    def empty_lines(self) -> list[Line]:
        """One strong sentence, one fact, two keys that help."""
        indent = " " * 10
        view = _(SCOPE_WORDS.get(self.scope, self.scope))
        strong = _("Nobody is waiting.")
        fact = _("The view {view} has no tickets.").format(view=view)
        keys = (("V", _("lists other tickets")), (":", _("finds a ticket by its number")))
        if self.filter:
            strong = _("No ticket of the view {view} meets the filter.").format(view=view)
            fact = plain(self.filter, 300)
            keys = (("f", _("changes the filter; ctrl+u and Enter clear it")), ("V", _("lists other tickets")))
        lines: list[Line] = [[(indent + strong, "strong bold")], [(indent + fact, "text")], []]
        return lines + [[(indent + key, "accent bold"), (f" {words}", "muted")] for key, words in keys]

    def mark(self, how: str) -> None:
        """Mark or unmark the current row and go on, mark a range, or unmark all."""
        if how == "none":
            self.marked.clear()
            self.last_mark = None
            self.refresh()
            return
        row = self.current
        if row is None:
            return
        if how == "range" and self.last_mark is not None:
            first, last = sorted((self.last_mark, self.cursor))
            for index in range(first, last + 1):
                between = self.window.row(index)
                if between is not None:
                    self.marked[between.id] = between
            self.refresh()
            return
        if row.id in self.marked:
            del self.marked[row.id]
        else:
            self.marked[row.id] = row
        self.last_mark = self.cursor
        self.paint_row(self.cursor)
        self.move_by(1)

    def _columns_now(self) -> Columns:
        if self._columns is None or self._columns.total != self.size.width:
            self._columns = Columns.for_width(self.size.width)
        return self._columns
