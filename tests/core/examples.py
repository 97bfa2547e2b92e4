"""Operations and tickets of every shape, for the laws that all of them keep."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from core.clock import Instant
from core.conflicts import FIELD, LATER, Conflict, Side
from core.delivery import FAILED, HANDED, NOT_SENT, QUEUED
from core.documents import DOCUMENT_KINDS
from core.ids import EntityId
from core.operations.attachment_added import AttachmentAdded
from core.operations.attachment_removed import AttachmentRemoved
from core.operations.call_back_planned import CallBackPlanned
from core.operations.conflict_settled import ConflictSettled
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.document_changed import DocumentChanged
from core.operations.entry_hidden import EntryHidden
from core.operations.entry_posted import EntryPosted
from core.operations.envelope import Stamp
from core.operations.operation import Alias, CallBack, Operation, State
from core.operations.person_purged import PersonPurged
from core.operations.record_added import ENTITIES, MERGEABLE, RecordAdded
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import Change, RecordChanged
from core.operations.records_merged import RecordsMerged
from core.operations.reporter_joined import ReporterJoined
from core.operations.sla_announced import ClockSaid, SlaAnnounced
from core.operations.ticket_archived import TicketArchived
from core.operations.ticket_assigned import TicketAssigned
from core.operations.ticket_equipped import TicketEquipped
from core.operations.ticket_imported import TicketImported
from core.operations.ticket_numbered import TicketNumbered
from core.operations.ticket_opened import TicketOpened
from core.operations.ticket_prioritised import TicketPrioritised
from core.operations.ticket_retargeted import TicketRetargeted
from core.operations.ticket_staged import Place, TicketStaged
from core.policy import KINDS as CLOCKS
from core.queue import PRIORITIES
from core.stages import CLOSED, STAGES, WAITING, WAITING_PARTIES
from core.ticket import CHANNELS, REQUEST_TYPES, Ticket, Waiting
from core.timeline import FROM_CUSTOMER, INTERNAL, KINDS, TO_CUSTOMER, Entry
from tests.support.fixed import NOON

NOW = Instant(NOON // 1000)
ANNA, BORIS, TICKET, ENTRY, CALL_BACK, CONSOLE, COMPANY, CONFLICT = (EntityId(bytes([n]) * 16) for n in range(1, 9))

ids = st.binary(min_size=16, max_size=16).map(EntityId)
maybe_ids = st.none() | ids
texts = st.text(max_size=20)
words = texts.filter(lambda text: bool(text.strip()))
seconds = st.integers(1_500_000_000, NOW).map(Instant)
stamps = st.builds(Stamp, ids, st.integers(1, 2**40), st.integers(NOON << 16, (NOON + 10**9) << 16), ids)

announcements = st.builds(
    SlaAnnounced,
    st.lists(
        st.builds(
            ClockSaid,
            st.sampled_from(CLOCKS),
            st.booleans(),
            st.none() | seconds,
            st.integers(0, 2**40),
            st.integers(0, 2**40),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
)


@st.composite
def places(draw: st.DrawFn, stage: str | None = None) -> Place:
    """Where a ticket may be in its workflow, with what belongs to that place."""
    found = STAGES[stage or draw(st.sampled_from(sorted(STAGES)))]
    waiting = closed_at = None
    if found.stage_class == WAITING:
        waiting = Waiting(draw(words), draw(st.sampled_from(WAITING_PARTIES)), draw(st.none() | seconds))
    if found.stage_class == CLOSED:
        closed_at = draw(seconds)
    return Place(found.name, found.stage_class, waiting, closed_at, draw(texts))


@st.composite
def tickets(draw: st.DrawFn) -> Ticket:
    """A ticket as it may stand."""
    place = draw(places())
    return Ticket(
        id=TICKET,
        number=draw(words),
        subject=draw(words),
        company=draw(maybe_ids),
        opened_at=draw(seconds),
        changed_at=draw(seconds),
        stage=place.stage,
        stage_class=place.stage_class,
        priority=draw(st.sampled_from(PRIORITIES)),
        owner=draw(maybe_ids),
        team=draw(maybe_ids),
        contract_version=draw(maybe_ids),
        waiting=place.waiting,
        closed_at=place.closed_at,
        resolution_code=place.resolution_code,
        archived=draw(st.booleans()),
    )


@st.composite
def states(draw: st.DrawFn) -> State:
    """A ticket with an entry and a call back that operations may name."""
    entry = Entry(
        ENTRY,
        TICKET,
        draw(seconds),
        "message",
        TO_CUSTOMER,
        text=draw(texts),
        delivery=draw(st.sampled_from((NOT_SENT, QUEUED, FAILED))),
        hidden=draw(st.booleans()),
    )
    call_back = CallBack(CALL_BACK, TICKET, None, "112", NOW, ANNA, is_dropped=draw(st.booleans()))
    side = Side(CONSOLE, 3, 3, ANNA, NOW, 1)
    settled_by = draw(st.sampled_from((None, side)))
    conflict = Conflict(CONFLICT, FIELD, "ticket", TICKET, "priority", 3, side, side, LATER, settled_by)
    company = {"id": COMPANY.hex(), "name": draw(words), "tier": draw(texts), "archived": False, "merged_into": None}
    return State(
        draw(tickets()),
        known_entries={ENTRY: entry},
        known_call_backs={CALL_BACK: call_back},
        known_records={COMPANY: company},
        conflicts={CONFLICT: conflict},
    )


def place_of(ticket: Ticket) -> Place:
    """Where `ticket` is."""
    return Place(ticket.stage, ticket.stage_class, ticket.waiting, ticket.closed_at, ticket.resolution_code)


def fitting(kind: str, state: State) -> st.SearchStrategy[Operation]:
    """Operations of `kind` that `state` accepts."""
    ticket, entry = state.the_ticket(), state.known_entries[ENTRY]
    call_back = state.known_call_backs[CALL_BACK]
    made: dict[str, st.SearchStrategy[Any]] = {
        "call_back.planned": st.just(
            CallBackPlanned(CALL_BACK, Instant(call_back.due_at), call_back.number, None, "", not call_back.is_dropped)
        ),
        "conflict.settled": st.just(ConflictSettled(CONFLICT, state.conflicts[CONFLICT].is_open)),
        "delivery.recorded": st.builds(DeliveryRecorded, st.just(ENTRY), st.sampled_from((HANDED, FAILED)), texts),
        "attachment.added": attachments,
        "attachment.removed": st.builds(AttachmentRemoved, st.just(ENTRY), texts),
        "entry.hidden": st.just(EntryHidden(ENTRY, not entry.hidden)),
        "entry.posted": st.builds(
            EntryPosted,
            st.sampled_from(KINDS),
            st.sampled_from((FROM_CUSTOMER, TO_CUSTOMER, INTERNAL)),
            words,
            maybe_ids,
            st.sampled_from((NOT_SENT, QUEUED)),
            st.none() | st.integers(0, 10**8).map(lambda later: Instant(ticket.opened_at + later)),
        ),
        "record.archived": st.just(RecordArchived("company", COMPANY, not state.known_records[COMPANY]["archived"])),
        "record.changed": st.fixed_dictionaries({}, optional={"name": words, "tier": texts}).map(
            lambda wanted: RecordChanged(
                "company",
                COMPANY,
                {name: Change(state.known_records[COMPANY][name], value) for name, value in wanted.items()},
            )
        ),
        "records.merged": ids.filter(lambda into: into != COMPANY).map(
            lambda into: RecordsMerged("company", COMPANY, into)
        ),
        "reporter.joined": ids.map(ReporterJoined),
        "sla.announced": announcements,
        "ticket.archived": st.just(TicketArchived(not ticket.archived)),
        "ticket.assigned": st.builds(TicketAssigned, maybe_ids, st.just(ticket.owner), maybe_ids, st.just(ticket.team)),
        "ticket.equipped": st.builds(
            TicketEquipped, maybe_ids, st.just(ticket.equipment), maybe_ids, st.just(ticket.site)
        ),
        "ticket.prioritised": st.builds(TicketPrioritised, st.sampled_from(PRIORITIES), st.just(ticket.priority)),
        "ticket.retargeted": st.builds(
            TicketRetargeted, maybe_ids, st.just(ticket.contract_version), seconds, st.just(ticket.opened_at)
        ),
        "ticket.staged": st.builds(TicketStaged, places(), st.just(place_of(ticket))),
    }
    return made[kind]


digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
attachments = st.builds(AttachmentAdded, words, st.integers(0, 2**40), texts, digests)
values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
aliases = st.none() | st.builds(Alias, words, words)
any_of: dict[str, st.SearchStrategy[Any]] = {
    "attachment.added": attachments,
    "attachment.removed": st.builds(AttachmentRemoved, ids, texts, st.booleans()),
    "call_back.planned": st.builds(CallBackPlanned, ids, seconds, texts, maybe_ids, texts, st.booleans()),
    "conflict.settled": st.builds(ConflictSettled, ids, st.booleans()),
    "delivery.recorded": st.builds(DeliveryRecorded, ids, texts, texts),
    "document.changed": st.builds(
        DocumentChanged,
        st.sampled_from(DOCUMENT_KINDS),
        ids,
        ids,
        st.integers(2, 2**31),
        seconds,
        st.dictionaries(texts, texts, max_size=2).map(json.dumps),
        texts,
        st.booleans(),
    ),
    "entry.hidden": st.builds(EntryHidden, ids, st.booleans()),
    "entry.posted": st.builds(EntryPosted, st.sampled_from(KINDS), texts, texts, maybe_ids, texts, st.none() | seconds),
    "person.purged": st.builds(PersonPurged, maybe_ids, st.integers(0, 2**31)),
    "record.added": st.builds(
        RecordAdded,
        st.sampled_from(ENTITIES),
        ids,
        st.dictionaries(st.sampled_from(("number", "role", "notes", "currency")), values),
        st.booleans(),
        aliases,
    ),
    "record.archived": st.builds(RecordArchived, st.sampled_from(ENTITIES), ids, st.booleans()),
    "record.changed": st.builds(
        RecordChanged,
        st.sampled_from(ENTITIES),
        ids,
        st.dictionaries(st.sampled_from(("name", "role", "notes")), st.builds(Change, values, values)),
    ),
    "records.merged": st.builds(RecordsMerged, st.sampled_from(MERGEABLE), ids, ids, st.booleans()),
    "reporter.joined": st.builds(ReporterJoined, ids, st.booleans()),
    "sla.announced": announcements,
    "ticket.archived": st.builds(TicketArchived, st.booleans()),
    "ticket.assigned": st.builds(TicketAssigned, maybe_ids, maybe_ids, maybe_ids, maybe_ids),
    "ticket.equipped": st.builds(TicketEquipped, maybe_ids, maybe_ids, maybe_ids, maybe_ids),
    "ticket.imported": st.builds(
        TicketImported,
        st.fixed_dictionaries({"id": ids.map(bytes.hex), "number": words, "subject": texts, "company": st.none()}),
        st.lists(st.fixed_dictionaries({"id": ids.map(bytes.hex), "at": seconds, "text": texts}), max_size=3).map(
            tuple
        ),
        aliases,
    ),
    "ticket.numbered": st.builds(TicketNumbered, words, words),
    "ticket.opened": st.builds(
        TicketOpened,
        ids,
        words,
        words,
        maybe_ids,
        st.sampled_from(PRIORITIES),
        maybe_ids,
        maybe_ids,
        maybe_ids,
        st.lists(ids, max_size=3).map(tuple),
        st.sampled_from(REQUEST_TYPES),
        st.sampled_from(CHANNELS),
        maybe_ids,
        maybe_ids,
        texts,
        texts,
    ),
    "ticket.prioritised": st.builds(TicketPrioritised, st.integers(1, 4), st.integers(1, 4)),
    "ticket.retargeted": st.builds(TicketRetargeted, maybe_ids, maybe_ids, seconds, seconds),
    "ticket.staged": st.builds(TicketStaged, places(), places()),
}
"""Operations of each kind, whether they fit anything or not."""
