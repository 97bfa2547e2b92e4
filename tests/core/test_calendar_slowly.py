"""The calendar beside a clock that is read by the minute and second, and what holds for every calendar there is."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import Calendar, CalendarVersions
from core.clock import Instant
from core.open_time import CHUNK_SECONDS
from core.pauses import add_paused, back_paused, between_paused
from core.wall_clock import offset_at, offsets
from tests.core.calendars import calendars, told
from tests.core.slow_clock import SlowClock, SlowDays

DAY = 86_400
Example = tuple[dict[str, Any], int]
moments = st.integers(-2 * DAY, 6 * DAY)


def test_three_days_are_open_as_the_wall_says(calendar_seed: int) -> None:
    document, start = told(Random(calendar_seed))
    calendar, days = Calendar.from_document(document), SlowDays(document, start)
    assert [calendar.is_open(Instant(at)) for at in days.looked_at] == [days.is_open(at) for at in days.looked_at]
    assert list(calendar.intervals(Instant(start), Instant(days.end))) == days.intervals()
    edges = [edge for interval in days.intervals() for edge in interval] or [start]
    rng = Random(calendar_seed)
    for _ in range(6):
        begins, ends = sorted(_somewhere(rng, days, edges) for _ in range(2))
        assert calendar.between(Instant(begins), Instant(ends)) == days.between(begins, ends)
        for seconds in (0, rng.randint(1, max(1, days.between(begins, ends)))):
            due_at, began = calendar.add(Instant(begins), seconds), calendar.back(Instant(ends), seconds)
            assert _within(due_at, start, days.end if seconds else days.end - 1) == days.add(begins, seconds)
            assert _within(began, start if seconds else start + 1, days.end) == days.back(ends, seconds)


def _within(at: Instant | None, low: int, high: int) -> Instant | None:
    """None for what the days that were looked at cannot tell."""
    return at if at is not None and low <= at <= high else None


def _somewhere(rng: Random, days: SlowDays, edges: list[int]) -> int:
    if rng.random() < 0.5:
        return rng.randint(days.start, days.end - 1)
    return min(max(rng.choice(edges) + rng.randint(-1, 1), days.start), days.end - 1)


def test_a_shift_of_seconds_is_open_for_those_seconds() -> None:
    document = {"tz": "Europe/Warsaw", "weekly": {"sun": [["01:59:58", "02:00:03"], ["02:59:57", "03:00:02"]]}}
    calendar = Calendar.from_document(document)
    for change in (1_774_746_000, 1_792_890_000):
        seconds = range(change - 4000, change + 4000)
        assert [calendar.is_open(Instant(at)) for at in seconds] == [SlowClock(document).is_open(at) for at in seconds]


@settings(max_examples=80)
@given(calendars, st.tuples(moments, moments, moments).map(sorted))
def test_open_time_adds_up_over_every_split(example: Example, at: list[int]) -> None:
    document, start = example
    calendar = Calendar.from_document(document)
    one, two, three = (Instant(start + moment) for moment in at)
    assert calendar.between(one, two) + calendar.between(two, three) == calendar.between(one, three)


@settings(max_examples=80)
@given(calendars, moments, st.integers(1, 200 * 3600))
def test_what_is_added_lies_between_and_not_a_second_sooner(example: Example, moment: int, seconds: int) -> None:
    document, start = example
    calendar, begins = Calendar.from_document(document), Instant(start + moment)
    due_at = calendar.add(begins, seconds)
    if due_at is None:
        assert calendar.between(begins, Instant(begins + 20 * 365 * DAY)) < seconds
        return
    assert calendar.between(begins, due_at) == seconds
    assert calendar.between(begins, Instant(due_at - 1)) == seconds - 1


@settings(max_examples=80)
@given(calendars, moments, st.integers(1, 200 * 3600))
def test_going_back_ends_at_the_latest_start(example: Example, moment: int, seconds: int) -> None:
    document, start = example
    calendar, ends = Calendar.from_document(document), Instant(start + moment)
    began = calendar.back(ends, seconds)
    if began is None:
        assert calendar.between(Instant(ends - 20 * 365 * DAY), ends) < seconds
        return
    assert calendar.between(began, ends) == seconds
    assert calendar.between(Instant(began + 1), ends) == seconds - 1


@settings(max_examples=60)
@given(calendars, moments)
def test_adding_nothing_leads_to_open_time_and_going_back_nothing_to_its_end(example: Example, moment: int) -> None:
    document, start = example
    calendar, at = Calendar.from_document(document), Instant(start + moment)
    opening, closing = calendar.add(at, 0), calendar.back(at, 0)
    if opening is not None:
        assert calendar.is_open(opening) and calendar.between(at, opening) == 0
    if closing is not None:
        assert calendar.is_open(Instant(closing - 1)) and calendar.between(closing, at) == 0


@settings(max_examples=60)
@given(calendars)
def test_the_intervals_are_the_open_time(example: Example) -> None:
    document, start = example
    calendar, until = Calendar.from_document(document), Instant(start + 3 * DAY)
    listed = list(calendar.intervals(Instant(start), until))
    assert sum(closes - opens for opens, closes in listed) == calendar.between(Instant(start), until)
    assert all(before[1] < after[0] for before, after in pairwise(listed))


pauses = st.lists(st.tuples(moments, st.integers(0, 2 * DAY)), max_size=4)


@settings(max_examples=80)
@given(calendars, moments, st.integers(0, 60 * 3600), pauses, st.tuples(moments, st.integers(0, DAY)))
def test_a_pause_never_brings_a_deadline_nearer(
    example: Example, moment: int, seconds: int, told_pauses: list[tuple[int, int]], one_more: tuple[int, int]
) -> None:
    document, start = example
    calendar, begins = Calendar.from_document(document), Instant(start + moment)
    waits = [(start + at, start + at + length) for at, length in told_pauses]
    more = [*waits, (start + one_more[0], start + sum(one_more))]
    sooner, later = add_paused(calendar, begins, seconds, waits), add_paused(calendar, begins, seconds, more)
    assert later is None or (sooner is not None and sooner <= later)
    if later is not None:
        assert between_paused(calendar, begins, later, more) == seconds
    if sooner is not None and seconds:
        again = back_paused(calendar, sooner, seconds, waits)
        assert again is not None and between_paused(calendar, again, sooner, waits) == seconds


@settings(max_examples=40)
@given(calendars, calendars, moments, st.integers(1, 3 * DAY))
def test_each_version_of_a_calendar_counts_while_it_is_in_force(
    example: Example, other: Example, change: int, length: int
) -> None:
    document, start = example
    first, second = Calendar.from_document(document), Calendar.from_document(other[0])
    since, ends = Instant(start + change), Instant(start + change + length)
    versions = CalendarVersions(first, ((since, second),))
    begins = Instant(start - 2 * DAY)
    assert versions.between(begins, ends) == first.between(begins, since) + second.between(since, ends)


def test_a_table_that_grew_to_both_sides_answers_as_one_laid_out_at_once() -> None:
    document, start = told(Random(11))
    grown, centuries = Calendar.from_document(document), 30 * CHUNK_SECONDS
    for at in (start, start + centuries, start - centuries, start + 2 * centuries):
        assert grown.is_open(Instant(at)) == Calendar.from_document(document).is_open(Instant(at))
    begins, ends = Instant(start - centuries), Instant(start + 2 * centuries)
    assert grown.between(begins, ends) == Calendar.from_document(document).between(begins, ends)


def test_every_zone_is_followed_through_all_its_changes() -> None:
    low = int(datetime(2005, 1, 1, tzinfo=UTC).timestamp())
    high = low + 4 * CHUNK_SECONDS
    for name in sorted(available_timezones())[::12]:
        stretches = offsets(name, low, high)
        for begins, ends, offset in stretches:
            looked_at = range(begins, ends, 43_200)
            assert {offset_at(at, name) for at in (*looked_at, ends - 1)} == {offset}, name
