"""Open time by looking at the wall clock, minute by minute and second by second: written from the rules alone.

Nothing of `core` is used, and nothing is clever: an instant is open when its local time of day is inside an interval of
its local date, and every answer is found by looking at one second after the other.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 86_400
OPEN_MINUTE, CLOSED_MINUTE = b"\1" * 60, b"\0" * 60
Stretches = list[tuple[int, int]]


class SlowClock:
    """A calendar's document, asked one instant at a time."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.zone = ZoneInfo(document["tz"])
        self.taken_out = [(instant(start), instant(end)) for start, end in document.get("closures", ())]
        self._open: dict[date, Stretches] = {}
        self._breaks: dict[date, Stretches] = {}

    def local(self, at: int) -> tuple[date, int]:
        """The date and the second of the day that the wall shows."""
        shown = datetime.fromtimestamp(at, self.zone)
        return shown.date(), shown.hour * 3600 + shown.minute * 60 + shown.second

    def is_open(self, at: int) -> bool:
        """Whether the wall clock of `at` is inside an interval of its date that nothing takes out."""
        today, second = self.local(at)
        if today not in self._open:
            self._open[today] = [] if self.is_holiday(today) else _of_date(self.shifts, today)
            self._breaks[today] = _of_date(self.breaks, today)
        if not any(start <= second < end for start, end in self._open[today]):
            return False
        if any(start <= second < end for start, end in self._breaks[today]):
            return False
        return not any(start <= at < end for start, end in self.taken_out)

    def is_holiday(self, day: date) -> bool:
        """Whether a date is closed all day."""
        yearly = self.document.get("holidays_yearly", ())
        return day.isoformat() in self.document.get("holidays", ()) or f"{day:%m-%d}" in yearly

    def shifts(self, day: date) -> Stretches:
        """The shifts that start on a date, in seconds after its midnight; past midnight they end beyond 24 hours."""
        if self.is_holiday(day):
            return []
        if self.document.get("always"):
            weekly: list[list[str]] = [["00:00", "24:00"]]
        else:
            weekly = self.document.get("weekly", {}).get(DAYS[day.weekday()], [])
        return _read(self.document.get("exceptions", {}).get(day.isoformat(), weekly))

    def breaks(self, day: date) -> Stretches:
        """The breaks that start on a date."""
        return _read(self.document.get("breaks", {}).get(day.isoformat(), []))

    def boundaries(self) -> set[int]:
        """Minutes of the day in which hours, breaks or dates may begin or end."""
        told = list(self.document.get("weekly", {}).values())
        told += [*self.document.get("exceptions", {}).values(), *self.document.get("breaks", {}).values()]
        clocks = {clock for of_day in told for pair in of_day for clock in pair}
        return {_seconds(clock) % DAY // 60 for clock in clocks} | {0}


class SlowDays:
    """Some days from `start` on, with every second of them looked at or known from its minute."""

    def __init__(self, document: dict[str, Any], start: int, days: int = 3) -> None:
        self.clock, self.start, self.end = SlowClock(document), start, start + days * DAY
        self.looked_at: list[int] = []
        """The instants at which the wall was read: each minute, and each second of a minute with a boundary."""
        self.open = bytearray()
        edges = self.clock.boundaries()
        closures = {edge // 60 for pair in self.clock.taken_out for edge in pair}
        shown = self.clock.local(start)[1]
        for minute in range(start, self.end, 60):
            first, shown = shown, self.clock.local(minute + 60)[1]
            has_edge = (shown - first) % DAY != 60 or first // 60 in edges or (first + 59) % DAY // 60 in edges
            if has_edge or minute // 60 in closures:
                self.looked_at += range(minute, minute + 60)
                self.open += bytes(map(self.clock.is_open, range(minute, minute + 60)))
            else:
                self.looked_at.append(minute)
                self.open += OPEN_MINUTE if self.clock.is_open(minute) else CLOSED_MINUTE
        self.passed = list(accumulate(self.open, initial=0))
        """Open seconds before each second."""

    def is_open(self, at: int) -> bool:
        """As it was seen."""
        return bool(self.open[at - self.start])

    def between(self, start: int, end: int) -> int:
        """Open seconds in `[start, end)`."""
        return self.passed[end - self.start] - self.passed[start - self.start] if end > start else 0

    def add(self, start: int, seconds: int) -> int | None:
        """The first second by which so many open ones have passed; None when these days do not have them."""
        place = start - self.start
        try:
            if not seconds:
                return self.start + self.open.index(1, place)
            return self.start + self.passed.index(self.passed[place] + seconds, place)
        except ValueError:
            return None

    def back(self, end: int, seconds: int) -> int | None:
        """The last second from which so many open ones pass; None when these days do not have them."""
        place = end - self.start
        if not seconds:
            last_open = self.open.rfind(1, 0, place)
            return None if last_open < 0 else self.start + last_open + 1
        left = self.passed[place] - seconds
        return None if left < 0 else self.start + bisect_right(self.passed, left, 0, place + 1) - 1

    def intervals(self) -> list[tuple[int, int]]:
        """Open stretches of these days."""
        found, opens = [], self.open.find(1)
        while opens >= 0:
            closes = self.open.find(0, opens)
            closes = closes if closes >= 0 else len(self.open)
            found.append((self.start + opens, self.start + closes))
            opens = self.open.find(1, closes)
        return found


def instant(text: str) -> int:
    """Seconds since 1970 of an ISO instant."""
    return int(datetime.fromisoformat(text).timestamp())


def _read(intervals: list[list[str]]) -> Stretches:
    read = [(_seconds(start), _seconds(end)) for start, end in intervals]
    return [(start, end if end > start else end + DAY) for start, end in read]


def _of_date(told: Any, day: date) -> Stretches:
    """What starts on the date, cut at its end, and what runs into it from the date before."""
    overnight = [(0, end - DAY) for _start, end in told(day - timedelta(days=1)) if end > DAY]
    return overnight + [(start, min(end, DAY)) for start, end in told(day)]


def _seconds(clock: str) -> int:
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)
