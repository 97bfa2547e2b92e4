"""A ticket put under another contract: the hours of each count for their own time, and undo gives all of it back."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest

from core.calendar import CalendarVersions
from core.clock import Instant, instant
from core.clock_facts import ClockFacts
from core.clock_shown import ClockPage, ClockShown
from core.commands import AddRecord, ChangeDocument, MoveStage, OpenTicket, PostEntry, Redo, RetargetTicket, Undo
from core.company_shown import ContractsOf
from core.errors import Refused
from core.ids import EntityId
from core.ledger import Ledger
from core.pages import TicketPage
from storage.clock_facts import clock_facts
from storage.terms import terms_of
from storage.ticket_page import load_ticket
from tests.storage.desk_story import GOLD, OFFICE, Story, check_chain, check_rows
from tui.presenters.ledger_page import ledger_text

ALWAYS = {"tz": "Europe/Warsaw", "always": True}
LONG_DAYS = {**OFFICE, "weekly": {day: [["06:00", "22:00"]] for day in OFFICE["weekly"]}}
HOUR = 3600


def contract(story: Story, calendar: dict[str, Any], policy: dict[str, Any] = GOLD, name: str = "Round") -> EntityId:
    """Another contract version of the customer, with documents of its own."""
    kept = story.act(AddRecord("calendar", {"name": name, "body": json.dumps(calendar)})).touched[0]
    promised = story.act(AddRecord("policy", {"name": name, "body": json.dumps(policy)})).touched[0]
    made = story.act(AddRecord("contract", {"company": story.company.hex(), "number": name})).touched[0]
    fields = {"contract": made.hex(), "policy": promised.hex(), "calendar": kept.hex(), "valid_from": 0}
    return story.act(AddRecord("contract_version", {**fields, "valid_until": 1})).touched[0]


def now(story: Story) -> Instant:
    return instant(story.clock.now_ms())


def at(told: str) -> int:
    return int(datetime.fromisoformat(told).replace(tzinfo=UTC).timestamp())


def due(story: Story, ticket: EntityId) -> tuple[int | None, int | None]:
    """When first response and resolution are due."""
    response, _update, resolution = story.desk.page_now(TicketPage(ticket)).clocks
    return response.due_at, resolution.due_at


def ledgers(story: Story, ticket: EntityId) -> list[Ledger]:
    """First response and resolution line by line."""
    shown: ClockShown = story.desk.page_now(ClockPage(ticket, now(story)))
    return list(shown.ledgers)


def facts(story: Story, ticket: EntityId) -> ClockFacts:
    with story.look() as seen:
        found = clock_facts(seen, load_ticket(seen, ticket)[0], now(story))
    assert found is not None
    return found


def till_morning(story: Story) -> None:
    """From Tuesday 15:32 in Warsaw to Wednesday 9:32: four office hours."""
    story.clock.forward(hours=18)


def test_the_hours_of_each_contract_count_for_their_own_time(story: Story) -> None:
    ticket = story.open_ticket()
    till_morning(story)
    story.act(RetargetTicket(ticket, contract(story, ALWAYS)))
    # Four of eight hours were used by office hours; the other four are counted day and night.
    assert due(story, ticket)[1] == at("2026-11-25T12:32")
    with story.look() as seen:
        assert (check_rows(seen), check_chain(seen) > 0) == (1, True)


def test_hours_into_which_a_ticket_is_put_do_not_count_for_the_night_before(story: Story) -> None:
    office = story.open_ticket()
    till_morning(story)
    round_the_clock = contract(story, ALWAYS)
    story.act(RetargetTicket(office, round_the_clock))
    response, resolution = ledgers(story, office)
    assert (response.promise.used, resolution.promise.used) == (4 * HOUR, 4 * HOUR)
    story.clock.forward(hours=10)  # Wednesday 19:32, when the office has closed
    response, resolution = ledgers(story, office)
    assert (response.promise.used, resolution.promise.used) == (14 * HOUR, 14 * HOUR)
    for one in (response, resolution):
        assert [(span.counted, one.calendars[span.version].name) for span in one.spans if span.counted] == [
            (2 * HOUR + 28 * 60, "Office"),
            (1 * HOUR + 32 * 60, "Office"),
            (10 * HOUR, "Round"),
        ]
        assert sum(span.counted for span in one.spans) == one.promise.used
    told = ledger_text(story.desk.page_now(ClockPage(office, now(story))), "Europe/Warsaw")
    assert "Office v1, Round v1, policy gold v1" in told


def test_undo_gives_both_clocks_back_as_if_nothing_had_happened(story: Story) -> None:
    ticket = story.open_ticket()
    by_change = {**GOLD, "first_response_seconds": {"3": 600}, "resolution_seconds": {"3": 600}, "count_from": "change"}
    other = contract(story, ALWAYS, by_change)
    till_morning(story)
    story.clock.forward(hours=10)  # the office is closed, the other desk works
    before = [(one.promise, one.spans, one.changes) for one in ledgers(story, ticket)]
    story.act(RetargetTicket(ticket, other))
    assert [one.promise.used for one in ledgers(story, ticket)] == [0, 0]
    story.act(Undo())
    assert [(one.promise, one.spans, one.changes) for one in ledgers(story, ticket)] == before
    story.clock.forward(hours=10)
    asleep = [one.promise.used for one in ledgers(story, ticket)]
    story.act(Redo())
    story.act(Undo())
    assert [one.promise.used for one in ledgers(story, ticket)] == asleep
    with story.look() as seen:
        assert (check_rows(seen), check_chain(seen) > 0) == (1, True)


def test_what_was_undone_hours_later_left_no_hour_behind(story: Story) -> None:
    ticket = story.open_ticket()
    before = due(story, ticket)
    story.act(RetargetTicket(ticket, contract(story, ALWAYS)))
    till_morning(story)
    story.act(Undo())
    assert due(story, ticket) == before


def test_a_version_of_the_old_hours_counts_only_while_its_contract_did(story: Story) -> None:
    ticket = story.open_ticket()
    with story.look() as seen:
        office = EntityId(seen.execute("SELECT id FROM calendar WHERE name = 'Office'").fetchone()[0])
    for number, (body, since) in enumerate(((LONG_DAYS, "2026-11-25T00:00"), (OFFICE, "2026-11-25T12:00")), 1):
        story.act(ChangeDocument("calendar", office, json.dumps(body), number, Instant(at(since))))
    till_morning(story)
    story.act(RetargetTicket(ticket, contract(story, ALWAYS)))
    # From six on Wednesday, 3:32 and 2:28 the day before: six hours, and two more day and night.
    assert due(story, ticket)[1] == at("2026-11-25T10:32")
    found = facts(story, ticket)
    assert isinstance(found.hours, CalendarVersions)
    assert [(name.name, name.version) for name in found.calendar_names] == [("Office", 1), ("Office", 2), ("Round", 1)]
    assert len(found.hours.versions) == len(found.calendar_names)


def test_the_version_in_force_when_a_ticket_is_put_under_a_contract_is_named(story: Story) -> None:
    ticket = story.open_ticket()
    other = contract(story, OFFICE)
    with story.look() as seen:
        kept = EntityId(seen.execute("SELECT id FROM calendar WHERE name = 'Round'").fetchone()[0])
    for number, since in enumerate(("2026-11-20T00:00", "2026-11-30T00:00"), 1):
        story.act(ChangeDocument("calendar", kept, json.dumps(ALWAYS), number, Instant(at(since))))
    till_morning(story)
    story.act(RetargetTicket(ticket, other))
    assert [(name.name, name.version) for name in facts(story, ticket).calendar_names] == [
        ("Office", 1),
        ("Round", 2),
        ("Round", 3),
    ]


def test_an_edit_of_the_old_hours_for_the_past_moves_a_ticket_that_left_them(story: Story) -> None:
    ticket = story.open_ticket()
    till_morning(story)
    story.act(RetargetTicket(ticket, contract(story, ALWAYS)))
    with story.look() as seen:
        office = EntityId(seen.execute("SELECT id FROM calendar WHERE name = 'Office'").fetchone()[0])
    holiday = {**OFFICE, "holidays": ["2026-11-24"]}
    story.act(ChangeDocument("calendar", office, json.dumps(holiday), 1, Instant(0)))
    story.desk.finish_rebuild(lambda progress: None)
    assert due(story, ticket)[1] == at("2026-11-25T15:00")
    with story.look() as seen:
        assert check_rows(seen) == 1


def test_time_without_a_contract_counts_by_the_hours_of_before(story: Story) -> None:
    ticket = story.open_ticket()
    with story.look() as seen:
        (first,) = seen.execute("SELECT contract_version FROM ticket").fetchone()
    before = due(story, ticket)
    story.act(RetargetTicket(ticket, None))
    assert due(story, ticket) == (None, None)
    till_morning(story)
    story.act(RetargetTicket(ticket, first))
    assert due(story, ticket) == before


def test_a_ticket_that_had_no_contract_counts_by_its_first_one_from_the_opening(story: Story) -> None:
    with story.look() as seen:
        (version,) = seen.execute("SELECT id FROM contract_version").fetchone()
    company = story.act(AddRecord("company", {"name": "Later"})).touched[0]
    ticket = story.act(OpenTicket("Printer jams", company)).touched[0]
    made = story.act(AddRecord("contract", {"company": company.hex(), "number": "K-2"})).touched[0]
    with story.look() as seen:
        policy, calendar = seen.execute(
            "SELECT policy, calendar FROM contract_version WHERE id = ?", (version,)
        ).fetchone()
    terms = {"contract": made.hex(), "policy": policy.hex(), "calendar": calendar.hex(), "valid_from": 0}
    own = story.act(AddRecord("contract_version", terms)).touched[0]
    till_morning(story)
    story.act(RetargetTicket(ticket, own))
    assert due(story, ticket)[1] == at("2026-11-25T12:32")
    assert [name.name for name in facts(story, ticket).calendar_names] == ["Office"]


def test_a_sites_closing_days_lie_over_the_hours_of_every_contract(story: Story) -> None:
    fields = {"company": story.company.hex(), "name": "Works", "closing_days": ["2026-11-25"]}
    site = story.act(AddRecord("site", fields)).touched[0]
    ticket = story.act(OpenTicket("Printer jams", story.company, 3, site=site)).touched[0]
    till_morning(story)
    story.act(RetargetTicket(ticket, contract(story, ALWAYS)))
    # 2:28 on Tuesday, nothing on Wednesday, the rest from midnight on.
    assert due(story, ticket)[1] == at("2026-11-25T23:00") + 5 * HOUR + 32 * 60


def test_the_hours_of_a_retargeted_ticket_are_laid_out_once(story: Story) -> None:
    ticket = story.open_ticket()
    story.clock.forward(minutes=1)
    story.act(RetargetTicket(ticket, contract(story, ALWAYS)))
    assert hours(story, ticket) is hours(story, ticket)


def test_a_ticket_whose_contracts_have_one_calendar_shares_its_hours_with_the_others(story: Story) -> None:
    moved, stayed = story.open_ticket(), story.open_ticket()
    with story.look() as seen:
        (version,) = seen.execute("SELECT contract_version FROM ticket LIMIT 1").fetchone()
    story.clock.forward(minutes=1)
    story.act(RetargetTicket(moved, version))
    assert hours(story, moved) is hours(story, stayed)


def hours(story: Story, ticket: EntityId) -> object:
    with story.look() as seen:
        return terms_of(seen, load_ticket(seen, ticket)[0]).hours


def statements(story: Story, ticket: EntityId) -> int:
    """How many statements it takes to know a ticket's terms."""
    asked: list[str] = []
    with story.look() as seen:
        found = load_ticket(seen, ticket)[0]
        seen.set_trace_callback(asked.append)
        terms_of(seen, found)
    return len(asked)


