"""One act, one transaction: the rules are asked, the log and the rows are written together or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.clock import Clock, HybridClock, Instant, instant
from core.commands import Command, Redo, SaveCall, Undo
from core.documents import DOCUMENT_KINDS, FIRST_NUMBER
from core.errors import NotFound
from core.fold import accept
from core.handlers.dispatch import handle
from core.handlers.plan import CallerStands, Plan, Step
from core.ids import EntityId, IdMaker
from core.operations.call_back_planned import CallBackPlanned
from core.operations.conflict_settled import ConflictSettled
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.entry_hidden import EntryHidden
from core.operations.envelope import SCHEMA_VERSION, Envelope, canonical_json
from core.operations.field_groups import fields_based, fields_set
from core.operations.kinds import decode, encode
from core.operations.operation import CallBack, Operation, Record, State
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import RecordChanged
from core.operations.records_merged import RecordsMerged
from core.people import Person
from core.ports import Applied
from core.record_rules import Period
from core.ticket import Ticket
from core.ticket_numbers import provisional
from storage import undo
from storage.caller_index import refresh_few
from storage.documents import body_in_force, rows_called
from storage.master_rows import affiliations_twice, contacts_with_number, load_record, periods_of, write_partly
from storage.merging import follow, is_any_merged
from storage.namesakes import companies_of, namesakes
from storage.rebuild import begin_rebuild
from storage.rows import ENTRY_COLUMNS, call_back_row, entry_of, entry_row, record_row, ticket_of, ticket_row
from storage.standing import derived_now
from storage.statements import first_row, insert_of, upsert_of
from storage.terms import terms_pinned_at

if TYPE_CHECKING:
    from core.clock_facts import ClockFacts
    from core.conflicts import Conflict
    from core.record_doubts import Namesake

SHARED_STREAM = "shared"
HUB_SEEN = "SELECT hub_time, epoch, COALESCE((SELECT seq FROM hub_cursor WHERE stream = ?), 0) FROM hub"
"""What the author had of the hub: its time, its epoch, and how far its log was read."""

VERSION_IN_FORCE = (
    "SELECT v.id FROM contract_version v JOIN contract k ON k.id = v.contract WHERE k.company = ? AND v.valid_from <= ?"
    " AND k.archived = 0 AND (v.valid_until IS NULL OR v.valid_until > ?) ORDER BY v.valid_from DESC, v.id LIMIT 1"
)
OWN_LOG = "SELECT console, n, kind, payload FROM operation WHERE id = ? ORDER BY n"
WHOLE_LOG = (
    "SELECT o.console, o.n, o.kind, o.payload FROM operation o"
    " LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " LEFT JOIN lost_stamp l ON l.console = o.console AND l.n = o.n"
    " WHERE o.id = ? AND o.state <> 'refused'"
    " AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.console = o.console AND q.n = o.n)"
    " ORDER BY s.seq IS NULL, s.seq, l.seq IS NULL, l.seq, o.n"
)
"""The log of a record on a desk with a hub: what the hub has in its order, then what is still to be sent."""

HISTORY_IS_COMING = "SELECT EXISTS (SELECT 1 FROM base_stream WHERE is_whole = 0)"


Remember = Callable[[sqlite3.Connection, Plan, EntityId, EntityId, Instant], None]
"""Notes an act for undo: what it was, its transaction, whose, and when."""


class UnitOfWork:
    """What one act reads and writes, inside an open `BEGIN IMMEDIATE` transaction; the desk that handlers ask."""

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
        store = first_row(self._file, "SELECT * FROM store")
        assert store is not None
        self._store = store
        self._now_ms = clock.now_ms()
        self._hlc = HybridClock(self._store["last_hlc"])
        self._numbers_given = self._store["last_number"]
        self._hub = self._raw(HUB_SEEN, SHARED_STREAM).fetchone()
        self._states: dict[EntityId, State] = {}
        self._envelopes: list[Envelope] = []
        self._bases: dict[EntityId, dict[str, Any]] = {}
        self._is_any_merged: bool | None = None
        self._expected: dict[tuple[str, EntityId], dict[str, Any]] = {}
        self.author = author
        self.new_id = new_id
        self.now: Instant = instant(self._now_ms)
        # Beside a hub it is the keeper who sends, whatever is set here.
        self.has_keeper = self._hub is not None and not self._store["is_demo"]
        self.has_mail_command = has_mail_command or self.has_keeper
        self.txn = new_id()

    # What handlers ask.

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

    # What the writer does.

    def perform(self, command: Command) -> Applied:
        """Ask the rules, apply every step and write all of it."""
        if isinstance(command, Undo):
            plan, record = undo.plan_undo(self._file, self.author)
        elif isinstance(command, Redo):
            plan, record = undo.plan_redo(self._file, self.author)
        else:
            if isinstance(command, SaveCall):
                from storage.calls import as_merged

                command = as_merged(self._file, command)
                # The call names the act: it is found again by that, and cannot be saved twice.
                self.txn = command.call
            plan, record = handle(command, self), undo.record_act
        applied = self.carry_out(plan, record)
        if isinstance(command, SaveCall):
            self._raw("DELETE FROM draft WHERE kind = 'call' AND about = ?", command.call)
        return applied

    def carry_out(
        self, plan: Plan, record: Callable[[sqlite3.Connection, Plan, EntityId, EntityId, Instant], None]
    ) -> Applied:
        """Apply the steps of an act, write all of it, and have `record` remember it for undo."""
        self.apply(plan.steps)
        self._write()
        record(self._file, plan, self.txn, self.author, self.now)
        return Applied(plan.title, tuple(dict.fromkeys(step.entity_id for step in plan.steps)))

    def apply(self, steps: Iterable[Step]) -> None:
        """Fold each step into the state of its entity and put it on the chain."""
        for step in steps:
            state = self._state(step.entity_id, step.operation)
            envelope = self._envelope(step)
            self._states[step.entity_id] = accept(state, step.operation, envelope)
            self._envelopes.append(envelope)

    def _state(self, entity: EntityId, operation: Operation | None = None) -> State:
        state = self._states.get(entity)
        if state is None:
            state = State(self._load_ticket(entity))
            self._states[entity] = state
        if isinstance(operation, EntryHidden | DeliveryRecorded) and operation.entry not in state.known_entries:
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
        return ticket_of(dict(row), tuple(EntityId(one[0]) for one in self._raw(query, ticket)))

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

    def _envelope(self, step: Step) -> Envelope:
        last = self._envelopes[-1] if self._envelopes else None
        n = (last.n if last else self._store["last_n"]) + 1
        envelope = Envelope(
            console=self._store["console"],
            n=n,
            txn=self.txn,
            stream=SHARED_STREAM,
            entity=step.operation.ENTITY,
            id=step.entity_id,
            kind=step.operation.KIND,
            payload=encode(step.operation),
            base=canonical_json(self._base(step, n)),
            hlc=self._hlc.tick(self._now_ms),
            schema_v=SCHEMA_VERSION,
            prev=last.hash if last else self._store["last_hash"],
            author=self.author,
        )
        return envelope

    def _base(self, step: Step, n: int) -> dict[str, Any]:
        """For each field the operation sets, the operation that set it last, or None; and the hub's time seen.

        An own operation is named by its number, another console's by `console:number`.
        """
        known = self._bases.get(step.entity_id)
        if known is None:
            known = self._bases[step.entity_id] = self._last_set(step.entity_id)
        base = {field: known.get(field) for field in fields_based(step.operation)}
        known |= dict.fromkeys(fields_set(step.operation), n)
        if self._hub is None:
            return base
        hub_time, epoch, seen = self._hub
        return {**base, "@hub": hub_time, "@epoch": str(UUID(bytes=epoch)), "@seen": seen}

    def _has_read_others(self) -> bool:
        """Also a desk that has left its hub."""
        if self._hub is not None:
            return True
        return self._raw("SELECT 1 FROM stamp WHERE console > ? LIMIT 1", b"").fetchone() is not None

    def _last_set(self, entity: EntityId) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for console, n, kind, payload in self._raw(WHOLE_LOG if self._has_read_others() else OWN_LOG, entity):
            told = n if console == self._store["console"] else f"{console.hex()}:{n}"
            is_of_fields = kind.startswith("record")
            known |= dict.fromkeys(fields_set(decode(kind, payload)) if is_of_fields else (kind,), told)
        return known

    def _write(self) -> None:
        self._write_log()
        for entity, state in self._states.items():
            if state.ticket is not None and any(envelope.id == entity for envelope in self._envelopes):
                self._write_ticket(state)
            for record in state.records:
                self._write_record(record)
            if state.aliases:
                self._write_aliases(entity, state)
        if self._hub is not None:
            self._look_at_conflicts()
        refresh_few(self._file)
        last = self._envelopes[-1]
        self._raw(
            "UPDATE store SET last_n = ?, last_hash = ?, last_hlc = ?, last_number = ?",
            last.n,
            last.hash,
            self._hlc.last,
            self._numbers_given,
        )

    def _look_at_conflicts(self) -> None:
        """What this act settles is seen by folding its records anew: there is one place that says when that is."""
        from storage.sync.conflict_rows import has_open
        from storage.sync.refold import refold

        settled = {envelope.id for envelope in self._envelopes if envelope.entity == ConflictSettled.ENTITY}
        for entity in dict.fromkeys(envelope.id for envelope in self._envelopes):
            if entity in settled or has_open(self._file, entity):
                refold(self._file, entity)

    def _write_aliases(self, entity: EntityId, state: State) -> None:
        kind = "ticket" if state.ticket is not None else state.records[0].entity
        rows = [(alias.namespace, alias.key, kind, entity) for alias in state.aliases]
        query = "INSERT OR IGNORE INTO external_id (namespace, key, entity, id) VALUES (?, ?, ?, ?)"
        self._file.executemany(query, rows)

    def _write_record(self, record: Record) -> None:
        row = self._followed(record.entity, record_row(record.fields))
        if record.is_partial:
            write_partly(self._file, record, row)
            return
        begin_rebuild(self._file, record)
        self._put(record.entity, [row])

    def _followed(self, table: str, row: dict[str, Any], place: str = "") -> dict[str, Any]:
        """The row with references to merged records led on to those that were kept."""
        if self._is_any_merged is None:
            self._is_any_merged = is_any_merged(self._file)
        return follow(self._file, table, row, place) if self._is_any_merged else row

    def _write_log(self) -> None:
        rows = [
            {
                "console": envelope.console,
                "n": envelope.n,
                "txn": envelope.txn,
                "stream": envelope.stream,
                "entity": envelope.entity,
                "id": envelope.id,
                "kind": envelope.kind,
                "payload": envelope.payload,
                "base": envelope.base,
                "hlc": envelope.hlc,
                "schema_v": envelope.schema_v,
                "prev": envelope.prev,
                "hash": envelope.hash,
                "author": envelope.author,
            }
            for envelope in self._envelopes
        ]
        self._file.executemany(insert_of("operation", tuple(rows[0])), rows)

    def _write_ticket(self, state: State) -> None:
        ticket = state.the_ticket()
        if state.entries:
            latest = {entry.id: entry for entry in state.entries}
            self._put("entry", [entry_row(entry) for entry in latest.values()])
        if state.call_backs:
            rows = [self._followed("call_back", call_back_row(call_back)) for call_back in state.call_backs]
            self._put("call_back", rows)
        row = self._followed("ticket", ticket_row(ticket))
        ticket = ticket_of(row, ticket.reporters)
        self._put("ticket", [{**row, **derived_now(self._file, ticket)}])
        self._raw("DELETE FROM ticket_reporter WHERE ticket = ? AND place >= ?", ticket.id, len(ticket.reporters))
        reporters = [
            self._followed("ticket_reporter", {"ticket": ticket.id, "place": place, "contact": contact}, str(place))
            for place, contact in enumerate(ticket.reporters)
        ]
        self._put("ticket_reporter", reporters)

    def _put(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._file.executemany(upsert_of(table, tuple(rows[0])), rows)

    def _raw(self, query: str, *values: Any) -> sqlite3.Cursor:
        return self._file.execute(query, values)
