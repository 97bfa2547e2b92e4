"""When a clock warns before it is late: every level of the policy, computed from the same used time as the deadline."""

from __future__ import annotations

from typing import NamedTuple

from core.clock import Instant
from core.clock_runs import Hours
from core.clock_state import RUNNING
from core.pauses import add_paused
from core.policy import Policy, WarningLevel
from core.sla import Clock


class Warned(NamedTuple):
    """A level and when its clock reaches it, if nothing stops the clock before; None is never."""

    level: WarningLevel
    at: Instant | None


def warnings(clock: Clock, policy: Policy, hours: Hours) -> tuple[Warned, ...]:
    """The levels of a running clock in the order of the policy; none while it stands still or is over."""
    if not policy.warnings or clock.state != RUNNING or clock.run is None or clock.target is None:
        return ()
    run, found = clock.run, []
    for level in policy.warnings:
        if level.clock != clock.kind:
            continue
        threshold = level.threshold(clock.target)
        if threshold > clock.used:
            at = hours.add(run.running_since, threshold - clock.used)
        else:
            # Reached before the clock last stopped.
            at = add_paused(hours, run.started_at, threshold, run.stops)
        found.append(Warned(level, at))
    return tuple(found)
