"""The part of a long list that is in memory: rows fetched by keyset, with their place in the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.ids import EntityId
from core.pages import QueueRow, Rows

MOST_ROWS = 1_200
MARGIN = 60


class Window:
    """Rows `first` to `first + len(rows)` of a list of `total`; the rest is in the database."""

    def __init__(self) -> None:
        self.rows: list[QueueRow] = []
        self.first = 0
        self.total = 0
        self._places: dict[EntityId, int] = {}

    def clear(self) -> None:
        """Forget everything."""
        self.rows, self.first, self.total, self._places = [], 0, 0, {}

    def row(self, index: int) -> QueueRow | None:
        """The row at a place of the whole list, None while it is not in memory."""
        place = index - self.first
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def index_of(self, ticket: EntityId) -> int | None:
        """Where a ticket stands in the whole list, None while it is not in memory."""
        place = self._places.get(ticket)
        return None if place is None else self.first + place

    def begin_with(self, page: Rows, total: int | None = None) -> None:
        """The list from its top."""
        self.rows = list(page.rows)
        self.first = 0
        self.total = len(self.rows) if page.at_end or total is None else max(total, len(self.rows))
        self._index()

    def count_again(self, total: int) -> None:
        """The length of the list became known; what is in memory already may say more."""
        known = self.first + len(self.rows)
        if self.total > known:
            self.total = max(total, known)

    def end_with(self, page: Rows) -> None:
        """The list up to its end."""
        self.rows = list(page.rows)
        self.total = max(self.total, len(self.rows))
        self.first = 0 if page.at_start else self.total - len(self.rows)
        if page.at_start:
            self.total = len(self.rows)
        self._index()

    def begin_around(self, before: Rows, row: QueueRow, after: Rows, place: int) -> None:
        """The rows around one that stands at a place of the whole list."""
        self.rows = [*before.rows, row, *after.rows]
        self.first = 0 if before.at_start else max(1, place - len(before.rows))
        known = self.first + len(self.rows)
        self.total = known if after.at_end else max(self.total, known + 1)
        self._index()

    def append(self, page: Rows) -> None:
        """Rows after the last one in memory; those at the far side make room."""
        self.rows += self._fresh(page.rows)
        if page.at_end:
            self.total = self.first + len(self.rows)
        else:
            # Of a long list not all rows are counted: at least one more stands behind these.
            self.total = max(self.total, self.first + len(self.rows) + 1)
        surplus = len(self.rows) - MOST_ROWS
        if surplus > 0:
            del self.rows[:surplus]
            self.first += surplus
        self._index()

    def prepend(self, page: Rows) -> int:
        """Rows before the first one in memory; answers by how much every place moved to make the top fit."""
        fresh = self._fresh(page.rows)
        self.rows = fresh + self.rows
        self.first -= len(fresh)
        moved = 0
        if page.at_start or self.first < 0:
            moved = -self.first
            self.first = 0
            self.total += moved
        if len(self.rows) > MOST_ROWS:
            del self.rows[MOST_ROWS:]
        self._index()
        return moved

    def renew(self, rows: Iterable[QueueRow]) -> list[int]:
        """Put newer versions of rows in their old places; answers the places that look different."""
        changed = []
        for row in rows:
            place = self._places.get(row.id)
            if place is None:
                continue
            # The place in the list was taken with the old key; paging goes on from there.
            placed = row._replace(key=self.rows[place].key)
            if self.rows[place] != placed:
                self.rows[place] = placed
                changed.append(self.first + place)
        return changed

    def wants(self, top: int, bottom: int) -> tuple[str, tuple[Any, ...] | None] | None:
        """Which rows to fetch so that places `top` to `bottom` and a margin are in memory: direction and anchor."""
        if not self.rows:
            return None
        last = self.first + len(self.rows)
        if top < self.first or bottom >= last:
            near_end = bottom >= last + MOST_ROWS
            if top < self.first - MOST_ROWS:
                return "forward", None
            if near_end:
                return "backward", None
        if bottom + MARGIN >= last and last < self.total:
            return "forward", self.rows[-1].key
        if top - MARGIN < self.first and self.first > 0:
            return "backward", self.rows[0].key
        return None

    def _fresh(self, rows: Iterable[QueueRow]) -> list[QueueRow]:
        # A row that changed its key between two fetches would else stand in the list twice.
        return [row for row in rows if row.id not in self._places]

    def _index(self) -> None:
        self._places = {row.id: place for place, row in enumerate(self.rows)}
