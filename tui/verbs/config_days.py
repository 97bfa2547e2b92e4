"""Closed days from elsewhere, as dates with names: public holidays of a country, whole-day events of an iCal feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, NamedTuple

from tui.verbs.opening import Refusal

MOST_YEARS = 50
USUAL_YEARS = 5
EARLIEST_YEAR, LATEST_YEAR = 1900, 2299
MOST_FEED_BYTES = 20 << 20
MISSING = "{what} need the package {package}; install it with: pip install 'lampboard[calendars]'"
CALENDAR_STEPS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_UNTIL = re.compile(r"(UNTIL=\d{8})(T\d{6})?Z?")

Days = dict[str, str]
"""Names by date, `YYYY-MM-DD`."""


class Feed(NamedTuple):
    """Whole-day events of a feed by date; how many events have a time of day, and how many could not be read."""

    days: Days
    timed: int
    broken: int


class Merged(NamedTuple):
    """A calendar's document with days taken in: those that are new, and how many were closed already."""

    body: dict[str, Any]
    new: Days
    known: int


def years_of(told: str | None, now_year: int) -> range:
    """`2026` or `2026-2030`; this year and four more when nothing is said."""
    if told is None:
        return range(now_year, now_year + USUAL_YEARS)
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", told.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not EARLIEST_YEAR <= first <= last <= LATEST_YEAR or last - first >= MOST_YEARS:
        raise Refusal(f"--years {told!r} is no span of years; write 2026 or 2026-2030, {MOST_YEARS} years at most")
    return range(first, last + 1)


def public_holidays(country: str, subdivision: str | None, years: range) -> Days:
    """The public holidays of a country (ISO 3166 code) or of a part of it."""
    try:
        import holidays
    except ImportError as error:
        raise Refusal(MISSING.format(what="public holidays", package="holidays")) from error
    code, known = country.upper(), holidays.list_supported_countries()
    if code not in known:
        raise Refusal(f"no public holidays are known for {country!r}; {_near(code, sorted(known))}")
    if subdivision is not None and subdivision not in known[code]:
        parts = f"; {_near(subdivision, list(known[code]))}" if known[code] else "; it has no parts"
        raise Refusal(f"no part {subdivision!r} of {code} is known{parts}")
    found = holidays.country_holidays(code, subdiv=subdivision, years=years)
    return {day.isoformat(): str(found[day]) for day in sorted(found) if day.year in years}


def _near(told: str, known: list[str]) -> str:
    near = get_close_matches(told, known, 8, 0.5) or known[:8]
    return f"known are {', '.join(near)}" + (" and others" if len(known) > len(near) else "")


def days_of_feed(data: bytes, years: range) -> Feed:
    """The dates of the whole-day events of an iCal feed in `years`, repeated ones at each of their dates."""
    try:
        import icalendar
    except ImportError as error:
        raise Refusal(MISSING.format(what="iCal feeds", package="icalendar")) from error
    try:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
        events = [event for one in calendars for event in one.walk("VEVENT")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise Refusal(f"that is no iCal feed ({error})") from error
    moved = _moved_dates(events)
    days: Days = {}
    timed = broken = 0
    for event in events:
        try:
            start = getattr(event["DTSTART"], "dt", None)
            if not isinstance(start, date) or isinstance(start, datetime):
                timed += 1
                continue
            if str(event.get("STATUS", "")).upper() != "CANCELLED":
                name = " ".join(str(event.get("SUMMARY", "")).split())
                for day in _dates(event, start, years, moved):
                    days.setdefault(day.isoformat(), name)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            broken += 1
    return Feed(dict(sorted(days.items())), timed, broken)


def _moved_dates(events: list[Any]) -> dict[str, set[date]]:
    """By event, the dates of its repetition that another event of the same id stands for."""
    moved: dict[str, set[date]] = {}
    for event in events:
        instead_of = getattr(event.get("RECURRENCE-ID"), "dt", None)
        if isinstance(instead_of, date):
            moved.setdefault(str(event.get("UID", "")), set()).add(_only_date(instead_of))
    return moved


def _dates(event: Any, start: date, years: range, moved: dict[str, set[date]]) -> Iterator[date]:
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    length = min(max(1, _length(event, start)), 366 * MOST_YEARS)
    left_out = _listed_dates(event, "EXDATE")
    if "RECURRENCE-ID" not in event:
        left_out |= moved.get(str(event.get("UID", "")), set())
    for begins in {start, *_repeated(event, start, first - timedelta(length), last), *_listed_dates(event, "RDATE")}:
        if begins not in left_out:
            low, high = max(begins, first), min(begins + timedelta(length - 1), last)
            yield from (low + timedelta(step) for step in range((high - low).days + 1))


def _length(event: Any, start: date) -> int:
    """Whole days; the end is the first day after it."""
    if "DTEND" in event:
        return (_only_date(event["DTEND"].dt) - start).days
    return int(event["DURATION"].dt.days) if "DURATION" in event else 1


def _repeated(event: Any, start: date, first: date, last: date) -> Iterator[date]:
    from dateutil.rrule import rrulestr

    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        told = rule.to_ical().decode()
        if not any(f"FREQ={step}" in told.upper() for step in CALENDAR_STEPS):
            raise ValueError("a whole day repeats by days at least")
        # The rule's end is an instant in many feeds; a whole day has none.
        told = _UNTIL.sub(r"\1", told)
        repeated = rrulestr(told, dtstart=datetime(start.year, start.month, start.day))
        low, high = (datetime(day.year, day.month, day.day) for day in (first, last))
        yield from (moment.date() for moment in repeated.between(low, high, inc=True))


def _listed_dates(event: Any, name: str) -> set[date]:
    listed = event.get(name, [])
    return {
        _only_date(one.dt)
        for of_line in (listed if isinstance(listed, list) else [listed])
        for one in of_line.dts
        if isinstance(one.dt, date)
    }


def _only_date(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def merged(body: dict[str, Any], days: Days) -> Merged:
    """The document with the days as holidays; those closed already, also every year, are only counted."""
    listed = [str(day) for day in body.get("holidays") or []]
    closed, yearly = set(listed), {str(day) for day in body.get("holidays_yearly") or []}
    new = {day: name for day, name in days.items() if day not in closed and day[5:] not in yearly}
    if not new:
        return Merged(body, {}, len(days))
    names = dict(body.get("names") or {}) | {day: name for day, name in new.items() if name}
    taken = {**body, "holidays": sorted({*listed, *new})} | ({"names": dict(sorted(names.items()))} if names else {})
    return Merged(taken, new, len(days) - len(new))
