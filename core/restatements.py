"""What was said of a clock and is no longer so: late events change a verdict, the announcement stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.clock import Instant
from core.clock_facts import ClockFacts
from core.clock_runs import Run, deadline
from core.policy import Target


class Announcement(NamedTuple):
    """What was said of a clock at a time."""

    clock: str
    at: Instant
    breached: bool
    due_at: Instant | None
    used_seconds: int


class Restatement(NamedTuple):
    """An announcement whose verdict has changed, with the verdict, due time and used seconds as they are known now.

    Not breached, no date and 0 seconds when today's facts know of no such promise at that time.
    """

    announcement: Announcement
    breached: bool
    due_at: Instant | None
    used_seconds: int


def restated(announcements: Iterable[Announcement], facts: ClockFacts) -> tuple[Restatement, ...]:
    """Announcements that today's facts contradict, in their order.

    A breach is taken back when the promise is not broken by `facts.now`; a kept one when it was broken by the time of
    the announcement. That a clock went on and was late later contradicts nothing.
    """
    facts = facts.as_of(facts.now)
    runs: dict[str, list[tuple[Run, Target | None]]] = {}
    found = []
    for said in announcements:
        if said.clock not in runs:
            runs[said.clock] = _promised(said.clock, facts)
        restatement = _today(said, runs[said.clock], facts)
        if restatement.breached != said.breached:
            found.append(restatement)
    return tuple(found)


def _promised(kind: str, facts: ClockFacts) -> list[tuple[Run, Target | None]]:
    """The runs of a clock with what was promised of each: the last one by the terms in force."""
    story = facts.story
    runs = story.runs(kind, facts.hours)
    in_force = facts.policy.target(kind, facts.priority)
    return [
        (run, in_force if run is runs[-1] or run.ended_at is None else story.target_before(kind, run.ended_at))
        for run in runs
    ]


def _today(said: Announcement, promised: list[tuple[Run, Target | None]], facts: ClockFacts) -> Restatement:
    of_then = [(run, target) for run, target in promised if run.started_at <= said.at]
    if not of_then:
        return Restatement(said, False, None, 0)
    run, target = of_then[-1]
    # A kept promise is judged by what was used when it was announced, a broken one by all that counts today.
    used = run.used_by(facts.now if said.breached else min(facts.now, said.at), facts.hours)
    promise = None if target is None else deadline(run, target, facts.hours)
    if promise is None:
        return Restatement(said, False, None, used)
    return Restatement(said, used > promise.seconds, promise.due_at, used)
