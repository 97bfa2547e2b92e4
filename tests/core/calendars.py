"""Random calendars of every kind that a document can tell, in zones whose clocks change in different ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from core.calendar import DAY_NAMES

CHANGES = {
    "Europe/Warsaw": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Santiago": ("2026-04-05", "2026-09-06"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Pacific/Apia": ("2011-12-30", "2011-09-24"),
    "Asia/Kathmandu": ("2026-03-29", "2026-10-25"),
    "UTC": ("2026-03-29", "2026-10-25"),
}
"""Local dates on which the clocks change, or as good as any where they never do; Apia left out one whole day."""


def told(rng: Random) -> tuple[dict[str, Any], int]:
    """A document, and an instant (UTC midnight of the day before a change of the clocks) where it is worth a look."""
    zone = rng.choice(sorted(CHANGES))
    change = date.fromisoformat(rng.choice(CHANGES[zone]))
    days = [(change + timedelta(days=step)).isoformat() for step in range(-2, 4)]
    document: dict[str, Any] = {"tz": zone}
    if rng.random() < 0.1:
        document["always"] = True
    else:
        document["weekly"] = {name: _shifts(rng) for name in DAY_NAMES if rng.random() < 0.8}
    if rng.random() < 0.3:
        document["holidays"] = rng.sample(days, 1)
    if rng.random() < 0.3:
        document["holidays_yearly"] = [rng.choice(days)[5:], "02-29"]
    if rng.random() < 0.4:
        document["exceptions"] = {day: _shifts(rng) for day in rng.sample(days, 2)}
    if rng.random() < 0.4:
        document["breaks"] = {day: _shifts(rng) for day in rng.sample(days, 2)}
    start = int(datetime(change.year, change.month, change.day, tzinfo=UTC).timestamp()) - 86_400
    if rng.random() < 0.3:
        begins = start + 60 * rng.randrange(3 * 1440)
        document["closures"] = [[_iso(begins), _iso(begins + 60 * rng.randrange(1, 900))]]
    return document, start


def _shifts(rng: Random) -> list[list[str]]:
    return [[_clock(rng), "24:00" if rng.random() < 0.1 else _clock(rng)] for _ in range(rng.choice((0, 1, 1, 2, 3)))]


def _clock(rng: Random) -> str:
    minute = rng.randrange(0, 1440, rng.choice((1, 15, 30, 60)))
    return f"{minute // 60:02}:{minute % 60:02}"


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


calendars = st.integers(0, 1 << 40).map(lambda seed: told(Random(seed)))
"""A seed makes the calendar, so that a failing example names one number."""
