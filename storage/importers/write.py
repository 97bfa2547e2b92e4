"""From staged tickets to the desk: slices that no read can see yet, then one short transaction that makes all stand.

A slice takes entries and raw rows onto the desk as soon as its tickets are built (storage/importers/coming.py). What is
read by itself, tickets, keys, records and the log, is made ready in staging and added at the end. There the log is
chained: a hash cannot be known before the one in front of it, and others may write until then. Each slice is an act of
its own in the log, so that a hub gets it in pushes of the usual size.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any

from core.clock import Clock, instant
from core.equipment import REPEAT_WITHIN_SECONDS
from core.ids import EntityId, IdMaker
from core.operations.envelope import Stamp, canonical_json
from core.operations.kinds import encode
from core.operations.operation import Alias, State
from core.operations.record_added import RecordAdded
from core.operations.ticket_imported import TicketImported, ticket_from
from core.ticket import Ticket
from storage.importers.build import BuiltTicket
from storage.importers.chain import LogChain
from storage.importers.coming import STANDING, Batch, begin, note_made, roll_back
from storage.importers.differing import differing
from storage.importers.failed import ImportFailed
from storage.importers.mapping import Mapping
from storage.importers.records import MetRecords
from storage.importers.report import WRITING, ImportReport, Pace
from storage.importers.staging import COPIED, Staging
from storage.importers.story import ENTRY_VARYING, EntryRow
from storage.rows import record_row, ticket_row
from storage.standing import NO_CLOCKS, derived_columns

CHANGED_NAMED = 20
TICKETS_IN_A_SLICE = 100
ENTRIES_IN_A_SLICE = 1_000
BYTES_IN_A_SLICE = 250_000
"""A slice ends with the first ticket that reaches one of these: its transaction is one of a moment."""
RECORDS_IN_AN_ACT = 400
Fields = dict[str, Any]
# No contract of an import has a policy yet, so there is nothing to count and no event to read.


def payload_of(ticket: Fields, entries: str, alias: Alias | None) -> bytes:
    """The payload of TicketImported, byte for byte what `encode` makes of it, without reading the entries again."""
    told = b"" if alias is None else b'"alias":%b,' % canonical_json(list(alias))
    return b'{%b"entries":%b,"ticket":%b}' % (told, entries.encode(), canonical_json(ticket))


class _Slice:
    """Tickets that go onto the desk in one transaction."""

    def __init__(self, txn: EntityId) -> None:
        self.txn = txn
        self.ordinals: list[int] = []
        self.tickets: list[EntityId] = []
        self.entries: list[EntryRow] = []
        self.payload_bytes = 0

    @property
    def is_full(self) -> bool:
        return (
            len(self.tickets) >= TICKETS_IN_A_SLICE
            or len(self.entries) >= ENTRIES_IN_A_SLICE
            or self.payload_bytes >= BYTES_IN_A_SLICE
        )


class DeskWriter:
    """Brings built tickets and the records they speak of onto a desk."""

    def __init__(
        self,
        staging: Staging,
        mapping: Mapping,
        report: ImportReport,
        pace: Pace,
        *,
        author: EntityId,
        clock: Clock,
        new_id: IdMaker,
    ) -> None:
        self._connection = staging.connection
        self._staging = staging
        self._namespace = mapping.namespace
        self._report = report
        self._pace = pace
        self._author = author
        self._clock = clock
        self._new_id = new_id
        self._in_column_order = itemgetter(*staging.columns("ticket"))
        self._records: dict[str, list[Fields]] = {}
        self._slice = _Slice(new_id())
        self._batch: Batch | None = None
        console, n, hlc = self._connection.execute("SELECT console, last_n, last_hlc FROM main.store").fetchone()
        self._stamp = Stamp(console, n, hlc, author)
        query = "SELECT EXISTS (SELECT 1 FROM main.external_id WHERE namespace = ?)"
        (self._is_known_source,) = self._connection.execute(query, (self._namespace,)).fetchone()

    # Building.

    def begin(self, keys: Iterator[str]) -> None:
        """Begin with tickets of these keys; of nothing new, and in a dry run, the desk hears nothing."""
        new = sum(1 for key in keys if self._alias(key, "ticket") is None)
        report = self._report
        if new and not report.is_dry_run:
            at = instant(self._clock.now_ms())
            self._batch = begin(self._connection, report.mapping, report.source, report.digest, at, new)

    def add_ticket(self, ordinal: int, built: BuiltTicket, company_name: str) -> None:
        """Make a new ticket ready; one that is known is only compared."""
        known = self._alias(built.key, "ticket")
        if known is not None:
            self._compare(known, built)
            return
        self._report.new_tickets += 1
        if self._batch is None:
            return
        ticket = built.ticket
        ticket["number"] = f"T-{self._batch.number_before + self._report.new_tickets}"
        payload = payload_of(ticket, built.entries, Alias(self._namespace, built.key))
        told = self._slice
        operation = (told.txn, TicketImported.ENTITY, built.id, TicketImported.KIND, payload)
        self._staging.put("ticket_operation", operation)
        self._staging.put("external_id", (self._namespace, built.key, "ticket", built.id))
        self._put_ticket(ticket_from(ticket), company_name)
        told.ordinals.append(ordinal)
        told.tickets.append(built.id)
        told.entries += built.rows
        told.payload_bytes += len(payload)
        if told.is_full:
            self._put_down()

    def add_records(self, records: MetRecords) -> None:
        """Make every record ready that the desk does not know yet."""
        if not self._report.new_tickets:
            return
        txn = self._new_id()
        for met in records:
            if self._alias(met.key, met.entity) is not None:
                continue
            self._report.new_records += 1
            if self._batch is None:
                continue
            if self._report.new_records % RECORDS_IN_AN_ACT == 0:
                txn = self._new_id()
            self._add_record(txn, replace(met.operation(), alias=Alias(self._namespace, met.key)))
            self._staging.put("external_id", (self._namespace, met.key, met.entity, met.id))
        if self._batch is not None:
            self._put_down()

    def _alias(self, key: str, entity: str) -> EntityId | None:
        if not self._is_known_source:
            return None
        query = "SELECT id FROM main.external_id WHERE namespace = ? AND key = ? AND entity = ?"
        row = self._connection.execute(query, (self._namespace, key, entity)).fetchone()
        return None if row is None else EntityId(row[0])

    def _add_record(self, txn: EntityId, operation: RecordAdded) -> None:
        operation.validate(State())
        told = (txn, operation.ENTITY, operation.record, operation.KIND, encode(operation))
        self._staging.put("record_operation", told)
        for record in operation.apply(State(), self._stamp).records:
            self._records.setdefault(record.entity, []).append(record_row(record.fields))

    def _put_ticket(self, ticket: Ticket, company_name: str) -> None:
        derived = derived_columns(ticket, NO_CLOCKS, company_name)
        row = {"tags": "", "is_repeat": 0, **ticket_row(ticket), **derived}
        self._staging.put("ticket", self._in_column_order(row))
        for place, contact in enumerate(ticket.reporters):
            self._staging.put("ticket_reporter", (ticket.id, place, contact))

    def _put_down(self) -> None:
        """One slice: what may be on the desk only at once to staging, the rest of it where no read can see it."""
        told, self._slice = self._slice, _Slice(self._new_id())
        connection = self._connection
        connection.execute("BEGIN DEFERRED")
        self._staging.put_down()
        connection.execute("COMMIT")
        assert self._batch is not None
        connection.execute("BEGIN IMMEDIATE")
        try:
            note_made(connection, self._batch.n, "ticket", told.tickets)
            connection.executemany(_ADD_ENTRY, told.entries)
            self._staging.copy_raw(self._batch.n, told.ordinals)
            connection.execute("COMMIT")
        except BaseException:
            roll_back(connection)
            raise

    def _compare(self, known: EntityId, built: BuiltTicket) -> None:
        query = "SELECT payload FROM main.operation WHERE id = ? AND kind = ?"
        row = self._connection.execute(query, (known, TicketImported.KIND)).fetchone()
        number = self._connection.execute("SELECT number FROM main.ticket WHERE id = ?", (known,)).fetchone()
        report = self._report
        if row is None or number is None:
            # Without its beginning in the log there is nothing to compare with.
            report.known_tickets += 1
            return
        told = self._payloads_of(built, number[0])
        if row[0] in told:
            report.known_tickets += 1
            return
        what = differing(row[0], told[0])
        if not what:
            # It has another number here than it was imported under.
            report.known_tickets += 1
            return
        report.changed_tickets += 1
        if len(report.changed) < CHANGED_NAMED:
            report.changed.append({"key": built.key, "number": number[0], "differs": what})

    def _payloads_of(self, built: BuiltTicket, number: str) -> tuple[bytes, bytes]:
        """What an import writes of a ticket now, and what it wrote before it named the key."""
        ticket = {**built.ticket, "number": number}
        alias = Alias(self._namespace, built.key)
        return payload_of(ticket, built.entries, alias), payload_of(ticket, built.entries, None)

    # The last transaction.

    def write(self) -> None:
        """Make everything stand at once; nothing where there was nothing new."""
        if self._batch is None:
            return
        connection = self._connection
        connection.execute("BEGIN DEFERRED")
        self._mark_repeats_among_new()
        chain = self._chained()
        connection.execute("COMMIT")
        # Folding the log into the file is for afterwards, when others may write again.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Somebody may have worked since: a hash cannot be known before the one in front of it.
            self._add_all(chain if chain.began == self._log_stands() else self._chained(), self._batch.n)
            connection.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            # The same keys or numbers came from a hub since they were looked up.
            roll_back(connection)
            raise ImportFailed("import.overtaken", reason=str(error)) from error
        except BaseException:
            roll_back(connection)
            raise
        self._pace.at(WRITING, self._report.new_tickets, 1.0)

    def _add_all(self, chain: LogChain, batch: int) -> None:
        """Everything that shows; the log last, because its pages push all others out of memory."""
        connection, steps = self._connection, len(COPIED) + 3
        self._mark_repeats_beside_old()
        for done, name in enumerate(COPIED, 1):
            self._staging.copy(name)
            self._pace.at(WRITING, self._report.new_tickets, done / steps)
        for statement, rows in _record_inserts(self._records):
            connection.executemany(statement, rows)
        for entity, records in self._records.items():
            note_made(connection, batch, entity, [row["id"] for row in records])
        self._pace.at(WRITING, self._report.new_tickets, (steps - 2) / steps)
        self._staging.copy_operations(chain.constant)
        connection.execute(
            "UPDATE main.store SET last_n = ?, last_hash = ?, last_hlc = ?",
            (chain.last_n, chain.last_hash, chain.last_hlc),
        )
        self._end_batch(batch)

    def _chained(self) -> LogChain:
        chain = LogChain(self._log_stands(), self._author, self._clock.now_ms())
        self._staging.chain(chain)
        return chain

    def _log_stands(self) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._connection.execute(
            "SELECT console, last_n, last_hash, last_hlc FROM main.store"
        ).fetchone()
        return row

    def _mark_repeats_among_new(self) -> None:
        """Before the desk is locked: most of what repeats a new ticket is new itself."""
        self._connection.execute(_INDEX_OF_FAULTS)
        self._connection.execute(_MARK_AMONG_NEW)

    def _mark_repeats_beside_old(self) -> None:
        """A repeat is one of two: the company's page groups them, so the first of them is marked as well."""
        for statement in _MARK_BESIDE_OLD:
            self._connection.execute(statement)

    def _end_batch(self, batch: int) -> None:
        report = self._report
        report.batch = batch
        report.seconds = self._pace.seconds
        document = json.dumps(report.to_document(), ensure_ascii=False, sort_keys=True)
        self._connection.execute(
            "UPDATE main.import_batch SET state = ?, at = ?, report = ? WHERE n = ?",
            (STANDING, instant(self._clock.now_ms()), document, batch),
        )


