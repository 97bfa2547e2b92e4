"""Why a deadline is where it is, in words: causes, authors, names, sums, changes, warnings, and what if."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import Calendar, CalendarVersions
from core.clock import Instant
from core.clock_facts import ClockFacts, NamedVersion
from core.clock_runs import ANSWERED, ASKED, OPENED, PRIORITY, STAGE, Cause, ClockEvent, Retarget
from core.clock_shown import ClockShown, PolicyCalled, Supposed
from core.ids import EntityId
from core.ledger import ledger
from core.pages import QueueRow
from core.policy import KINDS, read_policy
from core.restatements import Announcement, restated
from core.sla import clock_of
from core.stage_clocks import attribution, stage_clocks
from core.stages import STAGES
from core.warning_levels import warnings
from core.what_if import AnsweredAt, ClosedAt, CustomerWritesAt, PriorityIs, UnderPolicy, WaitsUntil, what_if
from tests.core.clock_stories import random_facts
from tests.tui.test_hostile_text import HOSTILE
from tui.presenters.cells import line_width
from tui.presenters.ledger_page import answer_text, clock_tabs, ledger_lines, ledger_text, title_of, what_if_place

ZONE = "Europe/Warsaw"
WEEK = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {"tz": ZONE, "weekly": {day: [["08:00", "17:00"]] for day in WEEK}}
SILVER = {
    "name": "Silver",
    "first_response_seconds": {"2": 2 * 3600, "3": 4 * 3600},
    "resolution_seconds": {"1": 4 * 3600, "2": 8 * 3600, "3": 16 * 3600},
    "pause_applies_to": ["resolution"],
}
HOUR, DAY = 3600, 86_400
SUM = re.compile(r"(-?\d+):(\d\d)")


def at(told: str) -> Instant:
    """`24.11 14:32` in Warsaw, 2026."""
    day, month, hour, minute = map(int, re.split(r"[. :]", told))
    return Instant(int(datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(ZONE)).timestamp()))


def moved(told: str, stage: str, party: str = "", who: str = "Anna", words: str = "") -> ClockEvent:
    stage_class = STAGES[stage].stage_class
    return ClockEvent(at(told), STAGE, stage_class, stage=stage, party=party, source=Cause(b"\1", who, words))


def facts(*events: ClockEvent, now: str = "24.11 14:32", hours: Any = OFFICE, **policy: Any) -> ClockFacts:
    """A ticket of priority 2, opened on Friday 20 November at 14:12."""
    opened = ClockEvent(at("20.11 14:12"), OPENED, stage="new", source=Cause(b"\0"))
    calendar = Calendar.from_document(hours) if isinstance(hours, dict) else hours
    names = (NamedVersion("Łódź", 7),)
    return ClockFacts((opened, *events), 2, read_policy({**SILVER, **policy}), calendar, at(now), 12, names, "2026b")


def shown(known: ClockFacts, supposed: tuple[Supposed, ...] = (), said: tuple[Announcement, ...] = ()) -> ClockShown:
    row = QueueRow(
        EntityId(b"1" * 16), "T-104240", "Linia stoi", None, "Hurt", "active", 1, known.priority, None, "", 0, 0, 0,
        False, False, 1, known.events[0].at,
    )  # fmt: skip
    ledgers = tuple(one for one in (ledger(kind, known) for kind in KINDS) if one.promise.started_at is not None)
    story = known.as_of(known.now).story
    clocks = [clock_of(kind, story, known.priority, known.policy, known.hours) for kind in KINDS]
    warned = tuple(level for clock in clocks for level in warnings(clock, known.policy, known.hours))
    used = attribution(known)
    return ClockShown(row, "C-2291 silver", ledgers, warned, stage_clocks(known), used, restated(said, known), supposed)


def page(known: ClockFacts, width: int = 120, clock: str = "resolution", **more: Any) -> str:
    page = shown(known, **more)
    place = [one.clock for one in page.ledgers].index(clock)
    return "\n".join("".join(text for text, _ink in line) for line in ledger_lines(page, place, width, ZONE))


def row_of(told: str, word: str) -> str:
    return next(line for line in told.splitlines() if word in line)


PAUSED = (moved("23.11 09:37", "waiting", "customer", words="asked for photos"), moved("23.11 13:20", "active"))


def test_a_weekend_counts_nothing_and_is_told_as_closed() -> None:
    told = page(facts())
    assert re.search(r"Fri 20\.11 14:12 +Fri 20\.11 17:00 +2:48 +2:48 +2:48  open hours", told)
    assert re.search(r"Fri 20\.11 17:00 +Mon 23\.11 08:00 +63:00 +- +2:48  closed", told)


def test_a_pause_tells_for_whom_why_and_who_said_so() -> None:
    assert "paused: waiting for customer, asked for photos, Anna" in page(facts(*PAUSED), width=200)


def test_what_set_the_clock_going_is_told_where_it_goes_on() -> None:
    assert "open hours, active, Anna" in row_of(page(facts(*PAUSED)), " Mon 23.11 13:20  Mon")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"holidays": ["2026-11-23"], "names": {"2026-11-23": "Stock Day"}}, "closed: Stock Day"),
        ({"holidays": ["2026-11-23"]}, "closed: holiday"),
        ({"exceptions": {"2026-11-23": [["08:00", "09:00"]]}}, "closed: special hours"),
        ({"breaks": {"2026-11-23": [["09:00", "10:00"]]}}, "closed: break"),
        ({"closures": [["2026-11-23T09:00:00+01:00", "2026-11-23T11:00:00+01:00"]]}, "closed: closure"),
    ],
    ids=["holiday by name", "holiday", "special hours", "break", "closure"],
)
def test_closed_time_is_told_by_its_reason(change: dict[str, Any], told: str) -> None:
    assert f"  {told} " in page(facts(hours={**OFFICE, **change}))


def test_a_closing_day_of_the_site_is_told_apart_from_the_contracts_holidays() -> None:
    calendar = Calendar.from_document(OFFICE)
    monday = datetime(2026, 11, 23).toordinal()
    assert "site closed: stocktaking" in page(facts(hours=calendar.with_closing_days({monday: "stocktaking"}, {})))
    assert "site closed: closing day" in page(facts(hours=calendar.with_closing_days({monday: ""}, {})))


def test_after_the_close_and_after_the_answer_nothing_counts() -> None:
    closed = facts(moved("23.11 10:00", "resolved", who="Piotr"))
    assert "after close, Piotr" in page(closed)
    assert "kept: used 4:48 open hours" in page(closed)
    answered = facts(ClockEvent(at("20.11 15:00"), ANSWERED, source=Cause(b"\2", "Lena")))
    assert "after the answer, Lena" in page(answered, clock="first_response")


def test_a_clock_that_began_anew_tells_the_time_before_it() -> None:
    events = moved("20.11 15:00", "resolved"), moved("24.11 09:00", "active")
    assert "before the clock began anew" in page(facts(*events, reopen_fresh_after_seconds=3600))


def test_what_is_to_come_leads_to_the_due_time() -> None:
    told = page(facts(now="23.11 09:00"))
    assert re.search(r"Mon 23\.11 09:00 +Mon 23\.11 13:12 +4:12 +4:12 +8:00  to come, if nothing stops it", told)
    assert "due Mon 23.11 13:12   4:12 left, counting" in told


def test_a_breach_is_told_by_how_much() -> None:
    assert "due Mon 23.11 13:12   BREACHED by 10:20" in page(facts())
    assert "used 17:18, BREACHED by 9:18" in page(facts(moved("24.11 13:30", "resolved")))


def test_a_clock_that_stands_still_has_no_date() -> None:
    assert "no date while it waits, 3:35 left" in page(facts(*PAUSED[:1]))


def test_a_promise_in_working_days_is_told_in_days() -> None:
    days = facts(resolution_seconds={}, resolution_days={"2": 3})
    assert "promised  3 working days (27:00 open hours) from C-2291 silver" in page(days)


def test_a_ticket_of_another_year_tells_the_year() -> None:
    old = facts(now="24.11 14:32")
    opened = old.events[0]._replace(at=Instant(at("20.11 14:12") - 365 * DAY))
    assert "since 20.11.2025" in page(replace(old, events=(opened,)))
    assert "since" not in page(old)


@pytest.mark.parametrize("seconds", [0, 7, 31, 59])
def test_the_minutes_shown_add_up_to_the_sum_shown(seconds: int) -> None:
    known = facts(*PAUSED, now="23.11 14:00")
    shifted = [event._replace(at=Instant(event.at + seconds * (place + 1))) for place, event in enumerate(known.events)]
    told = page(replace(known, events=tuple(shifted), now=Instant(known.now + seconds)))
    rows = re.findall(r"(\d+:\d\d|-) +(\d+:\d\d)  (?:open hours|to come)", told)
    minutes = [int(hours) * 60 + int(rest) for counted, _sum in rows for hours, rest in [counted.split(":")]]
    assert sum(minutes) == 8 * 60
    assert rows[-1][1] == "8:00"


def test_the_header_names_calendar_policy_and_zone_tables_with_their_versions() -> None:
    known = shown(facts())
    assert title_of(known, known.ledgers[0])[1] == "Łódź v7, policy Silver v12, tzdata 2026b"


def test_two_versions_of_the_hours_are_told_apart() -> None:
    later = Calendar.from_document({**OFFICE, "weekly": {day: [["06:00", "18:00"]] for day in WEEK}})
    versions = CalendarVersions(Calendar.from_document(OFFICE), ((at("24.11 00:00"), later),))
    known = facts(hours=versions, resolution_seconds={"2": 40 * HOUR})
    known = replace(known, calendar_names=(NamedVersion("Łódź", 7), NamedVersion("Łódź", 8)))
    told = page(known)
    assert "open hours (v7)" in row_of(told, " Mon 23.11 08:00  Mon") and "open hours (v8)" in row_of(
        told, " Tue 24.11 06:00  Tue"
    )
    assert "another version of the calendar" in told
    assert title_of(shown(known), shown(known).ledgers[0])[1].startswith("Łódź v7 v8, ")


def test_changes_tell_what_moved_the_date_newest_first() -> None:
    change = ClockEvent(at("20.11 14:40"), PRIORITY, source=Cause(b"\3", "Anna"), change=Retarget(3, 2))
    told = page(facts(change, *PAUSED)).split("CHANGES")[1].splitlines()
    assert re.search(r"Mon 23\.11 13:20 +active, Anna +no date  >  Mon 23\.11 16:55", told[1])
    assert re.search(r"waiting for customer, Anna +Mon 23\.11 13:12  >  no date", told[2])
    assert re.search(r"priority P3 to P2, Anna: target 16:00 to 8:00 +Tue 24\.11 12:12  >  Mon 23\.11 13:12", told[3])


STAGED: dict[str, Any] = {
    "stages": [
        {"stage": "new", "owner": "us", "share": 0.25},
        {"stage": "waiting", "party": "vendor", "owner": "vendor", "share": 0.25, "pauses": []},
    ]
}


def test_who_used_the_time_adds_up_to_the_clock_and_the_breach() -> None:
    waited = facts(moved("20.11 16:12", "waiting", "vendor"), moved("23.11 16:59", "active"), **STAGED)
    told = page(waited)
    for word in ("counted", "breach"):
        whole, *parts = (
            int(hours) * 60 + int(minutes)
            for hours, minutes in SUM.findall(next(line for line in told.splitlines() if line.startswith(f" {word} ")))
        )
        assert whole == sum(parts) and len(parts) == 2
    assert re.search(r"waiting vendor +vendor +2:00 +9:47 +7:47", told)


def test_a_policy_without_stages_has_no_empty_table_of_stages() -> None:
    told = page(facts())
    assert "counted 18:20: us 18:20" in told and "Share" not in told


def test_warnings_are_reached_or_to_come() -> None:
    levels = [{"clock": "resolution", "fraction": 0.5}, {"clock": "resolution", "seconds_before": 1800}]
    told = page(facts(now="23.11 10:00", warnings=levels))
    assert re.search(r"50 % used +Mon 23\.11 09:12 +reached", told)
    assert re.search(r"0:30 before +Mon 23\.11 12:42 +to come", told)


def test_what_was_announced_stays_and_the_verdict_of_today_stands_beside_it() -> None:
    said = Announcement("resolution", at("24.11 10:00"), True, at("23.11 13:12"), 9 * HOUR)
    known = facts(*PAUSED[:1], moved("24.11 10:00", "resolved"))
    told = page(known, said=(said,))
    assert "said: breached, used 9:00; today: kept, used 4:25" in told


def test_without_a_promise_the_page_says_so_on_whole_lines() -> None:
    bare = ClockShown(shown(facts()).row, "", (), (), (), None, (), ())
    for width in (40, 80, 120):
        told = " ".join("".join(text for text, _ink in line).strip() for line in ledger_lines(bare, 0, width, ZONE))
        assert told.strip().endswith("or a contract without targets.")
    assert ledger_text(bare, ZONE).startswith(" Nothing was promised") or "Nothing was promised" in ledger_text(
        bare, ZONE
    )


def supposing(known: ClockFacts, *told: Any) -> Supposed:
    named = tuple(PolicyCalled(one.policy.name) if isinstance(one, UnderPolicy) else one for one in told)
    return Supposed(named, what_if(known, *told))


def test_each_supposition_is_told_in_words_with_its_answer() -> None:
    known = facts(now="23.11 10:00")
    gold = read_policy({**SILVER, "name": "Gold", "resolution_seconds": {"2": 2 * HOUR}})
    none = read_policy({"name": "Brass", "resolution_seconds": {"4": HOUR}})
    noon, tomorrow = at("23.11 12:00"), at("24.11 09:00")
    supposed = (
        supposing(known, PriorityIs(1)),
        supposing(known, UnderPolicy(gold)),
        supposing(known, UnderPolicy(none)),
        supposing(known, AnsweredAt(noon)),
        supposing(known, CustomerWritesAt(noon)),
        supposing(known, WaitsUntil(known.now, tomorrow)),
        supposing(known, WaitsUntil(known.now, tomorrow, "vendor")),
        supposing(known, ClosedAt(noon)),
    )
    told = page(known, supposed=supposed).split("WHAT IF")[1]
    for words, answer in (
        ("priority P1", "due Mon 23.11 09:12   BREACHED by 0:48"),
        ("policy Gold", "due Fri 20.11 16:12   BREACHED by 2:48"),
        ("policy Brass", "nothing promised"),
        ("we answer Mon 23.11 12:00", "due Mon 23.11 13:12   1:12 left then"),
        ("customer writes Mon 23.11 12:00", "due Mon 23.11 13:12   1:12 left then"),
        ("waits until Tue 24.11 09:00", "due Tue 24.11 12:12   3:12 left then"),
        ("waits for vendor until Tue 24.11 09:00", "due Tue 24.11 12:12   3:12 left then"),
        ("closed Mon 23.11 12:00", "kept: used 6:48 open hours"),
    ):
        assert re.search(rf" {re.escape(words)} +{re.escape(answer)}$", told, re.M), words


def test_several_things_at_once_are_told_whole_also_on_a_small_screen() -> None:
    known = facts(now="23.11 10:00")
    several = supposing(known, PriorityIs(1), AnsweredAt(at("23.11 15:00")), WaitsUntil(known.now, at("24.11 09:00")))
    told = re.sub(r"\s+", " ", page(known, width=80, supposed=(several,)))
    assert "priority P1, we answer Mon 23.11 15:00, waits until Tue 24.11 09:00 due Mon 23.11 09:12" in told


def test_the_place_of_what_if_is_the_line_that_says_so() -> None:
    known = facts(now="23.11 10:00")
    told = shown(known, (supposing(known, PriorityIs(1)),))
    place = len(told.ledgers) - 1
    lines = ledger_lines(told, place, 80, ZONE)
    assert lines[what_if_place(told, place, 80, ZONE)][0][0] == " WHAT IF"


def test_the_answer_is_one_sentence_and_the_text_has_every_clock() -> None:
    known = shown(facts(ClockEvent(at("20.11 15:00"), ASKED), now="23.11 09:00", update_seconds={"2": 3600}))
    told = ledger_text(known, ZONE)
    assert [word for word in ("first response", "next response", "resolution") if f"T-104240 {word}, P2" in told] == [
        "first response", "next response", "resolution",
    ]  # fmt: skip
    assert answer_text(known, 2, ZONE) == (
        "T-104240 resolution: 8:00 open hours from C-2291 silver; due Mon 23.11 13:12   4:12 left, counting"
    )


LONG: dict[str, Any] = {"now": "24.12 14:32", "resolution_seconds": {"2": 900 * HOUR}}


def months_ago(known: ClockFacts, days: int) -> ClockFacts:
    opened = known.events[0]._replace(at=Instant(known.events[0].at - days * DAY))
    return replace(known, events=(opened, *known.events[1:]))


def test_a_ledger_of_months_is_folded_by_weeks_and_its_sums_stay() -> None:
    known = months_ago(facts(*PAUSED, **LONG), 60)
    spans = ledger("resolution", known).spans
    told = page(known)
    assert len(spans) > 60
    assert re.search(r"Mon 02\.11 08:00 +Fri 06\.11 17:00 +105:00 +45:00 +307:48  open hours, 5 days", told)
    table = told.split("-----")[0]
    assert len(table.splitlines()) < 40
    counted = re.findall(r"(\d+):(\d\d) +\d+:\d\d  open hours", table)
    assert sum(int(hours) * 60 + int(minutes) for hours, minutes in counted) * 60 == sum(s.counted for s in spans)
    assert "paused: waiting for customer" in table


def test_a_ledger_of_a_year_is_folded_further_and_a_holiday_still_stands_out() -> None:
    year = months_ago(
        facts(hours={**OFFICE, "holidays": ["2026-04-06"], "names": {"2026-04-06": "Easter"}}, **LONG), 330
    )
    table = page(year).split("-----")[0]
    assert "closed: Easter" in table and "open hours, 7" in table.replace("open hours, 5 ", "")
    assert len(table.splitlines()) < 65


def test_a_short_ledger_is_told_day_by_day() -> None:
    assert "days" not in page(facts()).split("-----")[0]


def test_at_forty_cells_every_reason_stands_under_its_row() -> None:
    lines = page(facts(*PAUSED), width=40).splitlines()
    row = next(place for place, line in enumerate(lines) if line.startswith(" Mon 23.11 09:37"))
    assert (
        " ".join(" ".join(lines[row + 1 : row + 3]).split()) == "paused: waiting for customer, asked for photos, Anna"
    )


def test_at_forty_cells_the_answer_is_told_whole() -> None:
    lines = page(facts(), width=40).splitlines()
    assert lines[2:4] == [" answer    due Mon 23.11 13:12", "           BREACHED by 10:20"]
    assert lines[1].startswith(" promised  8:00 open hours from")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_names_and_words_from_outside_cannot_act(hostile: str) -> None:
    calendar = {**OFFICE, "holidays": ["2026-11-24"], "names": {"2026-11-24": hostile}}
    known = facts(
        moved("23.11 09:37", "waiting", hostile, hostile, hostile),
        moved("23.11 13:20", "active", "", hostile),
        hours=calendar,
    )
    known = replace(known, calendar_names=(NamedVersion(hostile, 1),), zone_data="2026b")
    told = shown(known, (Supposed((PolicyCalled(hostile),), what_if(known, PriorityIs(1))),))
    told = told._replace(contract=hostile)
    for width in (40, 80, 120):
        for place in range(len(told.ledgers)):
            lines = ledger_lines(told, place, width, ZONE)
            assert all(line_width(line) <= width for line in lines)
            joined = "".join(text for line in lines for text, _ink in line)
            assert not re.search("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]", joined)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 1 << 30), width=st.integers(40, 200))
def test_no_line_is_wider_than_the_screen(seed: int, width: int) -> None:
    known = random_facts(seed)
    supposed = tuple(
        supposing(known, one)
        for one in (PriorityIs(1), WaitsUntil(known.now, Instant(known.now + DAY)), UnderPolicy(known.policy))
    )
    told = shown(known, supposed)
    for place in range(len(told.ledgers)):
        lines = [*ledger_lines(told, place, width, ZONE), clock_tabs(told, place, width)]
        assert max(line_width(line) for line in lines) <= width


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 1 << 30))
def test_each_counted_minute_of_a_table_is_told_once(seed: int) -> None:
    known = random_facts(seed)
    told = shown(known)
    for place, one in enumerate(told.ledgers):
        lines = ["".join(text for text, _ink in line) for line in ledger_lines(told, place, 100, ZONE)]
        table = "\n".join(lines[: next(n for n, line in enumerate(lines) if "-----" in line)])
        counted = re.findall(r" (\d+):(\d\d) +-?\d+:\d\d  open hours", table)
        assert sum(int(hours) * 60 + int(minutes) for hours, minutes in counted) == one.promise.used // 60
