"""Open time as a table: spans laid out once, with the open seconds before each, so that every question is a bisection.

A table covers whole chunks of about a year and grows to either side when somebody asks beyond it. It is never changed
in place: a longer one takes its place, so that threads may ask the same calendar at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from core.clock import Instant
from core.errors import DomainError

CHUNK_SECONDS = 1 << 25
"""388 days: what is laid out at once."""

EARLIEST, LATEST = -66 * CHUNK_SECONDS, 311 * CHUNK_SECONDS
"""November 1899 to August 2300: no promise lies outside, and no search goes on beyond."""

FEW_SPANS = 16
"""Within so many open spans a target is looked for first."""

Spans = Sequence[tuple[int, int]]
"""Half-open `(from, until)` in seconds, sorted and disjoint."""


class Table(NamedTuple):
    """Open spans between `low` and `high`; `before[i]` counts the open seconds from a fixed moment to `opens[i]`.

    The first span is empty and lies at `low`, so that every instant of the table has a span at or before it.
    """

    low: int
    high: int
    opens: array[int]
    closes: array[int]
    before: array[int]
    greatest: int
    """The count at `high`."""

    def counted(self, at: int) -> int:
        """Open seconds from the fixed moment to `at`."""
        place = bisect_right(self.opens, at) - 1
        closes = self.closes[place]
        return self.before[place] + (at if at < closes else closes) - self.opens[place]

    @property
    def least(self) -> int:
        """The count at `low`."""
        return self.before[0]


def laid_out(spans: Iterable[tuple[int, int]], low: int, high: int, least: int = 0) -> Table:
    """The table of `spans`, which lie between `low` and `high`; touching ones become one."""
    opens, closes, before = [low], [low], [least]
    for start, end in spans:
        if start == closes[-1] and len(opens) > 1:
            closes[-1] = end
            continue
        before.append(before[-1] + closes[-1] - opens[-1])
        opens.append(start)
        closes.append(end)
    greatest = before[-1] + closes[-1] - opens[-1]
    # Side by side in memory: forty calendars as lists of numbers would not fit where the processor looks first.
    return Table(low, high, array("q", opens), array("q", closes), array("q", before), greatest)


class OpenTime(ABC):
    """Questions about open time; a kind of calendar says in `spans` when it is open, and keeps its table in `table`."""

    __slots__ = ()

    table: list[Table]
    """Empty, or the one table so far."""

    @abstractmethod
    def spans(self, low: int, high: int) -> Spans:
        """The open spans in `[low, high)`, sorted, disjoint and cut at both ends."""

    def add(self, start: Instant, seconds: int) -> Instant | None:
        """The earliest instant at which `seconds` of open time have passed since `start`; None if there is none.

        Nothing to pass: the first open instant at or after `start`.
        """
        # Written out for what lies in the table: a queue of thousands is rebuilt through this call.
        for low, high, opens, closes, before, greatest in self.table:
            if low <= start < high:
                place = bisect_right(closes, start)
                if place < len(opens):
                    target = before[place] + seconds
                    opened = opens[place]
                    if start > opened:
                        target += start - opened
                    if target <= greatest:
                        if seconds:
                            # Most targets are used up a few spans on, and looking far away costs more than looking.
                            near = place + FEW_SPANS
                            if near > len(before):
                                near = place
                            found = bisect_left(before, target, place, near)
                            place = (bisect_left(before, target, near) if found == near else found) - 1
                        # Naming it an Instant by a call would cost a tenth of the answer.
                        return opens[place] + target - before[place]  # type: ignore[return-value]
        return self._add_beyond(start, seconds)

    def used_up(self, start: Instant, seconds: int) -> tuple[Instant | None, Instant | None]:
        """`add`, and the last instant at which no more than `seconds` have passed: the same, or the next opening."""
        at = self.add(start, seconds)
        if at is None:
            return None, None
        for low, high, opens, closes, _before, _greatest in self.table:
            if low <= at < high and at < closes[bisect_right(opens, at) - 1]:
                return at, at
        return at, self.add(at, 0)

    def _add_beyond(self, start: Instant, seconds: int) -> Instant | None:
        table = self._covering(start)
        if start + seconds >= LATEST:
            return None
        while True:
            place = bisect_right(table.closes, start)
            if place < len(table.opens):
                target = table.before[place] + max(0, start - table.opens[place]) + seconds
                if target <= table.greatest:
                    return OpenTime.add(self, start, seconds)
            if table.high >= LATEST:
                return None
            table = self._grown(table, later=True)

    def back(self, end: Instant, seconds: int) -> Instant | None:
        """The latest instant from which `seconds` of open time pass by `end`; None if there is none.

        Nothing to pass: the last instant at or before `end` that is open or at which open time ends.
        """
        table = self._covering(end)
        while True:
            if not seconds:
                place = bisect_left(table.opens, end) - 1
                if place > 0:
                    return Instant(min(end, table.closes[place]))
            else:
                target = table.counted(end) - seconds
                if target >= table.least:
                    place = bisect_right(table.before, target) - 1
                    return Instant(table.opens[place] + target - table.before[place])
            if table.low <= EARLIEST:
                return None
            table = self._grown(table, later=False)

    def between(self, start: Instant, end: Instant) -> int:
        """Open seconds in `[start, end)`; 0 when `end` is not after `start`."""
        if end <= start:
            return 0
        for low, high, opens, closes, before, _greatest in self.table:
            if low <= start and end < high:
                after = bisect_right(opens, start)
                closed_at = closes[after - 1]
                if end <= closed_at:
                    return end - start
                left = closed_at - start if start < closed_at else 0
                near = after + FEW_SPANS
                if near > len(opens) or end >= opens[near - 1]:
                    near = len(opens)
                last = bisect_right(opens, end, after, near) - 1
                if last < after:
                    return left
                closed_at = closes[last]
                until = end if end < closed_at else closed_at
                return left + before[last] - before[after] + until - opens[last]
        return self._between_beyond(start, end)

    def _between_beyond(self, start: Instant, end: Instant) -> int:
        self._covering(start)
        table = self._covering(end)
        return table.counted(end) - table.counted(start)

    def remaining(self, deadline: Instant, now: Instant) -> int:
        """Open seconds from `now` to `deadline`; negative, the open seconds since, when it has passed."""
        return self.between(now, deadline) if now <= deadline else -self.between(deadline, now)

    def is_open(self, at: Instant) -> bool:
        """True at the opening instant and until just before the closing one."""
        table = self._covering(at)
        return at < table.closes[bisect_right(table.opens, at) - 1]

    def ever_opens(self, near: Instant) -> bool:
        """True when there is open time at all; looked for from `near` on, where a usual calendar has some."""
        return self.add(near, 0) is not None or self.back(near, 0) is not None

    def intervals(self, start: Instant, until: Instant | None = None) -> Iterator[tuple[Instant, Instant]]:
        """Open intervals from `start` on in order, cut at `start` and `until`."""
        at = start
        while at < (LATEST if until is None else until):
            opens = self.add(at, 0)
            if opens is None or (until is not None and opens >= until):
                return
            closes = self._closing(opens)
            yield opens, closes if until is None else min(closes, until)
            at = closes

    def _closing(self, at: Instant) -> Instant:
        table = self._covering(at)
        while True:
            closes = table.closes[bisect_right(table.opens, at) - 1]
            if closes < table.high or table.high >= LATEST:
                return Instant(closes)
            table = self._grown(table, later=True)

    def _covering(self, at: int) -> Table:
        if self.table:
            table = self.table[0]
            if table.low <= at < table.high:
                return table
        if not EARLIEST <= at < LATEST:
            raise DomainError("terms.too_far", field="at")
        if not self.table:
            low = at // CHUNK_SECONDS * CHUNK_SECONDS
            table = laid_out(self.spans(low, low + CHUNK_SECONDS), low, low + CHUNK_SECONDS)
            self.table[:] = [table]
        while not table.low <= at < table.high:
            table = self._grown(table, later=at >= table.high)
        return table

    def _grown(self, table: Table, later: bool) -> Table:
        # By a share of its width, so that a search over centuries does not lay the same years out again and again.
        width = max(1, (table.high - table.low) // CHUNK_SECONDS // 2) * CHUNK_SECONDS
        low = table.low if later else max(EARLIEST, table.low - width)
        high = min(LATEST, table.high + width) if later else table.high
        known = list(zip(table.opens[1:], table.closes[1:], strict=True))
        if later:
            grown = laid_out([*known, *self.spans(table.high, high)], low, high, table.least)
        else:
            earlier = self.spans(low, table.low)
            least = table.least - sum(end - start for start, end in earlier)
            grown = laid_out([*earlier, *known], low, high, least)
        self.table[:] = [grown]
        return grown
