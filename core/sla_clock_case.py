"""The answer to a case of the kind `clock`: a policy, events in any statuses, and how every clock stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.business_days import CLAMPED_TO_CLOSE, add_days
from core.calendar import Calendar
from core.calendar_document import malformed, read_instant
from core.case_policy import METRICS, CasePolicy, WarningLevel
from core.clock import Instant
from core.clock_runs import (
    ANSWERED,
    ASKED,
    OPENED,
    STAGE,
    TERMS,
    UPDATE,
    ClockEvent,
    Deadline,
    Run,
    Target,
    deadline,
    runs_of,
)
from core.errors import DomainError
from core.open_time import EARLIEST, LATEST
from core.stages import WAITING

Answer = dict[str, Any]
Case = Mapping[str, Any]


def iso_utc(at: int | None) -> str | None:
    """An instant in UTC as ISO 8601, or None."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def instant_in(case: Case, field: str, name: str = "") -> Instant:
    """The instant in a field of `case`, called `name` in errors; within what calendars cover."""
    at = read_instant(case.get(field), name or field)
    if not EARLIEST <= at < LATEST:
        raise DomainError("terms.too_far", field=name or field)
    return at


@dataclass(slots=True)
class _Story:
    """A case's events up to `now` as the clocks read them, with the terms in force at the end."""

    events: list[ClockEvent]
    policy: CasePolicy
    priority: object
    now: Instant
    first_pauses: tuple[str, ...]


def clock_answer(calendar: Calendar, case: Case) -> Answer:
    """How the clocks of a case stand as of its `now` or its last event."""
    story = _story(case)
    if not calendar.ever_opens(story.events[0].at):
        raise DomainError("terms.never_open", field="calendar.weekly")
    answer: Answer = {}
    promises: dict[str, tuple[Run, Target, Deadline] | None] = {}
    for metric in METRICS:
        answer[metric], promises[metric] = _metric(metric, story, calendar)
    due = [answer[metric]["due"] for metric in METRICS if answer[metric]["due"] is not None]
    answer["next_due"] = min(due, default=None)
    answer["paused"] = _stage_class(story) == WAITING
    answer["waiting_seconds"] = _waited(story, calendar)
    answer["warnings"] = [
        iso_utc(_warned_at(warning, promises[warning.metric], calendar)) for warning in story.policy.warnings
    ]
    return answer


def _story(case: Case) -> _Story:
    told = case.get("events")
    if not isinstance(told, list | tuple) or not told:
        raise malformed("events", "a list that begins with created")
    events = [_timed(event, f"events[{place}]") for place, event in enumerate(told)]
    # Whatever the order of arrival, what came first counts first; at one time the order of the list.
    events.sort(key=lambda event: event[0])
    now = events[-1][0] if case.get("now") is None else instant_in(case, "now")
    opened = next((event for event in events if event[1].get("type") == "created"), None)
    if opened is None:
        raise malformed("events", "a list that begins with created")
    for at, _event, field in events:
        if at < opened[0]:
            raise DomainError("terms.before_creation", field=f"{field}.at")
    if now < opened[0]:
        raise DomainError("terms.before_creation", field="now")
    events.remove(opened)
    policy = CasePolicy.read(case.get("policy"))
    story = _Story([], policy, _priority(opened[1].get("priority"), f"{opened[2]}.priority"), now, policy.pauses)
    status = opened[1].get("status")
    if status is not None and not isinstance(status, str):
        raise malformed(f"{opened[2]}.status", "a status")
    story.events.append(ClockEvent(opened[0], OPENED, story.policy.stage_class(status)))
    for at, event, field in events:
        # Later events are checked too: a case is good or bad whatever its `now`.
        status = _take(_Story([], story.policy, None, now, ()) if at > now else story, at, event, field, status)
    return story


def _timed(event: object, field: str) -> tuple[Instant, Case, str]:
    if not isinstance(event, Mapping):
        raise malformed(field, "an object with at and type")
    return instant_in(event, "at", f"{field}.at"), event, field


def _priority(told: object, field: str) -> object:
    if told is None or (isinstance(told, str | int) and not isinstance(told, bool)):
        return told
    raise malformed(field, "a priority")


