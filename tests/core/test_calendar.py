"""Working hours by the wall clock of the place, against a clock that is read minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import DAY_NAMES, Calendar
from core.clock import Instant

OFFICE = {"tz": "Europe/Warsaw", "weekly": {day: [["08:00", "16:00"]] for day in DAY_NAMES[:5]}}
ZONES = ("Europe/Warsaw", "America/New_York", "Asia/Bangkok", "America/Santiago", "Australia/Lord_Howe", "UTC")
CHANGES = {
    "Europe/Warsaw": ((2026, 3, 28), (2026, 10, 24)),
    "America/New_York": ((2026, 3, 7), (2026, 10, 31)),
    "America/Santiago": ((2026, 4, 4), (2026, 9, 5)),
    "Australia/Lord_Howe": ((2026, 4, 4), (2026, 10, 3)),
    "Asia/Bangkok": ((2026, 3, 28), (2026, 10, 24)),
    "UTC": ((2026, 3, 28), (2026, 10, 24)),
}
"""The day before each change of the clocks."""


def at(zone: str, *parts: int) -> Instant:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    local = datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo(zone))
    return Instant(int(local.timestamp()))


def hours(*spans: tuple[str, str], zone: str = "Europe/Warsaw") -> Calendar:
    return Calendar.from_document({"tz": zone, "weekly": {day: list(spans) for day in DAY_NAMES}})


# The wall clock, read minute by minute.


def is_open(document: dict[str, Any], instant: int) -> bool:
    local = datetime.fromtimestamp(instant, ZoneInfo(document["tz"]))
    clock = f"{local:%H:%M}"
    today, yesterday = DAY_NAMES[local.weekday()], DAY_NAMES[local.weekday() - 1]
    for start, end in document["weekly"].get(today, ()):
        if start <= clock < end or (end <= start and clock >= start):
            return True
    return any(end <= start and clock < end for start, end in document["weekly"].get(yesterday, ()))


clock_times = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
shifts = st.lists(st.tuples(clock_times, clock_times | st.just("24:00")), max_size=3)
weeks = st.fixed_dictionaries(
    {"tz": st.sampled_from(ZONES), "weekly": st.dictionaries(st.sampled_from(DAY_NAMES), shifts)}
)


@settings(max_examples=60)
@given(weeks, st.integers(0, 1), st.integers(0, 1400), st.integers(1, 2900))
def test_open_time_is_what_the_wall_clock_shows_also_when_clocks_change(
    document: dict[str, Any], which: int, offset: int, length: int
) -> None:
    start = at(document["tz"], *CHANGES[document["tz"]][which]) + 60 * offset
    end = start + 60 * length
    counted = 60 * sum(is_open(document, minute) for minute in range(start, end, 60))
    assert Calendar.from_document(document).between(Instant(start), Instant(end)) == counted


@settings(max_examples=50)
@given(weeks, st.integers(1_760_000_000, 1_800_000_000), st.integers(1, 200 * 3600))
def test_what_was_added_is_what_lies_between(document: dict[str, Any], start: int, seconds: int) -> None:
    calendar = Calendar.from_document(document)
    due = calendar.add(Instant(start), seconds)
    if due is None:
        assert calendar.between(Instant(start), Instant(start + 8 * 86_400)) == 0
        return
    assert calendar.between(Instant(start), due) == seconds
    assert calendar.between(Instant(start), Instant(due - 1)) == seconds - 1


@settings(max_examples=50)
@given(weeks, st.lists(st.integers(1_770_000_000, 1_776_000_000), min_size=3, max_size=3).map(sorted))
def test_open_time_adds_up_over_a_split(document: dict[str, Any], moments: list[int]) -> None:
    calendar = Calendar.from_document(document)
    one, two, three = map(Instant, moments)
    assert calendar.between(one, two) + calendar.between(two, three) == calendar.between(one, three)


def test_an_hour_before_closing_on_friday_goes_on_on_monday() -> None:
    office = Calendar.from_document(OFFICE)
    assert office.add(at("Europe/Warsaw", 2026, 11, 20, 15, 30), 3600) == at("Europe/Warsaw", 2026, 11, 23, 8, 30)


def test_time_used_up_at_closing_is_due_at_closing() -> None:
    office = Calendar.from_document(OFFICE)
    assert office.add(at("Europe/Warsaw", 2026, 11, 24, 15), 3600) == at("Europe/Warsaw", 2026, 11, 24, 16)


def test_nothing_to_use_up_is_due_when_the_office_opens_next() -> None:
    office = Calendar.from_document(OFFICE)
    assert office.add(at("Europe/Warsaw", 2026, 11, 21, 12), 0) == at("Europe/Warsaw", 2026, 11, 23, 8)
    assert office.add(at("Europe/Warsaw", 2026, 11, 24, 12), 0) == at("Europe/Warsaw", 2026, 11, 24, 12)


def test_a_firm_that_never_opens_is_never_due() -> None:
    closed = Calendar("Europe/Warsaw")
    assert closed.add(at("UTC", 2026, 11, 24), 1) is None
    assert closed.between(at("UTC", 2026, 11, 24), at("UTC", 2026, 12, 24)) == 0


def test_a_firm_that_is_always_there_counts_every_second() -> None:
    always = Calendar.from_document({"tz": "Europe/Warsaw", "always": True})
    night_of_change = at("Europe/Warsaw", 2026, 10, 25)
    assert always.between(night_of_change, at("Europe/Warsaw", 2026, 10, 26)) == 25 * 3600
    assert always.add(night_of_change, 3600) == night_of_change + 3600


def test_an_end_before_its_start_holds_no_time() -> None:
    office = Calendar.from_document(OFFICE)
    assert office.between(at("UTC", 2026, 11, 24, 12), at("UTC", 2026, 11, 24, 9)) == 0


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/Warsaw", (2026, 3, 29), 23),
        ("Europe/Warsaw", (2026, 10, 25), 25),
        ("America/New_York", (2026, 3, 8), 23),
        ("America/New_York", (2026, 11, 1), 25),
    ],
)
def test_a_day_of_change_is_as_long_as_it_is(zone: str, day: tuple[int, int, int], length: int) -> None:
    start = at(zone, *day)
    next_day = (datetime(*day, tzinfo=UTC) + timedelta(days=1)).timetuple()[:3]
    assert hours(("00:00", "24:00"), zone=zone).between(start, at(zone, *next_day)) == length * 3600


def test_an_opening_inside_the_missing_hour_opens_when_it_is_over() -> None:
    early = hours(("02:30", "05:00"))
    assert early.add(at("Europe/Warsaw", 2026, 3, 29, 0), 0) == at("Europe/Warsaw", 2026, 3, 29, 3)
    assert early.between(at("Europe/Warsaw", 2026, 3, 29), at("Europe/Warsaw", 2026, 3, 30)) == 2 * 3600


def test_a_shift_over_midnight_belongs_to_the_night() -> None:
    night = hours(("22:00", "06:00"))
    assert night.between(at("Europe/Warsaw", 2026, 11, 24, 20), at("Europe/Warsaw", 2026, 11, 25, 20)) == 8 * 3600


def test_hours_told_twice_count_once() -> None:
    told_twice = hours(("11:00", "16:00"), ("08:00", "12:00"))
    assert told_twice.between(at("Europe/Warsaw", 2026, 11, 24), at("Europe/Warsaw", 2026, 11, 25)) == 8 * 3600


def test_a_lunch_break_is_not_open() -> None:
    split = hours(("08:00", "12:00"), ("13:00", "17:00"))
    assert split.add(at("Europe/Warsaw", 2026, 11, 24, 11), 2 * 3600) == at("Europe/Warsaw", 2026, 11, 24, 14)
