"""When a promise runs: from its start to its end with the stops between, read from a ticket's clock events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from core.business_days import USUAL_RULE, add_days
from core.calendar import Calendar, CalendarVersions
from core.clock import Instant
from core.pauses import add_paused
from core.stages import CLOSED, OPEN, WAITING

FIRST_RESPONSE, UPDATE, RESOLUTION = "first_response", "update", "resolution"
KINDS = (FIRST_RESPONSE, UPDATE, RESOLUTION)

OPENED, STAGE, ASKED, ANSWERED, TERMS = "opened", "stage", "asked", "answered", "terms"

Hours = Calendar | CalendarVersions


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """What a clock reads.

    `opened`, `stage` (with the class entered), `asked` (a public message of the customer), `answered` (one of ours),
    `terms` (from here on a waiting stage stops the clocks named in `pauses`).
    """

    at: Instant
    kind: str
    stage_class: int = OPEN
    pauses: tuple[str, ...] = ()


class Target(NamedTuple):
    """What was promised: seconds of open time, or working days by a rule of `core/business_days.py`."""

    seconds: int | None = None
    days: int | None = None
    rule: str = USUAL_RULE


@dataclass(slots=True)
class Run:
    """One stretch of a promise; `stopped_since` while it waits or the ticket is closed, `ended_at` once it is over."""

    started_at: Instant
    stops: list[tuple[int, int]] = field(default_factory=list)
    stopped_since: Instant | None = None
    closed_since: Instant | None = None
    ended_at: Instant | None = None

    def turn(self, at: Instant, stops: bool, is_closed: bool) -> None:
        """Stop or go on, as the stage entered at `at` wants."""
        if stops and self.stopped_since is None:
            self.stopped_since = at
        elif not stops and self.stopped_since is not None:
            self.stops.append((self.stopped_since, at))
            self.stopped_since = None
        # Resolved and then closed ended when it was resolved.
        self.closed_since = (self.closed_since or at) if is_closed else None

    def end(self, at: Instant) -> Run:
        """Over for good; the time since it was stopped does not count."""
        if self.stopped_since is not None:
            self.stops.append((self.stopped_since, at))
            self.stopped_since = None
        self.ended_at, self.closed_since = at, None
        return self

    @property
    def running_since(self) -> Instant:
        """When it last began to run."""
        return Instant(self.stops[-1][1]) if self.stops else self.started_at

    def used_by(self, at: Instant, hours: Hours) -> int:
        """Open seconds that counted until `at`; none after the stop or the end."""
        used, since = 0, self.started_at
        if not self.stops and self.ended_at is not None and self.ended_at <= at:
            return hours.between(since, self.ended_at)
        for begins, ends in self.stops:
            used += hours.between(since, Instant(min(begins, at)))
            since = Instant(ends)
        until = min(at, self.ended_at or at, self.stopped_since or at)
        return used + hours.between(since, Instant(until))


def runs_of(kind: str, events: Iterable[ClockEvent], pauses: tuple[str, ...]) -> list[Run]:
    """The runs of a clock in `events`, which are in order: one for a first response and a resolution, one for each
    question of the customer for an update. Closing stops every clock and ends an update."""
    runs: list[Run] = []
    run: Run | None = None
    stage = OPEN
    is_answered = False
    for event in events:
        if event.kind == OPENED:
            stage = event.stage_class
            run = Run(event.at) if kind != UPDATE else None
            if stage == OPEN:
                continue
        elif event.kind == ASKED:
            run = Run(event.at) if kind == UPDATE and run is None else run
        elif event.kind == ANSWERED:
            if run is not None and kind != RESOLUTION:
                runs.append(run.end(event.at))
                run, is_answered = None, True
        elif event.kind == STAGE:
            stage = event.stage_class
            if run is not None and kind == UPDATE and stage == CLOSED:
                runs.append(run.end(event.at))
                run = None
        elif event.kind == TERMS:
            pauses = event.pauses
        if is_answered and kind == FIRST_RESPONSE:
            break
        if run is not None:
            run.turn(event.at, stage == CLOSED or (stage == WAITING and kind in pauses), stage == CLOSED)
    return runs if run is None else [*runs, run]


class Deadline(NamedTuple):
    """A run's promise as it stands: target in open seconds, the instant at which it is used up, the last not late.

    `used` counts the open seconds until the run last began to run. `late_after` is None when it can never be late, as
    in a calendar that does not open again.
    """

    seconds: int
    due_at: Instant
    late_after: Instant | None
    used: int


def deadline(run: Run, target: Target, hours: Hours) -> Deadline | None:
    """When the run's target is used up, its stops so far regarded; None when that is never or too far away."""
    if target.days is not None:
        return _deadline_in_days(run, target.days, target.rule, hours)
    assert target.seconds is not None
    seconds, since = target.seconds, run.running_since
    used = run.used_by(since, hours) if run.stops else 0
    left = seconds - used
    if left > 0:
        due_at, late_after = hours.used_up(since, left)
        return None if due_at is None else Deadline(seconds, due_at, late_after, used)
    # Used up before the last stop: due when that was, whatever came after.
    due_at = add_paused(hours, run.started_at, seconds, run.stops)
    return None if due_at is None else Deadline(seconds, due_at, _late_after(run, seconds, hours), used)


def _deadline_in_days(run: Run, days: int, rule: str, hours: Hours) -> Deadline | None:
    calendar = hours if isinstance(hours, Calendar) else hours.at(run.started_at)
    due_at = add_days(calendar, run.started_at, days, rule)
    if due_at is None:
        return None
    seconds = hours.between(run.started_at, due_at)
    for begins, ends in run.stops:
        waited = hours.between(Instant(begins), Instant(ends))
        if begins >= due_at:
            break
        # A wait outside hours moves nothing, also when the deadline is a closing.
        moved = hours.add(due_at, waited) if waited else due_at
        if moved is None:
            return None
        due_at = moved
    return Deadline(seconds, due_at, _late_after(run, seconds, hours), run.used_by(run.running_since, hours))


def _late_after(run: Run, seconds: int, hours: Hours) -> Instant | None:
    late = add_paused(hours, run.started_at, seconds + 1, run.stops)
    return None if late is None else Instant(late - 1)
