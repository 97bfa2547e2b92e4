"""SLA clocks: what was promised and how much of it is left, as one pure function of a ticket's clock events.

This module knows weekly hours and pauses. Nothing here is stored but the standing that orders the queue, and that
can be computed again from the events at any time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.calendar import Calendar
from core.clock import Instant
from core.ticket import CLOSED, OPEN, WAITING

FIRST_RESPONSE, RESOLUTION = "first_response", "resolution"

RUNNING, PAUSED, MET, NONE = 0, 1, 2, 3
"""States of a clock, in the order in which the queue shows them."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Targets in seconds of open time by priority; `pauses` names the clocks that a waiting stage stops."""

    name: str = ""
    first_response: dict[int, int] | None = None
    resolution: dict[int, int] | None = None
    pauses: tuple[str, ...] = (RESOLUTION,)

    @staticmethod
    def from_document(body: dict[str, Any]) -> Policy:
        """From `{"name": ..., "first_response_seconds": {"1": 1800, ...}, "resolution_seconds": {...}}`."""

        def targets(key: str) -> dict[int, int]:
            return {int(priority): int(seconds) for priority, seconds in (body.get(key) or {}).items()}

        return Policy(
            str(body.get("name", "")),
            targets("first_response_seconds"),
            targets("resolution_seconds"),
            tuple(body.get("pause_applies_to", (RESOLUTION,))),
        )


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """What a clock reads: `opened`, `stage` (with the class entered), `answered` (a public message of ours)."""

    at: Instant
    kind: str
    stage_class: int = OPEN


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise: how long was promised and how much was used, in open seconds, and when it runs out.

    `due_at` is None while paused and without a target; `ended_at` is when the promise was kept or the work closed.
    """

    kind: str
    state: int
    target: int | None = None
    used: int = 0
    due_at: Instant | None = None
    ended_at: Instant | None = None

    def is_breached(self, now: Instant) -> bool:
        """True once more than the target was used; exactly on target is kept."""
        if self.target is None:
            return False
        return self.used > self.target or (self.state == RUNNING and self.due_at is not None and now > self.due_at)

    @property
    def seconds_left(self) -> int | None:
        """Open seconds left as of the last event; negative when late, None without a target."""
        return None if self.target is None else self.target - self.used


def clocks(
    events: Iterable[ClockEvent], priority: int, policy: Policy | None, calendar: Calendar | None
) -> tuple[Clock, Clock]:
    """First response and resolution as the ticket's `events` (in order) leave them."""
    told = list(events)
    if policy is None or calendar is None or not told:
        return Clock(FIRST_RESPONSE, NONE), Clock(RESOLUTION, NONE)
    response = _clock(FIRST_RESPONSE, told, (policy.first_response or {}).get(priority), policy, calendar)
    resolution = _clock(RESOLUTION, told, (policy.resolution or {}).get(priority), policy, calendar)
    return response, resolution


def _clock(kind: str, events: list[ClockEvent], target: int | None, policy: Policy, calendar: Calendar) -> Clock:
    if target is None:
        return Clock(kind, NONE)
    used = 0
    running_since: Instant | None = events[0].at
    ended_at: Instant | None = None
    is_answered = False
    for event in events[1:]:
        if is_answered:
            break
        if event.kind == "answered" and kind == FIRST_RESPONSE:
            ended_at, is_answered = event.at, True
        elif event.kind == "stage":
            # Closing is no answer: a ticket opened again still owes one. Resolved and then closed ended when resolved.
            ended_at = (ended_at or event.at) if event.stage_class == CLOSED else None
        stops = ended_at is not None or (event.stage_class == WAITING and kind in policy.pauses)
        resumes = event.kind == "stage" and not stops
        if stops and running_since is not None:
            used += calendar.between(running_since, event.at)
            running_since = None
        elif resumes and running_since is None:
            running_since = event.at
    if ended_at is not None:
        return Clock(kind, MET, target, used, None, ended_at)
    if running_since is None:
        return Clock(kind, PAUSED, target, used)
    due_at = _due(calendar, running_since, target - used)
    return Clock(kind, RUNNING if due_at is not None else NONE, target, used, due_at)


def _due(calendar: Calendar, running_since: Instant, left: int) -> Instant | None:
    # A clock resumed after its target was used up is due when it resumes, not in the past of another span.
    return calendar.add(running_since, max(0, left))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a queue row keeps of its clocks: which one speaks, its state, when due (running), what is left (paused)."""

    state: int = NONE
    clock: str = ""
    due_at: Instant | None = None
    seconds_left: int | None = None
    missed: bool = False


def standing(both: tuple[Clock, Clock]) -> Standing:
    """The clock that speaks for the ticket: the earliest due of the running ones, else the paused, else the kept."""
    missed = any(clock.target is not None and clock.used > clock.target for clock in both)
    running = [clock for clock in both if clock.state == RUNNING and clock.due_at is not None]
    if running:
        first = min(running, key=lambda clock: clock.due_at or 0)
        return Standing(RUNNING, first.kind, first.due_at, first.seconds_left, missed)
    for state in (PAUSED, MET):
        # Resolution speaks before first response once nothing runs: it is the promise that is still to keep.
        for clock in reversed(both):
            if clock.state == state:
                return Standing(state, clock.kind, None, clock.seconds_left, missed)
    return Standing()