def _take(story: _Story, at: Instant, event: Case, field: str, status: object) -> object:
    """Tell one event to `story`; the status after it."""
    kind = event.get("type")
    if kind == "agent_reply":
        story.events.append(ClockEvent(at, ANSWERED))
    elif kind == "customer_reply":
        story.events.append(ClockEvent(at, ASKED))
    elif kind == "status":
        status = event.get("to")
        if not isinstance(status, str):
            raise malformed(f"{field}.to", "a status")
        story.events.append(ClockEvent(at, STAGE, story.policy.stage_class(status)))
    elif kind == "priority":
        story.priority = _priority(event.get("to"), f"{field}.to")
    elif kind == "policy":
        stage_class = story.policy.stage_class(status)
        story.policy = story.policy.replaced(event.get("to"), f"{field}.to")
        story.events += _terms(at, story.policy, stage_class, story.policy.stage_class(status))
    else:
        raise malformed(
            f"{field}.type", "one of status, agent_reply, customer_reply, priority, policy, and created once"
        )
    return status


def _terms(at: Instant, policy: CasePolicy, before: int, after: int) -> list[ClockEvent]:
    """Another policy as the clocks read it; a status that means the same as before was not entered."""
    terms = ClockEvent(at, TERMS, pauses=policy.pauses)
    if before == after:
        return [terms]
    # In the order in which no clock goes on between the two.
    stage = ClockEvent(at, STAGE, after)
    return [stage, terms] if before == WAITING else [terms, stage]


def _metric(metric: str, story: _Story, calendar: Calendar) -> tuple[Answer, tuple[Run, Target, Deadline] | None]:
    """The fields of one metric, and its promise while it runs."""
    target = story.policy.target(metric, story.priority)
    runs = runs_of(metric, story.events, story.first_pauses)
    run = runs[-1] if runs else None
    promise = None if run is None or target is None else deadline(run, target, calendar)
    if run is not None and target is not None and promise is None:
        raise DomainError("terms.too_far", field=f"policy.{metric}_{'seconds' if target.days is None else 'days'}")
    used = None if run is None else run.used_by(story.now, calendar)
    is_running = run is not None and run.ended_at is None and run.stopped_since is None
    answer: Answer = {
        "due": iso_utc(promise.due_at) if promise is not None and is_running else None,
        "deadline": None if promise is None else iso_utc(promise.due_at),
        "elapsed_seconds": used,
        "margin_seconds": None if promise is None or used is None else promise.seconds - used,
        "breached": None if promise is None or used is None else used > promise.seconds,
    }
    if metric == UPDATE:
        answer.update(_exchanges(runs, target, calendar, story.now))
    if run is None or target is None or promise is None or not is_running:
        return answer, None
    return answer, (run, target, promise)


def _exchanges(runs: Sequence[Run], target: Target | None, calendar: Calendar, now: Instant) -> Answer:
    """Over all questions of the customer: the last that is over, the slowest, and the least to spare."""
    used = [(run, run.used_by(now, calendar)) for run in runs]
    over = [seconds for run, seconds in used if run.ended_at is not None]
    margins = []
    for run, seconds in used:
        promise = None if target is None else deadline(run, target, calendar)
        if promise is not None:
            margins.append(promise.seconds - seconds)
    return {
        "last_elapsed_seconds": over[-1] if over else None,
        "worst_elapsed_seconds": max((seconds for _run, seconds in used), default=None),
        "worst_margin_seconds": min(margins, default=None),
    }


def _stage_class(story: _Story) -> int:
    return next(event.stage_class for event in reversed(story.events) if event.kind in (OPENED, STAGE))


def _waited(story: _Story, calendar: Calendar) -> int:
    """Open seconds in statuses that pause, whichever clocks they stop."""
    stages = [event for event in story.events if event.kind in (OPENED, STAGE)]
    ends = [event.at for event in stages[1:]] + [story.now]
    return sum(
        calendar.between(event.at, end) for event, end in zip(stages, ends, strict=True) if event.stage_class == WAITING
    )


def _warned_at(
    warning: WarningLevel, promised: tuple[Run, Target, Deadline] | None, calendar: Calendar
) -> Instant | None:
    """When a level is reached; None while its clock does not run."""
    if promised is None:
        return None
    run, _target, promise = promised
    due_at = promise.due_at
    if warning.fraction is not None:
        share = deadline(run, Target(int(promise.seconds * warning.fraction)), calendar)
        return None if share is None else share.due_at
    if warning.days is not None:
        return add_days(calendar, due_at, abs(warning.days), CLAMPED_TO_CLOSE, backward=warning.days < 0)
    seconds = warning.seconds or 0
    if seconds == 0:
        return due_at
    return calendar.add(due_at, seconds) if seconds > 0 else calendar.back(due_at, -seconds)
