"""Calendars and policies in versions: which one holds for a ticket, what a site closes, and how an edit is undone."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest

from core.clock import Instant
from core.commands import AddRecord, ChangeDocument, OpenTicket, PostEntry, Redo, RetargetTicket, Undo
from core.errors import ChangedMeanwhile, DomainError, Refused
from core.ids import EntityId
from core.pages import TicketPage
from storage.rows import ticket_of
from storage.terms import closing_days_in, terms_of
from tests.storage.desk_story import GOLD, OFFICE, Story, check_chain, check_rows

LONG_DAYS = {**OFFICE, "weekly": {day: [["06:00", "22:00"]] for day in OFFICE["weekly"]}}


def document(story: Story, kind: str) -> EntityId:
    with story.look() as seen:
        return EntityId(seen.execute(f"SELECT id FROM {kind}").fetchone()[0])


def change(story: Story, kind: str, body: dict[str, Any], since: int | None = None, seen: int = 1) -> None:
    told = None if since is None else Instant(since)
    story.act(ChangeDocument(kind, document(story, kind), json.dumps(body), seen, told))
    story.desk.finish_rebuild(lambda progress: None)


def due(story: Story, ticket: EntityId) -> tuple[int | None, int | None]:
    """When first response and resolution are due, from the ticket's page."""
    response, _update, resolution = story.desk.page_now(TicketPage(ticket)).clocks
    return response.due_at, resolution.due_at


def now(story: Story) -> int:
    return story.clock.now_ms() // 1000


def at(told: str) -> int:
    return int(datetime.fromisoformat(told).replace(tzinfo=UTC).timestamp())


def test_the_calendar_in_force_at_each_instant_counts(story: Story) -> None:
    ticket = story.open_ticket()  # Tuesday 24 November 2026, 15:32 in Warsaw; eight hours of ten a day
    assert due(story, ticket)[1] == at("2026-11-25T12:32")
    change(story, "calendar", LONG_DAYS, at("2026-11-25T00:00"))
    # What is left after Tuesday's closing is counted from six in the morning on.
    assert due(story, ticket)[1] == at("2026-11-25T10:32")
    with story.look() as seen:
        assert check_rows(seen) == 1


def test_a_version_from_the_past_recomputes_the_past(story: Story) -> None:
    ticket = story.open_ticket()
    change(story, "calendar", {**OFFICE, "holidays": ["2026-11-24"]}, at("2026-11-01T00:00"))
    assert due(story, ticket) == (at("2026-11-25T08:00"), at("2026-11-25T15:00"))


def test_a_later_version_ends_the_one_before_it_whatever_their_order_of_writing(story: Story) -> None:
    ticket = story.open_ticket()
    change(story, "calendar", OFFICE, at("2026-11-25T00:00"))
    change(story, "calendar", LONG_DAYS, at("2026-11-24T00:00"), seen=2)
    assert due(story, ticket)[1] == at("2026-11-25T08:32")


def test_a_policys_new_version_is_for_tickets_opened_under_it(story: Story) -> None:
    before = story.open_ticket()
    old = due(story, before)
    story.clock.forward(minutes=1)
    change(story, "policy", {**GOLD, "first_response_seconds": {"3": 60}})
    story.clock.forward(minutes=1)
    after = story.open_ticket()
    assert due(story, before) == old
    assert due(story, after)[0] == now(story) + 60


def test_a_ticket_takes_the_policy_of_today_only_when_it_is_retargeted_and_undo_gives_the_old_one_back(
    story: Story,
) -> None:
    ticket = story.open_ticket()
    opened_at, old = now(story), due(story, ticket)
    with story.look() as seen:
        (version,) = seen.execute("SELECT contract_version FROM ticket").fetchone()
    story.clock.forward(minutes=1)
    change(story, "policy", {**GOLD, "first_response_seconds": {"3": 1800}})
    story.clock.forward(minutes=1)
    story.act(RetargetTicket(ticket, version))
    assert due(story, ticket)[0] == opened_at + 1800  # counted from the opening
    story.act(PostEntry(ticket, "note", "as the customer was told"))
    assert due(story, ticket)[0] == opened_at + 1800
    story.act(Undo())
    story.act(Undo())
    assert due(story, ticket) == old
    story.act(Redo())
    assert due(story, ticket)[0] == opened_at + 1800
    with story.look() as seen:
        assert (check_rows(seen), check_chain(seen) > 0) == (1, True)


def test_an_undone_edit_gives_every_ticket_its_deadline_back(story: Story) -> None:
    tickets = [story.open_ticket(priority=priority) for priority in (1, 3)]
    before = [due(story, ticket) for ticket in tickets]
    change(story, "calendar", LONG_DAYS, 0)
    assert [due(story, ticket) for ticket in tickets] != before
    story.act(Undo())
    story.desk.finish_rebuild(lambda progress: None)
    assert [due(story, ticket) for ticket in tickets] == before
    with story.look() as seen:
        assert check_rows(seen) == 2


