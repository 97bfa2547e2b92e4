"""Open time by looking at the wall clock, second by second or minute by minute: written from the rules alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_open(document: dict[str, Any], at: int) -> bool:
    """Whether the wall clock of `at` is inside an interval that nothing takes out."""
    local = datetime.fromtimestamp(at, ZoneInfo(document["tz"]))
    today, clock = local.date(), f"{local:%H:%M:%S}"
    if is_holiday(document, today):
        return False
    if not _inside(document, today, clock, _shifts):
        return False
    if _inside(document, today, clock, _breaks):
        return False
    return not any(_at(start) <= at < _at(end) for start, end in document.get("closures", ()))


def is_holiday(document: dict[str, Any], day: date) -> bool:
    """Whether a date is closed all day."""
    return day.isoformat() in document.get("holidays", ()) or f"{day:%m-%d}" in document.get("holidays_yearly", ())


def counted(document: dict[str, Any], start: int, end: int, step: int = 60) -> int:
    """Open seconds in `[start, end)`, right when every boundary lies on a whole `step`."""
    return step * sum(is_open(document, at) for at in range(start, end, step))


def _shifts(document: dict[str, Any], day: date) -> list[list[str]]:
    if is_holiday(document, day):
        return []
    if document.get("always"):
        weekly: list[list[str]] = [["00:00", "24:00"]]
    else:
        weekly = document.get("weekly", {}).get(DAYS[day.weekday()], [])
    special: list[list[str]] = document.get("exceptions", {}).get(day.isoformat(), weekly)
    return special


def _breaks(document: dict[str, Any], day: date) -> list[list[str]]:
    of_day: list[list[str]] = document.get("breaks", {}).get(day.isoformat(), [])
    return of_day


def _inside(document: dict[str, Any], day: date, clock: str, intervals: Any) -> bool:
    for start, end in intervals(document, day):
        start, end = _full(start), _full(end)
        if start <= clock < end or (end <= start and clock >= start):
            return True
    overnight = intervals(document, day - timedelta(days=1))
    return any(_full(end) <= _full(start) and clock < _full(end) for start, end in overnight)


def _full(clock: str) -> str:
    return clock if clock.count(":") == 2 else f"{clock}:00"


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
