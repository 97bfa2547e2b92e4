"""Warnings at several levels, all from the clock's own used time."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from core.calendar import DAY_NAMES, Calendar
from core.clock import Instant
from core.clock_runs import KINDS, OPENED, STAGE, ClockEvent
from core.policy import WarningLevel, read_policy
from core.sla import Clock, clock_of, every_clock
from core.stages import OPEN, WAITING
from core.warning_levels import warnings
from tests.core.clock_stories import HOUR, any_seed, random_facts

NINE = Instant(1_795_510_800)
"""Tuesday 24 November 2026, 09:00 in UTC."""
OFFICE = Calendar.from_document({"tz": "UTC", "weekly": {day: [["08:00", "16:00"]] for day in DAY_NAMES[:5]}})
LEVELS = [
    {"clock": "resolution", "fraction": 0.5},
    {"clock": "first_response", "seconds_before": 600},
    {"clock": "resolution", "seconds_before": 1800},
    {"clock": "resolution", "fraction": 1},
]
POLICY = read_policy({"first_response_seconds": {"3": HOUR}, "resolution_seconds": {"3": 8 * HOUR}, "warnings": LEVELS})


def at(hours: float) -> Instant:
    return Instant(NINE + int(hours * HOUR))


def resolution(*events: ClockEvent) -> Clock:
    return every_clock([ClockEvent(NINE, OPENED), *events], 3, POLICY, OFFICE)[2]


WAITS, GOES_ON = ClockEvent(at(5), STAGE, WAITING), ClockEvent(at(6), STAGE, OPEN)


def test_every_level_of_a_clock_is_told_with_its_time_in_the_order_of_the_policy() -> None:
    assert [level.at for level in warnings(resolution(), POLICY, OFFICE)] == [at(4), at(23.5), at(24)]


def test_levels_are_reached_one_after_the_other() -> None:
    levels = warnings(resolution(), POLICY, OFFICE)
    reached = [sum(level.at is not None and level.at <= at(hours) for level in levels) for hours in (3.9, 4, 23.5, 24)]
    assert reached == [0, 1, 2, 3]


def test_a_pause_moves_the_levels_that_are_still_to_come() -> None:
    levels = warnings(resolution(WAITS, GOES_ON), POLICY, OFFICE)
    assert [level.at for level in levels] == [at(4), at(24.5), at(25)]


def test_a_clock_that_stands_still_warns_of_nothing() -> None:
    assert warnings(resolution(WAITS), POLICY, OFFICE) == ()


def test_a_clock_without_a_promise_warns_of_nothing() -> None:
    assert warnings(Clock("resolution", 3), POLICY, OFFICE) == ()


@settings(max_examples=150, deadline=None)
@given(any_seed)
def test_a_level_is_reached_exactly_when_so_much_is_used(seed: int) -> None:
    story = random_facts(seed)
    story = story.as_of(story.now)
    levels = tuple(WarningLevel(kind, seconds_before=before) for kind in KINDS for before in (0, 1800, 4 * HOUR))
    policy = replace(story.policy, warnings=levels)
    for kind in KINDS:
        clock = clock_of(kind, story.story, story.priority, story.policy, story.hours)
        for level, at_level in warnings(clock, policy, story.hours):
            if at_level is None or clock.target is None or clock.run is None:
                continue
            threshold = level.threshold(clock.target)
            assert clock.run.used_by(at_level, story.hours) == threshold
            if threshold:
                assert clock.run.used_by(Instant(at_level - 1), story.hours) == threshold - 1
