"""What one wants to know before speaking: steps tried, who else asked, what was before, which calls are promised."""

from __future__ import annotations

import pytest

from core.clock import Instant, instant
from core.commands import AddRecord, DropCallBack, MoveStage, OpenTicket, PlanCallBack, PostEntry, Undo
from core.context import CallBackDue, CallBacksDue
from core.errors import ChangedMeanwhile
from core.ids import EntityId
from core.pages import CallsOn, Owed, OwedCounts, TicketPage
from core.ticket_shown import TicketShown
from tests.storage.desk_story import Story, check_rows

HOUR = 3600


def now(story: Story) -> Instant:
    return instant(story.clock.now_ms())


def shown(story: Story, ticket: EntityId) -> TicketShown:
    page = story.desk.page_now(TicketPage(ticket))
    assert isinstance(page, TicketShown)
    return page


def scale(story: Story) -> EntityId:
    """A scale at the customer."""
    fields = {"company": story.company.hex(), "serial": "W-154"}
    return story.act(AddRecord("equipment", fields)).touched[0]


def colleague(story: Story, name: str) -> EntityId:
    """Another contact of the customer."""
    contact = story.act(AddRecord("contact", {"name": name, "phone": "+48 22 555 09 09"})).touched[0]
    fields = {"contact": contact.hex(), "company": story.company.hex(), "role": "foreman"}
    story.act(AddRecord("affiliation", fields))
    return contact


def about(story: Story, equipment: EntityId, caller: EntityId | None = None, subject: str = "Scale jumps") -> EntityId:
    """A ticket on a piece of equipment."""
    wish = OpenTicket(subject, story.company, 3, equipment=equipment, reporters=(caller or story.caller,))
    return story.act(wish).touched[0]


def due(story: Story, person: EntityId | None = None) -> tuple[CallBackDue, ...]:
    found: tuple[CallBackDue, ...] = story.desk.page_now(CallBacksDue(person or story.anna, now(story)))
    return found


def test_steps_stand_apart_from_what_was_said_oldest_first(story: Story) -> None:
    ticket = story.open_ticket(text="It jams again")
    for text in ("new cable, same error", "other port, works"):
        story.clock.forward(minutes=5)
        story.act(PostEntry(ticket, "work", text))
        story.act(PostEntry(ticket, "note", "rang the foreman"))

    page = shown(story, ticket)

    assert [entry.text for entry in page.tried] == ["new cable, same error", "other port, works"]
    assert len(page.entries) > len(page.tried)


