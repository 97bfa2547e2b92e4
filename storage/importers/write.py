"""From staged tickets to the desk: the log is chained and every row made ready first, then one transaction adds all.

The desk is locked only for the copying at the end. If somebody worked on it meanwhile, the chain is made again under
the lock, because a hash cannot be inserted in the middle.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from core.clock import Clock, HybridClock, instant
from core.equipment import REPEAT_WITHIN_SECONDS
from core.ids import EntityId
from core.operations.envelope import SCHEMA_VERSION, Envelope, Stamp, canonical_json
from core.operations.kinds import encode
from core.operations.operation import State
from core.operations.record_added import RecordAdded
from core.operations.ticket_imported import TicketImported, ticket_from
from core.ticket import Ticket
from storage.importers.mapping import Mapping
from storage.importers.records import MetRecords
from storage.importers.report import PREPARING, WRITING, ImportReport, Pace
from storage.importers.staging import READY, Staging
from storage.rows import record_row, ticket_row
from storage.standing import derived_columns, ticket_clocks

SHARED_STREAM = "shared"  # as in storage.unit_of_work, whose import would bring SQLAlchemy
CHANGED_KEYS_NAMED = 20
Fields = dict[str, Any]


_ENVELOPE = tuple(field.name for field in fields(Envelope))


def alias(connection: sqlite3.Connection, namespace: str, key: str, entity: str) -> EntityId | None:
    """What is known on the desk under an imported key."""
    query = "SELECT id FROM main.external_id WHERE namespace = ? AND key = ? AND entity = ?"
    row = connection.execute(query, (namespace, key, entity)).fetchone()
    return None if row is None else EntityId(row[0])


def payload_of(ticket: Fields, entries: bytes) -> bytes:
    """The payload of TicketImported, byte for byte what `encode` makes of it, without reading the entries again."""
    return b'{"entries":%b,"ticket":%b}' % (entries, canonical_json(ticket))


@dataclass(slots=True)
class _Chain:
    """Where the desk's log stands, and where it will stand with what was made ready."""

    began: tuple[Any, ...]
    console: bytes
    last_n: int
    last_hash: bytes
    hlc: HybridClock
    last_number: int
    records: dict[str, list[Fields]] = field(default_factory=dict)


