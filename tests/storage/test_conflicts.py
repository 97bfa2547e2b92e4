"""Two who worked without a line: what both did to one thing stands in the desk's list until one person settles it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from core.commands import (
    AddRecord,
    ArchiveRecord,
    AssignTicket,
    ChangeRecord,
    Command,
    MoveStage,
    OpenTicket,
    PostEntry,
    SetPriority,
    SettleConflict,
    Undo,
)
from core.errors import ChangedMeanwhile, NotFound
from core.ids import EntityId
from core.operations.envelope import canonical_json
from core.operations.kinds import encode
from core.operations.ticket_prioritised import TicketPrioritised
from tests.storage.hub_story import Console, Sender, Two, opened, settle
from tests.support.fixed import NOON

OPEN = "SELECT id, record, entity, kind, field, body FROM conflict WHERE is_open = 1 ORDER BY at, id"


def waiting(console: Console) -> list[Any]:
    """What waits to be settled there."""
    with console.look() as seen:
        return seen.execute(OPEN).fetchall()


def the_conflict(console: Console) -> EntityId:
    (row,) = waiting(console)
    return EntityId(row[0])


def both(two: Two, hers: Command, his: Command) -> None:
    """Each does something without knowing of the other; then there is a line again, and hers is sent first."""
    anna, boris = two
    anna.act(hers)
    boris.act(his)
    settle(anna, boris)
    assert anna.rows() == boris.rows()


def known_to_both(two: Two) -> EntityId:
    ticket = opened(two[0])
    settle(*two)
    return ticket


def held(console: Console, ticket: EntityId) -> Any:
    with console.look() as seen:
        query = "SELECT owner, stage, priority FROM ticket WHERE id = ?"
        owner, stage, priority = seen.execute(query, (ticket,)).fetchone()
    return owner, stage, priority


@pytest.fixture
def taken_twice(two: Two) -> tuple[Console, Console, EntityId]:
    anna, boris = two
    ticket = known_to_both(two)
    both(two, AssignTicket(ticket, anna.person, None), AssignTicket(ticket, boris.person, None))
    return anna, boris, ticket


def test_a_ticket_taken_by_two_is_the_firsts_and_both_see_it_in_their_list(
    taken_twice: tuple[Console, Console, EntityId],
) -> None:
    anna, boris, ticket = taken_twice
    assert held(anna, ticket)[0] == anna.person
    assert waiting(anna) == waiting(boris)
    ((_id, record, entity, kind, field, body),) = waiting(anna)
    told = json.loads(body)
    assert (record, entity, kind, field) == (ticket, "ticket", "owner", "owner")
    assert [told[side]["value"]["owner"] for side in ("applied", "other")] == [anna.person.hex(), boris.person.hex()]


def test_one_key_keeps_and_the_list_is_empty_on_both_desks(taken_twice: tuple[Console, Console, EntityId]) -> None:
    anna, boris, ticket = taken_twice
    boris.act(SettleConflict(the_conflict(boris), takes_other=False))
    assert (waiting(boris), held(boris, ticket)[0]) == ([], anna.person)
    settle(boris, anna)
    assert (waiting(anna), held(anna, ticket)[0]) == ([], anna.person)


def test_the_other_key_takes_and_undo_takes_that_back(taken_twice: tuple[Console, Console, EntityId]) -> None:
    anna, boris, ticket = taken_twice
    conflict = the_conflict(anna)
    anna.act(SettleConflict(conflict, takes_other=True))
    assert (waiting(anna), held(anna, ticket)[0]) == ([], boris.person)
    anna.act(Undo())
    assert (the_conflict(anna), held(anna, ticket)[0]) == (conflict, anna.person)
    settle(anna, boris)
    assert (the_conflict(boris), held(boris, ticket)[0]) == (conflict, anna.person)
    assert anna.rows() == boris.rows()


def test_who_assigns_with_both_names_before_the_eyes_needs_no_list(
    taken_twice: tuple[Console, Console, EntityId],
) -> None:
    anna, boris, ticket = taken_twice
    anna.act(AssignTicket(ticket, None, anna.person))
    assert waiting(anna) == []
    settle(anna, boris)
    assert waiting(boris) == []


def test_what_one_settled_the_other_cannot_settle_again(taken_twice: tuple[Console, Console, EntityId]) -> None:
    anna, boris, _ticket = taken_twice
    conflict = the_conflict(anna)
    anna.act(SettleConflict(conflict, takes_other=False))
    settle(anna, boris)
    with pytest.raises(ChangedMeanwhile):
        boris.act(SettleConflict(conflict, takes_other=True))
    with pytest.raises(NotFound):
        boris.act(SettleConflict(EntityId(bytes(16)), takes_other=True))


def test_both_settle_it_at_once_and_the_desk_goes_on(taken_twice: tuple[Console, Console, EntityId]) -> None:
    anna, boris, ticket = taken_twice
    conflict = the_conflict(anna)
    both((anna, boris), SettleConflict(conflict, takes_other=False), SettleConflict(conflict, takes_other=True))
    assert waiting(anna) == []
    assert held(anna, ticket)[0] == boris.person


def test_a_note_on_what_was_closed_meanwhile_is_kept_and_the_ticket_comes_back_for_a_look(two: Two) -> None:
    anna, boris = two
    ticket = known_to_both(two)
    both(two, MoveStage(ticket, "closed"), PostEntry(ticket, "note", "It smokes again"))
    assert held(anna, ticket)[1] == "closed"
    ((_id, _record, _entity, kind, _field, body),) = waiting(boris)
    assert (kind, json.loads(body)["other"]["value"]["text"]) == ("closed_unseen", "It smokes again")
    boris.act(SettleConflict(the_conflict(boris), takes_other=True))
    assert held(boris, ticket)[1] == "active"
    settle(boris, anna)
    assert (held(anna, ticket)[1], waiting(anna)) == ("active", [])


def test_two_priorities_are_settled_by_the_one_that_did_not_hold(two: Two) -> None:
    anna, boris = two
    ticket = known_to_both(two)
    boris.clock.forward(seconds=60)
    both(two, SetPriority(ticket, 1), SetPriority(ticket, 2))
    first = held(anna, ticket)[2]
    anna.act(SettleConflict(the_conflict(anna), takes_other=True))
    settle(anna, boris)
    assert {first, held(boris, ticket)[2]} == {1, 2}
    assert waiting(boris) == []


def test_a_name_changed_on_two_desks_is_settled_like_anything_else(two: Two) -> None:
    anna, boris = two
    company = EntityId(anna.value("SELECT id FROM company"))
    both(two, ChangeRecord("company", company, {"name": "Łąki SA"}), ChangeRecord("company", company, {"name": "Laki"}))
    holds = anna.value("SELECT name FROM company WHERE id = ?", company)
    boris.act(SettleConflict(the_conflict(boris), takes_other=True))
    settle(boris, anna)
    assert {holds, anna.value("SELECT name FROM company WHERE id = ?", company)} == {"Łąki SA", "Laki"}
    assert waiting(anna) == []


def test_what_the_author_sees_before_sending_is_told_at_once(two: Two) -> None:
    anna, boris = two
    ticket = known_to_both(two)
    anna.act(AssignTicket(ticket, anna.person, None))
    anna.sync()
    boris.act(AssignTicket(ticket, boris.person, None))
    boris.act(MoveStage(ticket, "active"))
    boris.sync()
    assert held(boris, ticket) == (anna.person, "active", 3)
    assert waiting(boris)[0][3] == "owner"


def test_a_company_archived_while_a_ticket_was_opened_for_it_is_asked_about(two: Two) -> None:
    anna, boris = two
    company = EntityId(anna.value("SELECT id FROM company"))
    both(two, ArchiveRecord("company", company), OpenTicket("No dial tone", company, 2))
    ((_id, record, entity, kind, _field, _body),) = waiting(boris)
    assert (record, entity, kind) == (company, "company", "archived_active")
    assert anna.value("SELECT count(*) FROM ticket WHERE company = ?", company) == 1
    boris.act(SettleConflict(the_conflict(boris), takes_other=True))
    settle(boris, anna)
    assert anna.value("SELECT archived FROM company WHERE id = ?", company) == 0
    assert (waiting(anna), anna.rows()) == ([], boris.rows())


def test_the_ticket_may_come_first_and_the_company_be_archived_after_it(two: Two) -> None:
    anna, _boris = two
    company = EntityId(anna.value("SELECT id FROM company"))
    both(two, OpenTicket("No dial tone", company, 2), ArchiveRecord("company", company))
    conflict = the_conflict(anna)
    anna.act(SettleConflict(conflict, takes_other=False))
    assert waiting(anna) == []
    anna.act(Undo())
    assert the_conflict(anna) == conflict


def test_two_versions_of_a_contract_for_the_same_time_are_asked_about(two: Two) -> None:
    anna, boris = two
    company = EntityId(anna.value("SELECT id FROM company"))
    contract = anna.act(AddRecord("contract", {"number": "C-7", "company": company.hex()})).touched[0]
    settle(anna, boris)
    fields = {"contract": contract.hex(), "valid_from": NOON // 1000, "grade": ""}
    both(two, AddRecord("contract_version", fields), AddRecord("contract_version", fields))
    ((_id, record, entity, kind, _field, _body),) = waiting(anna)
    assert (entity, kind) == ("contract_version", "version")
    anna.act(SettleConflict(the_conflict(anna), takes_other=True))
    settle(anna, boris)
    assert boris.value("SELECT archived FROM contract_version WHERE id = ?", record) == 1
    assert waiting(boris) == []


def test_undo_asks_again_about_everybody_who_had_wanted_something(two: Two) -> None:
    anna, _boris = two
    ticket = known_to_both(two)
    third = Sender(anna.server, anna.hub, "boris", 9)
    seen = third.session.heads(third.welcome.epoch, third.console).streams["shared"]
    base = canonical_json({"@hub": 0, "@seen": seen, "@epoch": str(UUID(bytes=third.welcome.epoch))})
    wanted = encode(TicketPrioritised(4, 3))
    third.push(third.operation(entity="ticket", id=ticket, kind="ticket.prioritised", payload=wanted, base=base))
    both(two, SetPriority(ticket, 1), SetPriority(ticket, 2))
    open_ones = [row[0] for row in waiting(anna)]
    assert len(open_ones) == 2
    anna.act(SettleConflict(EntityId(open_ones[0]), takes_other=True))
    assert waiting(anna) == []
    anna.act(Undo())
    assert [row[0] for row in waiting(anna)] == open_ones
