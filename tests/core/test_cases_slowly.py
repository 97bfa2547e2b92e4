"""Every kind of question beside a slow reading of the rules, on cases drawn at random."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from core.sla_cases import CaseDocument
from tests.core import slow_rules, spoilt
from tests.core.random_cases import DAY, calendar_in_minutes, case, instants
from tests.core.slow_clock import instant
from tests.core.slow_promises import clock
from tests.core.slow_rules import Beyond, SlowHours
from tui.verbs.sla import answer_or_error

LOOKED_BEFORE, LOOKED_AFTER = 16 * DAY, 40 * DAY


def slow_answer(told: dict[str, Any], hours: dict[str, SlowHours]) -> dict[str, Any] | None:
    """None when the answer lies outside the days that were looked at."""
    try:
        return clock(told, hours["one"]) if told["kind"] == "clock" else slow_rules.answer(told, hours)
    except Beyond:
        return None


def test_a_hundred_questions_about_two_calendars_are_answered_as_the_rules_say(case_seed: int) -> None:
    rng = Random(case_seed)
    one, start = calendar_in_minutes(rng)
    two, _elsewhere = calendar_in_minutes(rng)
    # The second one is only counted between moments of the case.
    hours = {
        "one": SlowHours(one, start - LOOKED_BEFORE, start + LOOKED_AFTER),
        "two": SlowHours(two, start - DAY, start + 6 * DAY),
    }
    document = CaseDocument({"calendars": {"one": one, "two": two}, "cases": []})
    answered = 0
    for _ in range(100):
        told = case(rng, instants(rng, start))
        expected = slow_answer(told, hours)
        if expected is not None:
            assert document.answer(told) == expected, told
            answered += 1
    assert answered > 80


def test_whatever_is_wrong_in_a_case_it_gets_an_answer_or_an_error_and_soon(case_seed: int) -> None:
    told = spoilt.document(Random(case_seed), 60)
    document = CaseDocument(told)
    for one in document.cases:
        began = time.thread_time()
        answer = answer_or_error(document, one)
        assert time.thread_time() - began < 2, one
        json.dumps(answer, allow_nan=False)
        if "error" in answer:
            assert set(answer["error"]) == {"field", "message"} and all(answer["error"].values()), one


def clock_cases(seed: int, count: int = 15) -> Iterator[tuple[CaseDocument, dict[str, Any], list[str]]]:
    """Clocks of a calendar, each with the moments from which its events were drawn, in order."""
    rng = Random(seed)
    calendar, start = calendar_in_minutes(rng)
    document = CaseDocument({"calendars": {"one": calendar}, "cases": []})
    while count:
        moments = instants(rng, start)
        told = case(rng, moments)
        if told["kind"] == "clock":
            count -= 1
            yield document, told, sorted(moments, key=instant)


@pytest.mark.parametrize("seed", range(20))
def test_events_may_arrive_in_any_order(seed: int) -> None:
    for document, told, _moments in clock_cases(seed):
        in_time = {instant(event["at"]): event for event in told["events"]}
        events = list(in_time.values())
        if not any(event["type"] == "created" for event in events):
            continue
        expected = answer_or_error(document, {**told, "events": events})
        Random(seed).shuffle(events)
        assert answer_or_error(document, {**told, "events": events}) == expected


@pytest.mark.parametrize("seed", range(20, 40))
def test_later_events_change_nothing_and_a_later_now_takes_no_time_away(seed: int) -> None:
    for document, told, moments in clock_cases(seed):
        created = next(event for event in told["events"] if event["type"] == "created")
        before: dict[str, int] = {}
        for now in [moment for moment in moments if instant(moment) >= instant(created["at"])]:
            answer = answer_or_error(document, {**told, "now": now})
            so_far = [event for event in told["events"] if instant(event["at"]) <= instant(now)]
            assert answer_or_error(document, {**told, "events": so_far, "now": now}) == answer
            if "error" in answer:
                continue
            used = {metric: answer[metric]["elapsed_seconds"] for metric in ("first_response", "resolution")}
            used |= {"worst": answer["update"]["worst_elapsed_seconds"] or 0, "waiting": answer["waiting_seconds"]}
            assert all(before.get(name, 0) <= seconds for name, seconds in used.items()), (told, now)
            before = used


@pytest.mark.parametrize("seed", range(40, 60))
def test_a_status_that_pauses_never_brings_a_promise_nearer(seed: int) -> None:
    compared = 0  # Only what runs now: a stop that goes on has moved nothing yet.
    for document, told, _moments in clock_cases(seed, 30):
        events = [event for event in told["events"] if event["type"] != "policy"]
        policy = {name: value for name, value in told["policy"].items() if name != "by_priority"}
        paused = answer_or_error(document, {**told, "events": events, "policy": policy})
        policy["pause_statuses"] = []
        running = answer_or_error(document, {**told, "events": events, "policy": policy})
        for metric in ("first_response", "resolution"):
            sooner, later = running.get(metric, {}).get("deadline"), paused.get(metric, {}).get("due")
            if sooner is not None and later is not None:
                compared += 1
                assert sooner <= later, told
    assert compared
