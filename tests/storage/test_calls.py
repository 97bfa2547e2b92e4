"""Calls on the disk: the caller's card in one read, drafts that no console writes over, one act that saves."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from core.caller_shown import CallerPage, LastCallers, PastFaults
from core.clock import Instant, instant
from core.clock_state import NONE
from core.commands import AddRecord, MergeRecords, MoveStage, OpenTicket, SaveCall, Undo
from core.contract_shown import ContractShown, NoContract
from core.errors import ChangedMeanwhile
from core.ids import EntityId
from core.intake import CallDraft
from core.pages import CallDrafts, KeptCall, TicketPage
from tests.storage.desk_story import Story, check_chain, check_rows

CONTRACT_OF = "SELECT contract_version FROM ticket WHERE id = ?"


@pytest.fixture
def story(story: Story) -> Story:
    belongs = {"contact": story.caller.hex(), "company": story.company.hex(), "role": "foreman", "may_order": True}
    story.act(AddRecord("affiliation", belongs))
    return story


def now(story: Story) -> Instant:
    return instant(story.clock.now_ms())


def add(story: Story, entity: str, **fields: object) -> EntityId:
    return story.act(AddRecord(entity, fields)).touched[0]


def call(story: Story, symptom: str = "smoke", **more: Any) -> SaveCall:
    wish = SaveCall(story.desk.new_id(), now(story), symptom, None, story.caller, "Ewa", "", story.company, "Łąki")
    return wish._replace(**more)


# The card.


def test_the_card_has_the_contract_that_a_ticket_opened_now_would_get(story: Story) -> None:
    shown = story.desk.page_now(CallerPage(story.caller, story.company, now(story)))
    ticket = story.act(call(story)).touched[-1]
    told = story.desk.page_now(TicketPage(ticket))
    assert isinstance(shown.contract, ContractShown)
    assert (shown.contract.number, shown.contract.grade) == (told.contract, told.grade)
    promised = next(one.clocks for one in shown.promised if one.priority == told.row.priority)
    assert [clock.due_at for clock in promised] == [clock.due_at for clock in told.clocks]


def test_only_priorities_that_are_promised_are_shown(story: Story) -> None:
    shown = story.desk.page_now(CallerPage(None, story.company, now(story)))
    assert [one.priority for one in shown.promised] == [1, 3]
    assert all(any(clock.state != NONE for clock in one.clocks) for one in shown.promised)


def test_a_company_without_a_contract_says_so(story: Story) -> None:
    company = add(story, "company", name="New firm")
    shown = story.desk.page_now(CallerPage(None, company, now(story)))
    assert isinstance(shown.contract, NoContract) and shown.promised == ()


def test_an_unknown_company_has_no_card(story: Story) -> None:
    assert story.desk.page_now(CallerPage(None, story.caller, now(story))) is None


def test_open_tickets_stand_by_risk_and_tell_whose_they_are(story: Story) -> None:
    late = story.act(OpenTicket("late", story.company, 1)).touched[0]
    own = story.open_ticket("own")
    story.act(OpenTicket("closed", story.company, 3))
    closed = story.desk.page_now(CallerPage(None, story.company, now(story))).open_here[-1].row.id
    story.act(MoveStage(closed, "closed"))
    shown = story.desk.page_now(CallerPage(story.caller, story.company, now(story)))
    assert [one.row.id for one in shown.open_here] == [late, own]
    assert [one.is_of_caller for one in shown.open_here] == [False, True]
    assert shown.open_count == 2
    assert [one.number for one in shown.previous] == [row_number(story, closed)]


def row_number(story: Story, ticket: EntityId) -> str:
    with story.look() as seen:
        return str(seen.execute("SELECT number FROM ticket WHERE id = ?", (ticket,)).fetchone()[0])


def test_the_piece_the_caller_reported_stands_first_and_its_site_is_suggested(story: Story) -> None:
    hall, gate = (add(story, "site", company=story.company.hex(), name=name) for name in ("hall", "gate"))
    pieces = [
        add(story, "equipment", company=story.company.hex(), serial=f"S-{n}", site=site.hex())
        for n, site in enumerate((hall, gate, gate))
    ]
    story.act(OpenTicket("x", story.company, 3, equipment=pieces[2], site=gate, reporters=(story.caller,)))
    shown = story.desk.page_now(CallerPage(story.caller, story.company, now(story)))
    assert [piece.id for piece in shown.pieces] == [pieces[2], pieces[0], pieces[1]]
    assert (shown.site.id, shown.site.name) == (gate, "gate")
    assert shown.pieces[0].open_number == shown.open_here[0].row.number


def test_somebody_who_left_and_somebody_taken_off_the_desk_are_told(story: Story) -> None:
    shown = story.desk.page_now(CallerPage(story.boris, story.company, now(story)))
    assert shown.contact is None
    stranger = add(story, "contact", name="Jan")
    assert story.desk.page_now(CallerPage(stranger, story.company, now(story))).contact.has_left
    assert not story.desk.page_now(CallerPage(story.caller, story.company, now(story))).contact.has_left
    story.act(Undo())
    assert story.desk.page_now(CallerPage(stranger, story.company, now(story))).contact.is_gone


def test_who_may_approve_is_named_for_somebody_who_may_not(story: Story) -> None:
    boss = add(story, "contact", name="Maria", phone="+48 600")
    add(story, "affiliation", contact=boss.hex(), company=story.company.hex(), may_approve=True)
    assert story.desk.page_now(CallerPage(story.caller, story.company, now(story))).approver.name == "Maria"
    assert story.desk.page_now(CallerPage(boss, story.company, now(story))).approver is None


def test_past_faults_of_the_piece_come_before_those_of_its_model(story: Story) -> None:
    model = add(story, "model", name="ZT411", maker="Zebra")
    fields = {"company": story.company.hex(), "model": model.hex()}
    mine, other = (add(story, "equipment", serial=serial, **fields) for serial in ("S-1", "S-2"))
    story.act(OpenTicket("of the other", story.company, equipment=other))
    story.act(OpenTicket("of mine", story.company, equipment=mine))
    past = story.desk.page_now(PastFaults(story.company, mine))
    assert [(one.subject, one.equipment_name) for one in past] == [("of mine", "S-1"), ("of the other", "S-2")]
    assert len(story.desk.page_now(PastFaults(story.company, None))) == 2


# Saving.


def test_a_saved_call_leaves_one_ticket_one_entry_and_no_draft(story: Story) -> None:
    wish = call(story)
    story.desk.keep_call(story.anna, wish.call, "{}", "").result(5)
    story.act(wish)
    assert story.desk.page_now(CallDrafts(story.anna)) == ()
    with story.look() as seen:
        assert seen.execute("SELECT count(*) FROM ticket").fetchone() == (1,)
        assert seen.execute("SELECT text FROM entry WHERE kind = 'call'").fetchall() == [("smoke",)]
        check_chain(seen)
        assert check_rows(seen) == 1


def test_a_refused_call_keeps_its_draft(story: Story) -> None:
    ticket = story.open_ticket()
    story.act(MoveStage(ticket, "closed"))
    wish = call(story, ticket=ticket)
    story.desk.keep_call(story.anna, wish.call, "{}", "").result(5)
    with pytest.raises(ChangedMeanwhile, match=r"call\.ticket_closed"):
        story.act(wish)
    assert story.desk.page_now(CallDrafts(story.anna)) == (KeptCall(wish.call, "{}"),)


def test_the_same_call_is_never_saved_twice_also_not_after_undo(story: Story) -> None:
    wish = call(story)
    story.act(wish)
    for _turn in range(2):
        with pytest.raises(ChangedMeanwhile, match=r"call\.saved_already"):
            story.act(wish)
        story.act(Undo())


def test_a_caller_who_joined_leaves_again_with_undo(story: Story) -> None:
    ticket = story.act(OpenTicket("x", story.company)).touched[0]
    story.act(call(story, ticket=ticket))
    reporters = "SELECT contact FROM ticket_reporter WHERE ticket = ?"
    with story.look() as seen:
        assert seen.execute(reporters, (ticket,)).fetchall() == [(story.caller,)]
    story.act(Undo())
    with story.look() as seen:
        assert seen.execute(reporters, (ticket,)).fetchall() == []
        assert check_rows(seen) == 1


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE contact SET archived = 1", "call.contact_gone"),
        ("UPDATE affiliation SET until = 5", "call.contact_elsewhere"),
        ("UPDATE company SET archived = 1", "call.company_gone"),
    ],
)
def test_what_a_colleague_changed_is_told_before_the_call_is_saved(story: Story, statement: str, code: str) -> None:
    story.desk.close()
    with sqlite3.connect(story.path) as connection:
        connection.execute(statement)
    connection.close()
    other = begin_again(story)
    with pytest.raises(ChangedMeanwhile) as refused:
        other.act(call(other))
    assert refused.value.code == code
    other.act(call(other, accepted=(code,)))
    other.desk.close()


def begin_again(story: Story) -> Story:
    from storage.desk import OpenDesk

    desk = OpenDesk(story.path, story.clock, story.new_id)
    return Story(story.path, desk, story.anna, story.clock, story.new_id, story.boris, story.company, story.caller)


def test_a_call_at_a_company_without_a_contract_is_opened_without_one(story: Story) -> None:
    wish = SaveCall(story.desk.new_id(), now(story), "x", contact_name="Ewa", company_name="New", is_new_there=True)
    applied = story.act(wish)
    assert applied.title.facts["has_contract"] is False
    with story.look() as seen:
        assert seen.execute(CONTRACT_OF, (applied.touched[-1],)).fetchone() == (None,)


def test_those_who_called_last_are_offered_newest_first(story: Story) -> None:
    story.act(call(story))
    wish = SaveCall(story.desk.new_id(), now(story), "x", contact_name="Ola", company_name="New", is_new_there=True)
    story.act(wish)
    hits = story.desk.page_now(LastCallers())
    assert [hit.contact_name for hit in hits] == ["Ola", "Ewa"]


# Drafts.


def keep(story: Story, call: EntityId, body: str, seen: str) -> EntityId:
    return story.desk.keep_call(story.anna, call, body, seen).result(5)


def test_a_draft_is_kept_under_its_id_as_it_changes(story: Story) -> None:
    one = story.desk.new_id()
    assert keep(story, one, "a", "") == one
    assert keep(story, one, "ab", "a") == one
    assert story.desk.page_now(CallDrafts(story.anna)) == (KeptCall(one, "ab"),)


def test_a_draft_that_another_console_wrote_meanwhile_is_kept_beside(story: Story) -> None:
    one = story.desk.new_id()
    keep(story, one, "a", "")
    keep(story, one, "a left", "a")
    other = keep(story, one, "a right", "a")
    assert other != one
    kept = {draft.call: draft.body for draft in story.desk.page_now(CallDrafts(story.anna))}
    assert kept == {one: "a left", other: "a right"}


def test_a_forgotten_draft_goes_unless_somebody_else_wrote_on_it(story: Story) -> None:
    one = story.desk.new_id()
    keep(story, one, "a", "")
    keep(story, one, "", "older")
    assert len(story.desk.page_now(CallDrafts(story.anna))) == 1
    keep(story, one, "", "a")
    assert story.desk.page_now(CallDrafts(story.anna)) == ()


def test_drafts_of_a_colleague_are_theirs(story: Story) -> None:
    keep(story, story.desk.new_id(), CallDraft(story.anna, now(story), "5").to_text(), "")
    assert story.desk.page_now(CallDrafts(story.boris)) == ()
    (kept,) = story.desk.page_now(CallDrafts(story.anna))
    assert json.loads(kept.body)["typed"] == "5"


def test_a_caller_merged_into_another_meanwhile_is_that_one(story: Story) -> None:
    other = add(story, "contact", name="Ewa N.")
    ticket = story.open_ticket()
    story.act(MergeRecords("contact", other, story.caller))
    wish = call(story, ticket=ticket, contact=other)
    shown = story.desk.page_now(CallerPage(other, story.company, now(story)))
    assert shown.contact.line.id == story.caller and not shown.contact.is_gone
    assert story.act(wish).title.facts["joined"] is False
    with story.look() as seen:
        assert seen.execute("SELECT contact FROM entry WHERE text = 'smoke'").fetchall() == [(story.caller,)]
