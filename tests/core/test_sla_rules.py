"""Promises by the rules of docs/sla.md: late only by used time, three clocks, days, and properties over any history."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from core.business_days import END_OF_DAY
from core.calendar import DAY_NAMES, Calendar
from core.clock import Instant
from core.clock_runs import KINDS, ClockEvent
from core.clock_state import MET, NEVER, PAUSED, RUNNING
from core.queue import BREACHED, ON_TIME, lamp
from core.sla import RESOLUTION, UPDATE, Clock, Policy, every_clock, standing
from core.stages import CLOSED, OPEN, WAITING
from tests.core.calendars import told

HOUR = 3600
NINE = Instant(1_795_510_800)
"""Tuesday 24 November 2026, 09:00 in UTC."""

OFFICE = Calendar.from_document({"tz": "UTC", "weekly": {day: [["08:00", "16:00"]] for day in DAY_NAMES[:5]}})
TO_CLOSING = Policy("", {}, {3: 7 * HOUR}, update={3: 2 * HOUR})


def at(hours: float) -> Instant:
    return Instant(NINE + int(hours * HOUR))


def happened(*events: tuple[float, str] | tuple[float, str, int]) -> list[ClockEvent]:
    return [ClockEvent(NINE, "opened"), *(ClockEvent(at(event[0]), *event[1:]) for event in events)]


def resolution(*events: tuple[float, str] | tuple[float, str, int], policy: Policy = TO_CLOSING) -> Clock:
    return every_clock(happened(*events), 3, policy, OFFICE)[2]


def update(*events: tuple[float, str] | tuple[float, str, int]) -> Clock:
    return every_clock(happened(*events), 3, TO_CLOSING, OFFICE)[1]


def test_time_used_up_at_closing_is_due_then_and_late_a_second_after_the_next_opening() -> None:
    clock = resolution()
    assert (clock.due_at, clock.late_after) == (at(7), at(23))
    assert not clock.is_breached(at(12)) and not clock.is_breached(at(23))
    assert clock.is_breached(Instant(at(23) + 1))


def test_the_lamp_in_the_night_after_agrees_with_the_clock() -> None:
    stands = standing([resolution()])
    assert (stands.due_at, stands.late_after) == (at(7), at(23))
    assert lamp(stands.state, stands.late_after, stands.seconds_left, at(12)).level == ON_TIME
    assert lamp(stands.state, stands.late_after, stands.seconds_left, Instant(at(23) + 1)).level == BREACHED


def test_a_clock_due_inside_hours_is_late_a_second_later() -> None:
    clock = resolution(policy=Policy("", {}, {3: HOUR}))
    assert clock.due_at == clock.late_after == at(1)


def test_a_pause_between_closing_and_opening_leaves_the_second_that_was_to_come() -> None:
    clock = resolution((8, "stage", WAITING), (30, "stage", OPEN))
    assert (clock.due_at, clock.late_after, clock.used) == (at(7), at(30), 7 * HOUR)


def test_a_desk_that_never_opens_again_is_never_late() -> None:
    once = Calendar.from_document({"tz": "UTC", "exceptions": {"2026-11-24": [["08:00", "16:00"]]}})
    clock = every_clock(happened(), 3, TO_CLOSING, once)[2]
    assert (clock.state, clock.due_at, clock.late_after) == (RUNNING, at(7), None)
    assert not clock.is_breached(at(100_000)) and standing([clock]).late_after == NEVER


def test_a_question_of_the_customer_starts_the_update_clock_and_a_second_one_does_not_move_it() -> None:
    assert update().state not in (RUNNING, PAUSED, MET)
    assert update((1, "asked"), (2, "asked")).due_at == at(3)


def test_an_answer_ends_the_update_clock_and_the_next_question_starts_it_anew() -> None:
    answered = update((1, "asked"), (2, "answered"))
    assert (answered.state, answered.used, answered.ended_at) == (MET, HOUR, at(2))
    assert update((1, "asked"), (2, "answered"), (4, "asked")).due_at == at(6)


def test_waiting_pauses_the_update_clock_and_closing_ends_it() -> None:
    waiting = update((1, "asked"), (2, "stage", WAITING))
    assert (waiting.state, waiting.due_at, waiting.seconds_left) == (PAUSED, None, HOUR)
    closed = update((1, "asked"), (2, "stage", CLOSED), (4, "stage", OPEN))
    assert (closed.state, closed.ended_at) == (MET, at(2))


def test_a_promise_in_days_keeps_the_time_of_day_and_adds_what_was_waited() -> None:
    in_days = Policy("", {}, {}, days={RESOLUTION: {3: 2}})
    assert resolution(policy=in_days).due_at == at(48)
    assert resolution((1, "stage", WAITING), (3, "stage", OPEN), policy=in_days).due_at == at(50)
    assert resolution((8, "stage", WAITING), (20, "stage", OPEN), policy=in_days).due_at == at(48)


def test_a_promise_to_the_end_of_the_day_is_late_when_the_desk_has_opened_again() -> None:
    clock = resolution(policy=Policy.from_document({"resolution_days": {"3": 1}, "end_of_day": True}))
    assert (clock.due_at, clock.late_after) == (at(31), at(47))
    assert Policy.from_document({"end_of_day": True}).day_rule == END_OF_DAY


def test_new_terms_say_from_when_on_a_waiting_ticket_stops_which_clock() -> None:
    events = happened((1, "stage", WAITING))
    change = ClockEvent(at(3), "terms", pauses=())
    clock = every_clock([*events, change], 3, TO_CLOSING, OFFICE)[2]
    assert (clock.state, clock.used, clock.due_at) == (RUNNING, HOUR, at(25))


stories = st.lists(
    st.tuples(
        st.integers(0, 5 * 86_400),
        st.sampled_from([("stage", OPEN), ("stage", WAITING), ("stage", CLOSED), ("asked", OPEN), ("answered", OPEN)]),
    ),
    max_size=7,
)


def told_story(seed: int, moments: list[tuple[int, tuple[str, int]]]) -> tuple[Calendar, list[ClockEvent]]:
    document, start = told(Random(seed))
    events = [ClockEvent(Instant(start), "opened")]
    events += [ClockEvent(Instant(start + moment), *what) for moment, what in sorted(moments)]
    return Calendar.from_document(document), events


policy = Policy("", {3: 4 * HOUR}, {3: 9 * HOUR}, KINDS, {3: 2 * HOUR})


@settings(max_examples=120)
@given(st.integers(0, 1 << 40), stories)
def test_a_clock_is_late_exactly_when_more_than_the_target_was_used(
    seed: int, moments: list[tuple[int, tuple[str, int]]]
) -> None:
    calendar, events = told_story(seed, moments)
    for clock in every_clock(events, 3, policy, calendar):
        if clock.state != RUNNING or clock.target is None or clock.due_at is None:
            continue
        last = events[-1].at
        used = clock.used
        resumed = _running_since(clock, events)
        for now in (clock.due_at, clock.late_after or last, Instant((clock.late_after or last) + 1), at(0), last):
            if now >= last:
                counted = used + calendar.between(resumed, now)
                assert clock.is_breached(now) == (counted > clock.target)


def _running_since(clock: Clock, events: list[ClockEvent]) -> Instant:
    """When the running clock last began to run: found by asking for the used time again and again."""
    began, stopped = events[0].at, False
    has_question = False
    for event in events:
        if clock.kind == UPDATE:
            if event.kind == "asked" and not has_question:
                began, has_question = event.at, True
            elif event.kind == "answered" or (event.kind == "stage" and event.stage_class == CLOSED):
                has_question = False
        if event.kind == "stage":
            if stopped and event.stage_class == OPEN:
                began = event.at
            stopped = event.stage_class != OPEN
    return began


@settings(max_examples=120)
@given(st.integers(0, 1 << 40), stories, st.integers(0, 5 * 86_400), st.integers(1, 86_400))
def test_one_more_wait_never_brings_a_deadline_nearer(
    seed: int, moments: list[tuple[int, tuple[str, int]]], begins: int, length: int
) -> None:
    calendar, events = told_story(seed, [one for one in moments if one[1][0] != "stage"])
    start = events[0].at
    wait = [
        ClockEvent(Instant(start + begins), "stage", WAITING),
        ClockEvent(Instant(start + begins + length), "stage", OPEN),
    ]
    longer = sorted([*events, *wait], key=lambda event: event.at)
    for before, after in zip(
        every_clock(events, 3, policy, calendar), every_clock(longer, 3, policy, calendar), strict=True
    ):
        if before.due_at is not None and after.due_at is not None:
            assert before.due_at <= after.due_at
        assert after.used <= before.used or before.state == RUNNING


@settings(max_examples=60)
@given(st.integers(0, 1 << 40), stories, st.lists(st.integers(0, 40 * 86_400), min_size=2, max_size=5).map(sorted))
def test_what_is_late_stays_late_as_time_goes_on(
    seed: int, moments: list[tuple[int, tuple[str, int]]], later: list[int]
) -> None:
    calendar, events = told_story(seed, moments)
    for clock in every_clock(events, 3, policy, calendar):
        verdicts = [clock.is_breached(Instant(events[-1].at + after)) for after in later]
        assert verdicts == sorted(verdicts)
