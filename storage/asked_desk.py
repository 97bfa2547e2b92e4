"""The desk as an act finds it and has left it so far: what handlers ask, inside an open transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.clock import Clock, Instant, instant
from core.documents import DOCUMENT_KINDS, FIRST_NUMBER
from core.errors import NotFound
from core.handlers.plan import CallerStands
from core.ids import EntityId, IdMaker
from core.operations.attachment_removed import AttachmentRemoved
from core.operations.call_back_planned import CallBackPlanned
from core.operations.conflict_settled import ConflictSettled
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.entry_hidden import EntryHidden
from core.operations.envelope import SHARED_STREAM
from core.operations.operation import CallBack, Operation, State
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import RecordChanged
from core.operations.records_merged import RecordsMerged
from core.people import Person
from core.record_rules import Period
from core.ticket import Ticket
from core.ticket_numbers import provisional
from storage.documents import body_in_force, rows_called
from storage.master_rows import affiliations_twice, contacts_with_number, load_record, periods_of
from storage.namesakes import companies_of, namesakes
from storage.rows import ENTRY_COLUMNS, entry_of, ticket_of
from storage.statements import first_row
from storage.terms import terms_pinned_at

if TYPE_CHECKING:
    from core.clock_facts import ClockFacts
    from core.conflicts import Conflict
    from core.record_doubts import Namesake

HUB_SEEN = "SELECT hub_time, epoch, COALESCE((SELECT seq FROM hub_cursor WHERE stream = ?), 0) FROM hub"
"""What the author had of the hub: its time, its epoch, and how far its log was read."""

VERSION_IN_FORCE = (
    "SELECT v.id FROM contract_version v JOIN contract k ON k.id = v.contract WHERE k.company = ? AND v.valid_from <= ?"
    " AND k.archived = 0 AND (v.valid_until IS NULL OR v.valid_until > ?) ORDER BY v.valid_from DESC, v.id LIMIT 1"
)

OF_ENTRIES = (EntryHidden, DeliveryRecorded, AttachmentRemoved)
"""Operations about a line of the timeline that is there."""

HISTORY_IS_COMING = "SELECT EXISTS (SELECT 1 FROM base_stream WHERE is_whole = 0)"


class AskedDesk:
    """What one act reads, inside an open `BEGIN IMMEDIATE` transaction; core/handlers asks nothing else."""

    def __init__(
        self,
        file: sqlite3.Connection,
        clock: Clock,
        new_id: IdMaker,
        author: EntityId,
        *,
        has_mail_command: bool,
    ) -> None:
        self._file = file
        store = first_row(file, "SELECT * FROM store")
        assert store is not None
        self._store = store
        self._now_ms = clock.now_ms()
        self._numbers_given = store["last_number"]
        self._hub = self._raw(HUB_SEEN, SHARED_STREAM).fetchone()
        self._states: dict[EntityId, State] = {}
        self._found: dict[EntityId, tuple[Mapping[str, Any], tuple[EntityId, ...]]] = {}
        self._expected: dict[tuple[str, EntityId], dict[str, Any]] = {}
        self.author = author
        self.new_id = new_id
        self.now: Instant = instant(self._now_ms)
        # Beside a hub it is the keeper who sends, whatever is set here.
        self.has_keeper = self._hub is not None and not store["is_demo"]
        self.has_mail_command = has_mail_command or self.has_keeper

    def ticket(self, ticket: EntityId) -> Ticket:
        """The ticket as this act has left it so far."""
        state = self._state(ticket)
        if state.ticket is None:
            (is_coming,) = self._raw(HISTORY_IS_COMING).fetchone()
            raise NotFound("ticket.coming_in" if is_coming else "ticket.unknown")
        return state.ticket

    def person(self, person: EntityId) -> Person:
        """A colleague of this desk."""
        row = first_row(self._file, "SELECT * FROM person WHERE id = ?", person)
        if row is None:
            raise NotFound("person.unknown")
        skills = tuple(json.loads(row["skills"] or "[]"))
        return Person(row["id"], row["name"], row["team"], row["zone"], row["language"], skills)

    def contract_version_for(self, company: EntityId | None, at: Instant) -> EntityId | None:
        """The newest version in force of any contract of the company."""
        row = self._raw(VERSION_IN_FORCE, company, at, at).fetchone()
        return None if row is None else EntityId(row[0])

    def company_of_contract(self, version: EntityId) -> EntityId:
        """Whose contract a contract version belongs to."""
        query = "SELECT k.company FROM contract_version v JOIN contract k ON k.id = v.contract WHERE v.id = ?"
        row = self._raw(query, version).fetchone()
        if row is None:
            raise NotFound("contract.unknown")
        return EntityId(row[0])

    def terms_pinned_at(self, ticket: Ticket) -> Instant:
        """The instant whose policy version holds for the ticket."""
        return terms_pinned_at(self._file, ticket)

    def clock_facts(self, ticket: Ticket) -> ClockFacts | None:
        """What the clocks of the ticket are computed from, as the file had it before this act."""
        from storage.clock_facts import clock_facts

        return clock_facts(self._file, ticket, self.now)

    def conflict(self, conflict: EntityId) -> Conflict:
        """What two people did without knowing of each other."""
        from storage.sync.conflict_rows import known_conflict

        found = known_conflict(self._file, conflict)
        if found is None:
            raise NotFound("conflict.unknown")
        return found

    def open_conflicts(self, record: EntityId) -> list[Conflict]:
        """What waits to be settled about a record."""
        from storage.sync.conflict_rows import conflicts_of

        return [one for one in conflicts_of(self._file, record).values() if one.is_open]

    def document(self, kind: str, document: EntityId) -> tuple[str, int]:
        """Name and highest version number, those taken back regarded: no number is given twice."""
        if kind not in DOCUMENT_KINDS:
            raise NotFound("document.unknown")
        row = self._raw(f"SELECT name FROM {kind} WHERE id = ? AND archived = 0", document).fetchone()
        if row is None:
            raise NotFound("document.unknown")
        newest = self._raw("SELECT max(number) FROM document_version WHERE document = ?", document).fetchone()
        return row[0], newest[0] or FIRST_NUMBER

    def documents_called(self, kind: str, name: str) -> list[EntityId]:
        """Documents by name, those of this act among them."""
        mine = [one for (entity, one), fields in self._expected.items() if entity == kind and fields["name"] == name]
        return mine or [row[0] for row in rows_called(self._file, kind, name)]

    def body_in_force(self, kind: str, document: EntityId, at: Instant) -> str:
        """The body of a document in its version in force at an instant."""
        known = self.record(kind, document)
        if known is None:
            raise NotFound("document.unknown")
        return body_in_force(self._file, document, known["body"], at)

    def record(self, entity: str, record: EntityId) -> dict[str, Any] | None:
        """A record of master data as this act leaves it."""
        expected = self._expected.get((entity, record))
        return expected if expected is not None else load_record(self._file, entity, record)

    def expect(self, entity: str, record: EntityId, fields: dict[str, Any]) -> None:
        """What this act is about to write: its later wishes may refer to it."""
        self._expected[entity, record] = fields

    def periods_of(self, contract: EntityId) -> list[Period]:
        """The versions of a contract, those of this act among them."""
        known = {period.version: period for period in periods_of(self._file, contract)}
        for (entity, version), fields in self._expected.items():
            if entity == "contract_version" and fields.get("contract") == contract.hex():
                known[version] = Period(version, fields["valid_from"], fields.get("valid_until"))
        return list(known.values())

    def contacts_with_number(self, number: str) -> list[tuple[EntityId, str]]:
        """Who else is called at a number."""
        return contacts_with_number(self._file, number)

    def namesakes(self, entity: str, called: str, company: EntityId | None = None) -> list[Namesake]:
        """What is called the same, as the file had it before this act."""
        return namesakes(self._file, entity, called, company)

    def companies_of(self, contact: EntityId) -> list[EntityId]:
        """Where a contact is now."""
        return companies_of(self._file, contact)

    def affiliations_twice(self, entity: str, record: EntityId, into: EntityId) -> list[EntityId]:
        """What would stand twice once two records are merged."""
        return affiliations_twice(self._file, entity, record, into)

    def caller_stands(
        self, contact: EntityId | None, company: EntityId | None, equipment: EntityId | None, site: EntityId | None
    ) -> CallerStands:
        """How those named in a call stand now."""
        from storage.calls import caller_stands

        return caller_stands(self._file, contact, company, equipment, site, self.now)

    def saved_call(self, call: EntityId) -> str | None:
        """The number of the ticket that the act called `call` was about."""
        from storage.calls import saved_call

        return saved_call(self._file, call)

    def next_ticket_number(self) -> str:
        """Counts up from 1 on a desk that has joined no hub; else the next leased one, or a provisional one."""
        if self._hub is None:
            self._numbers_given += 1
            return f"T-{self._numbers_given}"
        from storage.sync.numbers import take_number

        number = take_number(self._file)
        return provisional(self.new_id()) if number is None else f"T-{number}"

    def _state(self, entity: EntityId, operation: Operation | None = None) -> State:
        state = self._states.get(entity)
        if state is None:
            state = State(self._load_ticket(entity))
            self._states[entity] = state
        if isinstance(operation, OF_ENTRIES) and operation.entry not in state.known_entries:
            state = self._with_entry(state, operation.entry)
        if isinstance(operation, CallBackPlanned):
            state = self._with_call_back(state, operation.call_back)
        if isinstance(operation, ConflictSettled):
            state = self._with_conflicts(state, entity)
        if isinstance(operation, RecordChanged | RecordArchived | RecordsMerged):
            state = self._with_known_record(state, operation.entity, operation.record)
        return state

    def _with_conflicts(self, state: State, entity: EntityId) -> State:
        from storage.sync.conflict_rows import conflicts_of

        return replace(state, conflicts=state.conflicts or conflicts_of(self._file, entity))

    def _with_known_record(self, state: State, entity: str, record: EntityId) -> State:
        known = None if record in state.known_records else load_record(self._file, entity, record)
        return state if known is None else replace(state, known_records={**state.known_records, record: known})

    def _load_ticket(self, ticket: EntityId) -> Ticket | None:
        row = first_row(self._file, "SELECT * FROM ticket WHERE id = ?", ticket)
        if row is None:
            return None
        query = "SELECT contact FROM ticket_reporter WHERE ticket = ? ORDER BY place"
        reporters = tuple(EntityId(one[0]) for one in self._raw(query, ticket))
        self._found[ticket] = row, reporters
        return ticket_of(dict(row), reporters)

    def _with_entry(self, state: State, entry: EntityId) -> State:
        row = self._raw(f"SELECT {ENTRY_COLUMNS} FROM entry WHERE id = ?", entry).fetchone()
        return state if row is None else replace(state, known_entries={**state.known_entries, entry: entry_of(row)})

    def _with_call_back(self, state: State, call_back: EntityId) -> State:
        columns = "ticket, contact, number, due_at, person, note, is_dropped"
        row = self._raw(f"SELECT {columns} FROM call_back WHERE id = ?", call_back).fetchone()
        if row is None or call_back in state.known_call_backs:
            return state
        ticket, contact, number, due_at, person, note, is_dropped = row
        known = CallBack(call_back, ticket, contact, number, due_at, person, note, bool(is_dropped))
        return replace(state, known_call_backs={**state.known_call_backs, call_back: known})

    def _raw(self, query: str, *values: Any) -> sqlite3.Cursor:
        return self._file.execute(query, values)
