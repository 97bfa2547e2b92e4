"""Time as the core sees it: whole seconds since 1970 in UTC, and a hybrid logical clock for operations."""

from __future__ import annotations

from typing import NewType, Protocol

Instant = NewType("Instant", int)
"""Seconds since 1970-01-01T00:00:00Z."""

COUNTER_BITS = 16


class Clock(Protocol):
    """Where the present comes from; the system's clock is read only at the composition root."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""


def instant(milliseconds: int) -> Instant:
    """The whole second that holds `milliseconds`."""
    return Instant(milliseconds // 1000)


class HybridClock:
    """A 64-bit hybrid logical clock: 48 bits of milliseconds, 16 of counter; it never runs backwards.

    Counter overflow moves the millisecond part on, so order is kept even in a burst or under a clock set back.
    Source of the algorithm: Kulkarni, Demirbas et al., OPODIS 2014.
    """

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def tick(self, wall_ms: int) -> int:
        """A stamp above every stamp given or witnessed before."""
        self.last = max(wall_ms << COUNTER_BITS, self.last + 1)
        return self.last

    def witness(self, stamp: int) -> None:
        """Never give a stamp at or below one that was seen from elsewhere."""
        self.last = max(self.last, stamp)


def stamp_ms(stamp: int) -> int:
    """The millisecond part of a hybrid stamp."""
    return stamp >> COUNTER_BITS
