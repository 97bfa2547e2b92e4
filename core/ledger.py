"""A clock explained: every stretch from its start to now, whether it counted and why; the counted ones are the clock.

The sum is exact because the spans come from the same laid-out hours that the clock asks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from core.calendar import Calendar, CalendarVersions
from core.clock import Instant
from core.clock_facts import ClockFacts, NamedVersion, Promise, promise, promise_of, stage_visits
from core.clock_runs import ANSWERED, ASKED, ClockEvent, Hours, Run
from core.clock_state import RUNNING
from core.closed_reasons import BREAK, CLOSED, CLOSURE, HOLIDAY, SITE_CLOSED, SPECIAL_DAY, closed_stretches
from core.date_changes import DateChange, date_changes
from core.policy import FIRST_RESPONSE, UPDATE, Target
from core.sla import clock_of
from core.stages import CLOSED as CLOSED_STAGE

OPEN_HOURS, PAUSED, AFTER_CLOSE, AFTER_ANSWER = "open_hours", "paused", "after_close", "after_answer"
BEFORE_NEW_CLOCK, TO_COME = "before_new_clock", "to_come"

CAUSES = (
    *(OPEN_HOURS, CLOSED, HOLIDAY, SPECIAL_DAY, BREAK, CLOSURE, SITE_CLOSED),
    *(PAUSED, AFTER_CLOSE, AFTER_ANSWER, BEFORE_NEW_CLOCK, TO_COME),
)
"""Why a span counted or did not; the first counts, the last will."""


SPEAKS = ((ASKED, UPDATE), (ANSWERED, UPDATE), (ANSWERED, FIRST_RESPONSE))
"""Messages and the clocks that they start or end."""


class Why(NamedTuple):
    """The cause of a span: what the day is called, and the event that stopped the clock, ended it or set it going."""

    cause: str
    name: str = ""
    event: ClockEvent | None = None


class Span(NamedTuple):
    """A stretch of time: `counted` open seconds of it, `total` of all up to its end, by which version of the hours."""

    from_at: Instant
    until_at: Instant
    counted: int
    total: int
    why: Why
    version: int = 0

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self.until_at - self.from_at


@dataclass(frozen=True, slots=True)
class Ledger:
    """One clock line by line.

    `spans` are disjoint and reach without a gap from the start to now; what they counted is `promise.used`. `coming`
    leads from now to the due time while the clock runs. `changes` tells what moved the date, newest first. Names and
    versions are those that `facts` were given; `Span.version` is a place in `calendars`.
    """

    clock: str
    now: Instant
    promise: Promise
    spans: tuple[Span, ...]
    coming: Span | None
    changes: tuple[DateChange, ...]
    policy: NamedVersion
    calendars: tuple[NamedVersion, ...]
    zone_data: str
    promised: Target | None
    """The target as it was promised, in seconds or in working days."""


def ledger(kind: str, facts: ClockFacts) -> Ledger:
    """The clock `kind` explained as of `facts.now`; without spans when nothing is promised."""
    facts = facts.as_of(facts.now)
    story = facts.story
    clock = clock_of(kind, story, facts.priority, facts.policy, facts.hours)
    stands = promise_of(clock, facts)
    runs = story.runs(kind, facts.hours) if clock.run is not None else []
    if kind == UPDATE:
        # Every question is a promise of its own.
        runs = runs[-1:]
    spans = _Writer(facts, kind).written(runs)
    coming = None
    if (
        stands.state == RUNNING
        and stands.due_at is not None
        and stands.due_at > facts.now
        and stands.target is not None
    ):
        left = stands.target - stands.used
        version = _version_at(facts, stands.due_at)
        coming = Span(facts.now, stands.due_at, left, stands.target, Why(TO_COME), version)
    return Ledger(
        kind,
        facts.now,
        stands,
        tuple(spans),
        coming,
        date_changes(kind, facts, runs, story) if runs else (),
        NamedVersion(facts.policy.name, facts.policy_version),
        facts.calendar_names,
        facts.zone_data,
        facts.policy.target(kind, facts.priority),
    )


def _version_at(facts: ClockFacts, at: Instant) -> int:
    if not isinstance(facts.hours, CalendarVersions):
        return 0
    since = [begins for begins, _calendar in facts.hours.versions[1:]]
    return sum(begins is not None and begins <= at for begins in since)


def _windows(hours: Hours) -> list[tuple[Instant | None, Instant | None, Calendar]]:
    """Each version of the hours and from when until when it is in force."""
    if isinstance(hours, Calendar):
        return [(None, None, hours)]
    ends = [since for since, _calendar in hours.versions[1:]] + [None]
    return [(since, end, calendar) for (since, calendar), end in zip(hours.versions, ends, strict=True)]


class _Writer:
    """Writes the spans of a clock one after the other."""

    def __init__(self, facts: ClockFacts, kind: str) -> None:
        self.facts, self.kind = facts, kind
        self.visits = stage_visits(facts.events)
        self.visit_starts = [visit.at for visit in self.visits]
        self.happened: dict[Instant, list[ClockEvent]] = {}
        for event in facts.events:
            if event.kind not in (ASKED, ANSWERED) or (event.kind, kind) in SPEAKS:
                self.happened.setdefault(event.at, []).append(event)
        self.spans: list[Span] = []
        self.total = 0
        self.versions = _windows(facts.hours)

    def written(self, runs: list[Run]) -> list[Span]:
        for run, after in pairwise(runs):
            assert run.ended_at is not None
            self._not_counted(run.started_at, run.ended_at, Why(BEFORE_NEW_CLOCK, "", self._event_at(after.started_at)))
            self._stopped(run.ended_at, after.started_at)
        for run in runs[-1:]:
            self._run(run)
        return self.spans

    def _run(self, run: Run) -> None:
        now, since = self.facts.now, run.started_at
        for begins, ends in run.stops:
            self._running(since, begins)
            self._stopped(begins, ends)
            since = ends
        if run.ended_at is not None:
            self._running(since, run.ended_at)
            event = self._event_at(run.ended_at, ends=True)
            is_answer = event is not None and event.kind == ANSWERED
            self._not_counted(run.ended_at, now, Why(AFTER_ANSWER if is_answer else AFTER_CLOSE, "", event))
        elif run.stopped_since is not None:
            self._running(since, run.stopped_since)
            self._stopped(run.stopped_since, now)
        else:
            self._running(since, now)

    def _running(self, start: Instant, until: Instant) -> None:
        event = self._event_at(start)
        for place, (since, end, calendar) in enumerate(self.versions):
            begins = start if since is None else max(start, since)
            ends = until if end is None else min(until, end)
            if begins >= ends:
                continue
            at = begins
            for opens, closes in self.facts.hours.intervals(begins, ends):
                self._closed(calendar, at, opens, place)
                self.total += closes - opens
                self.spans.append(Span(opens, closes, closes - opens, self.total, Why(OPEN_HOURS, "", event), place))
                # Only the first tells what set the clock going.
                at, event = closes, None
            self._closed(calendar, at, ends, place)

    def _closed(self, calendar: Calendar, start: Instant, until: Instant, place: int) -> None:
        if start >= until:
            return
        for from_at, until_at, reason, name in closed_stretches(calendar, start, until):
            self.spans.append(Span(Instant(from_at), Instant(until_at), 0, self.total, Why(reason, name), place))

    def _stopped(self, start: Instant, until: Instant) -> None:
        for event, begins, ends in self._visits_in(start, until):
            is_closed = event.stage_class == CLOSED_STAGE
            last = self.spans[-1] if self.spans else None
            if is_closed and last is not None and last.why.cause == AFTER_CLOSE and last.until_at == begins:
                # Closed after it was resolved: it is the resolving that stopped the clock.
                self.spans[-1] = last._replace(until_at=ends)
                continue
            self._not_counted(begins, ends, Why(AFTER_CLOSE if is_closed else PAUSED, "", event))

    def _not_counted(self, start: Instant, until: Instant, why: Why) -> None:
        if start < until:
            self.spans.append(Span(start, until, 0, self.total, why, _version_at(self.facts, start)))

    def _visits_in(self, start: Instant, until: Instant) -> Iterator[tuple[ClockEvent, Instant, Instant]]:
        first = max(0, bisect_right(self.visit_starts, start) - 1)
        for place in range(first, len(self.visits)):
            ends = self.visit_starts[place + 1] if place + 1 < len(self.visits) else until
            begins, ends_at = max(start, self.visit_starts[place]), min(until, ends)
            if begins >= until:
                return
            if begins < ends_at:
                yield self.visits[place], begins, ends_at

    def _event_at(self, at: Instant, ends: bool = False) -> ClockEvent | None:
        """What happened at an instant that set the clock going; or what ended it, an answer before anything else."""
        happened = self.happened.get(at, ())
        answers = [event for event in happened if (event.kind == ANSWERED) == ends]
        return answers[-1] if answers else happened[-1] if happened else None


__all__ = ["CAUSES", "ClockFacts", "DateChange", "Ledger", "Promise", "Span", "Why", "ledger", "promise"]
