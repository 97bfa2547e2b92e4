"""When a promise runs: from its start to its end with the stops between, read from a ticket's clock events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from core.business_days import add_days
from core.calendar import Calendar, CalendarVersions
from core.clock import Instant
from core.pauses import add_paused
from core.policy import FIRST_RESPONSE, KINDS, RESOLUTION, UPDATE, Policy, StageStops, Target, stands_still
from core.stages import CLOSED, OPEN, WAITING

__all__ = ["FIRST_RESPONSE", "KINDS", "RESOLUTION", "UPDATE", "Target"]

OPENED, STAGE, ASKED, ANSWERED, TERMS = "opened", "stage", "asked", "answered", "terms"
PRIORITY, POLICY = "priority", "policy"

Hours = Calendar | CalendarVersions


class Cause(NamedTuple):
    """Where an event comes from, for those who ask: the id of its entry, who, in what words."""

    entry: bytes | None = None
    person: str = ""
    words: str = ""


class Retarget(NamedTuple):
    """What a `priority` or `policy` event changed: from what to what, both None when it stayed."""

    priority_before: int | None = None
    priority: int | None = None
    policy_before: Policy | None = None
    policy: Policy | None = None


class RunTerms(NamedTuple):
    """What a `terms` event may say besides `pauses`: what stands still in which stage, and clocks that begin anew."""

    stage_stops: StageStops
    begins_anew: tuple[str, ...] = ()


class ClockEvent(NamedTuple):
    """What a clock reads.

    `opened`, `stage` (with the class entered, and its name and party where stages have pauses of their own), `asked`
    (a public message of the customer), `answered` (one of ours), `priority` and `policy` (with `change`), `terms`
    (from here on a waiting stage stops the clocks named in `pauses`).
    """

    at: Instant
    kind: str
    stage_class: int = OPEN
    pauses: tuple[str, ...] = ()
    stage: str = ""
    party: str = ""
    change: Retarget | RunTerms | None = None
    source: Cause | None = None


@dataclass(slots=True)
class Run:
    """One stretch of a promise; `stopped_since` while it waits or the ticket is closed, `ended_at` once it is over."""

    started_at: Instant
    stops: list[tuple[Instant, Instant]] = field(default_factory=list)
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
        return self.stops[-1][1] if self.stops else self.started_at

    def used_by(self, at: Instant, hours: Hours) -> int:
        """Open seconds that counted until `at`; none after the stop or the end."""
        used, since = 0, self.started_at
        for begins, ends in self.stops:
            used += hours.between(since, begins if begins < at else at)
            since = ends
        if self.ended_at is not None and self.ended_at < at:
            at = self.ended_at
        if self.stopped_since is not None and self.stopped_since < at:
            at = self.stopped_since
        return used + hours.between(since, at) if since < at else used


Reopened = Callable[[Instant, Instant], bool]
"""Whether a ticket closed at the first instant and opened again at the second begins its resolution anew."""


def runs_of(
    kind: str,
    events: Iterable[ClockEvent],
    pauses: tuple[str, ...],
    stage_stops: StageStops | None = None,
    is_fresh: Reopened | None = None,
) -> list[Run]:
    """The runs of a clock in `events`, which are in order: one for a first response and a resolution, one for each
    question of the customer for an update. Closing stops every clock and ends an update.

    A clock that begins anew ends its run and starts another; `stage_stops` and `is_fresh` are the policy's word on
    stages with pauses of their own and on tickets opened again.
    """
    runs: list[Run] = []
    run: Run | None = None
    stage, visit = OPEN, None
    by_stage = stage_stops or {}
    waits = kind in pauses
    for event in events:
        told, at = event.kind, event.at
        if told == STAGE:
            stage, visit = event.stage_class, event
            if kind == UPDATE and stage == CLOSED and run is not None:
                runs.append(run.end(at))
                run = None
            elif is_fresh is not None and run is not None and kind == RESOLUTION and stage != CLOSED:
                closed_at = run.closed_since
                if closed_at is not None and is_fresh(closed_at, at):
                    runs.append(run.end(closed_at))
                    run = Run(at)
        elif told == OPENED:
            stage, visit = event.stage_class, event
            run = Run(at) if kind != UPDATE else None
        elif told == ASKED:
            if kind != UPDATE or run is not None:
                continue
            run = Run(at)
        elif told == ANSWERED:
            if kind == RESOLUTION or run is None:
                continue
            runs.append(run.end(at))
            run = None
            if kind == FIRST_RESPONSE:
                return runs
        elif told == TERMS:
            pauses = event.pauses
            waits = kind in pauses
            if isinstance(event.change, RunTerms):
                by_stage = event.change.stage_stops
                # What is closed has kept its promise or not: nothing begins anew.
                if run is not None and stage != CLOSED and kind in event.change.begins_anew:
                    runs.append(run.end(at))
                    run = Run(at)
        if run is not None:
            stops = stage == CLOSED or (stage == WAITING and waits)
            if by_stage and visit is not None:
                stops = stands_still(kind, stage, visit.stage, visit.party, pauses, by_stage)
            if stops or run.stopped_since is not None or run.closed_since is not None:
                run.turn(at, stops, stage == CLOSED)
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
        waited = hours.between(begins, ends)
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