class DeskWriter:
    """Writes what `staging` and `records` hold to the desk of `connection`, or only says what it would write."""

    def __init__(
        self,
        staging: Staging,
        mapping: Mapping,
        records: MetRecords,
        report: ImportReport,
        pace: Pace,
        *,
        author: EntityId,
        clock: Clock,
        txn: EntityId,
    ) -> None:
        self._connection = staging.connection
        self._staging = staging
        self._mapping = mapping
        self._records = records
        self._report = report
        self._pace = pace
        self._author = author
        self._now_ms = clock.now_ms()
        self._txn = txn
        self._names = records.company_names()
        self._ticket_columns = staging.columns("ticket")
        self._operation_columns = staging.columns("operation")
        self._bases: dict[str, bytes] = {}

    def prepare(self) -> _Chain:
        """Make every row ready in staging and count what is new, known and changed."""
        self._staging.forget_ready("operation", "ticket", "ticket_reporter", "external_id")
        chain = self._chain()
        report = self._report
        report.new_tickets = report.known_tickets = report.changed_tickets = report.new_records = 0
        report.changed_keys = []
        for met in self._records:
            if alias(self._connection, self._mapping.namespace, met.key, met.entity) is None:
                self._add_record(chain, met.operation())
                self._put("external_id", (self._mapping.namespace, met.key, met.entity, met.id))
                report.new_records += 1
        for done, built in enumerate(self._staging.built(), 1):
            self._add_ticket(chain, *built)
            self._pace.at(PREPARING, done, done / max(1, report.tickets))
        self._staging.end_ready()
        return chain

    def write(self, chain: _Chain) -> int | None:
        """Add everything in one transaction and answer the batch's number; None when there was nothing new."""
        if not self._report.new_tickets:
            return None
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            if self._store() != chain.began:
                chain = self.prepare()
            batch = self._copy(chain) if self._report.new_tickets else None
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        self._pace.at(WRITING, self._report.new_tickets, 1.0)
        return batch

    # Making ready.

    def _store(self) -> tuple[Any, ...]:
        columns = "console, last_n, last_hash, last_hlc, last_number"
        row: tuple[Any, ...] = self._connection.execute(f"SELECT {columns} FROM main.store").fetchone()
        return row

    def _chain(self) -> _Chain:
        began = self._store()
        console, last_n, last_hash, last_hlc, last_number = began
        return _Chain(began, console, last_n, last_hash, HybridClock(last_hlc), last_number)

    def _add_record(self, chain: _Chain, operation: RecordAdded) -> None:
        operation.validate(State())
        payload = encode(operation)
        stamp = self._log(chain, operation.ENTITY, operation.KIND, operation.record, payload)
        for record in operation.apply(State(), stamp).records:
            chain.records.setdefault(record.entity, []).append(record_row(record.fields))

    def _add_ticket(
        self, chain: _Chain, ordinal: int, key: str, ticket_id: bytes, document: str, entries: bytes
    ) -> None:
        ticket: Fields = json.loads(document)
        known = alias(self._connection, self._mapping.namespace, key, "ticket")
        if known is not None:
            self._compare(known, key, ticket, entries)
            # Made ready while another import of the same source was on its way.
            self._connection.execute("DELETE FROM staging.ready_entry WHERE ticket = ?", (ticket_id,))
            return
        chain.last_number += 1
        ticket["number"] = f"T-{chain.last_number}"
        self._log(chain, TicketImported.ENTITY, TicketImported.KIND, EntityId(ticket_id), payload_of(ticket, entries))
        self._report.new_tickets += 1
        self._connection.execute("INSERT INTO staging.new_ticket VALUES (?)", (ordinal,))
        self._put("external_id", (self._mapping.namespace, key, "ticket", ticket_id))
        self._add_ticket_rows(ticket_from(ticket))

    def _add_ticket_rows(self, ticket: Ticket) -> None:
        # No contract of an import has a policy yet, so there is nothing to count and no event to read.
        clocks = ticket_clocks(ticket, (), None)
        name = self._names.get(ticket.company, "") if ticket.company else ""
        row = {"tags": "", "is_repeat": 0, **ticket_row(ticket), **derived_columns(ticket, clocks, name)}
        self._put("ticket", tuple(row[column] for column in self._ticket_columns))
        for place, contact in enumerate(ticket.reporters):
            self._put("ticket_reporter", (ticket.id, place, contact))

    def _compare(self, known: EntityId, key: str, ticket: Fields, entries: bytes) -> None:
        query = "SELECT payload FROM main.operation WHERE id = ? AND kind = ?"
        row = self._connection.execute(query, (known, TicketImported.KIND)).fetchone()
        number = self._connection.execute("SELECT number FROM main.ticket WHERE id = ?", (known,)).fetchone()
        if row is not None and number is not None:
            ticket["number"] = number[0]
            if payload_of(ticket, entries) != row[0]:
                self._report.changed_tickets += 1
                if len(self._report.changed_keys) < CHANGED_KEYS_NAMED:
                    self._report.changed_keys.append(key)
                return
        self._report.known_tickets += 1

    def _log(self, chain: _Chain, entity: str, kind: str, entity_id: EntityId, payload: bytes) -> Stamp:
        """Chain an operation; nothing was known of its entity before, so its base is empty."""
        base = self._bases.get(kind)
        if base is None:
            base = self._bases[kind] = canonical_json({kind: None})
        envelope = Envelope(
            console=chain.console,
            n=chain.last_n + 1,
            txn=self._txn,
            stream=SHARED_STREAM,
            entity=entity,
            id=entity_id,
            kind=kind,
            payload=payload,
            base=base,
            hlc=chain.hlc.tick(self._now_ms),
            schema_v=SCHEMA_VERSION,
            prev=chain.last_hash,
            author=self._author,
        )
        chain.last_n, chain.last_hash = envelope.n, envelope.hash
        row = {**{name: getattr(envelope, name) for name in _ENVELOPE}, "hash": chain.last_hash, "state": "local"}
        self._put("operation", tuple(row[column] for column in self._operation_columns))
        return envelope.stamp

    def _put(self, table: str, row: tuple[Any, ...]) -> None:
        self._staging.put(table, row)

    # Writing.

    def _copy(self, chain: _Chain) -> int:
        connection = self._connection
        batch = self._add_batch()
        for done, name in enumerate(READY, 1):
            connection.execute(f"INSERT INTO main.{name} SELECT * FROM staging.ready_{name}")
            self._pace.at(WRITING, self._report.new_tickets, done / (len(READY) + 2))
        for statement, rows in _record_inserts(chain.records):
            connection.executemany(statement, rows)
        connection.execute(
            "INSERT INTO main.import_raw (batch, line, raw) SELECT ?, line, raw FROM staging.raw"
            " WHERE ticket IN (SELECT ticket FROM staging.new_ticket) ORDER BY line",
            (batch,),
        )
        connection.execute(_MARK_REPEATS)
        connection.execute(
            "UPDATE main.store SET last_n = ?, last_hash = ?, last_hlc = ?, last_number = ?",
            (chain.last_n, chain.last_hash, chain.hlc.last, chain.last_number),
        )
        return batch

    def _add_batch(self) -> int:
        report = self._report
        (batch,) = self._connection.execute("SELECT coalesce(max(n), 0) + 1 FROM main.import_batch").fetchone()
        report.batch = batch
        report.seconds = self._pace.seconds
        document = json.dumps(report.to_document(), ensure_ascii=False, sort_keys=True)
        self._connection.execute(
            "INSERT INTO main.import_batch (n, mapping, source, digest, at, report) VALUES (?, ?, ?, ?, ?, ?)",
            (batch, report.mapping, report.source, report.digest, instant(self._now_ms), document),
        )
        return int(batch)


def _record_inserts(records: dict[str, list[Fields]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """One statement per entity; all its records have the same fields, because one rule made them."""
    for entity, rows in records.items():
        columns = list(rows[0])
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO main.{entity} ({', '.join(columns)}) VALUES ({places})"
        yield statement, [tuple(row[column] for column in columns) for row in rows]


# A repeat is one of two: the company's page groups them, so the first of them is marked as well.
_MARK_REPEATS = f"""
UPDATE main.ticket AS t SET is_repeat = 1
WHERE t.fault_code <> '' AND t.equipment IN (SELECT equipment FROM staging.ready_ticket WHERE equipment IS NOT NULL)
  AND EXISTS (SELECT 1 FROM main.ticket o WHERE o.equipment = t.equipment AND o.fault_code = t.fault_code
    AND o.opened_at BETWEEN t.opened_at - {REPEAT_WITHIN_SECONDS} AND t.opened_at + {REPEAT_WITHIN_SECONDS}
    AND o.id <> t.id)
"""
