"""The page over the panes on which conflicts are settled: the list, and the sides of the one under its cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from core.clock import Instant
from core.ids import EntityId
from tui.gateway import Gateway
from tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from core.pages import QueueRow
    from core.review_shown import BesideShown, ConflictLine, ReviewShown
    from tui.presenters.review_page import Looking
    from tui.screens.running import Work

FRAME_ROWS = 3
"""Row 1, the prompt and the hints."""

OF_THE_SIDES = frozenset(("half_down", "half_up"))
"""Moves of what is below the list."""


class Reviewing:
    """Open while `page` is there; `is_covered` while help or an explanation lies over it."""

    def __init__(
        self,
        gateway: Gateway,
        view: LineView,
        now: Callable[[], Instant],
        zone: Callable[[], str],
        me: Callable[[], EntityId],
        beside: Callable[[Work, str], None],
    ) -> None:
        self._gateway = gateway
        self._view = view
        self._now = now
        self._zone = zone
        self._me = me
        self._run_beside = beside
        self._cursor = 0
        self._gone: EntityId | None = None
        self._top = 0
        self._known: dict[EntityId, BesideShown | None] = {}
        self.page: ReviewShown | None = None
        self.is_covered = False

    @property
    def is_shown(self) -> bool:
        """True while keys act on the conflict under the cursor."""
        return self.page is not None and not self.is_covered

    @property
    def current(self) -> ConflictLine | None:
        """The conflict under the cursor."""
        return self.page.lines[self._cursor] if self.page is not None and self.page.lines else None

    @property
    def row(self) -> QueueRow | None:
        """The ticket of that conflict."""
        line = self.current
        return line.row if line is not None else None

    async def show(self, about: EntityId | None = None) -> None:
        """Read the open conflicts; the cursor begins on one about a ticket or record, where there is one."""
        page = await self._read()
        self.page, self.is_covered = page, False
        places = [place for place, line in enumerate(page.lines) if line.conflict.record == about]
        self._cursor, self._top, self._view.top = places[0] if places else 0, 0, 0
        self._known.clear()
        self._selected()

    async def renew(self) -> None:
        """The same as of now, the cursor on the same conflict, or where that stood; closed meanwhile, it stays so."""
        shown = self.page
        if shown is None:
            return
        before = self.current
        page = await self._read()
        if self.page is not shown:
            return
        self.page = page
        ids = [line.conflict.id for line in page.lines]
        if self._gone is not None and self._gone in ids:
            # What was settled under the cursor is open again: undo is followed by another answer to the same question.
            self._cursor, self._gone, self._view.top = ids.index(self._gone), None, 0
        elif before is not None and before.conflict.id in ids:
            self._cursor = ids.index(before.conflict.id)
        else:
            self._gone = before.conflict.id if before is not None else self._gone
            self._view.top = 0
        self._cursor = max(0, min(self._cursor, len(ids) - 1))
        self._known.clear()
        self._selected()

    async def _read(self) -> ReviewShown:
        from core.review_shown import ReviewPage

        page: ReviewShown = await self._gateway.page(ReviewPage())
        return page

    def move(self, how: str) -> None:
        """Another conflict of the list; half a page moves what is told of the one under the cursor."""
        if self.page is None or how in OF_THE_SIDES:
            self._view.move(how)
            return
        last, shown = len(self.page.lines) - 1, self._rows_shown()
        steps = {"down": 1, "up": -1, "page_down": shown, "page_up": -shown, "first": -last, "last": last}
        cursor = max(0, min(self._cursor + steps[how], last))
        if cursor != self._cursor:
            self._cursor, self._view.top = cursor, 0
            self._selected()

    def _selected(self) -> None:
        self.draw()
        line = self.current
        if line is not None and line.conflict.id not in self._known:
            self._run_beside(partial(self._read_beside, line.conflict.id), "conflict")

    async def _read_beside(self, conflict: EntityId) -> None:
        from core.review_shown import ConflictBeside

        beside: BesideShown | None = await self._gateway.page(ConflictBeside(conflict, self._now()))
        self._known[conflict] = beside
        self.draw()

    def _height(self) -> int:
        return max(1, self._view.app.size.height - FRAME_ROWS)

    def _rows_shown(self) -> int:
        from tui.presenters.review_page import rows_shown

        return rows_shown(self._height(), len(self.page.lines) if self.page is not None else 0)

    def draw(self) -> None:
        """Make the lines anew: another page, cursor or size."""
        page, size = self.page, self._view.app.size
        if page is None or self.is_covered:
            return
        # Not at the top: the first frame settles nothing.
        from tui.presenters.review_page import Looking, body_lines, empty_lines, head_lines

        look: Looking = Looking(self._me(), self._now(), self._zone())
        rows = self._rows_shown()
        self._top = max(min(self._top, self._cursor), self._cursor - rows + 1, 0) if rows else 0
        head = head_lines(page, self._cursor, self._top, rows, size.width, look)
        line = self.current
        if line is None:
            body = empty_lines()
        else:
            body = body_lines(line, page, self._known.get(line.conflict.id), size.width, size.height, look)
        self._view.show(head, [(one, "panel") for one in body], keep_place=True)

    def uncover(self) -> bool:
        """Show it again when what lies over it is closed; False where nothing lies over it."""
        if self.page is None or not self.is_covered:
            return False
        self.is_covered, self._view.top = False, 0
        self.draw()
        return True

    def close(self) -> None:
        """Nothing is settled any more."""
        self.page, self.is_covered = None, False
        self._known.clear()
