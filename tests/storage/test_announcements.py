"""What was said of a ticket's promises when it was closed: it stays in the timeline, and undo takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.clock import Instant, instant
from core.commands import MoveStage, OpenTicket, PostEntry, Redo, Undo
from core.ids import EntityId
from core.pages import TicketPage
from core.timeline import Entry
from tests.storage.desk_story import Story, begin, check_chain, check_rows
from tui.presenters.ticket_page import system_sentence


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    begun = begin(tmp_path / "desk.db")
    yield begun
    begun.desk.close()


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