def test_a_step_taken_back_is_no_step(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(PostEntry(ticket, "work", "new cable"))

    story.act(Undo())

    assert shown(story, ticket).tried == ()
    with story.look() as seen:
        assert check_rows(seen) == 1


def test_a_colleague_who_asked_about_the_same_equipment_is_named_once(story: Story) -> None:
    equipment, foreman = scale(story), colleague(story, "Maria Lis")
    first, second = about(story, equipment, foreman), about(story, equipment, foreman)

    asked = shown(story, about(story, equipment)).also_asked

    (one,) = asked
    assert (one.name, one.is_open) == ("Maria Lis", True)
    assert one.number in {shown(story, first).row.number, shown(story, second).row.number}


def test_the_caller_is_not_told_of_their_own_question(story: Story) -> None:
    equipment = scale(story)
    about(story, equipment)

    assert shown(story, about(story, equipment)).also_asked == ()


def test_a_closed_question_of_months_ago_is_another_matter(story: Story) -> None:
    equipment, foreman = scale(story), colleague(story, "Maria Lis")
    old = about(story, equipment, foreman)
    story.act(MoveStage(old, "closed", resolution_code="fixed"))
    story.clock.forward(hours=31 * 24)

    assert shown(story, about(story, equipment)).also_asked == ()


def test_earlier_problems_are_those_of_the_equipment_newest_first_and_no_more_than_five(story: Story) -> None:
    equipment = scale(story)
    story.open_ticket("Another thing")
    for place in range(6):
        story.clock.forward(hours=1)
        about(story, equipment, subject=f"Problem {place}")
    story.clock.forward(hours=1)
    ticket = about(story, equipment)
    story.clock.forward(hours=1)
    about(story, equipment, subject="After it")

    assert [one.subject for one in shown(story, ticket).earlier] == [f"Problem {place}" for place in (5, 4, 3, 2, 1)]


def test_without_equipment_earlier_problems_are_those_of_the_company(story: Story) -> None:
    story.open_ticket("Printer jams")
    story.clock.forward(hours=1)

    assert [one.subject for one in shown(story, story.open_ticket("Till freezes")).earlier] == ["Printer jams"]


def test_notes_and_best_hours_of_the_caller_come_with_the_ticket(story: Story) -> None:
    fields = {"name": "Ewa", "language": "pl", "best_hours": "8-12", "notes": "hard of hearing"}
    caller = story.act(AddRecord("contact", fields)).touched[0]
    line = shown(story, story.act(OpenTicket("Till freezes", story.company, 3, reporters=(caller,))).touched[0]).caller

    assert line is not None
    assert (line.language, line.best_hours, line.notes) == ("pl", "8-12", "hard of hearing")


def test_promised_calls_are_listed_soonest_first_and_those_of_colleagues_once_they_are_late(story: Story) -> None:
    ticket = story.open_ticket()
    later, sooner = Instant(now(story) + 3 * HOUR), Instant(now(story) + HOUR)
    story.act(PlanCallBack(ticket, later, "+48 1", story.caller))
    story.act(PlanCallBack(ticket, sooner, "+48 2", story.caller))
    story.act(PlanCallBack(ticket, Instant(now(story) + 2 * HOUR), "+48 3"), author=story.boris)
    assert [one.phone for one in due(story)] == ["+48 2", "+48 1"]

    story.clock.forward(hours=2, minutes=1)

    assert [one.phone for one in due(story)] == ["+48 2", "+48 3", "+48 1"]
    assert story.desk.page_now(Owed(story.anna, now(story))) == OwedCounts(0, 1)


def test_each_ticket_of_a_list_knows_its_soonest_call_that_stands(story: Story) -> None:
    with_calls, without = story.open_ticket(), story.open_ticket("Till freezes")
    sooner, later = Instant(now(story) + HOUR), Instant(now(story) + 2 * HOUR)
    for due_at in (later, sooner):
        story.act(PlanCallBack(with_calls, due_at, "+48 1", story.caller))
    assert story.desk.page_now(CallsOn((with_calls, without))) == {with_calls: sooner}
    story.act(Undo())
    assert story.desk.page_now(CallsOn((with_calls, without))) == {with_calls: later}
    story.act(Undo())
    assert story.desk.page_now(CallsOn((with_calls, without))) == {}


def test_a_call_that_was_made_is_promised_no_more_and_undo_promises_it_again(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(PlanCallBack(ticket, Instant(now(story) + HOUR), "+48 1", story.caller, "ask for the night shift"))
    (one,) = due(story)
    drop = DropCallBack(one.ticket, one.id, one.due_at, one.phone, one.contact, one.note)

    story.act(PostEntry(ticket, "call", "we come at nine", story.caller, now(story)), drop)
    assert due(story) == ()

    story.act(Undo())
    assert due(story) == (one,)
    with story.look() as seen:
        assert check_rows(seen) == 1


def test_a_promise_that_a_colleague_dropped_meanwhile_is_not_dropped_twice(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(PlanCallBack(ticket, Instant(now(story) + HOUR), "+48 1"))
    (one,) = due(story)
    drop = DropCallBack(one.ticket, one.id, one.due_at, one.phone)
    story.act(drop, author=story.boris)

    with pytest.raises(ChangedMeanwhile):
        story.act(drop)
