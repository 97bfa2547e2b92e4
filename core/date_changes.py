"""What moved a deadline: each instant at which the date changed, with the date before and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.calendar import CalendarVersions
from core.clock import Instant
from core.clock_facts import ClockFacts
from core.clock_runs import ANSWERED, ASKED, ClockEvent, Hours, Run, deadline
from core.pauses import add_paused
from core.policy import Target
from core.terms_in_force import Story


class DateChange(NamedTuple):
    """The date moved at `at`; None is no date, as while the clock stands still.

    `events` are what happened then, none when it was the calendar alone (`version` is its place among the versions).
    The targets are in seconds or days as they were promised.
    """

    at: Instant
    before: Instant | None
    after: Instant | None
    events: tuple[ClockEvent, ...]
    target_before: Target | None
    target_after: Target | None
    version: int | None = None


def date_changes(kind: str, facts: ClockFacts, runs: Sequence[Run], story: Story) -> tuple[DateChange, ...]:
    """What moved the date of the clock whose runs are `runs`, newest first; its beginning moved nothing."""
    happened: dict[Instant, list[ClockEvent]] = {}
    for event in facts.events:
        # The answer ends a first response and an update; a question only begins one.
        if event.kind != ASKED and (event.kind != ANSWERED or event.at == runs[-1].ended_at):
            happened.setdefault(event.at, []).append(event)
    versions = _versions(facts.hours)
    found: list[DateChange] = []
    last: Instant | None = None
    target: Target | None = None
    for place, state in enumerate(_states(kind, facts, runs, story)):
        due_at = state.due(facts.hours)
        if place and (due_at != last or state.target != target):
            events = tuple(happened.get(state.at, ()))
            found.append(DateChange(state.at, last, due_at, events, target, state.target, versions.get(state.at)))
        last, target = due_at, state.target
    return tuple(reversed(found))


def _versions(hours: Hours) -> dict[Instant, int]:
    if not isinstance(hours, CalendarVersions):
        return {}
    return {since: place for place, (since, _calendar) in enumerate(hours.versions) if since is not None}


class _Progress:
    """A run as it went on: stops so far and what had counted before each, so that no stop is counted twice."""

    def __init__(self, run: Run, hours: Hours) -> None:
        self.run = run
        self.used = [0]
        since = run.started_at
        for begins, ends in run.stops:
            self.used.append(self.used[-1] + hours.between(since, begins))
            since = ends
        self._used_up: dict[tuple[Target, int], Instant | None] = {}
        self._in_days: dict[tuple[Target, int], tuple[int, Instant | None]] = {}

    def due(self, stops: int, target: Target, hours: Hours) -> Instant | None:
        """When the target is used up, as it stood after so many stops."""
        if target.seconds is None:
            return self._due_in_days(stops, target, hours)
        since = self.run.stops[stops - 1][1] if stops else self.run.started_at
        left = target.seconds - self.used[stops]
        if left > 0:
            return hours.add(since, left)
        key = (target, id(hours))
        if key not in self._used_up:
            # Used up before the last stop: no later one moves it.
            until = self.run.stops[:stops]
            self._used_up[key] = add_paused(hours, self.run.started_at, target.seconds, until)
        return self._used_up[key]

    def _due_in_days(self, stops: int, target: Target, hours: Hours) -> Instant | None:
        key = (target, id(hours))
        if key in self._in_days:
            known, due_at = self._in_days[key]
        else:
            bare = deadline(Run(self.run.started_at), target, hours)
            known, due_at = 0, None if bare is None else bare.due_at
        for begins, ends in self.run.stops[known:stops]:
            if due_at is None or begins >= due_at:
                continue
            waited = hours.between(begins, ends)
            due_at = hours.add(due_at, waited) if waited else due_at
        self._in_days[key] = (stops, due_at)
        return due_at


class _State(NamedTuple):
    """A clock at an instant at which it may have moved."""

    at: Instant
    progress: _Progress
    stops: int
    runs_on: bool
    target: Target | None
    now: Instant

    def due(self, hours: Hours) -> Instant | None:
        if not self.runs_on or self.target is None:
            return None
        known = hours.as_known(self.at, self.now) if isinstance(hours, CalendarVersions) else hours
        return self.progress.due(self.stops, self.target, known)


def _states(kind: str, facts: ClockFacts, runs: Sequence[Run], story: Story) -> Iterator[_State]:
    """The clock after each instant that stopped it, set it going or changed its terms, in order."""
    progresses = [_Progress(run, facts.hours) for run in runs]
    # At one instant in the order in which it happened: begun and stopped at once is stopped.
    turns = sorted(
        ((at, place, stops, runs_on) for place, run in enumerate(runs) for at, stops, runs_on in _turns(run)),
        key=lambda turn: turn[:2],
    )
    terms = [(one.since, one.policy.target(kind, one.priority)) for one in story.terms]
    moments = {at for at, _place, _stops, _on in turns}
    moments.update(since for since, _target in terms[1:] if since is not None)
    if isinstance(facts.hours, CalendarVersions):
        moments.update(since for since, _calendar in facts.hours.changes)
    turn, term, state = 0, 0, turns[0]
    for at in sorted(moment for moment in moments if runs[0].started_at <= moment <= facts.now):
        while turn < len(turns) and turns[turn][0] <= at:
            state = turns[turn]
            turn += 1
        while term + 1 < len(terms) and (terms[term + 1][0] or at) <= at:
            term += 1
        _since, place, stops, runs_on = state
        yield _State(at, progresses[place], stops, runs_on, terms[term][1], facts.now)


def _turns(run: Run) -> Iterator[tuple[Instant, int, bool]]:
    """When a run stopped and went on: the instant, how many stops were over by then, and whether it ran after it."""
    yield run.started_at, 0, True
    for place, (begins, ends) in enumerate(run.stops):
        yield begins, place, False
        yield ends, place + 1, run.ended_at != ends
    if run.stopped_since is not None:
        yield run.stopped_since, len(run.stops), False
    if run.ended_at is not None:
        yield run.ended_at, len(run.stops), False