def test_numbers_of_versions_are_not_given_twice_after_an_undo(story: Story) -> None:
    change(story, "calendar", LONG_DAYS)
    story.act(Undo())
    with pytest.raises(ChangedMeanwhile, match=r"document.changed_meanwhile"):
        change(story, "calendar", OFFICE, seen=1)
    change(story, "calendar", OFFICE, seen=2)
    with story.look() as seen:
        assert seen.execute("SELECT number, archived FROM document_version ORDER BY number").fetchall() == [
            (2, 1),
            (3, 0),
        ]


def test_what_cannot_be_a_document_changes_nothing(story: Story) -> None:
    for kind, body, since, code in (
        ("calendar", {"tz": "UTC", "weekly": {}}, None, "terms.never_open"),
        ("policy", {"resolution_seconds": {"1": -1}}, None, "terms.malformed"),
        ("policy", GOLD, now(story) - 1, "document.policy_in_the_past"),
    ):
        with pytest.raises(DomainError, match=code):
            change(story, kind, body, since)
    with pytest.raises(Refused, match=r"ticket.contract_of_another"):
        retarget_to_a_stranger(story)
    with story.look() as seen:
        assert seen.execute("SELECT count(*) FROM document_version").fetchone() == (0,)


def retarget_to_a_stranger(story: Story) -> None:
    company = story.act(AddRecord("company", {"name": "Other"})).touched[0]
    contract = story.act(AddRecord("contract", {"company": company.hex(), "number": "K-9"})).touched[0]
    version = story.act(AddRecord("contract_version", {"contract": contract.hex(), "valid_from": 0})).touched[0]
    story.act(RetargetTicket(story.open_ticket(), version))


def test_a_day_on_which_the_site_is_closed_does_not_count_for_its_tickets_alone(story: Story) -> None:
    fields = {"company": story.company.hex(), "name": "Works", "closing_days": ["2026-11-25", {"date": "12-24"}]}
    site = story.act(AddRecord("site", fields)).touched[0]
    here = story.act(OpenTicket("Printer jams", story.company, 3, site=site)).touched[0]
    elsewhere = story.open_ticket()
    assert due(story, here)[1] == at("2026-11-26T12:32")
    assert due(story, elsewhere)[1] == at("2026-11-25T12:32")


def test_a_sites_closing_days_lie_over_every_version_of_the_calendar(story: Story) -> None:
    fields = {"company": story.company.hex(), "name": "Works", "closing_days": ["2026-11-25"]}
    site = story.act(AddRecord("site", fields)).touched[0]
    ticket = story.act(OpenTicket("Printer jams", story.company, 3, site=site)).touched[0]
    change(story, "calendar", LONG_DAYS, at("2026-11-25T00:00"))
    assert due(story, ticket)[1] == at("2026-11-26T10:32")


def test_closing_days_that_change_move_the_deadlines_of_the_sites_tickets(story: Story) -> None:
    fields = {"company": story.company.hex(), "name": "Works"}
    site = story.act(AddRecord("site", fields)).touched[0]
    story.act(OpenTicket("Printer jams", story.company, 3, site=site))
    story.act(AddRecord("site", {**fields, "closing_days": ["2026-11-25"]}, site))
    story.desk.finish_rebuild(lambda progress: None)
    with story.look() as seen:
        assert check_rows(seen) == 1


@pytest.mark.parametrize(
    ("text", "dates", "yearly"),
    [
        ("", 0, 0),
        ("[]", 0, 0),
        ('["2026-11-25", "02-29", {"date": "2026-12-24", "name": "Eve"}]', 2, 1),
        ("Sundays and the second Friday", 0, 0),
        ('{"date": "2026-11-25"}', 0, 0),
        ('["2026-02-30", "13-01", 7, null, {"name": "no date"}]', 0, 0),
    ],
)
def test_what_a_site_says_of_its_closing_days_closes_only_what_is_a_date(text: str, dates: int, yearly: int) -> None:
    found = closing_days_in(text)
    assert (len(found[0]), len(found[1])) == (dates, yearly)


def test_tickets_of_one_contract_share_one_laid_out_calendar(story: Story) -> None:
    for _ in range(2):
        story.open_ticket()
    with story.look() as seen:
        seen.row_factory = sqlite3.Row
        both = [ticket_of(row, ()) for row in seen.execute("SELECT * FROM ticket")]
        seen.row_factory = None
        first, second = (terms_of(seen, ticket) for ticket in both)
    assert first.hours is second.hours
    assert first.hours is not None
