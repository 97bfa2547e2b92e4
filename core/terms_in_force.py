"""Which priority and policy were in force when: changes of them in a ticket's events, made plain for its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.clock import Instant
from core.clock_runs import POLICY, PRIORITY, TERMS, ClockEvent, Hours, Reopened, Retarget, Run, RunTerms, runs_of
from core.policy import FROM_CHANGE, KINDS, Policy, StageStops, Target


class InForce(NamedTuple):
    """The terms from an instant on (None: from the opening)."""

    since: Instant | None
    priority: int
    policy: Policy


class Story(NamedTuple):
    """A ticket's events as clocks read them, with the terms at the opening and every later set of terms in order."""

    events: Sequence[ClockEvent]
    pauses: tuple[str, ...]
    stage_stops: StageStops
    terms: tuple[InForce, ...]
    may_reopen_fresh: bool = False

    def runs(self, kind: str, hours: Hours) -> list[Run]:
        """The runs of a clock, by the terms in force at each instant."""
        is_fresh = _reopening(self.terms, hours) if self.may_reopen_fresh else None
        return runs_of(kind, self.events, self.pauses, self.stage_stops, is_fresh)

    def target_before(self, kind: str, at: Instant) -> Target | None:
        """What was promised of a clock until an instant."""
        in_force = self.terms[0]
        for terms in self.terms[1:]:
            if terms.since is not None and terms.since < at:
                in_force = terms
        return in_force.policy.target(kind, in_force.priority)


def story_of(events: Sequence[ClockEvent], priority: int, policy: Policy) -> Story:
    """The story of `events` that end with `priority` and `policy` in force."""
    for event in events:
        if event.change is not None and event.kind in (PRIORITY, POLICY):
            return _with_changes(events, priority, policy)
    terms = (InForce(None, priority, policy),)
    return Story(events, policy.pauses, policy.stage_stops, terms, policy.reopen_fresh_after is not None)


def terms_at(events: Sequence[ClockEvent], priority: int, policy: Policy, now: Instant) -> tuple[int, Policy]:
    """Priority and policy in force at `now`, which may lie before the last of `events`."""
    for event in reversed(events):
        if event.at <= now:
            break
        if isinstance(event.change, Retarget):
            if event.change.priority_before is not None:
                priority = event.change.priority_before
            policy = event.change.policy_before or policy
    return priority, policy


def _reopening(terms: tuple[InForce, ...], hours: Hours) -> Reopened:
    def is_fresh(closed_at: Instant, at: Instant) -> bool:
        in_force = [one for one in terms if one.since is None or one.since <= at][-1]
        limit = in_force.policy.reopen_fresh_after
        return limit is not None and hours.between(closed_at, at) > limit

    return is_fresh


def _with_changes(events: Sequence[ClockEvent], priority: int, policy: Policy) -> Story:
    first_priority, first_policy = _at_opening(events, priority, policy)
    in_force = InForce(None, first_priority, first_policy)
    terms, told = [in_force], []
    for event in events:
        change = event.change
        if event.kind not in (PRIORITY, POLICY) or not isinstance(change, Retarget):
            told.append(event)
            continue
        before = in_force
        in_force = InForce(
            event.at,
            before.priority if change.priority is None else change.priority,
            before.policy if change.policy is None else change.policy,
        )
        terms.append(in_force)
        told.append(ClockEvent(event.at, TERMS, pauses=in_force.policy.pauses, change=_run_terms(before, in_force)))
    may_reopen_fresh = any(one.policy.reopen_fresh_after is not None for one in terms)
    return Story(told, first_policy.pauses, first_policy.stage_stops, tuple(terms), may_reopen_fresh)


def _run_terms(before: InForce, after: InForce) -> RunTerms:
    begins_anew: tuple[str, ...] = ()
    if after.policy.count_from == FROM_CHANGE:
        begins_anew = tuple(
            kind
            for kind in KINDS
            if before.policy.target(kind, before.priority) != after.policy.target(kind, after.priority)
        )
    return RunTerms(after.policy.stage_stops, begins_anew)


def _at_opening(events: Sequence[ClockEvent], priority: int, policy: Policy) -> tuple[int, Policy]:
    """What the first changes name as before; a ticket that had no policy counts from the start by its first one."""
    changes = [event.change for event in events if isinstance(event.change, Retarget)]
    before = [change.priority_before for change in changes if change.priority_before is not None]
    policies = [change.policy_before or change.policy for change in changes if change.policy is not None]
    known = [one for one in policies if one is not None]
    return before[0] if before else priority, known[0] if known else policy
