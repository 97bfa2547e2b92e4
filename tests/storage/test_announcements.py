"""What was said of a ticket's promises when it was closed: it stays when later facts change the verdict."""

from __future__ import annotations

from typing import Any

import pytest

from core.clock import Instant, instant
from core.clock_shown import ClockPage, ClockShown
from core.commands import MoveStage, OpenTicket, PostEntry, Redo, Undo
from core.errors import Refused
from core.ids import EntityId
from core.pages import TicketPage
from core.ticket_shown import TicketShown
from core.timeline import Entry
from storage.reads import answer
from tests.storage.desk_story import Story, check_chain, check_rows
from tui.presenters.ledger_page import ledger_text
from tui.presenters.ticket_page import system_sentence, ticket_lines
from tui.verbs.ticket_told import document, lines


def now(story: Story) -> Instant:
    return instant(story.clock.now_ms())


def said(story: Story, ticket: EntityId) -> list[Entry]:
    """What was announced on a ticket, newest first."""
    return [entry for entry in story.desk.page_now(TicketPage(ticket)).entries if entry.code == "sla.announced"]


def words(story: Story, ticket: EntityId) -> list[str]:
    return [system_sentence(entry, {}, now(story), "Europe/Warsaw") for entry in said(story, ticket)]


def closed_late(story: Story, stage: str = "resolved") -> EntityId:
    """A ticket to be answered within the hour, resolved 72 minutes after it was opened without an answer."""
    ticket = story.open_ticket()
    story.clock.forward(minutes=72)
    story.act(MoveStage(ticket, stage))
    return ticket


@pytest.mark.parametrize("stage", ["resolved", "closed"])
def test_a_ticket_that_is_closed_is_told_with_how_its_promises_stood(story: Story, stage: str) -> None:
    ticket = closed_late(story, stage)
    assert words(story, ticket) == ["SLA: first response breached by 0:12, resolution kept"]
    told = [entry.code for entry in story.desk.page_now(TicketPage(ticket)).entries]
    assert told == ["sla.announced", "ticket.staged", "ticket.opened"]


def test_a_breach_of_seconds_is_told_as_a_breach(story: Story) -> None:
    ticket = story.open_ticket()
    story.clock.forward(seconds=3601)
    story.act(MoveStage(ticket, "closed"))
    assert words(story, ticket) == ["SLA: first response breached by 0:01, resolution kept"]


def test_closing_what_was_resolved_announces_nothing_new_and_resolving_again_does(story: Story) -> None:
    ticket = closed_late(story)
    story.act(MoveStage(ticket, "closed"))
    assert len(said(story, ticket)) == 1
    story.act(MoveStage(ticket, "active"))
    story.act(MoveStage(ticket, "resolved"))
    assert len(said(story, ticket)) == 2


def test_one_undo_takes_back_the_closing_with_what_was_said_and_redo_brings_both_again(story: Story) -> None:
    ticket = closed_late(story)
    announced = said(story, ticket)
    story.act(Undo())
    assert (said(story, ticket), story.desk.page_now(TicketPage(ticket)).row.stage) == ([], "new")
    story.act(Redo())
    assert (said(story, ticket), story.desk.page_now(TicketPage(ticket)).row.stage) == (announced, "resolved")
    with story.look() as seen:
        assert (check_rows(seen), check_chain(seen) > 0) == (1, True)


def test_what_was_said_counts_for_no_clock(story: Story) -> None:
    ticket = closed_late(story)
    before = clocks(story, ticket)
    story.act(Undo())
    story.act(MoveStage(ticket, "closed"))
    assert clocks(story, ticket) == before


def clocks(story: Story, ticket: EntityId) -> Any:
    return story.desk.page_now(TicketPage(ticket)).clocks


def test_a_ticket_without_a_promise_is_closed_in_silence(story: Story) -> None:
    ticket = story.act(OpenTicket("Printer jams", None)).touched[0]
    story.act(MoveStage(ticket, "closed"))
    assert said(story, ticket) == []


def test_marked_tickets_are_each_told_with_their_own_promises(story: Story) -> None:
    late = story.open_ticket()
    story.clock.forward(minutes=72)
    fresh = story.open_ticket()
    story.act(MoveStage(late, "closed"), MoveStage(fresh, "closed"))
    assert words(story, late) == ["SLA: first response breached by 0:12, resolution kept"]
    assert words(story, fresh) == ["SLA: first response kept, resolution kept"]
    story.act(Undo())
    assert said(story, late) == said(story, fresh) == []