def _record_inserts(records: dict[str, list[Fields]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """One statement per entity; all its records have the same fields, because one rule made them."""
    for entity, rows in records.items():
        columns = list(rows[0])
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO main.{entity} ({', '.join(columns)}) VALUES ({places})"
        yield statement, [tuple(row[column] for column in columns) for row in rows]


# The very same entry may have come from a hub. Columns that are not named are for all as they are declared.
_ADD_ENTRY = (
    f"INSERT OR IGNORE INTO main.entry ({', '.join(ENTRY_VARYING)}) VALUES ({', '.join('?' * len(ENTRY_VARYING))})"
)
_INDEX_OF_FAULTS = (
    "CREATE INDEX staging.ready_faults ON ready_ticket (equipment, fault_code, opened_at)"
    " WHERE equipment IS NOT NULL AND fault_code <> ''"
)
_SAME = (
    "o.equipment = t.equipment AND o.fault_code = t.fault_code AND o.opened_at"
    f" BETWEEN t.opened_at - {REPEAT_WITHIN_SECONDS} AND t.opened_at + {REPEAT_WITHIN_SECONDS}"
)
_NEW_FAULTS = "t.equipment IS NOT NULL AND t.fault_code <> ''"
_OF_NEW_EQUIPMENT = "SELECT equipment FROM staging.ready_ticket WHERE equipment IS NOT NULL"
_MARK_AMONG_NEW = (
    f"UPDATE staging.ready_ticket AS t SET is_repeat = 1 WHERE {_NEW_FAULTS} AND EXISTS (SELECT 1 FROM"
    f" staging.ready_ticket o WHERE {_SAME} AND o.equipment IS NOT NULL AND o.fault_code <> '' AND o.id <> t.id)"
)
_MARK_BESIDE_OLD = (
    f"UPDATE staging.ready_ticket AS t SET is_repeat = 1 WHERE is_repeat = 0 AND {_NEW_FAULTS}"
    f" AND EXISTS (SELECT 1 FROM main.ticket o WHERE {_SAME})",
    f"UPDATE main.ticket AS t SET is_repeat = 1 WHERE is_repeat = 0 AND t.fault_code <> ''"
    f" AND t.equipment IN ({_OF_NEW_EQUIPMENT}) AND EXISTS (SELECT 1 FROM staging.ready_ticket o WHERE {_SAME}"
    " AND o.equipment IS NOT NULL AND o.fault_code <> '')",
)
