"""What if, as typed: every form, several at once, times in the dispatcher's zone, and what is not understood."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.clock import Instant
from core.clock_shown import PolicyCalled
from core.errors import DomainError
from core.what_if import AnsweredAt, ClosedAt, CustomerWritesAt, PriorityIs, WaitsUntil
from tui.presenters.sentences import why_not
from tui.presenters.typed_times import parse_time
from tui.suppositions import FORMS, read_suppositions

WARSAW, BANGKOK = "Europe/Warsaw", "Asia/Bangkok"


def at(told: str, zone: str = WARSAW) -> Instant:
    return Instant(int(datetime.fromisoformat(told).replace(tzinfo=ZoneInfo(zone)).timestamp()))


NOW = at("2026-11-24T14:32")
THREE, NINE_TOMORROW = at("2026-11-24T15:00"), at("2026-11-25T09:00")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("priority 1", PriorityIs(1)),
        ("Priority P2", PriorityIs(2)),
        ("priority=3", PriorityIs(3)),
        ("prio: 4", PriorityIs(4)),
        ("p1", PriorityIs(1)),
        ("P 1", PriorityIs(1)),
        ("policy Gold 24/7", PolicyCalled("Gold 24/7")),
        ("contract = Gold", PolicyCalled("Gold")),
        ("answered 15:00", AnsweredAt(THREE)),
        ("answered at 15.00", AnsweredAt(THREE)),
        ("answered", AnsweredAt(NOW)),
        ("we answer", None),
        ("answered now", AnsweredAt(NOW)),
        ("answer 28m", AnsweredAt(THREE)),
        ("customer 15:00", CustomerWritesAt(THREE)),
        ("customer", CustomerWritesAt(NOW)),
        ("waits tomorrow 9:00", WaitsUntil(NOW, NINE_TOMORROW)),
        ("waits until Tomorrow 9:00", WaitsUntil(NOW, NINE_TOMORROW)),
        ("waits 9:00", WaitsUntil(NOW, NINE_TOMORROW)),
        ("waits 28m", WaitsUntil(NOW, THREE)),
        ("waits for vendor until 15:00", WaitsUntil(NOW, THREE, "vendor")),
        ("waits part 15:00", WaitsUntil(NOW, THREE, "part")),
        ("closed 15:00", ClosedAt(THREE)),
        ("closed", ClosedAt(NOW)),
        ("resolved 2026-11-24 15:00", ClosedAt(THREE)),
        ("closed 2026-11-24T14:00Z", ClosedAt(THREE)),
    ],
)
def test_each_form_is_understood(text: str, meant: object) -> None:
    if meant is None:
        with pytest.raises(DomainError):
            read_suppositions(text, NOW, WARSAW)
        return
    assert read_suppositions(text, NOW, WARSAW) == (meant,)


def test_several_things_at_once_are_parted_by_commas() -> None:
    told = read_suppositions(" priority 1, answered 15:00;waits tomorrow 9:00 ,", NOW, WARSAW)
    assert told == (PriorityIs(1), AnsweredAt(THREE), WaitsUntil(NOW, NINE_TOMORROW))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " , ;",
            "banana",
            "priority",
            "priority 9",
            "priority 0",
            "priority one",
            "priority ²",
            "policy",
            "waits",
        ),
        *("waits for vendor", "waits 2026-11-24 14:00", "answered 25:00", "answered soon", "closed 2026-13-01"),
        *("priority 1, banana", "waits 0m", "\x1b[31m", "p" * 10_000, "answered " + "9" * 5_000),
    ],
)
def test_what_is_not_understood_is_told_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_suppositions(text, NOW, WARSAW)
    sentence = why_not(refused.value)
    assert all(form in sentence for form in FORMS)
    assert sentence.isprintable()


def test_the_forms_fit_a_line_of_eighty_cells() -> None:
    with pytest.raises(DomainError) as refused:
        read_suppositions("?", NOW, WARSAW)
    assert len(" x REFUSED " + why_not(refused.value).partition(";")[0]) <= 80


def test_a_clock_time_is_the_dispatchers_own_wherever_they_sit() -> None:
    (told,) = read_suppositions("answered 21:00", NOW, BANGKOK)
    assert told == AnsweredAt(at("2026-11-24T21:00", BANGKOK)) == AnsweredAt(THREE)


def test_an_answer_may_have_been_given_already_but_a_wait_is_never_over() -> None:
    assert read_suppositions("answered 9:00", NOW, WARSAW) == (AnsweredAt(at("2026-11-24T09:00")),)
    assert read_suppositions("waits 9:00", NOW, WARSAW) == (WaitsUntil(NOW, NINE_TOMORROW),)
    assert read_suppositions("customer 2026-11-20 08:00", NOW, WARSAW) == (CustomerWritesAt(at("2026-11-20T08:00")),)


def test_a_time_of_day_that_has_passed_means_tomorrow_where_it_must_come() -> None:
    assert parse_time("14:32", NOW, WARSAW) == at("2026-11-25T14:32")
    assert parse_time("14:32", NOW, WARSAW, may_have_passed=True) == NOW
    assert parse_time("14:33", NOW, WARSAW) == at("2026-11-24T14:33")
