"""From staged tickets to the desk: the log is chained and every row made ready first, then one transaction adds all.

The desk is locked only for the copying at the end. If somebody worked on it meanwhile, the chain is made again under
the lock, because a hash cannot be inserted in the middle.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.clock import Clock, HybridClock, instant
from core.equipment import REPEAT_WITHIN_SECONDS
from core.ids import EntityId
from core.operations.envelope import SCHEMA_VERSION, Envelope, Stamp, canonical_json
from core.operations.operation import Operation, State
from core.operations.ticket_imported import TicketImported
from storage.importers.mapping import Mapping
from storage.importers.records import MetRecords
from storage.importers.report import PREPARING, WRITING, ImportReport, Pace
from storage.importers.staging import Staging
from storage.rows import entry_row, record_row, ticket_row
from storage.standing import derived_columns, ticket_clocks

SHARED_STREAM = "shared"  # as in storage.unit_of_work, whose import would bring SQLAlchemy
ROWS_AT_ONCE = 2_000
CHANGED_KEYS_NAMED = 20
COPIED = ("operation", "entry", "ticket", "ticket_reporter", "external_id")

Fields = dict[str, Any]


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
        self._waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COPIED}
        self._inserts: dict[str, str] = {}

    def prepare(self) -> _Chain:
        """Make every row ready in staging and count what is new, known and changed."""
        self._make_room()
        chain = self._chain()
        report = self._report
        report.new_tickets = report.known_tickets = report.changed_tickets = report.new_records = 0
        report.changed_keys = []
        for met in self._records:
            if self._alias(met.key, met.entity) is None:
                self._add_record(chain, met.operation())
                self._put("external_id", (self._mapping.namespace, met.key, met.entity, met.id))
                report.new_records += 1
        for done, (ordinal, key, ticket_id, document) in enumerate(self._staging.built(), 1):
            self._add_ticket(chain, ordinal, key, EntityId(ticket_id), json.loads(document))
            self._pace.at(PREPARING, done, done / max(1, report.tickets))
        for name in COPIED:
            self._flush(name)
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

    def _make_room(self) -> None:
        connection = self._connection
        for name in COPIED:
            connection.execute(f"DROP TABLE IF EXISTS staging.out_{name}")
            connection.execute(f"CREATE TABLE staging.out_{name} AS SELECT * FROM main.{name} WHERE 0")
            columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({name})")]
            self._inserts[name] = (
                f"INSERT INTO staging.out_{name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            )
        self._ticket_columns = [row[1] for row in connection.execute("PRAGMA main.table_info(ticket)")]
        connection.execute("DROP TABLE IF EXISTS staging.new_ticket")
        connection.execute("CREATE TABLE staging.new_ticket (ticket INTEGER PRIMARY KEY)")

    def _store(self) -> tuple[Any, ...]:
        columns = "console, last_n, last_hash, last_hlc, last_number"
        row: tuple[Any, ...] = self._connection.execute(f"SELECT {columns} FROM main.store").fetchone()
        return row

    def _chain(self) -> _Chain:
        began = self._store()
        console, last_n, last_hash, last_hlc, last_number = began
        return _Chain(began, console, last_n, last_hash, HybridClock(last_hlc), last_number)

    def _alias(self, key: str, entity: str) -> EntityId | None:
        query = "SELECT id FROM main.external_id WHERE namespace = ? AND key = ? AND entity = ?"
        row = self._connection.execute(query, (self._mapping.namespace, key, entity)).fetchone()
        return None if row is None else EntityId(row[0])

    def _add_record(self, chain: _Chain, operation: Any) -> None:
        operation.validate(State())
        stamp = self._log(chain, operation, operation.record)
        for record in operation.apply(State(), stamp).records:
            chain.records.setdefault(record.entity, []).append(record_row(record.fields))

    def _add_ticket(self, chain: _Chain, ordinal: int, key: str, ticket_id: EntityId, document: Fields) -> None:
        known = self._alias(key, "ticket")
        if known is not None:
            self._compare(known, key, document)
            return
        number = f"T-{chain.last_number + 1}"
        operation = TicketImported({**document["ticket"], "number": number}, tuple(document["entries"]))
        operation.validate(State())
        stamp = self._log(chain, operation, ticket_id)
        chain.last_number += 1
        self._report.new_tickets += 1
        self._connection.execute("INSERT INTO staging.new_ticket VALUES (?)", (ordinal,))
        self._put("external_id", (self._mapping.namespace, key, "ticket", ticket_id))
        self._rows_of(operation.apply(State(), stamp))

    def _rows_of(self, state: State) -> None:
        ticket = state.the_ticket()
        for entry in state.entries:
            self._put("entry", tuple(entry_row(entry).values()))
        # No contract of an import has a policy yet, so there is nothing to count and no event to read.
        clocks = ticket_clocks(ticket, (), None)
        name = self._names.get(ticket.company, "") if ticket.company else ""
        row = {"tags": "", "is_repeat": 0, **ticket_row(ticket), **derived_columns(ticket, clocks, name)}
        self._put("ticket", tuple(row[column] for column in self._ticket_columns))
        for place, contact in enumerate(ticket.reporters):
            self._put("ticket_reporter", (ticket.id, place, contact))

    def _compare(self, known: EntityId, key: str, document: Fields) -> None:
        query = "SELECT payload FROM main.operation WHERE id = ? AND kind = ?"
        row = self._connection.execute(query, (known, TicketImported.KIND)).fetchone()
        if row is not None:
            document["ticket"]["number"] = json.loads(row[0])["ticket"]["number"]
            if canonical_json(document) != row[0]:
                self._report.changed_tickets += 1
                if len(self._report.changed_keys) < CHANGED_KEYS_NAMED:
                    self._report.changed_keys.append(key)
                return
        self._report.known_tickets += 1

    def _log(self, chain: _Chain, operation: Operation, entity: EntityId) -> Stamp:
        """Chain the operation; nothing was known of its entity before, so its base is empty."""
        envelope = Envelope(
            console=chain.console,
            n=chain.last_n + 1,
            txn=self._txn,
            stream=SHARED_STREAM,
            entity=operation.ENTITY,
            id=entity,
            kind=operation.KIND,
            payload=canonical_json(operation.to_document()),
            base=canonical_json({operation.KIND: None}),
            hlc=chain.hlc.tick(self._now_ms),
            schema_v=SCHEMA_VERSION,
            prev=chain.last_hash,
            author=self._author,
        )
        chain.last_n, chain.last_hash = envelope.n, envelope.hash
        self._put(
            "operation",
            (
                envelope.console,
                envelope.n,
                envelope.txn,
                envelope.stream,
                envelope.entity,
                envelope.id,
                envelope.kind,
                envelope.payload,
                envelope.base,
                envelope.hlc,
                envelope.schema_v,
                envelope.prev,
                chain.last_hash,
                envelope.author,
                "local",
            ),
        )
        return envelope.stamp

    def _put(self, table: str, row: tuple[Any, ...]) -> None:
        waiting = self._waiting[table]
        waiting.append(row)
        if len(waiting) >= ROWS_AT_ONCE:
            self._flush(table)

    def _flush(self, table: str) -> None:
        self._connection.executemany(self._inserts[table], self._waiting[table])
        self._waiting[table].clear()

    # Writing.

    def _copy(self, chain: _Chain) -> int:
        connection = self._connection
        batch = self._add_batch()
        for done, name in enumerate(COPIED, 1):
            connection.execute(f"INSERT INTO main.{name} SELECT * FROM staging.out_{name}")
            self._pace.at(WRITING, self._report.new_tickets, done / (len(COPIED) + 2))
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
WHERE t.fault_code <> '' AND t.equipment IN (SELECT equipment FROM staging.out_ticket WHERE equipment IS NOT NULL)
  AND EXISTS (SELECT 1 FROM main.ticket o WHERE o.equipment = t.equipment AND o.fault_code = t.fault_code
    AND o.opened_at BETWEEN t.opened_at - {REPEAT_WITHIN_SECONDS} AND t.opened_at + {REPEAT_WITHIN_SECONDS}
    AND o.id <> t.id)
"""
