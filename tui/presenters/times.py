"""Times as a dispatcher reads them: minutes on the lamp, clock time today, a date on other days."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.clock import Instant


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The zone called `name`; UTC for a name nobody knows."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def local(at: Instant, zone_name: str) -> datetime:
    """The wall clock in `zone_name` at an instant."""
    return datetime.fromtimestamp(at, zone(zone_name))


def clock_time(at: Instant, zone_name: str) -> str:
    """Hours and minutes."""
    return f"{local(at, zone_name):%H:%M}"


def short_time(at: Instant, now: Instant, zone_name: str) -> str:
    """Five cells: the clock time today, day.month within half a year, month/year before."""
    then, today = local(at, zone_name), local(now, zone_name)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    if then.year == today.year or abs(now - at) < 180 * 86_400:
        return f"{then:%d.%m}"
    return f"{then:%m/%y}"


def date_time(at: Instant, now: Instant, zone_name: str) -> str:
    """Clock time today; with day and month on other days; with the year in other years."""
    then, today = local(at, zone_name), local(now, zone_name)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    return f"{then:%d.%m. %H:%M}" if then.year == today.year else f"{then:%d.%m.%Y %H:%M}"


def date(at: Instant, zone_name: str) -> str:
    """Day, month and year."""
    return f"{local(at, zone_name):%d.%m.%Y}"


def lamp_time(seconds: int) -> str:
    """At most six cells: `-0:12`, `4:30`, `1d 2h`, `140d`; minutes are cut, never rounded up."""
    sign = "-" if seconds < 0 else ""
    minutes = abs(seconds) // 60
    if minutes < 10 * 60 or (minutes < 24 * 60 and not sign):
        return f"{sign}{minutes // 60}:{minutes % 60:02}"
    hours = minutes // 60
    if hours < 24:
        return f"{sign}{hours}h"
    days = hours // 24
    if days < 10 and not sign:
        return f"{days}d {hours % 24}h" if hours % 24 < 10 or days < 10 else f"{days}d"
    return f"{sign}{days}d" if days < 1000 else f"{sign}{days // 365}y"


def duration(seconds: int) -> str:
    """In words' length: `12m`, `3:05 h`, `2d 4h`."""
    minutes = abs(seconds) // 60
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 24 * 60:
        return f"{minutes // 60}h {minutes % 60:02}m"
    return f"{minutes // 1440}d {minutes % 1440 // 60}h"
