"""SLA clocks: what was promised and how much of it is left, as one pure function of a ticket's clock events.

Nothing here is stored but the standing that orders the queue, and that can be computed again from the events at any
time. The rules stand in `docs/sla.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.clock import Instant
from core.clock_runs import ClockEvent, Deadline, Hours, Run, deadline
from core.clock_state import MET, NEVER, NONE, PAUSED, RUNNING
from core.policy import FIRST_RESPONSE, RESOLUTION, UPDATE, Policy
from core.terms_in_force import Story, story_of

__all__ = ["FIRST_RESPONSE", "RESOLUTION", "UPDATE", "ClockEvent", "Policy"]


class EarlierRun(NamedTuple):
    """A promise that was over when its clock began anew: what it used of what was promised then."""

    started_at: Instant
    ended_at: Instant
    used: int
    target: int | None

    @property
    def is_breached(self) -> bool:
        """True when it used more than its target."""
        return self.target is not None and self.used > self.target


class Clock(NamedTuple):
    """One promise: how long was promised and how much was used, in open seconds, and when it runs out.

    `due_at` is when the target is used up, None while paused and without a target; `late_after` is the last instant
    that is not yet late: `due_at`, or the next opening when that is a closing. `ended_at` is when the promise was kept
    or the work closed. `earlier` has what was used before a clock began anew; `run` is what all this was read from.
    """

    kind: str
    state: int
    target: int | None = None
    used: int = 0
    due_at: Instant | None = None
    ended_at: Instant | None = None
    late_after: Instant | None = None
    earlier: tuple[EarlierRun, ...] = ()
    run: Run | None = None

    def __eq__(self, other: object) -> bool:
        # Clocks are the same when they say the same, from whatever run they were read.
        return isinstance(other, Clock) and self[:-1] == other[:-1]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:-1])

    def is_breached(self, now: Instant) -> bool:
        """True once more than the target was used; exactly on target is kept."""
        if self.target is None:
            return False
        return self.used > self.target or (
            self.state == RUNNING and self.late_after is not None and now > self.late_after
        )

    @property
    def is_unanswered(self) -> bool:
        """True for a first response that ended because the ticket was closed: no answer, and not a kept promise."""
        return self.kind == FIRST_RESPONSE and self.state == MET and self.run is not None and self.run.ended_at is None

    @property
    def seconds_left(self) -> int | None:
        """Open seconds left as of the last event; negative when late, None without a target."""
        return None if self.target is None else self.target - self.used


def every_clock(
    events: Iterable[ClockEvent], priority: int, policy: Policy, calendar: Hours
) -> tuple[Clock, Clock, Clock]:
    """First response, the customer's last question (update) and resolution as `events` leave them."""
    story = story_of(list(events), priority, policy)
    return (
        clock_of(FIRST_RESPONSE, story, priority, policy, calendar),
        clock_of(UPDATE, story, priority, policy, calendar),
        clock_of(RESOLUTION, story, priority, policy, calendar),
    )


def clock_of(kind: str, story: Story, priority: int, policy: Policy, calendar: Hours) -> Clock:
    """One clock as `story`, which ends with `priority` and `policy`, leaves it."""
    target = policy.target(kind, priority)
    runs = story.runs(kind, calendar) if target is not None else []
    if target is None or not runs:
        return Clock(kind, NONE)
    run = runs[-1]
    ended_at = run.ended_at or run.closed_since
    runs_on = ended_at is None and run.stopped_since is None
    promise = deadline(run, target, calendar) if runs_on or target.days is not None else None
    seconds = promise.seconds if promise is not None else target.seconds
    earlier = () if len(runs) == 1 or kind == UPDATE else _earlier(kind, runs[:-1], story, calendar)
    if ended_at is not None:
        return Clock(kind, MET, seconds, run.used_by(ended_at, calendar), None, ended_at, None, earlier, run)
    if run.stopped_since is not None:
        return Clock(kind, PAUSED, seconds, run.used_by(run.stopped_since, calendar), None, None, None, earlier, run)
    if promise is None:
        return Clock(kind, NONE, seconds, run.used_by(run.running_since, calendar), None, None, None, earlier, run)
    return Clock(kind, RUNNING, seconds, promise.used, promise.due_at, None, promise.late_after, earlier, run)


def _earlier(kind: str, runs: Sequence[Run], story: Story, hours: Hours) -> tuple[EarlierRun, ...]:
    earlier = []
    for run in runs:
        assert run.ended_at is not None
        target = story.target_before(kind, run.ended_at)
        promise: Deadline | None = None
        if target is not None and target.days is not None:
            promise = deadline(run, target, hours)
        seconds = promise.seconds if promise is not None else target.seconds if target is not None else None
        earlier.append(EarlierRun(run.started_at, run.ended_at, run.used_by(run.ended_at, hours), seconds))
    return tuple(earlier)


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
    missed = any(
        (clock.target is not None and clock.used > clock.target) or any(run.is_breached for run in clock.earlier)
        for clock in every
    )
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