def test_a_note_among_ourselves_is_no_answer_for_what_is_announced(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(PostEntry(ticket, "note", "nobody home"))
    story.clock.forward(minutes=61)
    story.act(MoveStage(ticket, "closed"))
    assert words(story, ticket) == ["SLA: first response breached by 0:01, resolution kept"]


def told_by_phone(story: Story, ticket: EntityId, minutes_ago: int) -> None:
    """Write down what the customer was told in a call."""
    story.act(PostEntry(ticket, "call", "On our way", said_at=Instant(now(story) - minutes_ago * 60)))


def page(story: Story, ticket: EntityId) -> TicketShown:
    shown: TicketShown = story.desk.page_now(TicketPage(ticket, now=now(story)))
    return shown


def on_the_screen(story: Story, ticket: EntityId, width: int = 80) -> str:
    shown = ticket_lines(page(story, ticket), width, now(story), "Europe/Warsaw", is_zoomed=False)
    return "\n".join("".join(text for text, _ink in one.line) for one in shown)


def why(story: Story, ticket: EntityId) -> str:
    """The ledgers of a ticket as text."""
    shown: ClockShown = story.desk.page_now(ClockPage(ticket, now(story)))
    return ledger_text(shown, "Europe/Warsaw")


def test_a_call_that_answered_in_time_is_written_down_after_a_breach_was_announced(story: Story) -> None:
    ticket = closed_late(story)
    assert not page(story, ticket).restated
    told_by_phone(story, ticket, minutes_ago=42)
    response = page(story, ticket).clocks[0]
    assert (response.used, response.is_breached(now(story))) == (1800, False)
    assert words(story, ticket) == ["SLA: first response breached by 0:12, resolution kept"]
    shown = on_the_screen(story, ticket)
    assert "+ met with 30m to spare" in shown and "SLA restated" in shown
    explained = why(story, ticket)
    assert "kept: used 0:30 open hours" in explained
    assert "SLA RESTATED" in explained and "said: breached, used 1:12; today: kept, used 0:30" in explained


def test_the_verbs_tell_what_was_restated(story: Story) -> None:
    ticket = closed_late(story)
    assert document(page(story, ticket), now(story))["restated"] is False
    assert "SLA restated" not in "\n".join(lines(page(story, ticket), now(story), "Europe/Warsaw"))
    told_by_phone(story, ticket, minutes_ago=42)
    assert document(page(story, ticket), now(story))["restated"] is True
    assert "SLA restated" in "\n".join(lines(page(story, ticket), now(story), "Europe/Warsaw"))


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_what_was_restated_is_seen_beside_the_clocks_at_every_width(story: Story, width: int) -> None:
    ticket = closed_late(story)
    before = on_the_screen(story, ticket, width).splitlines()
    told_by_phone(story, ticket, minutes_ago=42)
    after = on_the_screen(story, ticket, width).splitlines()
    place = next(number for number, line in enumerate(after) if "SLA restated" in line)
    assert "met with" in after[place - 1] and all(len(line) <= width for line in after)
    # Nothing that was told before has gone.
    assert before[place][:8] == after[place + 1][:8] == " stage  "


def test_a_call_that_came_too_late_changes_no_verdict(story: Story) -> None:
    ticket = closed_late(story)
    told_by_phone(story, ticket, minutes_ago=2)
    assert not page(story, ticket).restated
    assert "SLA RESTATED" not in why(story, ticket)


def test_taking_the_late_entry_back_gives_the_announced_verdict_back(story: Story) -> None:
    ticket = closed_late(story)
    told_by_phone(story, ticket, minutes_ago=42)
    story.act(Undo())
    assert not page(story, ticket).restated
    assert page(story, ticket).clocks[0].is_breached(now(story))
    story.act(Redo())
    assert page(story, ticket).restated
    with story.look() as seen:
        assert check_rows(seen) == 1


def test_the_row_of_a_closed_ticket_follows_the_verdict_of_today(story: Story) -> None:
    ticket = closed_late(story)
    assert page(story, ticket).row.sla_missed
    told_by_phone(story, ticket, minutes_ago=42)
    assert not page(story, ticket).row.sla_missed


def test_a_late_entry_stands_in_the_timeline_where_it_was_said(story: Story) -> None:
    ticket = closed_late(story)
    told_by_phone(story, ticket, minutes_ago=42)
    entries = page(story, ticket).entries
    assert [entry.code or entry.text for entry in entries] == [
        "sla.announced",
        "ticket.staged",
        "On our way",
        "ticket.opened",
    ]
    assert (entries[2].direction, entries[2].contact, entries[2].at) == (">", story.caller, now(story) - 42 * 60)


def test_nothing_is_written_down_for_a_time_before_the_opening_or_to_come(story: Story) -> None:
    ticket = story.open_ticket()
    story.clock.forward(minutes=5)
    for minutes_ago, code in ((7, "entry.said_before_opening"), (-1, "entry.said_in_the_future")):
        with pytest.raises(Refused, match=code):
            told_by_phone(story, ticket, minutes_ago)


def test_a_ticket_that_goes_on_after_it_was_closed_in_time_is_restated_by_nothing(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(MoveStage(ticket, "resolved"))
    story.act(MoveStage(ticket, "active"))
    story.clock.forward(minutes=90)
    shown = page(story, ticket)
    assert shown.clocks[0].is_breached(now(story)) and not shown.restated


def asked(story: Story, ticket: EntityId) -> list[str]:
    """The statements that it takes to show a ticket."""
    told: list[str] = []
    with story.look() as seen:
        seen.set_trace_callback(told.append)
        answer(seen, TicketPage(ticket, now=now(story)))
    return told


def test_a_ticket_of_which_nothing_was_said_is_shown_without_another_question(story: Story) -> None:
    still_open, closed = story.open_ticket(), closed_late(story)
    assert not any("sla.announced" in statement for statement in asked(story, still_open))
    assert any("sla.announced" in statement for statement in asked(story, closed))
