"""Targets in working days: four rules that contracts mean by "within two days"."""

from __future__ import annotations

from core.calendar import Calendar
from core.clock import Instant
from core.errors import DomainError
from core.open_time import CHUNK_SECONDS, EARLIEST, LATEST
from core.wall_clock import DAY_SECONDS, EPOCH_WALL, instant_of, instants, wall_of

SAME_TIME_THEN_OPEN = "same-time-then-open"
CLAMPED_TO_CLOSE = "same-time-clamped-to-close"
END_OF_DAY = "end-of-working-day"
OPEN_THEN_SAME_TIME = "open-then-same-time"
DAY_RULES = (SAME_TIME_THEN_OPEN, CLAMPED_TO_CLOSE, END_OF_DAY, OPEN_THEN_SAME_TIME)
USUAL_RULE = OPEN_THEN_SAME_TIME

FEW_DAYS, MANY_DAYS = 8, 1024
"""How many dates are looked at together at first, and at most."""


def add_days(
    calendar: Calendar, start: Instant, days: int, rule: str = USUAL_RULE, backward: bool = False
) -> Instant | None:
    """`days` working days from `start` by `rule`; None when there are not so many.

    A working day is a local date with open time by weekly hours, exceptions and holidays. "Same time then open" keeps
    the time of day and moves on to open time; "open then same time" moves a start outside hours first. "Clamped to
    close" moves a start on a closed day to the next opening and ends by closing; "end of working day" ends at closing.
    """
    if rule not in DAY_RULES:
        raise DomainError("terms.malformed", field="rule", wanted="one of " + ", ".join(DAY_RULES))
    if calendar.never_opens:
        return None
    begun: Instant | None = start
    if rule == OPEN_THEN_SAME_TIME:
        begun = _to_open(calendar, start, backward)
    if begun is None:
        return None
    first, second = divmod(wall_of(begun, calendar.zone), DAY_SECONDS)
    is_moved = days > 0
    if rule in (CLAMPED_TO_CLOSE, END_OF_DAY) and not working_days(calendar, first, first):
        working = _stepped(calendar, first, 1, backward)
        if working is None:
            return None
        opening, closing = _hours_of(calendar, working)
        first, second, is_moved = working, (closing if backward else opening) - working * DAY_SECONDS, True
    day = _stepped(calendar, first, days, backward)
    if day is None:
        return None
    wall = day * DAY_SECONDS + second
    # Without a step it is the start itself: a time of day may come twice on a date.
    kept = instant_of(wall, calendar.zone) if is_moved else begun
    if rule in (SAME_TIME_THEN_OPEN, OPEN_THEN_SAME_TIME):
        return _to_open(calendar, kept, backward)
    closing = _hours_of(calendar, day)[1]
    if rule == CLAMPED_TO_CLOSE and wall < closing:
        return kept
    return instant_of(closing, calendar.zone, latest=True)


def working_days(calendar: Calendar, first: int, last: int) -> list[int]:
    """The local dates (ordinals) from `first` to `last` with open time by weekly hours, exceptions and holidays.

    A date that a zone left out has none, and neither has one whose only shift lies in a missing hour.
    """
    walls = calendar.open_walls(first - 1, last, with_breaks=False)
    # Whole chunks, so that the offsets of a zone are looked up once.
    low = ((first - 2) * DAY_SECONDS - EPOCH_WALL) // CHUNK_SECONDS * CHUNK_SECONDS
    high = ((last + 3) * DAY_SECONDS - EPOCH_WALL) // CHUNK_SECONDS * CHUNK_SECONDS + CHUNK_SECONDS
    days: set[int] = set()
    for start, end in instants(walls, calendar.zone, low, high):
        begins, ends = (wall_of(at, calendar.zone) // DAY_SECONDS for at in (start, end - 1))
        days.update(range(max(first, begins), min(last, ends) + 1))
    return sorted(days)


def _to_open(calendar: Calendar, at: Instant, backward: bool) -> Instant | None:
    if backward and not calendar.is_open(at):
        return calendar.back(at, 0)
    return calendar.add(at, 0)


def _stepped(calendar: Calendar, day: int, days: int, backward: bool) -> int | None:
    last = wall_of(EARLIEST if backward else LATEST - 1, calendar.zone) // DAY_SECONDS
    if days > abs(last - day):
        return None
    left, width = days, FEW_DAYS
    while left > 0:
        if day == last:
            return None
        if backward:
            block = max(last, day - width)
            found = working_days(calendar, block, day - 1)[::-1]
        else:
            block = min(last, day + width)
            found = working_days(calendar, day + 1, block)
        if left <= len(found):
            return found[left - 1]
        left, day, width = left - len(found), block, min(2 * width, MANY_DAYS)
    return day


def _hours_of(calendar: Calendar, day: int) -> tuple[int, int]:
    """First opening and last closing of a working day on the wall, breaks regarded unless they take all of it."""
    midnight = day * DAY_SECONDS
    for with_breaks in (True, False):
        # Its own shifts, and what runs into it from the day before only when it has none.
        for first in (day, day - 1):
            walls = calendar.open_walls(first, day, with_breaks=with_breaks)
            of_day = [(start, end) for start, end in walls if end > midnight]
            if of_day:
                return max(midnight, of_day[0][0]), of_day[-1][1]
    raise AssertionError("a working day has open time")
