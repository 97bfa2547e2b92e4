"""SLA clocks: what was promised and how much of it is left, as one pure function of a ticket's clock events.

Nothing here is stored but the standing that orders the queue, and that can be computed again from the events at any
time. The rules stand in `docs/sla.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.business_days import END_OF_DAY, USUAL_RULE
from core.clock import Instant
from core.clock_runs import (
    FIRST_RESPONSE,
    RESOLUTION,
    UPDATE,
    ClockEvent,
    Hours,
    Run,
    Target,
    deadline,
    runs_of,
)
from core.clock_state import MET, NEVER, NONE, PAUSED, RUNNING

__all__ = ["FIRST_RESPONSE", "RESOLUTION", "UPDATE", "ClockEvent"]


@dataclass(frozen=True, slots=True)
class Policy:
    """Targets in seconds of open time by priority; `pauses` names the clocks that a waiting stage stops.

    `days` has targets in working days by clock and priority; where there is one, it goes before the seconds.
    """

    name: str = ""
    first_response: dict[int, int] | None = None
    resolution: dict[int, int] | None = None
    pauses: tuple[str, ...] = (UPDATE, RESOLUTION)
    update: dict[int, int] | None = None
    days: dict[str, dict[int, int]] = field(default_factory=dict)
    day_rule: str = USUAL_RULE

    @staticmethod
    def from_document(body: dict[str, Any]) -> Policy:
        """From `{"name": ..., "first_response_seconds": {"1": 1800, ...}, "resolution_days": {"3": 5}, ...}`."""

        def targets(key: str) -> dict[int, int]:
            return {int(priority): int(amount) for priority, amount in (body.get(key) or {}).items()}

        in_days = {kind: targets(f"{kind}_days") for kind in (FIRST_RESPONSE, RESOLUTION)}
        return Policy(
            str(body.get("name", "")),
            targets("first_response_seconds"),
            targets("resolution_seconds"),
            tuple(body.get("pause_applies_to", (UPDATE, RESOLUTION))),
            targets("update_seconds"),
            {kind: days for kind, days in in_days.items() if days},
            END_OF_DAY if body.get("end_of_day") else str(body.get("day_rule", USUAL_RULE)),
        )

    def target(self, kind: str, priority: int) -> Target | None:
        """What is promised of a clock for `priority`."""
        days = self.days.get(kind, {}).get(priority)
        if days is not None:
            return Target(days=days, rule=self.day_rule)
        by_priority = {FIRST_RESPONSE: self.first_response, RESOLUTION: self.resolution, UPDATE: self.update}[kind]
        seconds = (by_priority or {}).get(priority)
        return None if seconds is None else Target(seconds)


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise: how long was promised and how much was used, in open seconds, and when it runs out.

    `due_at` is when the target is used up, None while paused and without a target; `late_after` is the last instant
    that is not yet late: `due_at`, or the next opening when that is a closing. `ended_at` is when the promise was kept
    or the work closed.
    """

    kind: str
    state: int
    target: int | None = None
    used: int = 0
    due_at: Instant | None = None
    ended_at: Instant | None = None
    late_after: Instant | None = None

    def is_breached(self, now: Instant) -> bool:
        """True once more than the target was used; exactly on target is kept."""
        if self.target is None:
            return False
        return self.used > self.target or (
            self.state == RUNNING and self.late_after is not None and now > self.late_after
        )

    @property
    def seconds_left(self) -> int | None:
        """Open seconds left as of the last event; negative when late, None without a target."""
        return None if self.target is None else self.target - self.used


def clocks(
    events: Iterable[ClockEvent], priority: int, policy: Policy | None, calendar: Hours | None
) -> tuple[Clock, Clock]:
    """First response and resolution as the ticket's `events` (in order) leave them."""
    told = list(events)
    if policy is None or calendar is None or not told:
        return Clock(FIRST_RESPONSE, NONE), Clock(RESOLUTION, NONE)
    return (
        _clock(FIRST_RESPONSE, told, priority, policy, calendar),
        _clock(RESOLUTION, told, priority, policy, calendar),
    )


def every_clock(
    events: Iterable[ClockEvent], priority: int, policy: Policy, calendar: Hours
) -> tuple[Clock, Clock, Clock]:
    """First response, the customer's last question (update) and resolution as `events` leave them."""
    told = list(events)
    response, resolution = clocks(told, priority, policy, calendar)
    return response, _clock(UPDATE, told, priority, policy, calendar), resolution


def _clock(kind: str, events: Sequence[ClockEvent], priority: int, policy: Policy, calendar: Hours) -> Clock:
    target = policy.target(kind, priority)
    runs = runs_of(kind, events, policy.pauses) if target is not None else []
    if target is None or not runs:
        return Clock(kind, NONE)
    run = runs[-1]
    promise = deadline(run, target, calendar) if target.days is not None or _is_running(run) else None
    seconds = promise.seconds if promise is not None else target.seconds
    ended_at = run.ended_at or run.closed_since
    if ended_at is not None:
        return Clock(kind, MET, seconds, run.used_by(ended_at, calendar), None, ended_at)
    if run.stopped_since is not None:
        return Clock(kind, PAUSED, seconds, run.used_by(run.stopped_since, calendar))
    if promise is None:
        return Clock(kind, NONE, seconds, run.used_by(run.running_since, calendar))
    return Clock(kind, RUNNING, seconds, promise.used, promise.due_at, None, promise.late_after)


def _is_running(run: Run) -> bool:
    return run.ended_at is None and run.stopped_since is None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a queue row keeps of its clocks: which one speaks, its state, when due (running), what is left (paused).

    `late_after` is the last instant at which the running clock is not yet late; it orders the queue.
    """

    state: int = NONE
    clock: str = ""
    due_at: Instant | None = None
    seconds_left: int | None = None
    missed: bool = False
    late_after: Instant | None = None


def standing(every: Sequence[Clock]) -> Standing:
    """The clock that speaks for the ticket: the one late first of the running, else the paused, else the kept."""
    missed = any(clock.target is not None and clock.used > clock.target for clock in every)
    running = [clock for clock in every if clock.state == RUNNING and clock.due_at is not None]
    if running:
        first = min(running, key=lambda clock: (clock.late_after or NEVER, clock.due_at or NEVER))
        return Standing(RUNNING, first.kind, first.due_at, first.seconds_left, missed, first.late_after or NEVER)
    for state in (PAUSED, MET):
        # Resolution speaks before first response once nothing runs: it is the promise that is still to keep.
        for clock in reversed(every):
            if clock.state == state:
                return Standing(state, clock.kind, None, clock.seconds_left, missed)
    return Standing()
