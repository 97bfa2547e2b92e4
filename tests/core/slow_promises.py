"""The kind `clock` told once more from the rules of the case schema: states between events, and what counts in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.core.slow_clock import instant
from tests.core.slow_rules import SlowHours, Spans, add, add_days, back, told_at

METRICS = ("first_response", "update", "resolution")
Fields = dict[str, Any]


@dataclass
class State:
    """What is in force from `since` on."""

    since: int
    status: str
    priority: str | None
    policy: Fields

    @property
    def is_closed(self) -> bool:
        """In a closed status."""
        return self.status in self.policy.get("closed_statuses", ())

    @property
    def waits(self) -> bool:
        """In a pausing status."""
        return not self.is_closed and self.status in self.policy.get("pause_statuses", ())

    def stops(self, metric: str) -> bool:
        """Whether time in it does not count for a metric."""
        return self.is_closed or (self.waits and metric in self.policy.get("pause_applies_to", METRICS))


@dataclass
class Promise:
    """From a start to an end, if it has one."""

    start: int
    end: int | None = None


@dataclass
class Tale:
    """A case up to its `now`."""

    hours: SlowHours
    now: int
    states: list[State]
    promises: dict[str, list[Promise]] = field(default_factory=dict)

    def stretches(self, metric: str, promise: Promise) -> tuple[Spans, bool]:
        """When the promise stood still until its end or `now`, and whether it does so still."""
        end = self.now if promise.end is None else promise.end
        still: Spans = []
        stands = False
        for state, until in zip(self.states, [*(state.since for state in self.states[1:]), None], strict=True):
            since, until = max(state.since, promise.start), end if until is None else min(until, end)
            if until < since:
                continue
            stood, stands = stands, state.stops(metric)
            # Gone on and stopped again in one second are two stops.
            if stood and stands:
                still[-1] = (still[-1][0], until)
            elif stands:
                still.append((since, until))
        return still, stands

    def elapsed(self, metric: str, promise: Promise) -> int:
        """Open seconds that counted."""
        still, _stands = self.stretches(metric, promise)
        end = self.now if promise.end is None else promise.end
        return self.hours.counted(promise.start, end) - sum(self.hours.counted(*stretch) for stretch in still)

    def deadline(self, metric: str, promise: Promise) -> tuple[int, int] | None:
        """When the target is used up, and the target in open seconds; a stop that goes on moves nothing yet."""
        target = target_of(metric, self.states[-1])
        if target is None:
            return None
        unit, amount, rule = target
        still, stands = self.stretches(metric, promise)
        if stands and (promise.end is None or metric == "resolution"):
            still = still[:-1]
        if unit == "seconds":
            return add(self.hours, promise.start, amount, still), amount
        due = add_days(self.hours, promise.start, amount, rule)
        seconds = self.hours.counted(promise.start, due)
        for begins, ends in still:
            waited = self.hours.counted(begins, ends)
            if begins < due and waited:
                due = add(self.hours, due, waited)
        return due, seconds


def target_of(metric: str, state: State) -> tuple[str, int, str] | None:
    """Unit, amount and rule of what is promised in a state."""
    policy = replaced(state.policy, state.policy.get("by_priority", {}).get(state.priority, {}))
    if policy.get(f"{metric}_days") is not None:
        rule = "end-of-working-day" if policy.get("end_of_day") else policy.get("day_rule", "open-then-same-time")
        return "days", policy[f"{metric}_days"], rule
    seconds = policy.get(f"{metric}_seconds")
    return None if seconds is None else ("seconds", seconds, "")


def replaced(policy: Fields, fields: Fields) -> Fields:
    """`policy` with other fields; a target in another unit takes the place of the one before."""
    new = {**policy, **fields}
    for name in fields:
        if fields[name] is not None and name.endswith(("_seconds", "_days")):
            metric, unit = name.rsplit("_", 1)
            new[f"{metric}_{'days' if unit == 'seconds' else 'seconds'}"] = None
    return new


def clock(case: Fields, hours: SlowHours) -> Fields:
    """The full answer to a case of the kind `clock`."""
    events = sorted(case["events"], key=lambda event: (instant(event["at"]), event["type"] != "created"))
    now = instant(case["now"]) if "now" in case else instant(events[-1]["at"])
    tale = _told([event for event in events if instant(event["at"]) <= now], case["policy"], now, hours)
    answer: Fields = {}
    due: dict[str, int] = {}
    for metric in METRICS:
        answer[metric] = _metric(tale, metric, due)
    answer["next_due"] = told_at(min(due.values(), default=None))
    answer["paused"] = tale.states[-1].waits
    ends = [*(state.since for state in tale.states[1:]), now]
    answer["waiting_seconds"] = sum(
        hours.counted(state.since, end) for state, end in zip(tale.states, ends, strict=True) if state.waits
    )
    answer["warnings"] = [
        told_at(_warned(hours, due.get(warning["metric"]), warning))
        for warning in tale.states[-1].policy.get("warnings", ())
    ]
    return answer


def _told(events: list[Fields], policy: Fields, now: int, hours: SlowHours) -> Tale:
    created, *rest = events
    start = instant(created["at"])
    states = [State(start, created["status"], created.get("priority"), policy)]
    response, asked = Promise(start), None
    updates: list[Promise] = []
    closings = [start] if states[0].is_closed else []
    for event in rest:
        at, kind, last = instant(event["at"]), event["type"], states[-1]
        state = State(at, last.status, last.priority, last.policy)
        if kind == "status":
            state.status = event["to"]
        elif kind == "priority":
            state.priority = event["to"]
        elif kind == "policy":
            state.policy = replaced(last.policy, event["to"])
        elif kind == "customer_reply" and asked is None:
            asked = Promise(at)
            updates.append(asked)
        elif kind == "agent_reply":
            response.end = at if response.end is None else response.end
        is_closing = state.is_closed and (kind == "status" or not last.is_closed)
        if asked is not None and (kind == "agent_reply" or is_closing):
            asked.end, asked = at, None
        if state.is_closed and not last.is_closed:
            closings.append(at)
        states.append(state)
    resolution = Promise(start, closings[-1] if states[-1].is_closed else None)
    return Tale(hours, now, states, {"first_response": [response], "update": updates, "resolution": [resolution]})


def _metric(tale: Tale, metric: str, due: dict[str, int]) -> Fields:
    promises = tale.promises[metric]
    told: Fields = dict.fromkeys(("due", "deadline", "elapsed_seconds", "margin_seconds", "breached"))
    elapsed = [tale.elapsed(metric, promise) for promise in promises]
    deadlines = [tale.deadline(metric, promise) for promise in promises]
    if promises:
        told["elapsed_seconds"] = elapsed[-1]
        if deadlines[-1] is not None:
            at, target = deadlines[-1]
            told["deadline"], told["margin_seconds"] = told_at(at), target - elapsed[-1]
            told["breached"] = elapsed[-1] > target
            if promises[-1].end is None and not tale.states[-1].stops(metric):
                due[metric], told["due"] = at, told_at(at)
    if metric == "update":
        over = [seconds for promise, seconds in zip(promises, elapsed, strict=True) if promise.end is not None]
        told["last_elapsed_seconds"] = over[-1] if over else None
        told["worst_elapsed_seconds"] = max(elapsed, default=None)
        pairs = zip(deadlines, elapsed, strict=True)
        told["worst_margin_seconds"] = min((made[1] - used for made, used in pairs if made), default=None)
    return told


def _warned(hours: SlowHours, due: int | None, warning: Fields) -> int | None:
    if due is None:
        return None
    if "offset_days" in warning:
        days = warning["offset_days"]
        return add_days(hours, due, abs(days), "same-time-clamped-to-close", backward=days < 0)
    seconds = warning["offset_seconds"]
    if not seconds:
        return due
    return add(hours, due, seconds) if seconds > 0 else back(hours, due, -seconds)
