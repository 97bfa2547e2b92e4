"""Open conflicts read for the page on which they are settled, from two consoles that crossed each other for real."""

from __future__ import annotations

import pytest

from core.clock import Instant
from core.commands import AddRecord, ChangeRecord, SettleConflict
from core.conflicts import CLOSED_UNSEEN, FIRST_HOLDS, LATER, STAYS_CLOSED
from core.ids import EntityId
from core.pages import TicketPage
from core.review_shown import BesideShown, ConflictBeside, ConflictLine, ReviewPage, ReviewShown
from tests.storage.hub_story import Console, Kept, Two, keep, settle, two_consoles
from tests.support.crossing import cross
from tests.support.hub_server import HubServer


@pytest.fixture(scope="module")
def kept(hub_server: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Anna and Boris, who have crossed each other three times."""
    anna, boris = two_consoles(tmp_path_factory.mktemp("crossed"), hub_server)
    cross(anna, boris)
    return keep(anna, boris)


def page_of(console: Console) -> ReviewShown:
    page: ReviewShown = console.desk.page_now(ReviewPage())
    return page


def about(console: Console, field: str) -> ConflictLine:
    return next(line for line in page_of(console).lines if line.conflict.field == field)


def beside(console: Console, line: ConflictLine) -> BesideShown:
    now = Instant(console.clock.now_ms() // 1000)
    found: BesideShown = console.desk.page_now(ConflictBeside(line.conflict.id, now))
    return found


def test_both_consoles_have_the_same_questions_with_both_sides_and_the_rule(two: Two) -> None:
    first, second = (page_of(console) for console in two)
    assert [line.conflict for line in first.lines] == [line.conflict for line in second.lines]
    rules = {line.conflict.field: line.conflict.rule for line in first.lines}
    assert rules == {"owner": FIRST_HOLDS, "priority": LATER, "closed": STAYS_CLOSED}
    assert first.in_all == 3


def test_those_whose_promise_runs_come_before_those_without_one(two: Two) -> None:
    ranks = [line.row.queue_rank for line in page_of(two[0]).lines if line.row]
    assert len(ranks) == 3 and ranks == sorted(ranks)


def test_who_and_what_is_named(two: Two) -> None:
    page = page_of(two[0])
    owner = about(two[0], "owner").conflict
    names = [page.names[side.author.hex()] for side in (owner.applied, owner.other)]
    assert names == ["Anna", "Boris"]
    assert page.names[owner.applied.value["owner"]] == "Anna"
    assert page.names[owner.other.value["team"]] == "Day shift"


def test_notes_of_both_are_told_as_merged_and_what_both_knew_is_not(two: Two) -> None:
    merged = beside(two[0], about(two[0], "priority")).merged
    assert [one.told for one in merged] == ["Line stops at noon", "Spare scanner at dock 2"]


def test_each_priority_has_its_own_deadline(two: Two) -> None:
    deadlines = beside(two[0], about(two[0], "priority")).deadlines
    assert sorted(deadlines) == [1, 2, 3]
    assert deadlines[1].due_at != deadlines[3].due_at


def test_a_verdict_that_later_work_changed_is_told_beside_the_closing(two: Two) -> None:
    restated = beside(two[0], about(two[0], "closed")).restated
    assert [(one.announcement.breached, one.breached) for one in restated] == [(True, False)] * len(restated)
    assert restated


def test_a_ticket_tells_how_many_questions_it_has(two: Two) -> None:
    ticket = about(two[0], "owner").conflict.record
    assert two[0].desk.page_now(TicketPage(ticket)).open_conflicts == 1
    two[0].act(SettleConflict(about(two[0], "owner").conflict.id, False))
    assert two[0].desk.page_now(TicketPage(ticket)).open_conflicts == 0


def test_what_is_settled_is_neither_listed_nor_explained_any_more(two: Two) -> None:
    line = about(two[0], "owner")
    two[0].act(SettleConflict(line.conflict.id, True))
    assert [one.conflict.field for one in page_of(two[0]).lines] == ["priority", "closed"]
    assert two[0].desk.page_now(ConflictBeside(line.conflict.id, Instant(0))) is None


def test_a_field_of_a_record_is_told_with_its_company_after_the_tickets(two: Two) -> None:
    anna, boris = two
    company = EntityId(anna.value("SELECT id FROM company"))
    added = anna.act(AddRecord("site", {"name": "Hall 7", "company": company.hex(), "address": "Gate A"}))
    settle(anna, boris)
    anna.act(ChangeRecord("site", added.touched[0], {"address": "Gate B"}))
    boris.act(ChangeRecord("site", added.touched[0], {"address": "Gate C"}))
    settle(anna, boris)
    last = page_of(anna).lines[-1]
    assert (last.conflict.field, last.row, last.name, last.company) == ("address", None, "Hall 7", "Zakłady Łąki")
    assert (last.conflict.before, {last.conflict.applied.value, last.conflict.other.value}) == (
        "Gate A",
        {"Gate B", "Gate C"},
    )


def test_only_so_many_are_read_and_all_are_counted(two: Two) -> None:
    page = two[0].desk.page_now(ReviewPage(1))
    assert (len(page.lines), page.in_all) == (1, 3)


def test_work_after_a_close_is_a_question_of_its_own_kind(two: Two) -> None:
    conflict = about(two[1], "closed").conflict
    assert conflict.kind == CLOSED_UNSEEN
    assert conflict.other.value == {"kind": "entry.posted", "text": "Still open on my side"}
