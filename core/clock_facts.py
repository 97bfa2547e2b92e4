"""All that a clock is computed from, and how its promise stands at a time: what ledgers and suppositions start with."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from core.clock import Instant
from core.clock_runs import OPENED, STAGE, ClockEvent, Hours, Run, deadline
from core.clock_state import MET, NONE, RUNNING
from core.policy import Policy
from core.sla import Clock, EarlierRun, clock_of
from core.terms_in_force import Story, story_of, terms_at


class NamedVersion(NamedTuple):
    """Which calendar a version is, by its name and number."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """A ticket's clock events in order, with the terms in force at their end.

    `calendar_names` has one name for each version of `hours`, `calendars` the hours that stages of the policy name.
    Versions and names are told on, nothing is computed from them.
    """

    events: tuple[ClockEvent, ...]
    priority: int
    policy: Policy
    hours: Hours
    now: Instant
    policy_version: int = 0
    calendar_names: tuple[NamedVersion, ...] = ()
    zone_data: str = ""
    calendars: Mapping[str, Hours] = field(default_factory=dict)

    @property
    def story(self) -> Story:
        """The events as clocks read them."""
        return story_of(self.events, self.priority, self.policy)

    def as_of(self, now: Instant) -> ClockFacts:
        """What was so at `now`: later events have not happened, and the terms are those of then."""
        happened = bisect_right(self.events, now, key=lambda event: event.at)
        if happened == len(self.events):
            return self if now == self.now else replace(self, now=now)
        priority, policy = terms_at(self.events, self.priority, self.policy, now)
        return replace(self, events=self.events[:happened], priority=priority, policy=policy, now=now)


class Promise(NamedTuple):
    """How a clock stands at a time, in open seconds.

    `due_at` only while it runs; `deadline_at` as it stands or stood when the clock stopped. `left` is negative and
    `breached_by` above 0 when more than the target was used.
    """

    clock: str
    state: int
    started_at: Instant | None = None
    target: int | None = None
    used: int = 0
    left: int | None = None
    breached_by: int = 0
    due_at: Instant | None = None
    late_after: Instant | None = None
    deadline_at: Instant | None = None
    ended_at: Instant | None = None
    earlier: tuple[EarlierRun, ...] = ()


def in_order(events: Iterable[ClockEvent]) -> tuple[ClockEvent, ...]:
    """Events by time and at one time by their entries, so that every console reads them alike; the opening first."""
    return tuple(sorted(events, key=_place_in_order))


def _place_in_order(event: ClockEvent) -> tuple[int, bool, bytes]:
    entry = event.source.entry if event.source is not None else None
    return event.at, event.kind != OPENED, b"" if entry is None else entry


def promise(kind: str, facts: ClockFacts) -> Promise:
    """How a clock stands at `facts.now`."""
    facts = facts.as_of(facts.now)
    return promise_of(clock_of(kind, facts.story, facts.priority, facts.policy, facts.hours), facts)


def promise_of(clock: Clock, facts: ClockFacts) -> Promise:
    """How `clock`, computed from all events of `facts`, stands at `facts.now`."""
    run = clock.run
    if run is None:
        return Promise(clock.kind, NONE)
    used = run.used_by(facts.now, facts.hours)
    target = facts.policy.target(clock.kind, facts.priority)
    deadline_at = clock.due_at
    if target is not None and clock.state != RUNNING:
        stood = deadline(run, target, facts.hours)
        deadline_at = None if stood is None else stood.due_at
    return Promise(
        clock.kind,
        clock.state,
        run.started_at,
        clock.target,
        used,
        None if clock.target is None else clock.target - used,
        0 if clock.target is None else max(0, used - clock.target),
        clock.due_at,
        clock.late_after,
        deadline_at,
        clock.ended_at if clock.state == MET else None,
        clock.earlier,
    )


def stage_visits(events: tuple[ClockEvent, ...]) -> list[ClockEvent]:
    """The events that say in which stage the ticket is, from the opening on."""
    return [event for event in events if event.kind in (STAGE, OPENED)]


def running_stretches(run: Run, now: Instant) -> list[tuple[Instant, Instant]]:
    """When the run ran, up to `now`."""
    stretches, since = [], run.started_at
    for begins, ends in run.stops:
        stretches.append((since, begins))
        since = ends
    until = min(now, run.ended_at if run.ended_at is not None else now)
    if run.stopped_since is not None:
        until = min(until, run.stopped_since)
    return [(begins, ends) for begins, ends in [*stretches, (since, until)] if begins < ends]
