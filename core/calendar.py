"""Working hours: weekly intervals in a time zone, walked day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.clock import Instant

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_SEARCH_DAYS = 366 * 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening minutes of each weekday (Monday first), local to `zone`; `always` means 24 hours a day."""

    zone: str = "UTC"
    weekly: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7
    always: bool = False

    @staticmethod
    def from_document(body: dict[str, object]) -> Calendar:
        """From `{"tz": ..., "always": true}` or `{"tz": ..., "weekly": {"mon": [["08:00", "16:00"]]}}`."""
        weekly = body.get("weekly") or {}
        assert isinstance(weekly, dict)
        days = tuple(
            tuple((_minutes(start), _minutes(end)) for start, end in weekly.get(name, ())) for name in DAY_NAMES
        )
        return Calendar(str(body.get("tz", "UTC")), days, bool(body.get("always", False)))

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


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local_date(at: Instant, zone: str) -> date:
    return datetime.fromtimestamp(at, _zone(zone)).date()


@lru_cache(maxsize=100_000)
def _open_spans(calendar: Calendar, day: date) -> tuple[tuple[int, int], ...]:
    spans = calendar.weekly[day.weekday()]
    return tuple((_instant(day, opens, calendar.zone), _instant(day, closes, calendar.zone)) for opens, closes in spans)


def _instant(day: date, minutes: int, zone: str) -> int:
    local = datetime.combine(day, time(), _zone(zone)) + timedelta(minutes=minutes)
    return int(local.astimezone(UTC).timestamp())
