"""Working hours: weekly intervals in a time zone, walked day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.clock import Instant

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_SEARCH_DAYS = 366 * 3
DAY_MINUTES, DAY_SECONDS = 1_440, 86_400


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening minutes of each weekday (Monday first), local to `zone`; `always` means 24 hours a day."""

    zone: str = "UTC"
    weekly: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7
    always: bool = False

    @staticmethod
    def from_document(body: Mapping[str, object]) -> Calendar:
        """From `{"tz": ..., "always": true}` or `{"tz": ..., "weekly": {"mon": [["08:00", "16:00"]]}}`.

        A shift that ends at or before its start runs into the next day; overlapping ones count once.
        """
        weekly = body.get("weekly") or {}
        assert isinstance(weekly, dict)
        shifts = [[(_minutes(start), _minutes(end)) for start, end in weekly.get(name, ())] for name in DAY_NAMES]
        return Calendar(str(body.get("tz", "UTC")), _by_day(shifts), bool(body.get("always", False)))

    def add(self, start: Instant, seconds: int) -> Instant | None:
        """The earliest instant at which `seconds` of open time have passed since `start`; None if there is none."""
        if self.always:
            return Instant(start + seconds)
        left = seconds
        day = _local_date(start, self.zone)
        for _ in range(LONGEST_SEARCH_DAYS):
            for opens, closes in _open_spans(self, day):
                begins = max(opens, start)
                if begins >= closes:
                    continue
                if closes - begins >= left:
                    return Instant(begins + left)
                left -= closes - begins
            day += timedelta(days=1)
        return None

    def between(self, start: Instant, end: Instant) -> int:
        """Open seconds in `[start, end)`; 0 when `end` is not after `start`."""
        if end <= start:
            return 0
        if self.always:
            return end - start
        total = 0
        day, last = _local_date(start, self.zone), _local_date(end, self.zone)
        while day <= last:
            for opens, closes in _open_spans(self, day):
                total += max(0, min(closes, end) - max(opens, start))
            day += timedelta(days=1)
        return total


def _minutes(clock: object) -> int:
    hours, minutes = str(clock).split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _by_day(shifts: list[list[tuple[int, int]]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Shifts of each weekday as sorted, disjoint minutes of the day they fall on."""
    pieces: list[list[tuple[int, int]]] = [[] for _ in DAY_NAMES]
    for weekday, of_day in enumerate(shifts):
        for start, end in of_day:
            if end > start:
                pieces[weekday].append((start, end))
            else:
                pieces[weekday].append((start, DAY_MINUTES))
                pieces[(weekday + 1) % len(DAY_NAMES)].append((0, end))
    return tuple(_merged(of_day) for of_day in pieces)


def _merged(pieces: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(piece for piece in pieces if piece[0] < piece[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local_date(at: Instant, zone: str) -> date:
    return datetime.fromtimestamp(at, _zone(zone)).date()


@lru_cache(maxsize=100_000)
def _open_spans(calendar: Calendar, day: date) -> tuple[tuple[int, int], ...]:
    """Open instants of a local date: those whose wall clock is inside an interval."""
    midnight = datetime.combine(day, time(), _zone(calendar.zone))
    wall = int(midnight.replace(tzinfo=UTC).timestamp())
    before, after = _offset(midnight), _offset(midnight + timedelta(days=1))
    changes_at = None if before == after else _change(calendar.zone, wall - before, wall + DAY_SECONDS - after, after)
    spans = []
    for opens, closes in calendar.weekly[day.weekday()]:
        spans.append((wall + 60 * opens - before, wall + 60 * closes - before))
    if changes_at is None:
        return tuple(spans)
    # The clock is set on this day: each half of it has its own offset, and an hour is missing or comes twice.
    earlier = [(opens, min(closes, changes_at)) for opens, closes in spans]
    moved = before - after
    later = [(max(opens + moved, changes_at), closes + moved) for opens, closes in spans]
    return tuple((opens, closes) for opens, closes in (*earlier, *later) if opens < closes)


def _offset(local: datetime) -> int:
    offset = local.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _change(zone: str, low: int, high: int, after: int) -> int:
    """The instant in `[low, high]` at which the offset becomes `after`."""
    while low < high:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, _zone(zone))) == after:
            high = middle
        else:
            low = middle + 1
    return low
