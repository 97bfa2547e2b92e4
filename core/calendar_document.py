"""A calendar's document, read with an error that names the field: what people write is checked here only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from core.calendar import CLOSED_WEEK, DAY_NAMES, Calendar, Shifts
from core.clock import Instant
from core.errors import DomainError
from core.wall_clock import DAY_SECONDS, zone

_CLOCK_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
LEAP_YEAR = 2024
LONGEST_NAME = 80


def read_calendar(body: Mapping[str, object]) -> Calendar:
    """The calendar of a document with `tz`, `weekly` or `always`, and days and instants that differ."""
    if not isinstance(body, Mapping):
        raise malformed("", "an object with tz and weekly")
    name = body.get("tz")
    if not isinstance(name, str):
        raise malformed("tz", "the name of a time zone")
    zone(name)
    always = body.get("always")
    always = False if always is None else always
    if not isinstance(always, bool):
        raise malformed("always", "true or false")
    return Calendar(
        name,
        _week(body.get("weekly")),
        always,
        frozenset(_day(day, f"holidays[{place}]") for place, day in enumerate(_listed(body, "holidays"))),
        frozenset(
            _yearly(day, f"holidays_yearly[{place}]") for place, day in enumerate(_listed(body, "holidays_yearly"))
        ),
        _by_date(body, "exceptions"),
        _by_date(body, "breaks"),
        read_spans(body.get("closures"), "closures"),
        _names(body.get("names")),
    )


def malformed(field: str, wanted: str) -> DomainError:
    """A field that is not what it must be."""
    return DomainError("terms.malformed", field=field, wanted=wanted)


def read_instant(value: object, field: str) -> Instant:
    """An instant from ISO 8601 with an offset, its fraction of a second left out."""
    wanted = "a time with an offset, as 2026-11-24T14:32:00+01:00"
    if not isinstance(value, str):
        raise malformed(field, wanted)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise malformed(field, wanted)
        return Instant(int(moment.timestamp() // 1))
    except (ValueError, OverflowError) as error:
        raise malformed(field, wanted) from error


def read_spans(value: object, field: str) -> tuple[tuple[int, int], ...]:
    """Pairs of instants; a pair that ends before it starts holds nothing."""
    pairs = _pairs([] if value is None else value, field)
    return tuple(
        (read_instant(start, f"{field}[{place}][0]"), read_instant(end, f"{field}[{place}][1]"))
        for place, (start, end) in enumerate(pairs)
    )


def _week(value: object) -> tuple[Shifts, ...]:
    if value is None:
        return CLOSED_WEEK
    if not isinstance(value, Mapping):
        raise malformed("weekly", "an object of weekdays")
    for name in value:
        if name not in DAY_NAMES:
            raise malformed(f"weekly.{name}", "one of " + ", ".join(DAY_NAMES))
    return tuple(_shifts(value.get(name, ()), f"weekly.{name}") for name in DAY_NAMES)


def _shifts(value: object, field: str) -> Shifts:
    shifts = []
    for place, (start, end) in enumerate(_pairs(value, field)):
        opens = _clock_time(start, f"{field}[{place}][0]")
        closes = _clock_time(end, f"{field}[{place}][1]")
        shifts.append((opens, closes if closes > opens else closes + DAY_SECONDS))
    return tuple(shifts)


def _pairs(value: object, field: str) -> list[tuple[object, object]]:
    if not isinstance(value, list | tuple):
        raise malformed(field, "a list of [from, to]")
    pairs = []
    for place, pair in enumerate(value):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise malformed(f"{field}[{place}]", "a pair [from, to]")
        pairs.append((pair[0], pair[1]))
    return pairs


def _clock_time(value: object, field: str) -> int:
    found = _CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds > DAY_SECONDS:
        raise malformed(field, "a time of the day, as 08:00, 08:00:30 or 24:00")
    return hours * 3600 + minutes * 60 + seconds


def _listed(body: Mapping[str, object], name: str) -> list[object]:
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise malformed(name, "a list of dates")
    return list(value)


def _by_date(body: Mapping[str, object], name: str) -> tuple[tuple[int, Shifts], ...]:
    value = body.get(name)
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        raise malformed(name, "an object of dates")
    return tuple((_day(day, f"{name}.{day}"), _shifts(of_day, f"{name}.{day}")) for day, of_day in value.items())


def _names(value: object) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        raise malformed("names", "an object of names by date")
    names = []
    for day, name in value.items():
        field = f"names.{day}"
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
            raise malformed(field, f"a name of up to {LONGEST_NAME} characters")
        if _MONTH_DAY.fullmatch(str(day)):
            month, of_month = _yearly(day, field)
            names.append((f"{month:02}-{of_month:02}", name))
        else:
            names.append((date.fromordinal(_day(day, field)).isoformat(), name))
    return tuple(sorted(names))


def _day(value: object, field: str) -> int:
    try:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value).toordinal()
    except ValueError as error:
        raise malformed(field, "a date, as 2026-12-24") from error


def _yearly(value: object, field: str) -> tuple[int, int]:
    found = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is None:
            raise ValueError
        day = date(LEAP_YEAR, int(found[1]), int(found[2]))
    except ValueError as error:
        raise malformed(field, "a month and a day, as 12-24") from error
    return day.month, day.day


class ClosingDays(NamedTuple):
    """A site's days without work: dates as ordinals and (month, day) of every year, with what they are called."""

    dates: dict[int, str]
    yearly: dict[tuple[int, int], str]


def read_closing_days(told: object) -> ClosingDays:
    """From a list of `"YYYY-MM-DD"`, `"MM-DD"` or `{"date": ..., "name": ...}`.

    What is none of these closes nothing, because an imported site may say anything here.
    """
    days = ClosingDays({}, {})
    for one in told if isinstance(told, list) else ():
        day, name = (one.get("date"), str(one.get("name", ""))) if isinstance(one, Mapping) else (one, "")
        if not isinstance(day, str):
            continue
        try:
            if _MONTH_DAY.fullmatch(day):
                days.yearly[_yearly(day, "closing_days")] = name
            else:
                days.dates[_day(day, "closing_days")] = name
        except DomainError:
            continue
    return days
