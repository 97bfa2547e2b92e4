"""Working time as other projects' tests and users expect it; the cases lie beside the checkout or are skipped."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.calendar import Calendar
from core.clock import Instant
from core.sla import FIRST_RESPONSE, MET, PAUSED, RESOLUTION, ClockEvent, Policy, clocks
from core.ticket import CLOSED, OPEN, WAITING

SAMPLES = Path(os.environ.get("LAMPBOARD_SAMPLES") or Path(__file__).resolve().parents[3] / "shared")
CASES = SAMPLES / "sla-cases" / "public_cases.json"
KNOWN = {"tz", "weekly", "always"}
"""What our calendars can say so far: no holidays, exceptions or breaks."""


CLOCK_FIELDS = {"first_response_seconds", "update_seconds", "resolution_seconds", "pause_statuses"} | {
    "closed_statuses",
    "pause_applies_to",
    "by_priority",
}


def _cases(*kinds: str) -> list[Any]:
    if not CASES.exists():
        return [pytest.param(None, None, marks=pytest.mark.skip(reason=f"no sample data at {CASES.parent.name}"))]
    told = json.loads(CASES.read_text(encoding="utf-8"))
    return [
        pytest.param(case, told["calendars"][case["calendar"]], id=case["id"])
        for case in told["cases"]
        if case["kind"] in kinds
        and case["conforms"]
        and set(told["calendars"][case["calendar"]]) <= KNOWN
        and not case.get("pauses")
        and not case.get("calendar_changes")
        and case.get("direction", "forward") == "forward"
        and set(case.get("policy", {})) <= CLOCK_FIELDS
        and not any(event["type"] == "policy" for event in case.get("events", ()))
    ]


def _instant(text: str) -> Instant:
    return Instant(int(datetime.fromisoformat(text).timestamp()))


@pytest.mark.parametrize(("case", "calendar"), _cases("add", "between"))
def test_working_time_is_what_others_found_right(case: dict[str, Any], calendar: dict[str, Any]) -> None:
    ours = Calendar.from_document(calendar)
    if case["kind"] == "add":
        assert ours.add(_instant(case["start"]), case["seconds"]) == _instant(case["expect"]["at"])
    else:
        assert ours.between(_instant(case["from"]), _instant(case["to"])) == case["expect"]["seconds"]


@pytest.mark.parametrize(("case", "calendar"), _cases("clock"))
def test_a_promise_is_kept_or_broken_as_others_found_right(case: dict[str, Any], calendar: dict[str, Any]) -> None:
    told, rules = case["events"], case["policy"]
    priority = next((event["to"] for event in reversed(told) if event["type"] == "priority"), told[0].get("priority"))
    targets = {**rules, **(rules.get("by_priority") or {}).get(str(priority), {})}
    policy = Policy(
        "",
        _target(targets.get("first_response_seconds")),
        _target(targets.get("resolution_seconds")),
        tuple(rules.get("pause_applies_to") or (FIRST_RESPONSE, RESOLUTION)),
    )
    both = clocks(list(_events(told, rules)), 1, policy, Calendar.from_document(calendar))
    now = _instant(case.get("now") or told[-1]["at"])
    for clock in both:
        expected = case["expect"].get(clock.kind) or {}
        if "due" in expected:
            assert clock.due_at == (expected["due"] and _instant(expected["due"]))
        if "breached" in expected:
            assert clock.is_breached(now) == expected["breached"]
        if "elapsed_seconds" in expected and clock.state in (MET, PAUSED):
            assert clock.used == expected["elapsed_seconds"]


def _target(seconds: int | None) -> dict[int, int]:
    return {} if seconds is None else {1: seconds}


def _events(told: list[dict[str, Any]], rules: dict[str, Any]) -> Iterator[ClockEvent]:
    yield ClockEvent(_instant(told[0]["at"]), "opened")
    for event in told:
        if event["type"] == "agent_reply":
            yield ClockEvent(_instant(event["at"]), "answered")
        elif event["type"] in ("created", "status"):
            yield ClockEvent(
                _instant(event["at"]), "stage", _stage_class(event.get("to") or event.get("status"), rules)
            )


def _stage_class(status: str | None, rules: dict[str, Any]) -> int:
    if status in (rules.get("closed_statuses") or ()):
        return CLOSED
    return WAITING if status in (rules.get("pause_statuses") or ()) else OPEN
