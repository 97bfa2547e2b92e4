"""A deadline line by line: the story of one ticket at the desk, and sums that hold for any story."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.calendar import Calendar, CalendarVersions
from core.clock import Instant
from core.clock_facts import ClockFacts, NamedVersion
from core.clock_runs import ANSWERED, ASKED, OPENED, POLICY, PRIORITY, STAGE, Cause, ClockEvent, Hours, Retarget
from core.closed_reasons import BREAK, CLOSED, CLOSURE, HOLIDAY, SITE_CLOSED, SPECIAL_DAY
from core.errors import DomainError
from core.ledger import (
    AFTER_ANSWER,
    AFTER_CLOSE,
    BEFORE_NEW_CLOCK,
    OPEN_HOURS,
    PAUSED,
    TO_COME,
    Ledger,
    Span,
    ledger,
)
from core.policy import FIRST_RESPONSE, RESOLUTION, UPDATE, Policy, Target
from core.stages import CLOSED as CLOSED_STAGE
from core.stages import OPEN, WAITING
from tests.core.clock_stories import HOUR, paused_policy

ŁÓDŹ = ZoneInfo("Europe/Warsaw")
DOCUMENT: dict[str, Any] = {
    "tz": "Europe/Warsaw",
    "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
OFFICE = Calendar.from_document(DOCUMENT)
STOCKTAKING = Calendar.from_document(
    DOCUMENT | {"closures": [["2026-11-23T15:00:00+01:00", "2026-11-23T17:00:00+01:00"]]}
)
POLICY_3 = paused_policy(first_response_seconds={"3": HOUR}, update_seconds={"3": HOUR})


def at(day: int, clock: str) -> Instant:
    """A time of November 2026 in Łódź; the 20th is a Friday."""
    hours, minutes = clock.split(":")
    return Instant(int(datetime(2026, 11, day, int(hours), int(minutes), tzinfo=ŁÓDŹ).timestamp()))


def opened(day: int, clock: str) -> ClockEvent:
    return ClockEvent(at(day, clock), OPENED, stage="new")


def moved(day: int, clock: str, stage_class: int, words: str = "", person: str = "Anna") -> ClockEvent:
    name = ("active", "waiting", "resolved")[stage_class]
    return ClockEvent(at(day, clock), STAGE, stage_class, stage=name, source=Cause(b"7", person, words))


def facts(*events: ClockEvent, now: Instant, policy: Policy = POLICY_3, hours: Hours = OFFICE) -> ClockFacts:
    return ClockFacts(tuple(events), 3, policy, hours, now, 12, (NamedVersion("Łódź", 7),), "2026b")


def lines(told: Ledger) -> list[tuple[str, str, int, str, str]]:
    return [
        (_clock(span.from_at), _clock(span.until_at), span.counted // 60, span.why.cause, _words(span))
        for span in told.spans
    ]


def _clock(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, ŁÓDŹ):%d %H:%M}"


def _words(span: Span) -> str:
    event = span.why.event
    return span.why.name or (event.source.words if event is not None and event.source is not None else "")


DAY_AT_THE_DESK = (
    opened(20, "14:12"),
    moved(23, "09:37", WAITING, "waiting for customer"),
    moved(23, "13:20", OPEN, "customer answered"),
    moved(24, "09:10", WAITING, "waiting for part 88-41", "Piotr"),
    moved(24, "14:12", OPEN, "part arrived"),
)


def test_a_deadline_is_explained_from_its_start_to_now_and_on_to_the_due_time() -> None:
    told = ledger(RESOLUTION, facts(*DAY_AT_THE_DESK, now=at(24, "14:32"), hours=STOCKTAKING))
    assert lines(told) == [
        ("20 14:12", "20 17:00", 168, OPEN_HOURS, ""),
        ("20 17:00", "23 08:00", 0, CLOSED, ""),
        ("23 08:00", "23 09:37", 97, OPEN_HOURS, ""),
        ("23 09:37", "23 13:20", 0, PAUSED, "waiting for customer"),
        ("23 13:20", "23 15:00", 100, OPEN_HOURS, "customer answered"),
        ("23 15:00", "23 17:00", 0, CLOSURE, ""),
        ("23 17:00", "24 08:00", 0, CLOSED, ""),
        ("24 08:00", "24 09:10", 70, OPEN_HOURS, ""),
        ("24 09:10", "24 14:12", 0, PAUSED, "waiting for part 88-41"),
        ("24 14:12", "24 14:32", 20, OPEN_HOURS, "part arrived"),
    ]
    assert told.spans[-1].total == told.promise.used == 7 * HOUR + 35 * 60
    assert told.coming is not None and told.coming.why.cause == TO_COME
    assert (_clock(told.coming.until_at), told.coming.counted, told.coming.total) == ("24 14:57", 25 * 60, 8 * HOUR)
    paused = told.spans[-2].why.event
    assert paused is not None and paused.source is not None and paused.source.person == "Piotr"


def test_its_head_names_the_versions_that_it_was_given() -> None:
    told = ledger(RESOLUTION, facts(opened(20, "14:12"), now=at(20, "15:00")))
    assert (told.policy, told.calendars, told.zone_data) == (
        NamedVersion("Silver", 12),
        (NamedVersion("Łódź", 7),),
        "2026b",
    )


def test_what_moved_the_date_stands_with_the_date_before_and_after_newest_first() -> None:
    priority = ClockEvent(at(20, "14:40"), PRIORITY, change=Retarget(2, 3))
    events = (DAY_AT_THE_DESK[0], priority, *DAY_AT_THE_DESK[1:])
    told = ledger(RESOLUTION, facts(*events, now=at(24, "14:32"), hours=STOCKTAKING))
    dates = [
        (_clock(one.at), one.before and _clock(one.before), one.after and _clock(one.after)) for one in told.changes
    ]
    assert dates == [
        ("24 14:12", None, "24 14:57"),
        ("24 09:10", "24 09:55", None),
        ("23 13:20", None, "24 09:55"),
        ("23 09:37", "23 13:12", None),
        ("20 14:40", "23 09:12", "23 13:12"),
    ]
    assert (told.changes[-1].target_before, told.changes[-1].target_after) == (Target(4 * HOUR), Target(8 * HOUR))
    assert [event.kind for event in told.changes[-1].events] == [PRIORITY]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"holidays": ["2026-11-24"], "names": {"2026-11-24": "Founders' Day"}}, (HOLIDAY, "Founders' Day", 24 * 60)),
        ({"holidays_yearly": ["11-24"], "names": {"11-24": "Yearly day"}}, (HOLIDAY, "Yearly day", 24 * 60)),
        ({"exceptions": {"2026-11-24": [["08:00", "11:00"]]}}, (SPECIAL_DAY, "", 6 * 60)),
        ({"exceptions": {"2026-11-24": []}, "names": {"2026-11-24": "Party"}}, (SPECIAL_DAY, "Party", 9 * 60)),
        ({"breaks": {"2026-11-24": [["12:00", "12:45"]]}}, (BREAK, "", 45)),
        ({"closures": [["2026-11-24T09:00:00+01:00", "2026-11-24T10:00:00+01:00"]]}, (CLOSURE, "", 60)),
    ],
)
def test_a_day_that_differs_is_told_by_its_reason_and_name(
    extra: dict[str, Any], expected: tuple[str, str, int]
) -> None:
    hours = Calendar.from_document(DOCUMENT | extra)
    told = ledger(RESOLUTION, facts(opened(23, "16:00"), now=at(25, "09:00"), hours=hours))
    special = [span for span in told.spans if span.why.cause not in (OPEN_HOURS, CLOSED)]
    assert [(span.why.cause, span.why.name, span.seconds // 60) for span in special] == [expected]


def test_a_site_that_is_closed_is_told_apart_from_the_holidays_of_the_contract() -> None:
    holiday = Calendar.from_document(DOCUMENT | {"holidays": ["2026-11-24"], "names": {"2026-11-24": "Founders' Day"}})
    day = datetime(2026, 11, 24).toordinal()
    hours = holiday.with_closing_days({day: "dock 2", day + 1: "stocktaking"}, {(11, 26): "site day"})
    told = ledger(RESOLUTION, facts(opened(23, "16:00"), now=at(27, "08:00"), hours=hours))
    assert [(span.why.cause, span.why.name) for span in told.spans] == [
        *((OPEN_HOURS, ""), (CLOSED, ""), (HOLIDAY, "Founders' Day")),
        *((SITE_CLOSED, "stocktaking"), (SITE_CLOSED, "site day"), (CLOSED, "")),
    ]
    assert holiday != hours and hours.between(at(25, "00:00"), at(27, "00:00")) == 0


def test_names_of_days_make_another_calendar_with_the_same_hours() -> None:
    named = Calendar.from_document(DOCUMENT | {"names": {"2026-11-24": "Founders' Day"}})
    assert named != OFFICE and named.spans(at(20, "00:00"), at(27, "00:00")) == OFFICE.spans(
        at(20, "00:00"), at(27, "00:00")
    )


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("names", ["Christmas"]),
        ("names.2026-13-01", {"2026-13-01": "never"}),
        ("names.02-30", {"02-30": "never"}),
        ("names.12-25", {"12-25": ""}),
        ("names.12-25", {"12-25": 1}),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_by_its_day(field: str, names: object) -> None:
    with pytest.raises(DomainError) as refused:
        Calendar.from_document(DOCUMENT | {"names": names})
    assert refused.value.facts["field"] == field


def test_an_answer_ends_the_first_response_and_its_ledger_says_so() -> None:
    told = ledger(
        FIRST_RESPONSE, facts(opened(20, "14:12"), ClockEvent(at(20, "14:30"), ANSWERED), now=at(20, "16:00"))
    )
    assert [line[2:4] for line in lines(told)] == [(18, OPEN_HOURS), (0, AFTER_ANSWER)]
    assert (told.promise.ended_at, told.promise.deadline_at, told.coming) == (at(20, "14:30"), at(20, "15:12"), None)


def test_the_update_ledger_begins_with_the_last_question() -> None:
    events = (
        opened(20, "09:00"),
        ClockEvent(at(20, "09:10"), ASKED),
        ClockEvent(at(20, "09:40"), ANSWERED),
        ClockEvent(at(20, "10:00"), ASKED),
    )
    told = ledger(UPDATE, facts(*events, now=at(20, "10:30")))
    assert lines(told) == [("20 10:00", "20 10:30", 30, OPEN_HOURS, "")]
    assert told.changes == () and ledger(UPDATE, facts(events[0], now=at(20, "10:30"))).spans == ()


def test_resolved_and_then_closed_is_one_span_after_the_close_and_opened_again_goes_on() -> None:
    events = (
        opened(20, "09:00"),
        moved(20, "10:00", CLOSED_STAGE, "resolved"),
        moved(20, "11:00", CLOSED_STAGE, "closed"),
        moved(20, "12:00", OPEN, "not solved"),
    )
    told = ledger(RESOLUTION, facts(*events, now=at(20, "13:00")))
    assert [line[2:] for line in lines(told)] == [
        *((60, OPEN_HOURS, ""), (0, AFTER_CLOSE, "resolved"), (60, OPEN_HOURS, "not solved"))
    ]


def test_a_ticket_opened_again_after_long_gets_a_clock_of_its_own_and_keeps_both_numbers() -> None:
    policy = paused_policy(reopen_fresh_after_seconds=4 * HOUR)
    closed = (opened(20, "09:00"), moved(20, "11:00", CLOSED_STAGE))
    soon = ledger(RESOLUTION, facts(*closed, moved(20, "15:00", OPEN), now=at(20, "16:00"), policy=policy))
    assert (soon.promise.used, soon.promise.earlier) == (3 * HOUR, ())
    late = ledger(RESOLUTION, facts(*closed, moved(20, "15:01", OPEN), now=at(20, "16:01"), policy=policy))
    assert (late.promise.used, late.promise.started_at) == (HOUR, at(20, "15:01"))
    assert [(run.used, run.target, run.is_breached) for run in late.promise.earlier] == [(2 * HOUR, 8 * HOUR, False)]
    assert [span.why.cause for span in late.spans] == [BEFORE_NEW_CLOCK, AFTER_CLOSE, OPEN_HOURS]


def test_a_target_that_counts_from_its_change_begins_anew_with_it() -> None:
    policy = paused_policy(count_from="change", first_response_seconds={"2": HOUR, "3": HOUR})
    change = ClockEvent(at(20, "11:00"), PRIORITY, change=Retarget(2, 3))
    told = ledger(RESOLUTION, facts(opened(20, "09:00"), change, now=at(20, "12:00"), policy=policy))
    assert (told.promise.used, told.promise.due_at) == (HOUR, at(23, "10:00"))
    assert [(run.used, run.target) for run in told.promise.earlier] == [(2 * HOUR, 4 * HOUR)]
    assert [(_clock(one.before or 0), _clock(one.after or 0)) for one in told.changes] == [("20 13:00", "23 10:00")]
    # The first response is promised as before, so that nothing begins anew.
    same = ledger(FIRST_RESPONSE, facts(opened(20, "09:00"), change, now=at(20, "12:00"), policy=policy))
    assert (same.promise.used, same.promise.earlier) == (3 * HOUR, ())


def test_another_priority_while_the_ticket_waits_begins_anew_and_waits_on() -> None:
    policy = paused_policy(count_from="change")
    events = (
        opened(20, "09:00"),
        moved(20, "10:00", WAITING),
        ClockEvent(at(20, "11:00"), PRIORITY, change=Retarget(2, 3)),
    )
    told = ledger(RESOLUTION, facts(*events, now=at(20, "12:00"), policy=policy))
    assert (told.promise.used, told.promise.due_at, told.spans[-1].why.cause) == (0, None, PAUSED)
    assert [change.after for change in told.changes] == [None, None]


def test_another_priority_of_a_closed_ticket_begins_nothing_anew() -> None:
    policy = paused_policy(count_from="change")
    events = (
        opened(20, "09:00"),
        moved(20, "10:00", CLOSED_STAGE),
        ClockEvent(at(20, "11:00"), PRIORITY, change=Retarget(2, 3)),
    )
    told = ledger(RESOLUTION, facts(*events, now=at(20, "12:00"), policy=policy))
    assert (told.promise.used, told.promise.ended_at, told.promise.earlier) == (HOUR, at(20, "10:00"), ())


def test_two_holidays_around_a_sunday_are_told_apart() -> None:
    hours = Calendar.from_document(DOCUMENT | {"holidays": ["2026-11-21", "2026-11-23"]})
    told = ledger(RESOLUTION, facts(opened(20, "16:00"), now=at(24, "08:00"), hours=hours))
    assert [span.why.cause for span in told.spans] == [OPEN_HOURS, CLOSED, HOLIDAY, CLOSED, HOLIDAY, CLOSED]


def test_hours_that_are_still_to_change_have_been_known_all_along() -> None:
    hours = CalendarVersions(OFFICE, ((at(20, "16:00"), Calendar(always=True)),))
    events = (opened(20, "10:00"), moved(20, "11:00", WAITING), moved(20, "12:00", OPEN))
    told = ledger(RESOLUTION, facts(*events, now=at(20, "13:00"), hours=hours))
    assert [(change.before, change.after) for change in told.changes] == [
        *((None, at(20, "19:00")), (at(20, "18:00"), None))
    ]
    assert told.promise.due_at == at(20, "19:00")


def test_a_changed_calendar_moves_the_date_and_each_span_says_its_version() -> None:
    always = Calendar(always=True)
    hours = CalendarVersions(OFFICE, ((at(20, "16:00"), always),))
    told = ledger(RESOLUTION, facts(opened(20, "14:00"), now=at(20, "18:00"), hours=hours))
    assert [(line[2], span.version) for line, span in zip(lines(told), told.spans, strict=True)] == [(120, 0), (120, 1)]
    assert [(_clock(one.before or 0), _clock(one.after or 0), one.version) for one in told.changes] == [
        ("23 13:00", "20 22:00", 1)
    ]


def test_another_contract_in_mid_flight_keeps_the_start_and_every_pause() -> None:
    gold = paused_policy(resolution_seconds={"3": 4 * HOUR}, pause_applies_to=[])
    events = (
        opened(20, "09:00"),
        moved(20, "10:00", WAITING),
        moved(20, "11:00", OPEN),
        ClockEvent(at(20, "12:00"), POLICY, change=Retarget(policy_before=POLICY_3, policy=gold)),
        moved(20, "13:00", WAITING),
    )
    told = ledger(RESOLUTION, facts(*events, now=at(20, "13:30"), policy=gold))
    assert (told.promise.target, told.promise.due_at) == (4 * HOUR, at(20, "14:00"))
    assert [line[2:4] for line in lines(told)] == [(60, OPEN_HOURS), (0, PAUSED), (150, OPEN_HOURS)]


def test_a_pause_over_the_change_of_the_clocks_takes_out_the_hour_that_came_twice() -> None:
    night = datetime(2026, 10, 25, 0, 0, tzinfo=ŁÓDŹ)
    start = Instant(int(night.timestamp()))
    round_the_clock = Calendar.from_document({"tz": "Europe/Warsaw", "always": True})
    events = (
        ClockEvent(start, OPENED, stage="new"),
        ClockEvent(Instant(start + HOUR), STAGE, WAITING, stage="waiting"),
        ClockEvent(Instant(int(night.replace(hour=4).timestamp())), STAGE, OPEN, stage="active"),
    )
    told = ledger(RESOLUTION, facts(*events, now=Instant(start + 6 * HOUR), hours=round_the_clock))
    assert [(span.seconds // HOUR, span.counted // HOUR) for span in told.spans] == [(1, 1), (4, 0), (1, 1)]


def test_a_policy_that_promises_no_first_response_has_no_ledger_of_it() -> None:
    told = ledger(FIRST_RESPONSE, facts(opened(20, "09:00"), now=at(20, "12:00"), policy=paused_policy()))
    assert (told.promise.target, told.spans, told.coming, told.changes) == (None, (), None, ())
