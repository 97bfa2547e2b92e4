"""Questions in a file: what other projects' tests and users found right, what we did, and what spoils a question."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from core.errors import DomainError
from core.sla_cases import CaseDocument, differences

OURS: dict[str, Any] = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
SAMPLES = Path(os.environ.get("LAMPBOARD_SAMPLES") or Path(__file__).resolve().parents[3] / "shared")
PUBLIC = SAMPLES / "sla-cases" / "public_cases.json"


def _public() -> list[Any]:
    if not PUBLIC.exists():
        return [pytest.param(None, None, marks=pytest.mark.skip(reason=f"no sample data at {PUBLIC.parent.name}"))]
    told = json.loads(PUBLIC.read_text(encoding="utf-8"))
    document = CaseDocument(told)
    return [pytest.param(document, case, id=case["id"]) for case in told["cases"]]


@pytest.mark.parametrize(("document", "case"), _public())
def test_the_answer_is_the_one_that_others_found_right(document: CaseDocument, case: dict[str, Any]) -> None:
    expected = case.get("expect_recommended", case["expect"])
    assert differences(expected, document.answer(case)) == []


@pytest.mark.parametrize("case", OURS["cases"], ids=lambda case: case["id"])
def test_the_answer_is_ours(case: dict[str, Any]) -> None:
    answer = CaseDocument(OURS).answer(case)
    assert differences(case["expect"], answer) == [], answer


def clock_case() -> dict[str, Any]:
    return deepcopy(next(case for case in OURS["cases"] if "two warnings" in case["id"]))


def test_events_in_any_order_of_arrival_give_the_same_answer() -> None:
    case, document = clock_case(), CaseDocument(OURS)
    expected = document.answer(case)
    for events in permutations(case["events"]):
        assert document.answer({**case, "events": list(events)}) == expected


def test_as_of_an_earlier_moment_later_events_have_not_happened() -> None:
    case = clock_case()
    case["now"] = "2026-11-23T10:00:00+01:00"
    answer = CaseDocument(OURS).answer(case)
    assert answer["paused"] and answer["next_due"] is None and answer["warnings"] == [None, None]
    assert answer["update"]["elapsed_seconds"] is None and answer["resolution"]["elapsed_seconds"] == 3600


def test_a_policy_that_pauses_everything_owes_nothing_and_says_so() -> None:
    case = clock_case()
    case["policy"]["pause_statuses"] = ["open", "waiting"]
    answer = CaseDocument(OURS).answer(case)
    assert answer["paused"] and answer["resolution"]["due"] is None and answer["resolution"]["elapsed_seconds"] == 0


def refused(case: Any, calendars: dict[str, Any] | None = None) -> str:
    with pytest.raises(DomainError) as caught:
        CaseDocument({"calendars": calendars or OURS["calendars"], "cases": [case]}).answer(case)
    return str(caught.value.facts["field"])


ADD = {"kind": "add", "calendar": "c", "start": "2026-11-24T08:30:00+01:00", "seconds": 60}


@pytest.mark.parametrize(
    ("calendar", "field"),
    [
        ({"tz": "Europe/Nowhere"}, "calendar.tz"),
        ({"tz": "../etc/passwd"}, "calendar.tz"),
        ({"tz": 7}, "calendar.tz"),
        ({"tz": "UTC", "weekly": {}}, "calendar.weekly"),
        ({"tz": "UTC", "weekly": {"monday": []}}, "calendar.weekly.monday"),
        ({"tz": "UTC", "weekly": {"mon": [["8", "16:00"]]}}, "calendar.weekly.mon[0][0]"),
        ({"tz": "UTC", "weekly": {"mon": [["08:00", "24:01"]]}}, "calendar.weekly.mon[0][1]"),
        ({"tz": "UTC", "weekly": {"mon": ["08:00-16:00"]}}, "calendar.weekly.mon[0]"),
        ({"tz": "UTC", "always": True, "holidays": ["2026-02-30"]}, "calendar.holidays[0]"),
        ({"tz": "UTC", "always": True, "holidays_yearly": ["13-01"]}, "calendar.holidays_yearly[0]"),
        ({"tz": "UTC", "exceptions": {"Monday": []}}, "calendar.exceptions.Monday"),
        ({"tz": "UTC", "closures": [["2026-01-01T00:00:00", "2026-01-02T00:00:00Z"]]}, "calendar.closures[0][0]"),
        ([], "calendar"),
    ],
)
def test_a_calendar_that_cannot_be_used_is_named_by_its_field(calendar: Any, field: str) -> None:
    assert refused(ADD, {"c": calendar}) == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "sum"}, "kind"),
        ({"calendar": "nobody's"}, "calendar"),
        ({"start": "yesterday"}, "start"),
        ({"start": "0001-01-01T00:00:00Z"}, "start"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": 1.5}, "seconds"),
        ({"seconds": 100 * 365 * 86_400 * 20}, "seconds"),
        ({"direction": "up"}, "direction"),
        ({"pauses": [["2026-11-24T08:30:00+01:00"]]}, "pauses[0]"),
        ({"kind": "add_days", "days": 1, "rule": "soon"}, "rule"),
        ({"kind": "add_days", "days": 10**9, "rule": "end-of-working-day"}, "days"),
        ({"kind": "intervals", "from": "2026-11-24T08:30:00+01:00"}, "limit"),
    ],
)
def test_a_question_that_cannot_be_answered_is_named_by_its_field(change: dict[str, Any], field: str) -> None:
    assert refused({**ADD, "calendar": "office", **change}) == field


def test_a_target_of_a_hundred_years_has_a_deadline_in_a_calendar_that_never_closes() -> None:
    case = {**ADD, "calendar": "round", "seconds": 100 * 365 * 86_400}
    assert CaseDocument(OURS).answer(case) == {"at": "2126-10-31T07:30:00+00:00"}


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("events",), [], "events"),
        (("events", 0, "type"), "status", "events[0].to"),
        (("events", 1, "at"), "2026-11-23T07:59:59+01:00", "events[1].at"),
        (("events", 1, "at"), "2026-11-23", "events[1].at"),
        (("events", 1, "type"), "shouted", "events[1].type"),
        (("events", 1, "type"), "created", "events[1].type"),
        (("now",), "2026-11-23T07:00:00+01:00", "now"),
        (("policy",), None, "policy"),
        (("policy", "by_priority", "1", "resolution_seconds"), "4h", "policy.by_priority.1.resolution_seconds"),
        (("policy", "pause_applies_to"), ["everything"], "policy.pause_applies_to"),
        (("policy", "warnings", 0, "metric"), "mood", "policy.warnings[0].metric"),
        (("policy", "day_rule"), "soon", "policy.day_rule"),
        (("policy", "by_priority", "1", "resolution_seconds"), 10**12, "policy.resolution_seconds"),
    ],
)
def test_a_clock_that_cannot_be_told_is_named_by_its_field(path: tuple[Any, ...], value: Any, field: str) -> None:
    case = clock_case()
    at: Any = case
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    if path == ("events", 0, "type"):
        case["events"] = [case["events"][0]]
        assert refused(case) == "events"
    else:
        assert refused(case) == field


def test_instants_are_compared_as_instants_and_nothing_else_is() -> None:
    assert differences({"at": "2026-11-24T08:00:00+01:00"}, {"at": "2026-11-24T07:00:00Z"}) == []
    assert differences({"at": "2026-11-24T08:00:00+01:00"}, {"at": "2026-11-24T08:00:00Z"}) == ["at"]
    assert differences({"a": {"open": True}, "b": [1, 2]}, {"a": {"open": 1}, "b": [1, 3]}) == ["a.open", "b[1]"]
    assert differences({"due": None}, {}) == ["due"]


def test_a_search_over_centuries_ends_soon_with_an_answer_or_an_error() -> None:
    document = CaseDocument(OURS)
    add = {"kind": "add", "calendar": "office", "start": "2026-11-24T08:30:00+01:00"}
    with pytest.raises(DomainError):
        document.answer({**add, "seconds": 100 * 365 * 86_400})
    assert document.answer({**add, "seconds": 50 * 2_000 * 3_600})["at"].startswith("2075-")
    days = {**add, "kind": "add_days", "days": 10**30, "rule": "end-of-working-day"}
    with pytest.raises(DomainError):
        document.answer(days)
