"""Why a calendar is closed at an instant, beyond its usual hours: a holiday and its name, a special day, a break."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple, cast

from core.calendar import OPEN_WEEK, Calendar
from core.open_time import CHUNK_SECONDS
from core.wall_clock import DAY_SECONDS, instants, united, wall_of, without

CLOSED, HOLIDAY, SITE_CLOSED = "closed", "holiday", "site_closed"
SPECIAL_DAY, BREAK, CLOSURE = "special_day", "break", "closure"


class Closed(NamedTuple):
    """A stretch of instants at which a calendar is closed for one reason; `name` is what the day is called."""

    from_at: int
    until_at: int
    reason: str
    name: str = ""


def closed_stretches(calendar: Calendar, start: int, until: int) -> Iterator[Closed]:
    """The stretch from `start` to `until`, at all of which the calendar is closed, in pieces of one reason each."""
    at = start
    for piece in _special(calendar, start, until):
        if at < piece.from_at:
            yield Closed(at, piece.from_at, CLOSED)
        yield piece
        at = piece.until_at
    if at < until:
        yield Closed(at, until, CLOSED)


def _special(calendar: Calendar, start: int, until: int) -> Iterator[Closed]:
    if not (calendar.holidays or calendar.yearly or calendar.exceptions or calendar.breaks or calendar.closures):
        return
    last: Closed | None = None
    for chunk in range(start // CHUNK_SECONDS, (until - 1) // CHUNK_SECONDS + 1):
        ends, stretches = _of_chunk(calendar, chunk)
        for place in range(bisect_right(ends, start), len(stretches)):
            from_at, until_at, reason, name = stretches[place]
            if from_at >= until:
                break
            piece = Closed(max(from_at, start), min(until_at, until), reason, name)
            if last is not None and last.until_at == piece.from_at and last[2:] == piece[2:]:
                last = last._replace(until_at=piece.until_at)
                continue
            if last is not None:
                yield last
            last = piece
    if last is not None:
        yield last


def _of_chunk(calendar: Calendar, chunk: int) -> tuple[list[int], list[Closed]]:
    """Ends and stretches of about a year in order, kept with the calendar: every ledger asks again."""
    known = calendar.reasons.get(chunk)
    if known is None:
        stretches = list(_laid_out(calendar, chunk * CHUNK_SECONDS, (chunk + 1) * CHUNK_SECONDS))
        known = calendar.reasons[chunk] = ([piece.until_at for piece in stretches], stretches)
    return cast("tuple[list[int], list[Closed]]", known)


def _laid_out(calendar: Calendar, low: int, high: int) -> list[Closed]:
    first, last = (wall_of(at, calendar.zone) // DAY_SECONDS for at in (low, high))
    taken: list[tuple[int, int]] = []
    found: list[Closed] = []

    def take(spans: Iterable[tuple[int, int]], reason: str, name: str = "") -> None:
        # The first reason is the one that is told: a closure on a holiday is a closure.
        nonlocal taken
        fresh = without(united(spans), taken)
        found.extend(Closed(*span, reason, name) for span in fresh)
        taken = united([*taken, *fresh])

    def on_wall(walls: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        return list(instants(united(walls), calendar.zone, low, high))

    take([(max(begins, low), min(ends, high)) for begins, ends in calendar.closures], CLOSURE)
    for day, reason, name in _holidays(calendar, first - 1, last + 1):
        take(on_wall([(day * DAY_SECONDS, (day + 1) * DAY_SECONDS)]), reason, name)
    for day, shifts in calendar.breaks:
        if not first - 2 <= day <= last:
            continue
        take(on_wall((day * DAY_SECONDS + begins, day * DAY_SECONDS + ends) for begins, ends in shifts), BREAK)
    week = OPEN_WEEK if calendar.always else calendar.weekly
    for day, _shifts in calendar.exceptions:
        if not first - 2 <= day <= last:
            continue
        # A special day is the reason only when the desk would be open otherwise: its night is a night.
        usual = [(day * DAY_SECONDS + begins, day * DAY_SECONDS + ends) for begins, ends in week[(day - 1) % 7]]
        take(on_wall(usual), SPECIAL_DAY, _name(calendar, day))
    return sorted(found)


def _holidays(calendar: Calendar, first: int, last: int) -> Iterator[tuple[int, str, str]]:
    of_site, of_site_yearly = dict(calendar.site_days), dict(calendar.site_yearly)
    for day in sorted(calendar.closed_days(first, last)):
        moment = date.fromordinal(day)
        month_day = (moment.month, moment.day)
        is_own = (day in calendar.holidays and day not in of_site) or (
            month_day in calendar.yearly and month_day not in of_site_yearly
        )
        if is_own:
            yield day, HOLIDAY, _name(calendar, day)
        else:
            yield day, SITE_CLOSED, of_site.get(day) or of_site_yearly.get(month_day, "")


def _name(calendar: Calendar, day: int) -> str:
    names, told = dict(calendar.names), date.fromordinal(day).isoformat()
    return names.get(told) or names.get(told[5:], "")
