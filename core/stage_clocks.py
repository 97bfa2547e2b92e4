"""Who used the time: one clock for each stage of the policy, and a breach divided among the owners of its seconds.

The rule is told in `docs/sla.md`: what a stage used beyond its share is an overrun; shares that others did not use
absorb the earliest overruns; what is left, counted from the latest, is the breach.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.calendar_document import malformed
from core.clock import Instant
from core.clock_facts import ClockFacts, promise_of, running_stretches, stage_visits
from core.clock_runs import ClockEvent, Hours, Run
from core.policy import RESOLUTION, US, PolicyStage, owner_of
from core.sla import clock_of
from core.stages import CLOSED

REMAINDER = ("", "")
"""The budget of all stages without a share of their own."""


class StageClock(NamedTuple):
    """Open seconds spent in a stage by its own hours, over all visits, of its share of the resolution target.

    `party` is empty where the policy does not tell parties apart; `target` is None without a share or a target.
    `due_at` is when the share is used up, or was: None while the ticket is elsewhere and some of it is left.
    """

    stage: str
    party: str
    owner: str
    used: int
    target: int | None
    visits: int
    is_running: bool
    due_at: Instant | None = None

    @property
    def left(self) -> int | None:
        """Open seconds left of the share; negative when over."""
        return None if self.target is None else self.target - self.used

    @property
    def over(self) -> int:
        """Open seconds used beyond the share."""
        return 0 if self.target is None else max(0, self.used - self.target)


class Stretch(NamedTuple):
    """Counted seconds of the resolution clock in one visit of a stage."""

    from_at: Instant
    until_at: Instant
    counted: int
    stage: str
    party: str
    owner: str


class Part(NamedTuple):
    """What one stage of one owner has of the resolution clock and of its breach, in open seconds."""

    stage: str
    party: str
    owner: str
    counted: int
    breach: int


class Attribution(NamedTuple):
    """The resolution clock by who used it: the parts add up to `used`, and their breaches to `breach`."""

    used: int
    target: int | None
    breach: int
    parts: tuple[Part, ...]

    @property
    def counted_by_owner(self) -> dict[str, int]:
        """Counted seconds by owner."""
        return _by_owner((part.owner, part.counted) for part in self.parts)

    @property
    def breach_by_owner(self) -> dict[str, int]:
        """Seconds of the breach by owner; they add up to it."""
        return _by_owner((part.owner, part.breach) for part in self.parts if part.breach)


def _by_owner(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    by_owner: dict[str, int] = {}
    for owner, amount in amounts:
        by_owner[owner] = by_owner.get(owner, 0) + amount
    return by_owner


def stage_clocks(facts: ClockFacts) -> tuple[StageClock, ...]:
    """A clock for every stage that the policy lists, in its order; closed stages use no time."""
    facts = facts.as_of(facts.now)
    target = _target(facts)
    visited: dict[tuple[str, str], list[tuple[Instant, Instant]]] = {}
    visits = stage_visits(facts.events)
    for place, visit in enumerate(visits):
        end = visits[place + 1].at if place + 1 < len(visits) else facts.now
        listed = facts.policy.stage_of(visit.stage, visit.party)
        if listed is not None and visit.stage_class != CLOSED and visit.at < end:
            visited.setdefault((listed.stage, listed.party), []).append((visit.at, end))
    last = visits[-1] if visits else None
    now_in = None if last is None else facts.policy.stage_of(last.stage, last.party)
    clocks = []
    for stage in facts.policy.stages:
        spans = visited.get((stage.stage, stage.party), [])
        hours = _hours(facts, stage)
        target_here = None if target is None else stage.budget(target)
        is_running = stage is now_in and last is not None and last.stage_class != CLOSED
        clocks.append(
            StageClock(
                stage.stage,
                stage.party,
                stage.owner,
                sum(hours.between(begins, end) for begins, end in spans),
                target_here,
                len(spans),
                is_running,
                None if target_here is None else _due_at(hours, spans, target_here, is_running=is_running),
            )
        )
    return tuple(clocks)


def _due_at(hours: Hours, spans: Sequence[tuple[Instant, Instant]], share: int, *, is_running: bool) -> Instant | None:
    left = share
    for begins, end in spans:
        counted = hours.between(begins, end)
        if counted >= left or (is_running and (begins, end) == spans[-1]):
            return hours.add(begins, left)
        left -= counted
    return None


def attribution(facts: ClockFacts) -> Attribution:
    """The resolution clock as of `facts.now` divided among stages and owners, and its breach with it."""
    facts = facts.as_of(facts.now)
    target = _target(facts)
    runs = facts.story.runs(RESOLUTION, facts.hours)
    stretches = _stretches(facts, runs[-1]) if runs else []
    used = sum(stretch.counted for stretch in stretches)
    late = _late_seconds(stretches, facts, target) if target is not None else [0] * len(stretches)
    parts: dict[tuple[str, str, str], tuple[int, int]] = {}
    for stretch, breach in zip(stretches, late, strict=True):
        key = stretch[3:]
        counted, of_breach = parts.get(key, (0, 0))
        parts[key] = (counted + stretch.counted, of_breach + breach)
    breach = 0 if target is None else max(0, used - target)
    return Attribution(used, target, breach, tuple(Part(*key, *amounts) for key, amounts in parts.items()))


def _target(facts: ClockFacts) -> int | None:
    clock = clock_of(RESOLUTION, facts.story, facts.priority, facts.policy, facts.hours)
    return promise_of(clock, facts).target


def _hours(facts: ClockFacts, stage: PolicyStage) -> Hours:
    if not stage.calendar:
        return facts.hours
    if stage.calendar not in facts.calendars:
        raise malformed(f"stages.{stage.stage}.calendar", "the name of a calendar of this desk")
    return facts.calendars[stage.calendar]


def _stretches(facts: ClockFacts, run: Run) -> list[Stretch]:
    """The counted seconds of `run` visit by visit, in order."""
    visits = stage_visits(facts.events)
    starts = [visit.at for visit in visits]
    found, place = [], 0
    for begins, ends in running_stretches(run, facts.now):
        while place + 1 < len(visits) and starts[place + 1] <= begins:
            place += 1
        at = begins
        while at < ends:
            until = min(ends, starts[place + 1]) if place + 1 < len(visits) else ends
            counted = facts.hours.between(at, until)
            if counted:
                found.append(Stretch(at, until, counted, *_owned(facts, visits[place])))
            at = until
            if at < ends:
                place += 1
    return found


def _owned(facts: ClockFacts, visit: ClockEvent) -> tuple[str, str, str]:
    listed = facts.policy.stage_of(visit.stage, visit.party)
    if listed is not None:
        return visit.stage, visit.party, listed.owner
    # With a list of stages, what it does not name is ours.
    owner = US if facts.policy.stages else owner_of(visit.stage_class, visit.party)
    return visit.stage, visit.party, owner


def _late_seconds(stretches: Sequence[Stretch], facts: ClockFacts, target: int) -> list[int]:
    """How much of each stretch belongs to the breach."""
    budgets = {
        (stage.stage, stage.party): budget
        for stage in facts.policy.stages
        if (budget := stage.budget(target)) is not None
    }
    budgets[REMAINDER] = target - sum(budgets.values())
    overruns = []
    for stretch in stretches:
        listed = facts.policy.stage_of(stretch.stage, stretch.party)
        key = REMAINDER if listed is None or listed.share is None else (listed.stage, listed.party)
        overrun = max(0, stretch.counted - budgets[key])
        budgets[key] -= stretch.counted - overrun
        overruns.append(overrun)
    unspent = sum(budgets.values())
    late = []
    for overrun in overruns:
        absorbed = min(unspent, overrun)
        unspent -= absorbed
        late.append(overrun - absorbed)
    return late
