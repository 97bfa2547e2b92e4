"""One act, one transaction: the rules are asked, the log and the rows are written together or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.clock import Clock, HybridClock, Instant
from core.commands import Command, Redo, SaveCall, Undo
from core.fold import accept
from core.handlers.dispatch import handle
from core.handlers.plan import Plan, Step
from core.ids import EntityId, IdMaker
from core.operations.conflict_settled import ConflictSettled
from core.operations.envelope import SCHEMA_VERSION, SHARED_STREAM, Envelope, canonical_json
from core.operations.field_groups import fields_based, fields_set
from core.operations.kinds import decode, encode
from core.operations.operation import Record, State
from core.ports import Applied
from core.ticket import Ticket
from storage import undo
from storage.asked_desk import AskedDesk
from storage.caller_index import refresh_few
from storage.master_rows import write_partly
from storage.merging import follow, is_any_merged
from storage.rebuild import begin_rebuild
from storage.rows import call_back_row, entry_row, record_row, ticket_of, ticket_row
from storage.standing import derived_now
from storage.statements import insert_of, upsert_of

if TYPE_CHECKING:
    pass

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

Remember = Callable[[sqlite3.Connection, Plan, EntityId, EntityId, Instant], None]
"""Notes an act for undo: what it was, its transaction, whose, and when."""


class UnitOfWork(AskedDesk):
    """What one act writes, inside an open `BEGIN IMMEDIATE` transaction."""

    def __init__(
        self,
        file: sqlite3.Connection,
        clock: Clock,
        new_id: IdMaker,
        author: EntityId,
        *,
        has_mail_command: bool,
    ) -> None:
        super().__init__(file, clock, new_id, author, has_mail_command=has_mail_command)
        self._hlc = HybridClock(self._store["last_hlc"])
        self._envelopes: list[Envelope] = []
        self._bases: dict[EntityId, dict[str, Any]] = {}
        self._is_any_merged: bool | None = None
        self.txn = new_id()

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
        row |= derived_now(self._file, ticket)
        before, reporters_before = self._found.get(ticket.id, (None, None))
        if before is None:
            self._put("ticket", [row])
        else:
            self._change_ticket(ticket.id, {name: value for name, value in row.items() if before[name] != value})
        if ticket.reporters != reporters_before:
            self._write_reporters(ticket)

    def _change_ticket(self, ticket: EntityId, changed: dict[str, Any]) -> None:
        """Only columns that differ: SQLite writes each index anew that names one of those it is told."""
        if changed:
            told = ", ".join(f"{name} = ?" for name in changed)
            self._raw(f"UPDATE ticket SET {told} WHERE id = ?", *changed.values(), ticket)

    def _write_reporters(self, ticket: Ticket) -> None:
        self._raw("DELETE FROM ticket_reporter WHERE ticket = ? AND place >= ?", ticket.id, len(ticket.reporters))
        reporters = [
            self._followed("ticket_reporter", {"ticket": ticket.id, "place": place, "contact": contact}, str(place))
            for place, contact in enumerate(ticket.reporters)
        ]
        self._put("ticket_reporter", reporters)

    def _put(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._file.executemany(upsert_of(table, tuple(rows[0])), rows)
