"""A policy as people write it: every field is checked and the error names the field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Calendar
from core.clock import Instant
from core.clock_runs import KINDS, OPENED, STAGE, ClockEvent
from core.clock_state import PAUSED
from core.errors import DomainError
from core.policy import RESOLUTION, Policy, Target, WarningLevel, owner_of, read_policy
from core.policy_document import FIELDS
from core.sla import every_clock
from core.stages import OPEN, WAITING

HOUR = 3_600
FULL: dict[str, Any] = {
    "name": "Gold",
    "first_response_seconds": {"1": 1800},
    "update_seconds": {"1": 7200},
    "resolution_seconds": {"1": 14400, "3": 28800},
    "resolution_days": {"4": 5},
    "day_rule": "end-of-working-day",
    "end_of_day": False,
    "pause_applies_to": ["resolution"],
    "count_from": "change",
    "reopen_fresh_after_seconds": 28800,
    "warnings": [{"clock": "resolution", "fraction": 0.5}, {"clock": "resolution", "seconds_before": 1800}],
    "stages": [
        {"stage": "active", "class": "open", "owner": "us", "share": 0.5},
        {"stage": "waiting", "party": "vendor", "owner": "vendor", "calendar": "round the clock", "share": 0.25},
        {"stage": "waiting", "pauses": ["update", "resolution"]},
    ],
}


def test_a_full_policy_is_read_field_by_field() -> None:
    policy = read_policy(FULL)
    assert policy.target(RESOLUTION, 3) == Target(28800)
    assert policy.target(RESOLUTION, 4) == Target(days=5, rule="end-of-working-day")
    assert (policy.count_from, policy.reopen_fresh_after) == ("change", 28800)
    assert [level.threshold(14400) for level in policy.warnings] == [7200, 12600]
    assert [stage.owner for stage in policy.stages] == ["us", "vendor", "us"]
    assert [stage.budget(14400) for stage in policy.stages] == [7200, 3600, None]
    assert policy == Policy.from_document(FULL)


def test_a_stage_of_one_party_goes_before_the_stage_of_any() -> None:
    policy = read_policy(FULL)
    of_vendor, of_anyone = policy.stage_of("waiting", "vendor"), policy.stage_of("waiting", "customer")
    assert of_vendor is not None and of_vendor.calendar == "round the clock"
    assert of_anyone is not None and of_anyone.pauses == ("update", "resolution")
    assert policy.stage_of("on_site", "") is None


def test_a_wait_belongs_to_the_party_waited_for_and_a_part_to_us() -> None:
    assert [owner_of(WAITING, party) for party in ("customer", "vendor", "contractor", "part", "us", "")] == [
        *("customer", "vendor", "contractor", "us", "us", "us")
    ]
    assert owner_of(OPEN, "") == "us"


def test_ten_tenths_are_the_whole() -> None:
    stages = [{"stage": "waiting", "party": party, "share": 0.1} for party in ("customer", "vendor", "part", "us")]
    stages += [{"stage": name, "share": 0.1} for name in ("new", "active", "on_site", "waiting", "resolved", "closed")]
    assert sum(stage.budget(1000) or 0 for stage in read_policy({"stages": stages}).stages) == 1000
    stages[0]["share"] = 0.11
    with pytest.raises(DomainError) as refused:
        read_policy({"stages": stages})
    assert refused.value.facts["field"] == "stages[9].share"


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("", ["a list"]),
        ("pauses", {"pauses": ["resolution"]}),
        ("name", {"name": 7}),
        ("resolution_seconds", {"resolution_seconds": 3600}),
        ("resolution_seconds.5", {"resolution_seconds": {"5": 3600}}),
        ("resolution_seconds.3", {"resolution_seconds": {"3": -1}}),
        ("resolution_seconds.3", {"resolution_seconds": {"3": 1.5}}),
        ("resolution_seconds.3", {"resolution_seconds": {"3": True}}),
        ("resolution_seconds.3", {"resolution_seconds": {"3": None}}),
        ("resolution_seconds.3", {"resolution_seconds": {"3": 100 * 366 * 86_400}}),
        ("resolution_days.3", {"resolution_days": {"3": 36_525}}),
        ("update_days", {"update_days": {"3": 1}}),
        ("day_rule", {"day_rule": "next-day"}),
        ("end_of_day", {"end_of_day": 1}),
        ("pause_applies_to", {"pause_applies_to": "resolution"}),
        ("pause_applies_to", {"pause_applies_to": ["everything"]}),
        ("pause_applies_to", {"pause_applies_to": None}),
        ("count_from", {"count_from": "now"}),
        ("reopen_fresh_after_seconds", {"reopen_fresh_after_seconds": -1}),
        ("warnings", {"warnings": {}}),
        ("warnings[0]", {"warnings": ["half"]}),
        ("warnings[0].clock", {"warnings": [{"fraction": 0.5}]}),
        ("warnings[0].clock", {"warnings": [{"clock": "stage", "fraction": 0.5}]}),
        ("warnings[0]", {"warnings": [{"clock": "update"}]}),
        ("warnings[0]", {"warnings": [{"clock": "update", "fraction": 0.5, "seconds_before": 1}]}),
        ("warnings[0].fraction", {"warnings": [{"clock": "update", "fraction": 1.01}]}),
        ("warnings[0].fraction", {"warnings": [{"clock": "update", "fraction": float("nan")}]}),
        ("warnings[0].seconds_before", {"warnings": [{"clock": "update", "seconds_before": 0.5}]}),
        ("warnings[1].color", {"warnings": [*FULL["warnings"][:1], {"color": "red"}]}),
        ("stages", {"stages": {"active": {}}}),
        ("stages[0]", {"stages": ["active"]}),
        ("stages[0].stage", {"stages": [{"owner": "us"}]}),
        ("stages[0].stage", {"stages": [{"stage": "triage"}]}),
        ("stages[0].class", {"stages": [{"stage": "active", "class": "waiting"}]}),
        ("stages[0].party", {"stages": [{"stage": "active", "party": "vendor"}]}),
        ("stages[0].party", {"stages": [{"stage": "waiting", "party": "weather"}]}),
        ("stages[0].owner", {"stages": [{"stage": "waiting", "owner": "part"}]}),
        ("stages[0].calendar", {"stages": [{"stage": "waiting", "calendar": 0}]}),
        ("stages[0].share", {"stages": [{"stage": "waiting", "share": "half"}]}),
        ("stages[0].pauses", {"stages": [{"stage": "waiting", "pauses": ["all"]}]}),
        ("stages[0].deadline", {"stages": [{"stage": "waiting", "deadline": 1}]}),
        ("stages[1]", {"stages": [{"stage": "waiting"}, {"stage": "waiting"}]}),
    ],
)
def test_what_cannot_be_used_is_refused_by_the_name_of_its_field(field: str, body: object) -> None:
    with pytest.raises(DomainError) as refused:
        read_policy(body)
    assert (refused.value.code, refused.value.facts["field"]) == ("terms.malformed", field)


anything: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([*FIELDS, *KINDS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(FIELDS), anything, max_size=3))
def test_whatever_is_written_is_a_policy_or_an_error_with_a_field(body: dict[str, Any]) -> None:
    told: object = None
    try:
        told = read_policy(body)
    except DomainError as refused:
        told = refused.facts["field"]
    assert isinstance(told, Policy) or (isinstance(told, str) and told)


def test_a_policy_whose_stages_pause_everything_leaves_every_clock_still() -> None:
    still = [{"stage": name, "pauses": list(KINDS)} for name in ("new", "active", "on_site", "waiting")]
    policy = read_policy({"resolution_seconds": {"3": HOUR}, "first_response_seconds": {"3": 60}, "stages": still})
    events = [ClockEvent(Instant(0), OPENED, stage="new"), ClockEvent(Instant(9), STAGE, OPEN, stage="active")]
    first, _update, resolution = every_clock(events, 3, policy, Calendar(always=True))
    assert [(clock.state, clock.used, clock.due_at) for clock in (first, resolution)] == [(PAUSED, 0, None)] * 2


def test_a_level_before_the_start_is_reached_at_once() -> None:
    assert WarningLevel("update", seconds_before=3600).threshold(600) == 0