def test_a_ticket_that_was_never_retargeted_is_asked_for_nothing_more(story: Story) -> None:
    assert statements(story, story.open_ticket()) == 2  # its contract, and the versions of both documents


def test_an_answer_and_a_closing_after_a_retargeting_are_announced_by_the_hours_of_both(story: Story) -> None:
    ticket = story.open_ticket()
    till_morning(story)
    story.act(RetargetTicket(ticket, contract(story, ALWAYS)))
    story.clock.forward(hours=10)
    story.act(PostEntry(ticket, "note", "done"))
    story.act(MoveStage(ticket, "resolved"))
    said = story.desk.page_now(TicketPage(ticket)).entries[0].data["clocks"]
    assert [(one["clock"], one["used"]) for one in said] == [("first_response", 14 * HOUR), ("resolution", 14 * HOUR)]


def test_every_version_of_hours_has_a_name(story: Story) -> None:
    ticket = story.open_ticket()
    other = contract(story, ALWAYS)
    with story.look() as seen:
        seen.row_factory = sqlite3.Row
        (first,) = (row["contract_version"] for row in seen.execute("SELECT contract_version FROM ticket"))
    for version in (other, None, first, other, first):
        story.clock.forward(hours=5)
        story.act(RetargetTicket(ticket, version))
        if version is not None:
            found = facts(story, ticket)
            assert isinstance(found.hours, CalendarVersions)
            assert len(found.hours.versions) == len(found.calendar_names)
            assert all(one.promise.used == sum(span.counted for span in one.spans) for one in ledgers(story, ticket))


