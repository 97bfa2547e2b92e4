"""What the firm promises in its three grades: policies, working hours, and a calendar that answers in a moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from core.calendar import Calendar
from core.clock import Instant
from core.sla import Policy

HOUR, DAY = 3_600, 86_400

GRADES = ("gold", "silver", "bronze")


def _hours(**by_priority: float) -> dict[str, int]:
    return {name[1:]: int(hours * HOUR) for name, hours in by_priority.items()}


POLICY_BODIES: dict[str, dict[str, Any]] = {
    "gold": {
        "name": "Gold 24/7",
        "first_response_seconds": _hours(p1=0.5, p2=1, p3=2, p4=4),
        "resolution_seconds": _hours(p1=4, p2=8, p3=30, p4=96),
        "pause_applies_to": ["resolution"],
    },
    "silver": {
        "name": "Silver",
        "first_response_seconds": _hours(p1=1, p2=2, p3=4, p4=8),
        "resolution_seconds": _hours(p1=8, p2=16, p3=36, p4=72),
        "pause_applies_to": ["resolution"],
    },
    "bronze": {
        "name": "Bronze",
        "first_response_seconds": _hours(p1=2, p2=4, p3=8, p4=16),
        "resolution_seconds": _hours(p1=8, p2=16, p3=40),
        "pause_applies_to": ["resolution"],
    },
}
"""Targets in seconds of open time; bronze promises an answer to a wish of priority 4, not a date."""

POLICIES = {grade: Policy.from_document(body) for grade, body in POLICY_BODIES.items()}


def calendar_body(grade: str, zone: str) -> dict[str, Any]:
    """The working hours of `grade` at customers in `zone`."""
    if grade == "gold":
        return {"tz": zone, "always": True}
    names, span = ("mon tue wed thu fri sat", ["07:00", "19:00"])
    if grade == "bronze":
        names, span = ("mon tue wed thu fri", ["08:00", "16:00"])
    return {"tz": zone, "weekly": {name: [span] for name in names.split()}}


class OpenHours(Calendar):
    """A calendar with its open spans laid out once between two instants, so that asking costs a bisection.

    Answers outside those instants, or of a calendar that never closes, are the plain calendar's own.
    """

    __slots__ = ("_closes", "_opened_before", "_opens")

    def __init__(self, plain: Calendar, since: Instant, until: Instant) -> None:
        super().__init__(plain.zone, plain.weekly, plain.always)
        opens, closes, before = [], [], [0]
        at = since
        while not plain.always and at < until:
            opening = super().add(at, 0)
            if opening is None:
                break
            # One span a day and at least twelve closed hours between two: fourteen hours hold just one whole span.
            closing = opening + super().between(opening, Instant(opening + 14 * HOUR))
            opens.append(int(opening))
            closes.append(int(closing))
            before.append(before[-1] + closing - opening)
            at = Instant(closing)
        for name, value in (("_opens", opens), ("_closes", closes), ("_opened_before", before)):
            object.__setattr__(self, name, value)

    _opens: list[int]
    _closes: list[int]
    _opened_before: list[int]

    def _open_until(self, at: int) -> int:
        place = bisect_right(self._closes, at)
        return self._opened_before[place] + max(0, at - self._opens[place])

    def _covers(self, at: int) -> bool:
        return bool(self._opens) and self._opens[0] <= at < self._closes[-1]

    def add(self, start: Instant, seconds: int) -> Instant | None:
        """As `Calendar.add`."""
        if self.always:
            return Instant(start + seconds)
        if not self._covers(start):
            return super().add(start, seconds)
        place = bisect_right(self._closes, start)
        target = self._opened_before[place] + max(0, start - self._opens[place]) + seconds
        place = max(place, bisect_left(self._opened_before, target) - 1)
        if place >= len(self._opens):
            return super().add(start, seconds)
        return Instant(self._opens[place] + target - self._opened_before[place])

    def between(self, start: Instant, end: Instant) -> int:
        """As `Calendar.between`."""
        if end <= start or self.always or not (self._covers(start) and self._covers(end)):
            return super().between(start, end)
        return self._open_until(end) - self._open_until(start)

    def back(self, end: Instant, seconds: int) -> Instant:
        """The latest instant from which `seconds` of open time have passed by `end`; for work hours before it."""
        if self.always:
            return Instant(end - seconds)
        target = max(0, self._open_until(end) - seconds)
        place = min(bisect_right(self._opened_before, target), len(self._opens)) - 1
        return Instant(self._opens[place] + target - self._opened_before[place])
