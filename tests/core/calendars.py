"""Random calendars of every kind that a document can tell, in zones whose clocks change in different ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from core.calendar import DAY_NAMES

CHANGES = {
    "Europe/Warsaw": ("2026-03-29", "2026-10-25", "2024-02-29"),
    "America/New_York": ("2026-03-08", "2026-11-01", "2023-02-28"),
    "America/Santiago": ("2026-04-05", "2026-09-06"),
    "America/Havana": ("2026-03-08", "2026-11-01"),
    "America/Sao_Paulo": ("2018-11-04", "2018-02-18"),
    "America/Caracas": ("2007-12-09", "2016-05-01"),
    "Asia/Beirut": ("2025-03-30", "2025-10-26"),
    "Asia/Pyongyang": ("2015-08-15", "2018-05-05"),
    "Asia/Kathmandu": ("2026-03-29", "2026-10-25"),
    "Africa/Cairo": ("2025-04-25", "2025-10-31"),
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Africa/Monrovia": ("1972-01-07", "1972-01-07"),
    "Antarctica/Troll": ("2026-03-29", "2026-10-25"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Pacific/Apia": ("2011-12-30", "2011-09-24"),
    "Pacific/Chatham": ("2026-04-05", "2026-09-27"),
    "Pacific/Kiritimati": ("1994-12-31", "2026-01-01"),
    "Pacific/Kwajalein": ("1993-08-21", "2026-01-01"),
    "Etc/GMT+12": ("2026-03-29", "2024-02-29"),
    "UTC": ("2026-03-29", "2026-12-31"),
}
"""Local dates on which the clocks change, or as good as any where they never do; three of them were left out whole."""


def told(rng: Random) -> tuple[dict[str, Any], int]:
    """A document, and an instant (UTC midnight of the day before a change of the clocks) where it is worth a look."""
    zone = rng.choice(sorted(CHANGES))
    change = date.fromisoformat(rng.choice(CHANGES[zone]))
    days = [(change + timedelta(days=step)).isoformat() for step in range(-2, 4)]
    # Few moments for a whole document, so that shifts, breaks and special days meet exactly.
    clocks = [_clock(rng) for _ in range(12)]
    document: dict[str, Any] = {"tz": zone}
    if rng.random() < 0.1:
        document["always"] = True
    else:
        document["weekly"] = {name: _shifts(rng, clocks) for name in DAY_NAMES if rng.random() < 0.8}
    if rng.random() < 0.3:
        document["holidays"] = rng.sample(days, rng.choice((1, 2)))
    if rng.random() < 0.3:
        document["holidays_yearly"] = [rng.choice(days)[5:], "02-29"]
    if rng.random() < 0.4:
        document["exceptions"] = {day: _shifts(rng, clocks) for day in rng.sample(days, 2)}
    if rng.random() < 0.4:
        document["breaks"] = {day: _shifts(rng, clocks) for day in rng.sample(days, 2)}
    start = int(datetime(change.year, change.month, change.day, tzinfo=UTC).timestamp()) - 86_400
    if rng.random() < 0.3:
        document["closures"] = [_closure(rng, start) for _ in range(rng.choice((1, 2)))]
    return document, start


def _shifts(rng: Random, clocks: list[str]) -> list[list[str]]:
    shifts = [[rng.choice(clocks), rng.choice(clocks)] for _ in range(rng.choice((0, 1, 1, 2, 2, 3)))]
    for shift in shifts:
        if rng.random() < 0.1:
            shift[1] = "24:00"
        elif rng.random() < 0.1:
            shift[1] = shift[0]
    return shifts


def _clock(rng: Random) -> str:
    minute = rng.randrange(0, 1440, rng.choice((1, 15, 30, 60)))
    # Some in the small hours, where the clocks are set.
    minute = minute % 240 if rng.random() < 0.3 else minute
    seconds = f":{rng.randrange(60):02}" if rng.random() < 0.2 else ""
    return f"{minute // 60:02}:{minute % 60:02}{seconds}"


def _closure(rng: Random, start: int) -> list[str]:
    begins = start + 60 * rng.randrange(3 * 1440)
    ends = begins + 60 * rng.randrange(1, 900)
    if rng.random() < 0.3:
        begins, ends = begins + rng.randrange(60), ends + rng.randrange(60)
    return [_iso(begins), _iso(ends)]


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


calendars = st.integers(0, 1 << 40).map(lambda seed: told(Random(seed)))
"""A seed makes the calendar, so that a failing example names one number."""
