"""Days and spans of time as a filter writes them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.clock import Instant

MINUTE, HOUR, DAY_SECONDS = 60, 3600, 86_400
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY_SECONDS, "w": 7 * DAY_SECONDS}
_SPAN = re.compile(r"([0-9]{1,7})([mhdw])")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2300
LONGEST_SPAN = 200 * 366 * DAY_SECONDS


def span_seconds(text: str) -> int | None:
    """The seconds in `30m`, `2h`, `3d` or `1w`; None for anything else."""
    found = _SPAN.fullmatch(text.casefold())
    seconds = int(found[1]) * _UNITS[found[2]] if found else None
    return None if seconds is None or seconds > LONGEST_SPAN else seconds


def span_written(seconds: int) -> str:
    """A span in the largest unit that it fills, but not in weeks: `90m`, `2h`, `7d`."""
    for unit in ("d", "h"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds // MINUTE}m"


def is_day(text: str) -> bool:
    """True for a year, a month or a day: `2026`, `2026-11`, `2026-11-01`."""
    return _first_and_next(text) is not None


def _first_and_next(text: str) -> tuple[date, date] | None:
    found = _DATE.fullmatch(text)
    if not found or not EARLIEST_YEAR <= int(found[1]) <= LATEST_YEAR:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        first = date(year, month if found[2] else 1, day if found[3] else 1)
    except ValueError:
        return None
    if found[3]:
        return first, first + timedelta(days=1)
    if found[2]:
        return first, date(year + month // 12, month % 12 + 1, 1)
    return first, date(year + 1, 1, 1)


def day_bounds(text: str, now: Instant, zone: str) -> tuple[Instant, Instant]:
    """When a day, month, year, `today` or `yesterday` begins in a zone, and when the next one does."""
    where = ZoneInfo(zone)
    if text in ("today", "yesterday"):
        today = datetime.fromtimestamp(now, where).date()
        first = today if text == "today" else today - timedelta(days=1)
        following = first + timedelta(days=1)
    else:
        bounds = _first_and_next(text)
        assert bounds is not None
        first, following = bounds
    return _midnight(first, where), _midnight(following, where)


def _midnight(day: date, where: ZoneInfo) -> Instant:
    return Instant(int(datetime(day.year, day.month, day.day, tzinfo=where).timestamp()))
