"""Working hours as a firm writes them down: weekly shifts, holidays, special days, breaks, closures, in a zone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from core.clock import Instant
from core.open_time import EARLIEST, LATEST, OpenTime, Spans, Table
from core.wall_clock import DAY_SECONDS, instants, united, wall_of, without, zone

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Shifts = tuple[tuple[int, int], ...]
"""`(from, until)` in seconds after midnight on the wall; `until` lies beyond 86,400 when it runs past midnight."""

CLOSED_WEEK: tuple[Shifts, ...] = ((),) * 7
OPEN_WEEK: tuple[Shifts, ...] = (((0, DAY_SECONDS),),) * 7


@dataclass(frozen=True, slots=True)
class Calendar(OpenTime):
    """When a desk works; every shift belongs to the local date on which it starts.

    `weekly` has the shifts of each weekday, Monday first. On a date of `exceptions` its shifts replace the weekly
    ones; no shift starts on a holiday and none runs into it. `breaks` (by date) and `closures` (instants) are taken
    out last. Dates are proleptic ordinals (`date.toordinal`), `yearly` are (month, day). `names` tells what a day is
    called, by `2026-11-11` or `12-25`; `site_days` and `site_yearly` are those holidays that a site brought along.
    """

    zone: str = "UTC"
    weekly: tuple[Shifts, ...] = CLOSED_WEEK
    always: bool = False
    holidays: frozenset[int] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    exceptions: tuple[tuple[int, Shifts], ...] = ()
    breaks: tuple[tuple[int, Shifts], ...] = ()
    closures: tuple[tuple[int, int], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    site_days: tuple[tuple[int, str], ...] = ()
    site_yearly: tuple[tuple[tuple[int, int], str], ...] = ()
    table: list[Table] = field(default_factory=list, init=False, repr=False, compare=False)
    reasons: dict[int, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `core/closed_reasons.py` found, by the number of the chunk."""

    @staticmethod
    def from_document(body: Mapping[str, object]) -> Calendar:
        """From a document as `docs/sla.md` tells; a DomainError names the field that cannot be read."""
        from core.calendar_document import read_calendar

        return read_calendar(body)

    def with_closing_days(
        self, dates: Mapping[int, str], yearly: Mapping[tuple[int, int], str] | None = None
    ) -> Calendar:
        """This calendar with the closing days of a site laid over it: ordinals, and (month, day), with their names.

        A day that is a holiday already stays the contract's. The hours are laid out anew: keep what you get.
        """
        own_days = {day: name for day, name in dates.items() if day not in self.holidays}
        own_yearly = {day: name for day, name in (yearly or {}).items() if day not in self.yearly}
        return replace(
            self,
            holidays=self.holidays.union(own_days),
            yearly=self.yearly.union(own_yearly),
            site_days=(*self.site_days, *sorted(own_days.items())),
            site_yearly=(*self.site_yearly, *sorted(own_yearly.items())),
        )

    @property
    def never_opens(self) -> bool:
        """True when no shift is written down for any day."""
        return not self.always and not any(self.weekly) and not any(shifts for _day, shifts in self.exceptions)

    @property
    def never_closes(self) -> bool:
        """True when every second is open, so that open time is time."""
        return self.always and not (self.holidays or self.yearly or self.exceptions or self.breaks or self.closures)

    def _add_beyond(self, start: Instant, seconds: int) -> Instant | None:
        # A calendar that never closes has no table: open time is time.
        if self.never_closes:
            return Instant(start + seconds) if start + seconds < LATEST else None
        return OpenTime._add_beyond(self, start, seconds)

    def back(self, end: Instant, seconds: int) -> Instant | None:
        """As `OpenTime.back`."""
        if self.never_closes:
            return Instant(end - seconds) if end - seconds >= EARLIEST else None
        return OpenTime.back(self, end, seconds)

    def _between_beyond(self, start: Instant, end: Instant) -> int:
        return end - start if self.never_closes else OpenTime._between_beyond(self, start, end)

    def _closing(self, at: Instant) -> Instant:
        return Instant(LATEST) if self.never_closes else OpenTime._closing(self, at)

    def spans(self, low: int, high: int) -> Spans:
        """Open spans in `[low, high)`: every instant whose wall clock is inside a shift and not taken out."""
        zone(self.zone)
        first, last = (wall_of(at, self.zone) // DAY_SECONDS for at in (low, high))
        walls = self.open_walls(first - 1, last + 1)
        return without(united(instants(walls, self.zone, low, high)), united(self.closures))

    def open_walls(self, first: int, last: int, with_breaks: bool = True) -> list[tuple[int, int]]:
        """Open stretches of the wall's time (`core/wall_clock.py`) by the shifts that start on `first` to `last`."""
        closed = self.closed_days(first, last + 1)
        special = dict(self.exceptions)
        week = OPEN_WEEK if self.always else self.weekly
        shifts = [
            (day * DAY_SECONDS + start, day * DAY_SECONDS + end)
            for day in range(first, last + 1)
            if day not in closed
            for start, end in special.get(day, week[(day - 1) % 7])
        ]
        taken = [(day * DAY_SECONDS, (day + 1) * DAY_SECONDS) for day in closed]
        if with_breaks:
            taken += [
                (day * DAY_SECONDS + start, day * DAY_SECONDS + end)
                for day, of_day in self.breaks
                for start, end in of_day
            ]
        return without(united(shifts), united(taken))

    def closed_days(self, first: int, last: int) -> set[int]:
        """Holidays from the ordinal `first` to `last`, those of a site among them."""
        closed = {day for day in self.holidays if first <= day <= last}
        closed.update(day for day in self._yearly_days(first, last) if first <= day <= last)
        return closed

    def _yearly_days(self, first: int, last: int) -> Iterator[int]:
        if not self.yearly:
            return
        for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
            for month, day in self.yearly:
                # 29 February comes only in leap years.
                if (month, day) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
                    yield date(year, month, day).toordinal()


@dataclass(frozen=True, slots=True)
class CalendarVersions(OpenTime):
    """A calendar that was changed: `first` until the first of `changes`, each of them from its instant on."""

    first: Calendar
    changes: tuple[tuple[Instant, Calendar], ...] = ()
    table: list[Table] = field(default_factory=list, init=False, repr=False, compare=False)
    shorter: dict[tuple[Instant, ...], Calendar | CalendarVersions] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def at(self, instant: Instant) -> Calendar:
        """The calendar in force at an instant."""
        in_order = sorted(self.changes, key=lambda change: change[0])
        place = bisect_right(in_order, instant, key=lambda change: change[0])
        return in_order[place - 1][1] if place else self.first

    @property
    def versions(self) -> tuple[tuple[Instant | None, Calendar], ...]:
        """Every version with the instant from which on it is in force, None for the first."""
        return (None, self.first), *sorted(self.changes, key=lambda change: change[0])

    def as_known(self, at: Instant, now: Instant) -> Calendar | CalendarVersions:
        """Without the changes after `at`; those that are still to come at `now` are known all along."""
        kept = tuple(change for change in self.changes if change[0] <= at or change[0] > now)
        if len(kept) == len(self.changes):
            return self
        key = tuple(since for since, _calendar in kept)
        if key not in self.shorter:
            # Kept, because hours are laid out only once.
            self.shorter[key] = CalendarVersions(self.first, kept) if kept else self.first
        return self.shorter[key]

    def with_closing_days(
        self, dates: Mapping[int, str], yearly: Mapping[tuple[int, int], str] | None = None
    ) -> CalendarVersions:
        """As `Calendar.with_closing_days`, in every version."""
        changes = tuple((since, calendar.with_closing_days(dates, yearly)) for since, calendar in self.changes)
        return CalendarVersions(self.first.with_closing_days(dates, yearly), changes)

    def spans(self, low: int, high: int) -> Spans:
        """Open spans, each by the calendar in force."""
        versions: list[tuple[int, Calendar]] = [(low, self.at(Instant(low)))]
        versions += sorted((change for change in self.changes if low < change[0] < high), key=lambda change: change[0])
        ends = [since for since, _calendar in versions[1:]] + [high]
        # Of two changes at one instant the latter counts; the former is in force for no time.
        return united(
            span
            for (start, calendar), end in zip(versions, ends, strict=True)
            if start < end
            for span in calendar.spans(start, end)
        )
