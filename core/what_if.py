"""What if: the same clocks under other facts, so that a dispatcher sees dates before deciding; nothing is written."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from core.clock import Instant
from core.clock_facts import ClockFacts, Promise, promise_of, stage_visits
from core.clock_runs import ANSWERED, ASKED, POLICY, PRIORITY, STAGE, TERMS, ClockEvent, Hours, Retarget
from core.policy import KINDS, Policy
from core.sla import clock_of
from core.stages import CLOSED, OPEN, WAITING
from core.terms_in_force import terms_at


class PriorityIs(NamedTuple):
    """Another priority, set now or at `at`."""

    priority: int
    at: Instant | None = None


class UnderPolicy(NamedTuple):
    """Another policy, and other hours if told, as if from the opening on: the changes of policy since are left out."""

    policy: Policy
    hours: Hours | None = None


class AnsweredAt(NamedTuple):
    """A public message of ours."""

    at: Instant


class CustomerWritesAt(NamedTuple):
    """A public message of the customer; a wait for the customer ends with it."""

    at: Instant


class WaitsUntil(NamedTuple):
    """A wait for a party from `at`, in place of the stages it had meanwhile; after it, in the stage it was in then."""

    at: Instant
    until: Instant
    party: str = "customer"


class ClosedAt(NamedTuple):
    """The ticket is resolved."""

    at: Instant


Supposition = PriorityIs | UnderPolicy | AnsweredAt | CustomerWritesAt | WaitsUntil | ClosedAt


class Outcome(NamedTuple):
    """First response, update and resolution under suppositions, as of now or of the last thing supposed."""

    promises: tuple[Promise, Promise, Promise]
    facts: ClockFacts


def what_if(facts: ClockFacts, *suppositions: Supposition) -> Outcome:
    """The clocks of `facts` if all of `suppositions` were so; the facts that were given stay as they are.

    They are taken in the order told, each on top of those before it.
    """
    supposed = facts.as_of(facts.now)
    for supposition in suppositions:
        supposed = _with(supposed, supposition)
    last = supposed.events[-1].at if supposed.events else supposed.now
    supposed = replace(supposed, now=max(supposed.now, last))
    story = supposed.story
    first, update, resolution = (
        promise_of(clock_of(kind, story, supposed.priority, supposed.policy, supposed.hours), supposed)
        for kind in KINDS
    )
    return Outcome((first, update, resolution), supposed)


def _with(facts: ClockFacts, supposition: Supposition) -> ClockFacts:
    match supposition:
        case PriorityIs(priority, at):
            return _with_priority(facts, priority, facts.now if at is None else at)
        case UnderPolicy(policy, hours):
            return _under_policy(facts, policy, facts.hours if hours is None else hours)
        case AnsweredAt(at):
            return _told(facts, ClockEvent(at, ANSWERED))
        case CustomerWritesAt(at):
            return _told(facts, ClockEvent(at, ASKED), *_end_of_wait(facts, at))
        case WaitsUntil(at, until, party):
            return _with_wait(facts, at, until, party)
        case ClosedAt(at):
            return _told(facts, ClockEvent(at, STAGE, CLOSED, stage="resolved"))


def _told(facts: ClockFacts, *events: ClockEvent) -> ClockFacts:
    # Sorting keeps the order of what happened at one time: what is supposed comes after what is known.
    return replace(facts, events=tuple(sorted([*facts.events, *events], key=lambda event: event.at)))


def _with_priority(facts: ClockFacts, priority: int, at: Instant) -> ClockFacts:
    before, _policy = terms_at(facts.events, facts.priority, facts.policy, at)
    kept = [event for event in facts.events if event.kind != PRIORITY or event.at <= at]
    for place, event in enumerate(kept):
        # A change of contract may have brought another priority with it.
        if event.at > at and isinstance(event.change, Retarget):
            kept[place] = event._replace(change=event.change._replace(priority_before=None, priority=None))
    change = Retarget(priority_before=before, priority=priority)
    return _told(replace(facts, events=tuple(kept), priority=priority), ClockEvent(at, PRIORITY, change=change))


def _under_policy(facts: ClockFacts, policy: Policy, hours: Hours) -> ClockFacts:
    kept = []
    for event in facts.events:
        if isinstance(event.change, Retarget) and event.change.priority is not None:
            kept.append(event._replace(change=event.change._replace(policy_before=None, policy=None)))
        elif event.kind not in (POLICY, TERMS):
            kept.append(event)
    return replace(facts, events=tuple(kept), policy=policy, hours=hours)


def _visits_until(facts: ClockFacts, at: Instant) -> list[ClockEvent]:
    return [visit for visit in stage_visits(facts.events) if visit.at <= at]


def _end_of_wait(facts: ClockFacts, at: Instant) -> list[ClockEvent]:
    """Back to work, if the ticket waits for the customer at `at`."""
    visits = _visits_until(facts, at)
    if not visits or visits[-1].stage_class != WAITING or visits[-1].party not in ("", "customer"):
        return []
    worked = [visit.stage for visit in visits if visit.stage_class == OPEN]
    return [ClockEvent(at, STAGE, OPEN, stage=worked[-1] if worked else "active")]


def _with_wait(facts: ClockFacts, at: Instant, until: Instant, party: str) -> ClockFacts:
    after = _visits_until(facts, until)
    if until <= at or not after or after[0].at > at:
        return facts
    kept = tuple(event for event in facts.events if event.kind != STAGE or not at < event.at <= until)
    return _told(
        replace(facts, events=kept),
        ClockEvent(at, STAGE, WAITING, stage="waiting", party=party),
        ClockEvent(until, STAGE, after[-1].stage_class, stage=after[-1].stage, party=after[-1].party),
    )