def offered(story: Story, ticket: EntityId) -> list[tuple[str, int | None]]:
    """The contracts that a ticket may count by, with their ends."""
    page = story.desk.page_now(TicketPage(ticket))
    lines = story.desk.page_now(ContractsOf(story.company, now(story), page.contract_version))
    return [(line.number, line.until) for line in lines]


def test_contracts_in_force_and_the_tickets_own_one_are_offered(story: Story) -> None:
    ticket = story.open_ticket()
    ended = contract(story, ALWAYS)
    assert offered(story, ticket) == [("K-1", None)]
    story.act(RetargetTicket(ticket, ended))
    assert offered(story, ticket) == [("K-1", None), ("Round", 1)]
    with story.look() as seen:
        (first,) = seen.execute("SELECT id FROM contract WHERE number = 'K-1'").fetchone()
    for since in (now(story) - 60, now(story) + 60):
        story.act(AddRecord("contract_version", {"contract": first.hex(), "valid_from": since, "grade": str(since)}))
    lines = story.desk.page_now(ContractsOf(story.company, now(story)))
    assert [(line.number, line.grade) for line in lines] == [("K-1", str(now(story) - 60))]


def test_a_ticket_without_a_contract_is_not_taken_off_it_again(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(RetargetTicket(ticket, None))
    with pytest.raises(Refused, match=r"ticket.no_contract_already"):
        story.act(RetargetTicket(ticket, None))
