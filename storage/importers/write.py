"""From staged tickets to the desk: the log is chained and every row made ready first, then one transaction adds all.

The desk is locked only for the copying at the end. If somebody worked on it meanwhile, the chain is made again under
the lock, because a hash cannot be inserted in the middle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any

from core.clock import Clock, instant
from core.equipment import REPEAT_WITHIN_SECONDS
from core.ids import EntityId
from core.operations.envelope import canonical_json
from core.operations.kinds import encode
from core.operations.operation import Alias, State
from core.operations.record_added import RecordAdded
from core.operations.ticket_imported import TicketImported, ticket_from
from core.ticket import Ticket
from storage.caller_index import refresh
from storage.importers.build import BuiltTicket
from storage.importers.chain import LogChain
from storage.importers.mapping import Mapping
from storage.importers.records import MetRecords
from storage.importers.report import WRITING, ImportReport, Pace
from storage.importers.staging import READY, Staging
from storage.importers.story import ENTRY_CONSTANT
from storage.rows import record_row, ticket_row
from storage.standing import NO_CLOCKS, derived_columns

CHANGED_KEYS_NAMED = 20
Fields = dict[str, Any]
# No contract of an import has a policy yet, so there is nothing to count and no event to read.


def payload_of(ticket: Fields, entries: str, alias: Alias | None) -> bytes:
    """The payload of TicketImported, byte for byte what `encode` makes of it, without reading the entries again."""
    told = b"" if alias is None else b'"alias":%b,' % canonical_json(list(alias))
    return b'{%b"entries":%b,"ticket":%b}' % (told, entries.encode(), canonical_json(ticket))


class DeskWriter:
    """Makes tickets and records ready on the chain of a desk, then adds them."""

    def __init__(
        self,
        staging: Staging,
        mapping: Mapping,
        report: ImportReport,
        pace: Pace,
        *,
        author: EntityId,
        clock: Clock,
        txn: EntityId,
    ) -> None:
        self._connection = staging.connection
        self._staging = staging
        self._namespace = mapping.namespace
        self._report = report
        self._pace = pace
        self._author = author
        self._now_ms = clock.now_ms()
        self._txn = txn
        self._in_column_order = itemgetter(*staging.columns("ticket"))
        self._begin_chain()

    def begin(self) -> None:
        """Start from the desk as it stands now."""
        self._staging.forget_ready()
        self._begin_chain()
        query = "SELECT EXISTS (SELECT 1 FROM main.external_id WHERE namespace = ?)"
        (self._is_known_source,) = self._connection.execute(query, (self._namespace,)).fetchone()

    def add_ticket(self, ordinal: int, built: BuiltTicket, company_name: str) -> None:
        """Make a new ticket ready; one that is known is only compared."""
        known = self._alias(built.key, "ticket")
        if known is not None:
            self._compare(known, built)
            return
        chain, ticket = self._chain, built.ticket
        chain.last_number += 1
        ticket["number"] = f"T-{chain.last_number}"
        payload = payload_of(ticket, built.entries, Alias(self._namespace, built.key))
        self._staging.put("operation", chain.add(TicketImported.ENTITY, TicketImported.KIND, built.id, payload))
        self._report.new_tickets += 1
        self._staging.put_new_ticket(ordinal)
        self._staging.put("external_id", (self._namespace, built.key, "ticket", built.id))
        self._staging.put_all("entry", built.rows)
        self._add_ticket_rows(ticket_from(ticket), company_name)

    def add_records(self, records: MetRecords) -> None:
        """Make every record ready that the desk does not know yet."""
        for met in records:
            if self._alias(met.key, met.entity) is None:
                self._add_record(replace(met.operation(), alias=Alias(self._namespace, met.key)))
                self._staging.put("external_id", (self._namespace, met.key, met.entity, met.id))
                self._report.new_records += 1
        self._staging.end_ready()

    def write(self, make_ready_again: Callable[[], None]) -> int | None:
        """Add everything in one transaction and answer the batch's number; None when there was nothing new."""
        if not self._report.new_tickets:
            return None
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            if self._store() != self._chain.began:
                make_ready_again()
            batch = self._copy() if self._report.new_tickets else None
            connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself; a second time would hide why.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._pace.at(WRITING, self._report.new_tickets, 1.0)
        return batch

    # Making ready.

    def _begin_chain(self) -> None:
        self._chain = LogChain(self._store(), self._txn, self._author, self._now_ms)
        self._records: dict[str, list[Fields]] = {}

    def _store(self) -> tuple[Any, ...]:
        columns = "console, last_n, last_hash, last_hlc, last_number"
        row: tuple[Any, ...] = self._connection.execute(f"SELECT {columns} FROM main.store").fetchone()
        return row

    def _alias(self, key: str, entity: str) -> EntityId | None:
        if not self._is_known_source:
            return None
        query = "SELECT id FROM main.external_id WHERE namespace = ? AND key = ? AND entity = ?"
        row = self._connection.execute(query, (self._namespace, key, entity)).fetchone()
        return None if row is None else EntityId(row[0])

    def _add_record(self, operation: RecordAdded) -> None:
        operation.validate(State())
        chained = self._chain.add(operation.ENTITY, operation.KIND, operation.record, encode(operation))
        self._staging.put("operation", chained)
        for record in operation.apply(State(), self._chain.stamp).records:
            self._records.setdefault(record.entity, []).append(record_row(record.fields))

    def _add_ticket_rows(self, ticket: Ticket, company_name: str) -> None:
        derived = derived_columns(ticket, NO_CLOCKS, company_name)
        row = {"tags": "", "is_repeat": 0, **ticket_row(ticket), **derived}
        self._staging.put("ticket", self._in_column_order(row))
        for place, contact in enumerate(ticket.reporters):
            self._staging.put("ticket_reporter", (ticket.id, place, contact))

    def _compare(self, known: EntityId, built: BuiltTicket) -> None:
        query = "SELECT payload FROM main.operation WHERE id = ? AND kind = ?"
        row = self._connection.execute(query, (known, TicketImported.KIND)).fetchone()
        number = self._connection.execute("SELECT number FROM main.ticket WHERE id = ?", (known,)).fetchone()
        if row is None or number is None:
            # Without its beginning in the log there is nothing to compare with.
            self._report.known_tickets += 1
        elif row[0] in self._payloads_of(built, number[0]):
            self._report.known_tickets += 1
        else:
            self._report.changed_tickets += 1
            if len(self._report.changed_keys) < CHANGED_KEYS_NAMED:
                self._report.changed_keys.append(built.key)

    def _payloads_of(self, built: BuiltTicket, number: str) -> tuple[bytes, bytes]:
        """What an import writes of a ticket now, and what it wrote before it named the key."""
        ticket = {**built.ticket, "number": number}
        alias = Alias(self._namespace, built.key)
        return payload_of(ticket, built.entries, alias), payload_of(ticket, built.entries, None)

    # Writing.

    def _copy(self) -> int:
        connection, chain = self._connection, self._chain
        batch = self._add_batch()
        constant: dict[str, Fields] = {"operation": chain.constant, "entry": ENTRY_CONSTANT}
        for done, name in enumerate(READY, 1):
            self._staging.copy(name, constant.get(name, {}))
            self._pace.at(WRITING, self._report.new_tickets, done / (len(READY) + 2))
        for statement, rows in _record_inserts(self._records):
            connection.executemany(statement, rows)
        connection.execute(
            "INSERT INTO main.import_raw (batch, line, raw) SELECT ?, line, raw FROM staging.raw"
            " WHERE ticket IN (SELECT ticket FROM staging.new_ticket) ORDER BY line",
            (batch,),
        )
        connection.execute(_MARK_REPEATS)
        refresh(connection)
        connection.execute(
            "UPDATE main.store SET last_n = ?, last_hash = ?, last_hlc = ?, last_number = ?",
            (chain.last_n, chain.last_hash, chain.last_hlc, chain.last_number),
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
