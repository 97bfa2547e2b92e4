"""Dates before deciding: what would be due under other facts, while the facts stay as they are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.calendar import DAY_NAMES, Calendar
from core.clock import Instant
from core.clock_facts import ClockFacts, promise
from core.clock_runs import ASKED, KINDS, OPENED, POLICY, PRIORITY, STAGE, ClockEvent, Retarget
from core.clock_state import MET, PAUSED, RUNNING
from core.policy import Policy, read_policy
from core.stages import CLOSED, OPEN, WAITING
from core.what_if import AnsweredAt, ClosedAt, CustomerWritesAt, Outcome, PriorityIs, UnderPolicy, WaitsUntil, what_if
from tests.core.clock_stories import HOUR, any_seed, random_facts

NINE = Instant(1_795_510_800)
"""Tuesday 24 November 2026, 09:00 in UTC."""
OFFICE = Calendar.from_document({"tz": "UTC", "weekly": {day: [["08:00", "16:00"]] for day in DAY_NAMES[:5]}})
BODY = {
    "first_response_seconds": {"1": HOUR, "3": 2 * HOUR},
    "update_seconds": {"1": HOUR, "3": 2 * HOUR},
    "resolution_seconds": {"1": 2 * HOUR, "3": 10 * HOUR},
}
POLICY_3 = read_policy(BODY)


def at(hours: float) -> Instant:
    return Instant(NINE + int(hours * HOUR))


def facts(*events: ClockEvent, now: float = 3, policy: Policy = POLICY_3) -> ClockFacts:
    return ClockFacts((ClockEvent(NINE, OPENED, stage="new"), *events), 3, policy, OFFICE, at(now))


def due(outcome: Outcome) -> tuple[Instant | None, ...]:
    return tuple(one.due_at for one in outcome.promises)


WAITING_FOR_CUSTOMER = ClockEvent(at(1), STAGE, WAITING, stage="waiting", party="customer")


def test_nothing_supposed_is_what_is() -> None:
    outcome = what_if(facts())
    assert due(outcome) == (at(2), None, at(26))
    assert outcome.promises == tuple(promise(kind, facts()) for kind in KINDS)


def test_priority_1_would_be_due_this_morning_and_is_late_already() -> None:
    resolution = what_if(facts(), PriorityIs(1)).promises[2]
    assert (resolution.due_at, resolution.breached_by) == (at(2), HOUR)


def test_a_policy_that_counts_from_the_change_would_count_from_now() -> None:
    later = read_policy(BODY | {"count_from": "change"})
    assert what_if(facts(policy=later), PriorityIs(1)).promises[2].due_at == at(5)
    assert what_if(facts(policy=later), PriorityIs(1, at(1))).promises[2].due_at == at(3)


def test_the_customer_answering_at_three_would_set_the_clock_going_with_what_is_left() -> None:
    waiting = facts(WAITING_FOR_CUSTOMER)
    assert what_if(waiting).promises[2].state == PAUSED
    outcome = what_if(waiting, CustomerWritesAt(at(6)))
    assert outcome.facts.now == at(6) and outcome.promises[2].due_at == at(31)
    assert outcome.promises[1].due_at == at(24)


def test_a_letter_of_the_customer_does_not_end_a_wait_for_the_vendor() -> None:
    waiting = facts(WAITING_FOR_CUSTOMER._replace(party="vendor"))
    assert what_if(waiting, CustomerWritesAt(at(6))).promises[2].state == PAUSED


def test_our_answer_would_keep_the_first_response_and_end_the_question() -> None:
    outcome = what_if(facts(ClockEvent(at(1), ASKED), now=1.5), AnsweredAt(at(1.75)))
    assert [(one.state, one.breached_by) for one in outcome.promises] == [(MET, 0), (MET, 0), (RUNNING, 0)]


def test_a_wait_from_now_until_tomorrow_morning_moves_the_date_by_the_open_hours_in_it() -> None:
    outcome = what_if(facts(), WaitsUntil(at(3), at(23), "vendor"))
    assert outcome.promises[2].due_at == at(26 + 4)


def test_a_supposed_wait_stands_in_place_of_the_stages_it_had_meanwhile() -> None:
    worked = (ClockEvent(at(1), STAGE, stage="active"), ClockEvent(at(2), STAGE, stage="on_site"))
    outcome = what_if(facts(*worked), WaitsUntil(at(0.5), at(2.5)))
    assert outcome.promises[2].used == HOUR
    assert [event.stage for event in outcome.facts.events] == ["new", "waiting", "on_site"]


def test_under_a_round_the_clock_contract_it_would_have_been_due_tonight() -> None:
    gold = read_policy({"resolution_seconds": {"3": 8 * HOUR}})
    change = ClockEvent(at(1), POLICY, change=Retarget(policy_before=gold, policy=POLICY_3))
    outcome = what_if(facts(change), UnderPolicy(gold, Calendar(always=True)))
    assert due(outcome) == (None, None, at(8))


def test_another_policy_keeps_the_changes_of_priority() -> None:
    both = ClockEvent(at(1), POLICY, change=Retarget(1, 3, POLICY_3, POLICY_3))
    priority = ClockEvent(at(2), PRIORITY, change=Retarget(1, 3))
    counted = read_policy(BODY | {"count_from": "change"})
    assert what_if(facts(priority), UnderPolicy(counted)).promises[2].started_at == at(2)
    assert what_if(facts(both), UnderPolicy(counted)).promises[2].started_at == at(1)


def test_closed_at_four_it_would_be_kept() -> None:
    resolution = what_if(facts(), ClosedAt(at(7))).promises[2]
    assert (resolution.state, resolution.ended_at, resolution.left) == (MET, at(7), 3 * HOUR)


def test_suppositions_can_be_told_together() -> None:
    waiting = facts(WAITING_FOR_CUSTOMER)
    resolution = what_if(waiting, PriorityIs(1), CustomerWritesAt(at(4)), ClosedAt(at(6))).promises[2]
    assert (resolution.state, resolution.used, resolution.breached_by) == (MET, 3 * HOUR, HOUR)


def test_what_has_not_happened_by_now_is_not_supposed() -> None:
    tomorrow = facts(ClockEvent(at(24), STAGE, CLOSED, stage="resolved"))
    assert what_if(tomorrow).promises[2].state == RUNNING


supposed = st.lists(
    st.one_of(
        st.builds(PriorityIs, st.sampled_from((1, 2, 3)), st.none()),
        st.just(UnderPolicy(POLICY_3)),
        st.builds(AnsweredAt, st.integers(0, 99).map(at)),
        st.builds(CustomerWritesAt, st.integers(0, 99).map(at)),
        st.builds(ClosedAt, st.integers(0, 99).map(at)),
        st.builds(WaitsUntil, st.integers(0, 50).map(at), st.integers(51, 99).map(at), st.sampled_from(("vendor", ""))),
    ),
    max_size=4,
)


@settings(max_examples=100, deadline=None)
@given(any_seed, supposed)
def test_nothing_is_written_whatever_is_supposed(seed: int, suppositions: list[PriorityIs]) -> None:
    story = random_facts(seed)
    events, copied = story.events, replace(story)
    what_if(story, *suppositions)
    assert story == copied and story.events is events


@settings(max_examples=150, deadline=None)
@given(any_seed, st.integers(0, 12 * 86_400), st.integers(1, 5 * 86_400), st.booleans())
def test_a_pause_never_brings_a_deadline_nearer(seed: int, begins: int, length: int, in_the_past: bool) -> None:
    story = random_facts(seed, plain=True)
    story = story.as_of(story.now)
    story = replace(story, policy=replace(story.policy, pauses=KINDS), events=_without_policies(story.events))
    start = story.events[0].at + begins if in_the_past else story.now + begins
    outcome = what_if(story, WaitsUntil(Instant(start), Instant(start + length)))
    for before, after in zip(what_if(story).promises, outcome.promises, strict=True):
        if before.clock != "update" and before.due_at is not None and after.due_at is not None:
            assert before.due_at <= after.due_at


def _without_policies(events: tuple[ClockEvent, ...]) -> tuple[ClockEvent, ...]:
    return tuple(event for event in events if event.kind != POLICY)


@settings(max_examples=150, deadline=None)
@given(any_seed, st.integers(1, 3))
def test_a_supposed_priority_is_what_would_be_so_if_it_were_set_now(seed: int, priority: int) -> None:
    story = random_facts(seed)
    story = story.as_of(story.now)
    assume(story.priority != priority)
    told = ClockEvent(story.now, PRIORITY, change=Retarget(story.priority, priority))
    really = replace(story, events=(*story.events, told), priority=priority)
    assert what_if(story, PriorityIs(priority)).promises == what_if(really).promises


def test_open_stays_the_class_after_a_supposed_wait() -> None:
    outcome = what_if(facts(), WaitsUntil(at(4), at(5)))
    assert [event.stage_class for event in outcome.facts.events] == [OPEN, WAITING, OPEN]
