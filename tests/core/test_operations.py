"""Laws that every kind of operation keeps: read back it is the same, taken back nothing of it is left."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import Instant
from core.delivery import HANDED, HANDING
from core.errors import ChangedMeanwhile, DomainError, NotFound, Refused
from core.ids import EntityId
from core.operations.call_back_planned import CallBackPlanned
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.document_changed import DocumentChanged
from core.operations.entry_hidden import EntryHidden
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import SCHEMA_VERSION, Stamp, canonical_json
from core.operations.kinds import KINDS, decode, encode
from core.operations.operation import Operation, State
from core.operations.record_added import RecordAdded
from core.operations.ticket_archived import TicketArchived
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_opened import TicketOpened
from core.operations.ticket_prioritised import TicketPrioritised
from core.operations.ticket_retargeted import TicketRetargeted
from core.operations.ticket_staged import TicketStaged
from tests.core.examples import (
    ANNA,
    BORIS,
    CALL_BACK,
    CONSOLE,
    ENTRY,
    NOW,
    TICKET,
    any_of,
    fitting,
    maybe_ids,
    places,
    stamps,
    states,
)
from tests.support.fixed import NOON

FROZEN = Path(__file__).parent / "frozen"
FOR_GOOD = {
    "delivery.recorded",
    "document.changed",
    "person.purged",
    "record.added",
    "ticket.imported",
    "ticket.numbered",
    "ticket.opened",
}
TAKEN_BACK = sorted(set(KINDS) - FOR_GOOD)
STAMP = Stamp(CONSOLE, 7, NOON << 16, ANNA)
LATER = Stamp(CONSOLE, 8, (NOON + 60_000) << 16, ANNA)


def test_every_kind_has_examples_and_a_frozen_payload() -> None:
    assert sorted(any_of) == sorted(KINDS)
    assert sorted(path.stem for path in FROZEN.glob("*.json")) == sorted(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_operation_is_the_same_after_it_was_written_and_read(kind: str) -> None:
    @given(any_of[kind])
    def holds(operation: Operation) -> None:
        assert decode(kind, encode(operation)) == operation

    holds()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_payload_has_one_form_in_bytes(kind: str) -> None:
    @given(any_of[kind])
    def holds(operation: Operation) -> None:
        payload = encode(operation)
        assert encode(decode(kind, payload)) == payload
        assert canonical_json(json.loads(payload)) == payload

    holds()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_payload_of_the_first_version_is_read_for_ever(kind: str) -> None:
    frozen = json.loads((FROZEN / f"{kind}.json").read_text(encoding="utf-8"))
    assert frozen["schema_v"] <= SCHEMA_VERSION
    operation = decode(kind, frozen["payload"].encode())
    assert kind == operation.KIND
    assert frozen["entity"] == operation.ENTITY
    assert encode(operation).decode() == frozen["payload"]


@pytest.mark.parametrize("kind", TAKEN_BACK)
def test_what_takes_an_operation_back_takes_back_all_of_it(kind: str) -> None:
    @given(st.data(), states(), stamps, stamps)
    def holds(data: Any, before: State, stamp: Stamp, later: Stamp) -> None:
        operation = data.draw(fitting(kind, before))
        operation.validate(before)
        done = _settled(operation.apply(before, stamp))
        inverse = operation.inverse(stamp)
        assert inverse is not None
        inverse.validate(done)
        undone = inverse.apply(done, later)
        assert _as_it_was(undone, before) == before.the_ticket()
        assert all(undone.known_entries[known] == entry for known, entry in before.known_entries.items())
        assert undone.known_records == before.known_records

    holds()


@pytest.mark.parametrize("kind", TAKEN_BACK)
def test_what_takes_back_the_taking_back_is_the_operation_again(kind: str) -> None:
    if kind in ("attachment.added", "entry.posted", "sla.announced"):
        return  # an entry is never written twice: it is hidden and shown again

    @given(any_of[kind], stamps)
    def holds(operation: Operation, stamp: Stamp) -> None:
        inverse = operation.inverse(stamp)
        assert inverse is not None and inverse.inverse(stamp) == operation

    holds()


@given(any_of["record.added"], stamps, stamps)
def test_a_record_is_taken_off_the_desk_and_put_back(operation: RecordAdded, stamp: Stamp, later: Stamp) -> None:
    added = operation.apply(State(), stamp)
    taken = operation.inverse(stamp).apply(added, later)
    assert taken.known_records[operation.record] == {
        **added.known_records[operation.record],
        "archived": not operation.archived,
    }
    assert not added.records[0].is_partial
    assert taken.records[1].fields == {"id": operation.record.hex(), "archived": not operation.archived}


@given(any_of["document.changed"], stamps, stamps)
def test_a_version_of_a_document_is_taken_off_the_desk_and_put_back(
    operation: DocumentChanged, stamp: Stamp, later: Stamp
) -> None:
    operation.validate(State())
    inverse = operation.inverse(stamp)
    first, second = inverse.apply(operation.apply(State(), stamp), later).records
    assert second.fields == {**first.fields, "archived": not operation.archived}
    assert inverse.inverse(later) == operation


def test_a_version_is_of_a_known_kind_after_the_first_and_holds_an_object() -> None:
    good = DocumentChanged("calendar", TICKET, ENTRY, 2, NOW, "{}")
    for wrong, code in (
        (replace(good, kind="spaceship"), "document.unknown_kind"),
        (replace(good, number=1), "document.number_taken"),
        (replace(good, body="[]"), "terms.malformed"),
        (replace(good, body="{"), "terms.malformed"),
    ):
        with pytest.raises(DomainError, match=code):
            wrong.validate(State())


@given(states(), maybe_ids)
def test_what_was_decided_under_another_contract_is_refused(state: State, seen: EntityId | None) -> None:
    operation = TicketRetargeted(None, seen, NOW, NOW)
    if seen == state.the_ticket().contract_version:
        operation.validate(state)
        return
    with pytest.raises(ChangedMeanwhile, match=r"ticket.contract_changed"):
        operation.validate(state)


@given(any_of["ticket.opened"], stamps, stamps)
def test_an_opened_ticket_is_taken_back_off_the_desk(operation: TicketOpened, stamp: Stamp, later: Stamp) -> None:
    opened = operation.apply(State(), stamp)
    assert operation.inverse(stamp).apply(opened, later).the_ticket().archived
    assert (opened.the_ticket().opened_at, opened.the_ticket().stage) == (stamp.at, "new")


@given(states(), any_of["entry.posted"], stamps, stamps)
def test_a_text_that_was_taken_back_is_hidden_and_not_lost(
    before: State, operation: EntryPosted, stamp: Stamp, later: Stamp
) -> None:
    posted = operation.apply(before, stamp)
    hidden = operation.inverse(stamp).apply(posted, later)
    entry = next(one for one in hidden.known_entries.values() if one.id != ENTRY)
    assert entry.hidden and entry.text == operation.text


def test_what_a_customer_has_can_not_be_taken_back() -> None:
    assert DeliveryRecorded(ENTRY, HANDED).inverse(STAMP) is None


@given(states(), stamps)
def test_time_of_change_never_goes_back(before: State, stamp: Stamp) -> None:
    after = TicketArchived(True).apply(before, stamp)
    assert after.the_ticket().changed_at == max(before.the_ticket().changed_at, stamp.at)


@given(states(), st.data())
def test_what_was_decided_on_another_owner_is_refused(state: State, data: Any) -> None:
    seen = data.draw(st.sampled_from((None, ANNA, BORIS)).filter(lambda owner: owner != state.the_ticket().owner))
    with pytest.raises(ChangedMeanwhile, match=r"ticket.owner_changed"):
        TicketAssigned(ANNA, seen).validate(state)


@given(states())
def test_what_was_decided_on_another_priority_is_refused(state: State) -> None:
    with pytest.raises(ChangedMeanwhile, match=r"ticket.priority_changed"):
        TicketPrioritised(1, state.the_ticket().priority % 4 + 1).validate(state)


@given(states(), places(), places())
def test_what_was_decided_on_another_stage_is_refused(state: State, to: Any, seen: Any) -> None:
    operation = TicketStaged(to, seen)
    if seen.stage == state.the_ticket().stage:
        operation.validate(state)
        return
    with pytest.raises(ChangedMeanwhile, match=r"ticket.stage_changed"):
        operation.validate(state)


@given(states())
def test_what_is_so_already_is_not_done_twice(state: State) -> None:
    known = state.known_call_backs[CALL_BACK]
    for operation in (
        TicketArchived(state.the_ticket().archived),
        EntryHidden(ENTRY, state.known_entries[ENTRY].hidden),
        CallBackPlanned(CALL_BACK, NOW, "112", is_dropped=known.is_dropped),
    ):
        with pytest.raises(ChangedMeanwhile):
            operation.validate(state)


@given(states())
def test_what_is_not_on_the_desk_cannot_be_named(state: State) -> None:
    stranger = EntityId(bytes(16))
    for operation in (
        EntryHidden(stranger, True),
        DeliveryRecorded(stranger, HANDED),
        CallBackPlanned(stranger, NOW, "112", is_dropped=True),
    ):
        with pytest.raises(NotFound):
            operation.validate(state)


@given(states(), st.sampled_from((HANDING, HANDED)))
def test_a_reply_the_mail_command_was_given_cannot_be_hidden(state: State, delivery: str) -> None:
    entry = replace(state.known_entries[ENTRY], delivery=delivery, hidden=False)
    with pytest.raises(Refused, match=r"entry.handed_over"):
        EntryHidden(ENTRY, True).validate(replace(state, known_entries={ENTRY: entry}))


@given(states())
def test_an_empty_text_is_no_entry_and_a_reply_says_how_it_goes_out(state: State) -> None:
    with pytest.raises(Refused, match=r"entry.text_missing"):
        EntryPosted("note", "#", " \n").validate(state)
    with pytest.raises(Refused, match=r"entry.delivery_missing"):
        EntryPosted("message", ">", "hello").validate(state)


@given(states(), st.integers(1, 10**6), stamps)
def test_what_was_said_earlier_stands_at_its_own_time_and_not_before_the_opening(
    state: State, seconds: int, stamp: Stamp
) -> None:
    opened_at = state.the_ticket().opened_at
    told = EntryPosted("call", ">", "on our way", said_at=Instant(opened_at + seconds))
    told.validate(state)
    assert told.apply(state, stamp).entries[-1].at == opened_at + seconds
    with pytest.raises(Refused, match=r"entry.said_before_opening"):
        replace(told, said_at=Instant(opened_at - seconds)).validate(state)


def test_an_entry_said_when_it_was_written_has_the_payload_it_always_had() -> None:
    assert "said_at" not in EntryPosted("note", "#", "hello").to_document()


@given(states())
def test_a_ticket_is_opened_once_and_has_a_subject(state: State) -> None:
    with pytest.raises(Refused, match=r"ticket.exists_already"):
        TicketOpened(TICKET, "T-1", "printer", None).validate(state)
    with pytest.raises(Refused, match=r"ticket.subject_missing"):
        TicketOpened(TICKET, "T-1", "  ", None).validate(State())


def test_a_record_has_a_kind_we_know_and_a_name() -> None:
    with pytest.raises(Refused, match=r"record.unknown_entity"):
        RecordAdded("spaceship", TICKET, {}).validate(State())
    with pytest.raises(Refused, match=r"record.name_missing"):
        RecordAdded("company", TICKET, {"name": " "}).validate(State())


def test_a_kind_of_a_newer_version_is_named_and_not_guessed_at() -> None:
    with pytest.raises(DomainError, match=r"operation.unknown_kind") as refused:
        decode("ticket.teleported", b"{}")
    assert refused.value.facts == {"kind": "ticket.teleported"}


def _settled(state: State) -> State:
    """The state as the store knows it once the operation is written: call backs are known then."""
    known = {**state.known_call_backs, **{call_back.id: call_back for call_back in state.call_backs}}
    return replace(state, known_call_backs=known)


def _as_it_was(undone: State, before: State) -> Any:
    return replace(undone.the_ticket(), changed_at=before.the_ticket().changed_at)
