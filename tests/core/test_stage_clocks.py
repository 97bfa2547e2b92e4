"""Who used the time: stages with hours and owners of their own, and a breach whose every second belongs to somebody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from core.calendar import DAY_NAMES, Calendar
from core.clock import Instant
from core.clock_facts import ClockFacts, promise
from core.clock_runs import OPENED, PRIORITY, STAGE, ClockEvent, Retarget
from core.errors import DomainError
from core.policy import OWNERS, RESOLUTION, Policy, read_policy
from core.stage_clocks import Attribution, Part, StageClock, attribution, stage_clocks
from core.stages import CLOSED, OPEN, WAITING
from tests.core.clock_stories import HOUR, any_seed, random_facts

NINE = Instant(1_795_510_800)
"""Tuesday 24 November 2026, 09:00 in UTC."""
OFFICE = Calendar.from_document({"tz": "UTC", "weekly": {day: [["08:00", "16:00"]] for day in DAY_NAMES[:5]}})
ALWAYS = Calendar(always=True)
STAGES = [
    {"stage": "new", "owner": "us", "share": 0.25},
    {"stage": "active", "owner": "us", "share": 0.25},
    {"stage": "waiting", "party": "vendor", "owner": "vendor", "calendar": "vendor", "share": 0.25, "pauses": []},
    {"stage": "waiting", "owner": "customer"},
]
POLICY = read_policy({"resolution_seconds": {"2": 4 * HOUR, "3": 8 * HOUR}, "stages": STAGES})


def at(hours: float) -> Instant:
    return Instant(NINE + int(hours * HOUR))


def moved(hours: float, stage: str, party: str = "") -> ClockEvent:
    classes = {"waiting": WAITING, "resolved": CLOSED, "closed": CLOSED}
    return ClockEvent(at(hours), STAGE, classes.get(stage, OPEN), stage=stage, party=party)


def facts(*events: ClockEvent, now: float, policy: Policy = POLICY, hours: Calendar = ALWAYS) -> ClockFacts:
    opened = ClockEvent(NINE, OPENED, stage="new")
    return ClockFacts((opened, *events), 3, policy, hours, at(now), calendars={"vendor": OFFICE})


def told(found: Attribution) -> list[tuple[str, str, str, float, float]]:
    return [(part.stage, part.party, part.owner, part.counted / HOUR, part.breach / HOUR) for part in found.parts]


def test_each_stage_has_a_clock_with_its_share_over_all_visits() -> None:
    story = facts(moved(1, "active"), moved(2, "waiting", "customer"), moved(3, "active"), now=5)
    assert stage_clocks(story) == (
        StageClock("new", "", "us", HOUR, 2 * HOUR, 1, False),
        StageClock("active", "", "us", 3 * HOUR, 2 * HOUR, 2, True, at(4)),
        StageClock("waiting", "vendor", "vendor", 0, 2 * HOUR, 0, False),
        StageClock("waiting", "", "customer", HOUR, None, 1, False),
    )
    assert [(clock.left, clock.over) for clock in stage_clocks(story)] == [
        *((HOUR, 0), (-HOUR, HOUR), (2 * HOUR, 0), (None, 0))
    ]


def test_a_stage_is_counted_by_its_own_hours() -> None:
    overnight = stage_clocks(facts(moved(1, "waiting", "vendor"), now=25))
    assert [clock.used for clock in overnight] == [HOUR, 0, 8 * HOUR, 0]


def test_hours_that_nobody_brought_are_an_error_with_the_name_of_the_stage() -> None:
    with pytest.raises(DomainError) as refused:
        stage_clocks(replace(facts(now=1), calendars={}))
    assert refused.value.facts["field"] == "stages.waiting.calendar"


def test_closed_time_is_nobodys() -> None:
    policy = read_policy({"resolution_seconds": {"3": HOUR}, "stages": [{"stage": "resolved", "share": 0.5}]})
    clock = stage_clocks(facts(moved(1, "resolved"), now=9, policy=policy))[0]
    assert (clock.used, clock.visits, clock.is_running) == (0, 0, False)


def test_another_priority_gives_every_stage_another_share() -> None:
    change = ClockEvent(at(1), PRIORITY, change=Retarget(3, 2))
    story = replace(facts(change, now=2), priority=2)
    assert [clock.target for clock in stage_clocks(story)] == [HOUR, HOUR, HOUR, None]
    assert [clock.target for clock in stage_clocks(story.as_of(at(0.5)))] == [2 * HOUR, 2 * HOUR, 2 * HOUR, None]


def test_a_stage_stops_only_the_clocks_that_it_names() -> None:
    vendor = promise(RESOLUTION, facts(moved(1, "waiting", "vendor"), now=3))
    customer = promise(RESOLUTION, facts(moved(1, "waiting", "customer"), now=3))
    assert (vendor.used, vendor.due_at) == (3 * HOUR, at(8))
    assert (customer.used, customer.due_at) == (HOUR, None)
    parked = read_policy(
        {"resolution_seconds": {"3": 8 * HOUR}, "stages": [{"stage": "new", "pauses": ["resolution"]}]}
    )
    begun = promise(RESOLUTION, facts(moved(2, "active"), now=3, policy=parked))
    assert (begun.used, begun.due_at) == (HOUR, at(10))


def test_a_line_without_a_party_speaks_for_every_party_that_has_no_line() -> None:
    stages = [{"stage": "waiting", "pauses": []}, {"stage": "waiting", "party": "vendor", "pauses": ["resolution"]}]
    policy = read_policy({"resolution_seconds": {"3": 8 * HOUR}, "stages": stages})
    used = [
        promise(RESOLUTION, facts(moved(1, "waiting", party), now=3, policy=policy)).used // HOUR
        for party in ("customer", "vendor")
    ]
    assert used == [3, 1]


def test_without_a_breach_the_seconds_are_told_by_stage_and_nobody_is_late() -> None:
    found = attribution(facts(moved(3, "active"), moved(4, "waiting", "customer"), now=6))
    assert told(found) == [("new", "", "us", 3, 0), ("active", "", "us", 1, 0)]
    assert (found.used, found.breach, found.breach_by_owner) == (4 * HOUR, 0, {})


def test_the_latest_overrun_is_the_breach_and_unused_shares_absorb_the_earliest() -> None:
    # New 3 of 2 hours, vendor 7 of 2, active 0 of 2, the rest 0 of 2: 6 over, 4 unused, 2 late.
    found = attribution(facts(moved(3, "waiting", "vendor"), now=10))
    assert told(found) == [("new", "", "us", 3, 0), ("waiting", "vendor", "vendor", 7, 2)]
    assert (found.breach, found.breach_by_owner) == (2 * HOUR, {"vendor": 2 * HOUR})


def test_a_stage_within_its_share_has_no_part_in_a_breach_that_it_ends_in() -> None:
    # The vendor used 8 of 2 hours before; the active hours come last and are within their share.
    found = attribution(facts(moved(1, "waiting", "vendor"), moved(9, "active"), moved(10.5, "resolved"), now=12))
    assert found.breach_by_owner == {"vendor": int(2.5 * HOUR)}
    assert found.counted_by_owner == {"us": int(2.5 * HOUR), "vendor": 8 * HOUR}


def test_stages_that_the_policy_does_not_list_share_what_is_left_and_are_ours() -> None:
    # The rest has 2 hours; on site took 7 of them, nobody else used anything but new its hour.
    found = attribution(facts(moved(1, "on_site"), moved(8, "waiting", "vendor"), now=11))
    assert told(found)[1] == ("on_site", "", "us", 7, 2)
    assert found.breach_by_owner == {"us": 2 * HOUR, "vendor": HOUR}


def test_without_stages_a_breach_belongs_to_those_who_had_the_ticket_when_time_was_up() -> None:
    policy = read_policy({"resolution_seconds": {"3": 2 * HOUR}, "pause_applies_to": []})
    events = (moved(1, "waiting", "customer"), moved(4, "active"), moved(5, "waiting", "contractor"))
    found = attribution(facts(*events, now=6, policy=policy))
    assert found.breach_by_owner == {"customer": 2 * HOUR, "us": HOUR, "contractor": HOUR}
    assert found.parts[0] == Part("new", "", "us", HOUR, 0)


def test_without_a_target_the_time_is_told_and_nothing_is_late() -> None:
    found = attribution(facts(moved(3, "active"), now=4, policy=read_policy({})))
    assert (found.used, found.target, found.breach) == (4 * HOUR, None, 0)


@settings(max_examples=300, deadline=None)
@given(any_seed)
def test_every_second_belongs_to_one_owner_and_they_add_up_to_the_breach(seed: int) -> None:
    story = random_facts(seed)
    found, stands = attribution(story), promise(RESOLUTION, story)
    assert sum(part.counted for part in found.parts) == found.used
    assert sum(part.breach for part in found.parts) == found.breach
    assert sum(found.counted_by_owner.values()) == found.used and sum(found.breach_by_owner.values()) == found.breach
    assert all(0 <= part.breach <= part.counted and part.owner in OWNERS for part in found.parts)
    if stands.target is not None:
        assert (found.used, found.target, found.breach) == (stands.used, stands.target, stands.breached_by)


@settings(max_examples=200, deadline=None)
@given(any_seed)
def test_stage_clocks_with_the_hours_of_the_contract_count_all_time_at_work_or_waiting(seed: int) -> None:
    story = random_facts(seed)
    story = story.as_of(story.now)
    every_stage = {"stages": [{"stage": name} for name in ("new", "active", "on_site", "waiting", "resolved")]}
    policy = read_policy({"resolution_seconds": {"1": HOUR, "2": HOUR, "3": HOUR}, **every_stage})
    story = replace(story, policy=policy)
    visits = [event for event in story.events if event.kind in (OPENED, STAGE)]
    ends = [visit.at for visit in visits[1:]] + [story.now]
    spent = sum(
        story.hours.between(visit.at, end)
        for visit, end in zip(visits, ends, strict=True)
        if visit.stage_class != CLOSED
    )
    assert sum(clock.used for clock in stage_clocks(story)) == spent


def test_a_running_stage_says_when_its_share_is_used_up_by_its_own_hours() -> None:
    vendor = stage_clocks(facts(moved(6, "waiting", "vendor"), now=6.5))[2]
    assert (vendor.is_running, vendor.due_at) == (True, at(24)), "one hour until 16:00, one from 8:00 on the next day"
    assert stage_clocks(facts(now=0.5))[0].due_at == at(2)
    assert stage_clocks(facts(moved(1, "active"), now=1.5))[0].due_at is None, "it left in time"
