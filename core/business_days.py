"""Targets in working days: four rules that contracts mean by "within two days"."""

from __future__ import annotations

from core.calendar import Calendar
from core.clock import Instant
from core.errors import DomainError
from core.open_time import EARLIEST, LATEST
from core.wall_clock import DAY_SECONDS, instant_of, wall_of

SAME_TIME_THEN_OPEN = "same-time-then-open"
CLAMPED_TO_CLOSE = "same-time-clamped-to-close"
END_OF_DAY = "end-of-working-day"
OPEN_THEN_SAME_TIME = "open-then-same-time"
DAY_RULES = (SAME_TIME_THEN_OPEN, CLAMPED_TO_CLOSE, END_OF_DAY, OPEN_THEN_SAME_TIME)
USUAL_RULE = OPEN_THEN_SAME_TIME


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
    wall = wall_of(begun, calendar.zone)
    if rule in (CLAMPED_TO_CLOSE, END_OF_DAY) and not is_working_day(calendar, wall // DAY_SECONDS):
        moved = _onto_working_day(calendar, wall, backward)
        if moved is None:
            return None
        wall = moved
    day = _stepped(calendar, wall // DAY_SECONDS, days, backward)
    if day is None:
        return None
    kept = day * DAY_SECONDS + wall % DAY_SECONDS
    if rule in (SAME_TIME_THEN_OPEN, OPEN_THEN_SAME_TIME):
        return _to_open(calendar, instant_of(kept, calendar.zone), backward)
    closing = _hours_of(calendar, day)[1]
    if rule == CLAMPED_TO_CLOSE and kept < closing:
        return instant_of(kept, calendar.zone)
    return instant_of(closing, calendar.zone, latest=True)


def is_working_day(calendar: Calendar, day: int) -> bool:
    """True when the local date (an ordinal) has open time by weekly hours, exceptions and holidays."""
    midnight = day * DAY_SECONDS
    walls = calendar.open_walls(day - 1, day, with_breaks=False)
    return any(start < midnight + DAY_SECONDS and end > midnight for start, end in walls)


def _to_open(calendar: Calendar, at: Instant, backward: bool) -> Instant | None:
    if backward and not calendar.is_open(at):
        return calendar.back(at, 0)
    return calendar.add(at, 0)


def _onto_working_day(calendar: Calendar, wall: int, backward: bool) -> int | None:
    """The opening of the next working day on the wall; backward the last closing of the one before."""
    day = _stepped(calendar, wall // DAY_SECONDS, 1, backward)
    if day is None:
        return None
    opening, closing = _hours_of(calendar, day)
    return min(closing, (day + 1) * DAY_SECONDS - 1) if backward else opening


def _stepped(calendar: Calendar, day: int, days: int, backward: bool) -> int | None:
    step = -1 if backward else 1
    last = wall_of(EARLIEST if backward else LATEST - 1, calendar.zone) // DAY_SECONDS
    if days > abs(last - day):
        return None
    left = days
    while left > 0:
        if day == last:
            return None
        day += step
        left -= is_working_day(calendar, day)
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
