"""What the queue lists: reading windows, keeping rows in place while the desk changes, counting lamps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.clock import Instant
from core.ids import EntityId
from core.pages import CallsOn, Counts, Owed, OwedCounts, QueueCounts, QueuePage, QueueRow, Rows, RowsById
from core.queue import View
from tui.gateway import Gateway
from tui.panes.queue import QueuePane

if TYPE_CHECKING:
    from core.sync_shown import SyncShown

FIRST_ROWS = 120
MORE_ROWS = 200
SOUGHT_ROWS = 1000
"""How far down a ticket is looked for."""


class Listing:
    """The view, its counts, and the rows that wait because rows do not move under the cursor."""

    def __init__(self, gateway: Gateway, queue: QueuePane, view: View, now: Callable[[], Instant]) -> None:
        self._gateway = gateway
        self._queue = queue
        self._now = now
        self._generation = 0
        self.view = view
        self.counts: Counts | None = None
        self.newer = 0
        self.owed = OwedCounts(0, 0)
        self.sync: SyncShown | None = None
        """How the desk stands beside its hub; None on a desk that has joined none."""
        self.sought: EntityId | None = None
        """The ticket that the cursor stood on, while it is not among the first rows."""

    def begin(self, cursor_on: EntityId | None = None) -> None:
        """Fill the list at once, before the first frame."""
        self._queue.scope, self._queue.filter = self.view.scope, self.view.filter
        page = self._gateway.page_now(QueuePage(self.view, limit=FIRST_ROWS, now=self._now()))
        self.counts = self._gateway.page_now(QueueCounts(self.view, self._now()))
        assert self.counts is not None
        self.owed = self._gateway.page_now(Owed(self.view.person, self._now()))
        self._queue.window.begin_with(page, self.counts.total)
        place = self._queue.window.index_of(cursor_on) if cursor_on else None
        self._queue.cursor = place or 0
        self.sought = cursor_on if place is None else None

    async def seek(self) -> None:
        """Look further down for the ticket that was not among the first rows."""
        sought, self.sought = self.sought, None
        page = await self._gateway.page(QueuePage(self.view, limit=SOUGHT_ROWS, now=self._now()))
        if any(row.id == sought for row in page.rows):
            await self.show(self.view, sought)

    async def show(self, view: View, cursor_on: EntityId | None = None) -> None:
        """List a view from its top, the cursor on the same ticket, or on the one given, where it is in sight."""
        self._generation += 1
        generation = self._generation
        kept = self._queue.current
        self.view, self.counts = view, None if view.filter else self.counts
        rows_first = FIRST_ROWS if cursor_on is None else SOUGHT_ROWS
        wanted, now = cursor_on or (kept.id if kept else None), self._now()
        rows, counting = QueuePage(view, limit=rows_first, now=now), (QueueCounts(view, now), Owed(view.person, now))
        if view.filter:
            # Counting what a filter leaves may take longer than finding what fills the screen.
            page = await self._gateway.page(rows)
            if generation == self._generation:
                self._begin_list(page, len(page.rows) + 1, wanted)
            counts, owed = await self._gateway.pages(*counting)
        else:
            page, counts, owed = await self._gateway.pages(rows, *counting)
        if generation != self._generation:
            return
        self.counts, self.newer, self.owed = counts, 0, owed
        if view.filter:
            self._queue.window.count_again(counts.total)
            self._queue.refresh()
        else:
            self._begin_list(page, counts.total, wanted)
        await self.read_calls()

    def _begin_list(self, page: Rows, total: int, wanted: EntityId | None) -> None:
        queue = self._queue
        queue.scope, queue.filter = self.view.scope, self.view.filter
        queue.window.begin_with(page, total)
        place = queue.window.index_of(wanted) if wanted else None
        queue.cursor, queue.top = place or 0, 0
        if queue.cursor >= queue.rows_shown:
            queue.top = queue.cursor - queue.rows_shown // 2
        queue.rows_came()

    async def fetch(self, direction: str, anchor: tuple[Any, ...] | None) -> None:
        """Rows near the edge of the window, or from the top or the end without an anchor."""
        generation = self._generation
        page = await self._gateway.page(QueuePage(self.view, anchor, direction, MORE_ROWS, self._now()))
        if generation != self._generation:
            return
        window = self._queue.window
        if anchor is None:
            if direction == "forward":
                window.begin_with(page, window.total)
            else:
                window.end_with(page)
        elif direction == "forward":
            window.append(page)
        else:
            self._queue.shift(window.prepend(page))
        self._queue.rows_came()
        await self.read_calls()

    async def read_calls(self) -> None:
        """Which of the rows in memory have a call promised; read after them, so that no list waits for it."""
        generation = self._generation
        calls = await self._gateway.page(CallsOn(tuple(row.id for row in self._queue.window.rows)))
        if generation == self._generation:
            self._queue.show_calls(calls)

    async def rows_of(self, ticket: EntityId) -> tuple[QueueRow, ...]:
        """A ticket's excerpt, wherever it stands."""
        rows: tuple[QueueRow, ...] = await self._gateway.page(RowsById((ticket,)))
        return rows

    async def renew_rows(self) -> None:
        """Read the rows in memory again, in place, and count what waits outside."""
        from core.sync_shown import SyncStands

        generation = self._generation
        queue = self._queue
        seen = [row.id for row in queue.window.rows]
        view, now = self.view, self._now()
        rows, counts, owed, page, sync = await self._gateway.pages(
            RowsById(tuple(seen)),
            QueueCounts(view, now),
            Owed(view.person, now),
            QueuePage(view, limit=FIRST_ROWS, now=now),
            SyncStands(),
        )
        self._sync_stands(sync)
        if generation != self._generation:
            return
        if len(rows) < len(seen):
            # A ticket was taken off the desk: it must not stand there as if it could be worked on.
            await self.show(self.view)
            return
        for index in queue.window.renew(rows):
            queue.paint_row(index)
        await self.read_calls()
        self.counts, self.owed = counts, owed
        known = set(seen)
        fresh = [row for row in page.rows if row.id not in known]
        beyond = queue.window.first > 0 or len(queue.window.rows) < queue.window.total
        # A row past the window is not newer, only further down.
        last_key = queue.window.rows[-1].key if beyond and queue.window.rows else None
        self.newer = sum(1 for row in fresh if last_key is None or self._stands_before(row.key, last_key))
        if not queue.window.rows and page.rows:
            await self.show(self.view)

    async def renew_sync(self) -> None:
        """How the desk stands beside its hub now."""
        from core.sync_shown import SyncStands

        self._sync_stands(await self._gateway.page(SyncStands()))

    def _sync_stands(self, sync: SyncShown | None) -> None:
        self.sync = sync
        if sync is None:
            self._queue.show_sync(frozenset(), frozenset())
        else:
            self._queue.show_sync(sync.unsent_tickets, sync.crossed_tickets)

    def _stands_before(self, key: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
        return key > other if self.view.is_reversed else key < other
