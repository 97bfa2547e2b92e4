"""Answers to cases found by looking: the rules of the case schema, read once more and without `core`.

A calendar is a list of minutes; boundaries lie on whole minutes, everything else may lie on any second. What leads
out of the minutes that were looked at is `Beyond`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

from tests.core.slow_clock import DAY, SlowClock, instant

Spans = list[tuple[int, int]]


class Beyond(Exception):
    """The answer lies outside what was looked at."""


class SlowHours:
    """The minutes between `low` and `high`, both whole minutes, with the wall's date and time at each."""

    def __init__(self, document: dict[str, Any], low: int, high: int) -> None:
        self.clock, self.low, self.high = SlowClock(document), low, high
        shown = [self.clock.local(at) for at in range(low, high, 60)]
        self.walls = [day.toordinal() * DAY + second for day, second in shown]
        self.open = [self.clock.is_open(at) for at in range(low, high, 60)]
        # A working day is a date with open time, breaks and closures set aside.
        plain = SlowClock({name: told for name, told in document.items() if name not in ("breaks", "closures")})
        in_hours = [plain.is_open(at) for at in range(low, high, 60)]
        self.working = {wall // DAY for wall, is_open in zip(self.walls, in_hours, strict=True) if is_open}
        self._passed = list(accumulate((60 * is_open for is_open in self.open), initial=0))

    def is_open(self, at: int) -> bool:
        """Whether the minute of `at` is open."""
        if not self.low <= at < self.high:
            raise Beyond
        return self.open[(at - self.low) // 60]

    def counted(self, start: int, end: int) -> int:
        """Open seconds in `[start, end)`."""
        return self._until(end) - self._until(start) if end > start else 0

    def _until(self, at: int) -> int:
        minute, second = divmod(at - self.low, 60)
        if not self.low <= at <= self.high:
            raise Beyond
        return self._passed[minute] + (second if second and self.open[minute] else 0)

    def wall(self, at: int) -> tuple[int, int]:
        """Date (as an ordinal) and second of the day."""
        day, second = self.clock.local(at)
        return day.toordinal(), second

    def first_at(self, wall: int) -> int:
        """The first instant at which the wall shows at least `wall`."""
        place = next((place for place, shown in enumerate(self.walls) if shown >= wall - wall % 60), None)
        if not place:
            raise Beyond
        return self.low + 60 * place + (wall % 60 if self.walls[place] == wall - wall % 60 else 0)

    def last_at(self, wall: int) -> int:
        """The last instant before which the wall shows less than `wall`."""
        places = range(len(self.walls) - 1, -1, -1)
        place = next((place for place in places if self.walls[place] < wall), None)
        if place is None or place == len(self.walls) - 1:
            raise Beyond
        return self.low + 60 * (place + 1)


def between(hours: SlowHours, start: int, end: int, pauses: Spans, changes: list[tuple[int, SlowHours]]) -> int:
    """Open seconds piece by piece, each piece either paused or not and of one calendar."""
    edges = {start, end, *(edge for pause in pauses for edge in pause), *(at for at, _hours in changes)}
    moments = sorted(edge for edge in edges if start <= edge <= end)
    seconds = 0
    for since, until in pairwise(moments):
        if any(begins <= since < ends for begins, ends in pauses):
            continue
        in_force = hours
        for at, other in sorted(changes, key=lambda change: change[0]):
            in_force = other if at <= since else in_force
        seconds += in_force.counted(since, until)
    return seconds


def add(hours: SlowHours, start: int, seconds: int, pauses: Spans = []) -> int:  # noqa: B006
    """The earliest instant at which so many open seconds have passed; for none the first open instant."""

    def is_paused(at: int) -> bool:
        return any(begins <= at < ends for begins, ends in pauses)

    if seconds:
        return _earliest(hours, start, lambda at: between(hours, start, at, pauses, []) >= seconds)
    at = start
    while not hours.is_open(at) or is_paused(at):
        at = min([at - at % 60 + 60, *(ends for _begins, ends in pauses if ends > at)])
    return at


def back(hours: SlowHours, end: int, seconds: int, pauses: Spans = []) -> int:  # noqa: B006
    """The latest instant from which so many pass; for none the last one with open time just before it."""
    if seconds:
        return -_earliest(hours, -end, lambda at: between(hours, -at, end, pauses, []) >= seconds)
    at = end
    while not hours.is_open(at - 1) or any(begins <= at - 1 < ends for begins, ends in pauses):
        at = max([(at - 1) // 60 * 60, *(begins for begins, _ends in pauses if begins < at)])
    return at


def _earliest(hours: SlowHours, start: int, is_enough: Callable[[int], bool]) -> int:
    low, high = start, hours.high if start >= 0 else -hours.low
    if not is_enough(high):
        raise Beyond
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def add_days(hours: SlowHours, start: int, days: int, rule: str, backward: bool = False) -> int:
    """So many working days on by one of the four rules."""

    def to_open(at: int) -> int:
        return back(hours, at, 0) if backward and not hours.is_open(at) else add(hours, at, 0)

    def next_working(day: int) -> int:
        day += -1 if backward else 1
        if not date.fromordinal(hours.wall(hours.low)[0] + 1) < date.fromordinal(day):
            raise Beyond
        if day >= hours.wall(hours.high)[0] - 1:
            raise Beyond
        return day if day in hours.working else next_working(day)

    begun = to_open(start) if rule == "open-then-same-time" else start
    day, second = hours.wall(begun)
    is_moved = days > 0
    if rule in ("same-time-clamped-to-close", "end-of-working-day") and day not in hours.working:
        day = next_working(day)
        second, is_moved = _hours_of(hours, day)[1 if backward else 0], True
    for _ in range(days):
        day = next_working(day)
    if rule.endswith("open") or rule == "open-then-same-time":
        return to_open(hours.first_at(day * DAY + second) if is_moved else begun)
    closing = _hours_of(hours, day)[1]
    if rule == "same-time-clamped-to-close" and second < closing:
        return hours.first_at(day * DAY + second) if is_moved else begun
    return hours.last_at(day * DAY + closing)


def _hours_of(hours: SlowHours, day: int) -> tuple[int, int]:
    """First opening and last closing in seconds after midnight of the date: of its own shifts, breaks regarded."""
    clock, today = hours.clock, date.fromordinal(day)
    for breaks in (clock.breaks, _nothing):
        for earlier in ((), (1,)):
            shifts = _shown_from(clock.shifts, today, (*earlier, 0))
            taken = _shown_from(breaks, today, (1, 0, -1))
            seen = [
                second
                for second in range(0, 2 * DAY, 60)
                if any(start <= second < end for start, end in shifts)
                and not any(start <= second < end for start, end in taken)
                and not clock.is_holiday(today + timedelta(days=second // DAY))
            ]
            if seen:
                return seen[0], seen[-1] + 60
    raise AssertionError("a working day has hours")


def _nothing(_day: date) -> Spans:
    return []


def _shown_from(told: Callable[[date], Spans], today: date, days_ago: Iterable[int]) -> Spans:
    return [
        (start - ago * DAY, end - ago * DAY) for ago in days_ago for start, end in told(today - timedelta(days=ago))
    ]


def told_at(at: int | None) -> str | None:
    """An instant as the answers tell it."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def answer(case: dict[str, Any], calendars: dict[str, SlowHours]) -> dict[str, Any]:
    """The answer to a case that is no `clock`."""
    hours, kind = calendars[case["calendar"]], case["kind"]
    pauses = [(instant(start), instant(end)) for start, end in case.get("pauses", ())]
    is_backward = case.get("direction") == "backward"
    if kind == "add":
        step = back if is_backward else add
        return {"at": told_at(step(hours, instant(case["start"]), case["seconds"], pauses))}
    if kind == "add_days":
        return {"at": told_at(add_days(hours, instant(case["start"]), case["days"], case["rule"], is_backward))}
    if kind == "between":
        changes = [(instant(one["at"]), calendars[one["calendar"]]) for one in case.get("calendar_changes", ())]
        return {"seconds": between(hours, instant(case["from"]), instant(case["to"]), pauses, changes)}
    if kind == "remaining":
        deadline, now = instant(case["deadline"]), instant(case["now"])
        return {"seconds": hours.counted(now, deadline) - hours.counted(deadline, now)}
    if kind == "is_open":
        return {"open": hours.is_open(instant(case["at"]))}
    start, until = instant(case["from"]), instant(case["to"]) if "to" in case else hours.high
    found: Spans = []
    for at in [start, *range(start - start % 60 + 60, until, 60)]:
        if at < until and hours.is_open(at):
            end = min(at - at % 60 + 60, until)
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], end)
            else:
                found.append((at, end))
    if "to" not in case and len(found) <= case["limit"]:
        raise Beyond
    return {"intervals": [[told_at(opens), told_at(closes)] for opens, closes in found[: case.get("limit")]]}
