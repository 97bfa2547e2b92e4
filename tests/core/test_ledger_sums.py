"""Sums of a ledger that hold for any story of a ticket, under any terms."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import Calendar
from core.clock import Instant
from core.clock_facts import ClockFacts, in_order, promise
from core.clock_runs import KINDS, POLICY, STAGE, Retarget
from core.clock_state import RUNNING
from core.ledger import AFTER_ANSWER, AFTER_CLOSE, BEFORE_NEW_CLOCK, OPEN_HOURS, PAUSED, ledger
from core.policy import RESOLUTION
from core.sla import every_clock
from core.stages import CLOSED as CLOSED_STAGE
from core.stages import OPEN, WAITING
from tests.core.clock_stories import CALENDAR_NAMES, any_seed, random_facts

NOT_BY_HOURS = (PAUSED, AFTER_CLOSE, AFTER_ANSWER, BEFORE_NEW_CLOCK)


@settings(max_examples=250, deadline=None)
@given(any_seed, st.sampled_from(KINDS))
def test_the_sum_of_the_ledger_is_the_clock(seed: int, kind: str) -> None:
    given_facts = random_facts(seed)
    told = ledger(kind, given_facts)
    now_facts = given_facts.as_of(given_facts.now)
    assert sum(span.counted for span in told.spans) == told.promise.used
    for before, after in pairwise(told.spans):
        assert before.until_at == after.from_at and before.total + after.counted == after.total
    if told.spans:
        assert told.spans[-1].until_at == given_facts.now and told.spans[-1].total == told.promise.used
    for span in told.spans:
        assert span.from_at < span.until_at
        is_open = given_facts.hours.between(span.from_at, span.until_at)
        if span.why.cause == OPEN_HOURS:
            assert span.counted == span.seconds == is_open
        else:
            assert span.counted == 0 and (is_open == 0 or span.why.cause in NOT_BY_HOURS)
    clock = every_clock(now_facts.events, now_facts.priority, now_facts.policy, now_facts.hours)[KINDS.index(kind)]
    if clock.state == RUNNING and clock.run is not None:
        assert told.promise.used == clock.used + now_facts.hours.between(clock.run.running_since, now_facts.now)
        assert (told.promise.breached_by > 0) == clock.is_breached(now_facts.now)
    else:
        assert told.promise.used == clock.used
    if told.coming is not None:
        assert told.coming.counted == now_facts.hours.between(now_facts.now, told.coming.until_at)
        assert told.coming.from_at < told.coming.until_at == told.promise.due_at


@settings(max_examples=150, deadline=None)
@given(any_seed, st.sampled_from(KINDS))
def test_each_date_in_the_changes_is_the_date_that_a_console_showed_then(seed: int, kind: str) -> None:
    given_facts = random_facts(seed)
    told = ledger(kind, given_facts)
    if told.changes:
        assert told.changes[0].after == told.promise.due_at
    for newer, older in pairwise(told.changes):
        assert newer.at > older.at and newer.before == older.after
    for change in told.changes:
        assert (change.before, change.target_before) != (change.after, change.target_after)
        then = given_facts.as_of(change.at)
        if isinstance(then.hours, Calendar):
            assert promise(kind, then).due_at == change.after


@settings(max_examples=100, deadline=None)
@given(any_seed, st.randoms(use_true_random=False), st.sampled_from(KINDS))
def test_the_same_events_give_the_same_ledger_in_whatever_order_they_arrive(
    seed: int, arrival: Random, kind: str
) -> None:
    given_facts = random_facts(seed)
    arrived = list(given_facts.events)
    arrival.shuffle(arrived)
    again = random_facts(seed)
    assert ledger(kind, given_facts) == ledger(
        kind,
        ClockFacts(
            in_order(arrived), again.priority, again.policy, again.hours, again.now, 12, CALENDAR_NAMES, "2026b"
        ),
    )


@settings(max_examples=100, deadline=None)
@given(any_seed, st.integers(0, 20 * 86_400), st.sampled_from(KINDS))
def test_what_the_ledger_told_stays_told_as_time_goes_on(seed: int, later: int, kind: str) -> None:
    given_facts = random_facts(seed)
    given_facts = given_facts.as_of(given_facts.now)
    before = ledger(kind, given_facts)
    after = ledger(kind, given_facts.as_of(Instant(given_facts.now + later)))
    assert after.spans[: max(0, len(before.spans) - 1)] == before.spans[:-1]
    assert after.promise.used >= before.promise.used and after.promise.breached_by >= before.promise.breached_by


@settings(max_examples=150, deadline=None)
@given(any_seed)
def test_the_resolution_counts_open_time_in_stages_that_do_not_stop_it(seed: int) -> None:
    """Read from the rules alone: stretch by stretch, which stage, which policy, does it stop the clock."""
    given_facts = random_facts(seed, plain=True)
    given_facts = given_facts.as_of(given_facts.now)
    counted, stage_class = 0, OPEN
    changes = [event.change for event in given_facts.events if event.kind == POLICY]
    first = changes[0] if changes else None
    policy = first.policy_before if isinstance(first, Retarget) else given_facts.policy
    ends = [event.at for event in given_facts.events[1:]] + [given_facts.now]
    for event, end in zip(given_facts.events, ends, strict=True):
        stage_class = event.stage_class if event.kind == STAGE else stage_class
        policy = event.change.policy if event.kind == POLICY and isinstance(event.change, Retarget) else policy
        assert policy is not None
        stops = stage_class == CLOSED_STAGE or (stage_class == WAITING and RESOLUTION in policy.pauses)
        counted += 0 if stops else given_facts.hours.between(event.at, end)
    assert ledger(RESOLUTION, given_facts).promise.used == (
        counted if given_facts.policy.target(RESOLUTION, given_facts.priority) else 0
    )
