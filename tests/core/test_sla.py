"""Promises: what stops a clock, what lets it go on, and when it is late."""

from __future__ import annotations

from core.calendar import DAY_NAMES, Calendar
from core.clock import Instant
from core.clock_state import MET, NONE, PAUSED, RUNNING
from core.sla import FIRST_RESPONSE, RESOLUTION, Clock, ClockEvent, Policy, Standing, every_clock, standing
from core.stages import CLOSED, OPEN, WAITING

HOUR = 3600
NINE = Instant(1_795_510_800)
"""Tuesday 24 November 2026, 09:00 in UTC."""

ROUND_THE_CLOCK = Calendar(always=True)
OFFICE = Calendar.from_document({"tz": "UTC", "weekly": {day: [["08:00", "16:00"]] for day in DAY_NAMES[:5]}})
POLICY = Policy.from_document(
    {
        "name": "gold",
        "first_response_seconds": {"1": HOUR // 2, "3": HOUR},
        "resolution_seconds": {"1": 4 * HOUR, "3": 8 * HOUR},
    }
)


def at(hours: float) -> Instant:
    return Instant(NINE + int(hours * HOUR))


def opened() -> ClockEvent:
    return ClockEvent(NINE, "opened")


def answered(hours: float) -> ClockEvent:
    return ClockEvent(at(hours), "answered")


def moved(hours: float, stage_class: int) -> ClockEvent:
    return ClockEvent(at(hours), "stage", stage_class)


def both(
    *events: ClockEvent, priority: int = 3, policy: Policy = POLICY, calendar: Calendar = ROUND_THE_CLOCK
) -> tuple[Clock, Clock]:
    response, _update, resolution = every_clock((opened(), *events), priority, policy, calendar)
    return response, resolution


def test_both_clocks_run_from_the_opening() -> None:
    response, resolution = both()
    assert (response.state, response.due_at) == (RUNNING, at(1))
    assert (resolution.state, resolution.due_at) == (RUNNING, at(8))


def test_a_message_of_ours_keeps_the_first_response() -> None:
    response, resolution = both(answered(0.5))
    assert response == Clock(FIRST_RESPONSE, MET, HOUR, HOUR // 2, None, at(0.5))
    assert resolution.state == RUNNING


def test_only_the_first_message_counts() -> None:
    response, _resolution = both(answered(0.5), answered(3))
    assert (response.used, response.ended_at) == (HOUR // 2, at(0.5))


def test_moving_a_ticket_is_no_response() -> None:
    response, _resolution = both(moved(0.5, OPEN))
    assert (response.state, response.due_at) == (RUNNING, at(1))


def test_waiting_pauses_the_resolution_and_not_the_first_response() -> None:
    response, resolution = both(moved(0.5, WAITING))
    assert (response.state, response.due_at) == (RUNNING, at(1))
    assert (resolution.state, resolution.due_at, resolution.seconds_left) == (PAUSED, None, 7.5 * HOUR)


def test_a_policy_may_pause_the_first_response_too() -> None:
    kind = Policy(POLICY.name, POLICY.first_response, POLICY.resolution, (FIRST_RESPONSE, RESOLUTION))
    response, _resolution = both(moved(0.25, WAITING), moved(2, OPEN), policy=kind)
    assert (response.state, response.used, response.due_at) == (RUNNING, HOUR // 4, at(2.75))


def test_time_spent_waiting_does_not_count() -> None:
    _response, resolution = both(moved(1, WAITING), moved(5, OPEN))
    assert (resolution.used, resolution.due_at) == (HOUR, at(12))


def test_waiting_twice_over_counts_no_wait_twice() -> None:
    _response, resolution = both(moved(1, WAITING), moved(2, WAITING), moved(5, OPEN), moved(6, OPEN))
    assert (resolution.used, resolution.due_at) == (HOUR, at(12))


def test_closing_keeps_the_promise() -> None:
    _response, resolution = both(moved(3, CLOSED))
    assert resolution == Clock(RESOLUTION, MET, 8 * HOUR, 3 * HOUR, None, at(3))


def test_closing_what_was_resolved_changes_nothing() -> None:
    assert both(moved(3, CLOSED), moved(9, CLOSED))[1] == both(moved(3, CLOSED))[1]


def test_a_ticket_opened_again_goes_on_where_it_stopped() -> None:
    _response, resolution = both(moved(3, CLOSED), moved(20, OPEN))
    assert (resolution.state, resolution.used, resolution.due_at) == (RUNNING, 3 * HOUR, at(25))


def test_a_ticket_closed_without_a_word_and_opened_again_still_owes_an_answer() -> None:
    response, _resolution = both(moved(0.5, CLOSED), moved(2, OPEN))
    assert (response.state, response.used, response.due_at) == (RUNNING, HOUR // 2, at(2.5))


def test_a_ticket_opened_again_owes_no_second_first_response() -> None:
    response, _resolution = both(answered(0.5), moved(1, CLOSED), moved(20, OPEN))
    assert (response.state, response.used) == (MET, HOUR // 2)


def test_exactly_on_target_is_kept() -> None:
    response, _resolution = both(answered(1))
    assert response.used == HOUR and not response.is_breached(at(30))


def test_a_second_after_the_target_is_late() -> None:
    response, _resolution = both(ClockEvent(Instant(at(1) + 1), "answered"))
    assert response.is_breached(at(1)) and response.seconds_left == -1


def test_a_running_clock_is_late_a_second_after_it_was_due() -> None:
    response, _resolution = both()
    assert not response.is_breached(at(1))
    assert response.is_breached(Instant(at(1) + 1))


def test_a_paused_clock_that_was_late_stays_late() -> None:
    _response, resolution = both(moved(9, WAITING))
    assert resolution.state == PAUSED and resolution.is_breached(at(9)) and resolution.seconds_left == -HOUR


def test_another_priority_means_another_target_from_the_same_start() -> None:
    response, resolution = both(moved(1, WAITING), moved(2, OPEN), priority=1)
    assert (response.target, response.due_at) == (HOUR // 2, at(0.5))
    assert (resolution.used, resolution.due_at) == (HOUR, at(5))


def test_a_clock_resumed_after_its_time_was_used_up_was_due_when_it_was() -> None:
    _response, resolution = both(moved(9, WAITING), moved(20, OPEN))
    assert resolution.due_at == at(8) and resolution.is_breached(at(20))


def test_nights_do_not_count_on_office_hours() -> None:
    _response, resolution = both(calendar=OFFICE)
    assert resolution.due_at == at(24)


def test_an_answer_in_the_night_after_time_ran_out_at_closing_is_not_late() -> None:
    seven_hours = Policy("", {3: 7 * HOUR}, {})
    response, _resolution = both(answered(12), policy=seven_hours, calendar=OFFICE)
    assert response.used == 7 * HOUR and not response.is_breached(at(12))


def test_where_nothing_is_promised_there_is_no_clock() -> None:
    assert both(policy=Policy()) == (Clock(FIRST_RESPONSE, NONE), Clock(RESOLUTION, NONE))
    assert both(priority=4) == (Clock(FIRST_RESPONSE, NONE), Clock(RESOLUTION, NONE))


def test_a_firm_that_never_opens_promises_nothing() -> None:
    assert [clock.state for clock in both(calendar=Calendar())] == [NONE, NONE]


def test_the_clock_that_is_due_first_speaks_for_the_ticket() -> None:
    assert standing(both()) == Standing(RUNNING, FIRST_RESPONSE, at(1), HOUR, late_after=at(1))
    assert standing(both(answered(0.5))) == Standing(RUNNING, RESOLUTION, at(8), 8 * HOUR, late_after=at(8))


def test_a_paused_ticket_shows_no_due_time_but_what_is_left() -> None:
    assert standing(both(answered(0.5), moved(1, WAITING))) == Standing(PAUSED, RESOLUTION, None, 7 * HOUR)


def test_a_closed_ticket_tells_how_its_resolution_went() -> None:
    assert standing(both(answered(2), moved(3, CLOSED))) == Standing(MET, RESOLUTION, None, 5 * HOUR, missed=True)


def test_a_ticket_without_a_promise_stands_without_one() -> None:
    assert standing(both(policy=Policy())) == Standing()


def test_a_policy_reads_its_document() -> None:
    policy = Policy.from_document({"name": "x", "resolution_seconds": {"2": 60}, "pause_applies_to": ["resolution"]})
    assert policy == Policy("x", {}, {2: 60}, (RESOLUTION,), {})
