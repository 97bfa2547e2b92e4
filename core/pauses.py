"""Open time less pauses: a pause takes out the open seconds that lie in it, never a length of its own."""

from __future__ import annotations

from collections.abc import Iterable

from core.clock import Instant
from core.open_time import EARLIEST, LATEST, OpenTime
from core.wall_clock import united

Pauses = Iterable[tuple[int, int]]
"""Half-open `(from, until)` instants in any order; they may overlap."""


def add_paused(hours: OpenTime, start: Instant, seconds: int, pauses: Pauses) -> Instant | None:
    """As `OpenTime.add`, with no time passing in `pauses`."""
    at, left = start, seconds
    for begins, ends in united(pauses):
        if ends <= at:
            continue
        if begins > at:
            found = hours.add(at, left)
            if found is None or found < begins or (found == begins and left):
                return found
            left -= hours.between(at, Instant(begins))
        if ends >= LATEST:
            return None
        at = Instant(ends)
    return hours.add(at, left)


def back_paused(hours: OpenTime, end: Instant, seconds: int, pauses: Pauses) -> Instant | None:
    """As `OpenTime.back`, with no time passing in `pauses`."""
    at, left = end, seconds
    for begins, ends in reversed(united(pauses)):
        if begins >= at:
            continue
        if ends < at:
            found = hours.back(at, left)
            if found is None or found > ends or (found == ends and left):
                return found
            left -= hours.between(Instant(ends), at)
        if begins < EARLIEST:
            return None
        at = Instant(begins)
    return hours.back(at, left)


def between_paused(hours: OpenTime, start: Instant, end: Instant, pauses: Pauses) -> int:
    """Open seconds in `[start, end)` outside `pauses`."""
    counted = hours.between(start, end)
    for begins, ends in united(pauses):
        counted -= hours.between(Instant(max(begins, start)), Instant(min(ends, end)))
    return counted
