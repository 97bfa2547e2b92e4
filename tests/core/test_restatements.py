"""Late events recompute the past: what was announced stays and is told beside what is so today."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import Calendar
from core.clock import Instant
from core.clock_facts import ClockFacts, promise
from core.clock_runs import ANSWERED, ASKED, KINDS, OPENED, PRIORITY, STAGE, ClockEvent, Retarget
from core.policy import FIRST_RESPONSE, RESOLUTION, UPDATE, read_policy
from core.restatements import Announcement, Restatement, restated
from core.stages import CLOSED, WAITING
from tests.core.clock_stories import HOUR, any_seed, random_facts

NINE = Instant(1_795_510_800)
"""Tuesday 24 November 2026, 09:00 in UTC."""
POLICY = read_policy(
    {
        "first_response_seconds": {"3": HOUR},
        "update_seconds": {"3": HOUR},
        "resolution_seconds": {"2": 2 * HOUR, "3": 4 * HOUR},
    }
)


def at(hours: float) -> Instant:
    return Instant(NINE + int(hours * HOUR))


def facts(*events: ClockEvent, now: float = 24, priority: int = 3) -> ClockFacts:
    opened = ClockEvent(NINE, OPENED, stage="new")
    return ClockFacts((opened, *events), priority, POLICY, Calendar(always=True), at(now))


LATE_ANSWER = Announcement(FIRST_RESPONSE, Instant(at(1) + 1), True, at(1), HOUR + 1)


def test_a_reply_that_arrives_a_day_later_takes_the_breach_back_and_both_are_told() -> None:
    assert restated([LATE_ANSWER], facts()) == ()
    assert restated([LATE_ANSWER], facts(ClockEvent(at(0.5), ANSWERED))) == (
        Restatement(LATE_ANSWER, False, at(1), HOUR // 2),
    )


def test_a_wait_recorded_late_takes_the_breach_of_the_resolution_back_until_it_is_late_again() -> None:
    breached = Announcement(RESOLUTION, Instant(at(4) + 1), True, at(4), 4 * HOUR + 1)
    waited = (
        ClockEvent(at(1), STAGE, WAITING, stage="waiting"),
        ClockEvent(at(3), STAGE, stage="active"),
    )
    assert [one.due_at for one in restated([breached], facts(*waited, now=5))] == [at(6)]
    assert restated([breached], facts(*waited, now=7)) == ()


def test_a_reply_that_turns_out_not_to_have_left_breaks_a_promise_that_was_called_kept() -> None:
    kept = Announcement(FIRST_RESPONSE, at(2), False, at(1), HOUR // 2)
    assert restated([kept], facts()) == (Restatement(kept, True, at(1), 2 * HOUR),)


def test_a_clock_that_went_on_and_was_late_later_contradicts_nothing() -> None:
    in_time = Announcement(RESOLUTION, at(3), False, at(4), 3 * HOUR)
    assert restated([in_time], facts()) == ()


def test_a_longer_target_takes_a_breach_back() -> None:
    breached = Announcement(RESOLUTION, at(3), True, at(2), 3 * HOUR)
    closed = ClockEvent(at(3.5), STAGE, CLOSED, stage="resolved")
    change = ClockEvent(at(3.25), PRIORITY, change=Retarget(2, 3))
    assert [one.breached for one in restated([breached], facts(change, closed))] == [False]


def test_a_breach_is_judged_by_the_question_that_it_was_about() -> None:
    first_late = Announcement(UPDATE, at(3), True, at(2), 2 * HOUR)
    asked_again = ClockEvent(at(6), ASKED)
    answered_late, answered_early = ClockEvent(at(5), ANSWERED), ClockEvent(at(1.5), ANSWERED)
    asked = ClockEvent(at(1), ASKED)
    assert restated([first_late], facts(asked, answered_late, asked_again, now=6.5)) == ()
    assert [one.used_seconds for one in restated([first_late], facts(asked, answered_early, asked_again))] == [
        HOUR // 2
    ]
    assert restated([first_late], facts()) == (Restatement(first_late, False, None, 0),)


@settings(max_examples=150, deadline=None)
@given(any_seed, st.sampled_from(KINDS))
def test_what_is_said_from_the_facts_of_today_is_not_contradicted_by_them(seed: int, kind: str) -> None:
    story = random_facts(seed)
    stands = promise(kind, story)
    said = Announcement(kind, story.now, stands.breached_by > 0, stands.deadline_at, stands.used)
    assert restated([said], story) == ()
