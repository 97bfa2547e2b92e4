"""One record's rows from all its operations: those of the hub in their order, then what this console has not sent.

Pending work is thereby undone to the hub's state and done again on top of what came in, and what the hub refused is
gone. An operation that cannot be folded is set aside with its reason; everything else of the record goes on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from core.conflicts import Conflict
from core.errors import DomainError
from core.ids import EntityId
from core.merging import merge
from core.operations.document_changed import DocumentChanged
from core.operations.envelope import SCHEMA_VERSION, Envelope, Stamp
from core.operations.kinds import KINDS, decode
from core.operations.operation import FORMER_NUMBER, Operation, State
from core.operations.record_added import FIELDS, RecordAdded
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import RecordChanged
from core.operations.records_merged import RecordsMerged
from core.operations.ticket_opened import TicketOpened
from storage.sync.across_records import across_records
from storage.sync.conflict_rows import write_conflicts
from storage.sync.record_rows import Named, write_records
from storage.sync.stamps import stamp_of
from storage.sync.ticket_rows import write_ticket
from storage.sync.wire import envelope_of, is_canonical

OPERATIONS = (
    "SELECT o.console, o.n, o.txn, o.stream, o.entity, o.id, o.kind, o.payload, o.base, o.hlc, o.schema_v, o.prev,"
    " o.author, s.author, s.eff, s.seq, s.seen, o.state FROM operation o"
    " LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " WHERE o.id = ? ORDER BY s.seq IS NULL, s.seq, o.n"
)
UNFIT = (
    DomainError,
    AssertionError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What decoding and folding raise on an operation that no program of ours wrote."""

UNWRITABLE = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError, *UNFIT)
"""What the file refuses of a record; a full or broken disk is not among it."""

OF_RECORDS = (RecordAdded, RecordChanged, RecordArchived, RecordsMerged)


class _Folded(NamedTuple):
    state: State
    named: frozenset[Named]
    """Records of master data that any operation, also a refused one, is about."""
    taken: list[tuple[Envelope, Operation, Stamp]]


class Unfit(Exception):
    """An operation that may not be folded; the text says why."""


def refold(connection: sqlite3.Connection, entity: EntityId) -> None:
    """Write the rows of a ticket, record or document anew, inside the caller's transaction."""
    connection.execute("DELETE FROM quarantine WHERE about = ?", (entity,))
    folded = _fold(connection, entity)
    connection.execute("SAVEPOINT of_one_record")
    try:
        write_records(connection, folded.state.records, folded.named)
        write_ticket(connection, entity, folded.state)
        _write_aliases(connection, entity, folded.state)
        write_conflicts(connection, entity, _conflicts(connection, entity, folded))
    except UNWRITABLE as error:
        connection.execute("ROLLBACK TO of_one_record")
        for envelope, _operation, _stamp in folded.taken[-1:]:
            _set_aside(connection, envelope, f"its row cannot be written: {error}")
    connection.execute("RELEASE of_one_record")


def stamped_state(connection: sqlite3.Connection, entity: EntityId) -> State:
    """A record as the hub's log alone has it, without what this console has not sent; nothing is written."""
    return stamped(connection, entity)[0]


def stamped(connection: sqlite3.Connection, entity: EntityId) -> tuple[State, list[tuple[Operation, Stamp]]]:
    """The same with the operations that led to it, in the order of the log."""
    folded = _fold(connection, entity, is_of_the_hub=True)
    return folded.state, [(operation, stamp) for _one, operation, stamp in folded.taken]


def _fold(connection: sqlite3.Connection, entity: EntityId, *, is_of_the_hub: bool = False) -> _Folded:
    state, named, taken = State(), set[Named](), []
    for row in connection.execute(OPERATIONS, (entity,)).fetchall():
        envelope, stands = envelope_of(row), row[17]
        if is_of_the_hub and row[15] is None:
            continue
        stamp = stamp_of((*row[:2], envelope.hlc, envelope.author, envelope.base, *row[13:17]))
        try:
            operation = vetted(envelope)
            named.update(_named_in(operation))
            if stands == "refused":
                continue
            after = merge(state, operation, stamp)
            if after.ticket is not None and after.ticket.id != entity:
                raise Unfit("it is about another ticket than it says")
        except (*UNFIT, Unfit) as error:
            if stands != "refused" and not is_of_the_hub:
                _set_aside(connection, envelope, str(error) or type(error).__name__)
            continue
        state = after
        taken.append((envelope, operation, stamp))
    return _Folded(state, frozenset(named), taken)


def _write_aliases(connection: sqlite3.Connection, entity: EntityId, state: State) -> None:
    """Under what else the record is found. A name that another record of the kind has already stays with that."""
    # An import of an older program left its keys in the file alone.
    which = "" if state.aliases else f" AND namespace = '{FORMER_NUMBER}'"
    connection.execute(f"DELETE FROM external_id WHERE id = ?{which}", (entity,))
    kind = "ticket" if state.ticket is not None else next((record.entity for record in state.records), "")
    rows = [(*alias, kind, entity) for alias in state.aliases]
    connection.executemany("INSERT OR IGNORE INTO external_id (namespace, key, entity, id) VALUES (?, ?, ?, ?)", rows)


def _conflicts(connection: sqlite3.Connection, entity: EntityId, folded: _Folded) -> list[Conflict]:
    """What the fold found, and what this record has with others."""
    found = list(folded.state.conflicts.values())
    if folded.named:
        found += across_records(connection, entity, [(operation, stamp) for _one, operation, stamp in folded.taken])
    return found


def vetted(envelope: Envelope) -> Operation:
    """The operation in an envelope that may come from anybody; Unfit or one of `UNFIT` where it is not one of ours."""
    if envelope.schema_v > SCHEMA_VERSION or envelope.kind not in KINDS:
        raise Unfit("it needs a newer Lampboard")
    if not is_canonical(envelope.payload):
        raise Unfit("its payload is not canonical JSON")
    operation = decode(envelope.kind, envelope.payload)
    if envelope.entity != operation.ENTITY:
        raise Unfit("it is about another kind of record than it says")
    about = None
    if isinstance(operation, OF_RECORDS):
        about = operation.record
        _check_fields(operation)
    elif isinstance(operation, DocumentChanged):
        about = operation.document
    elif isinstance(operation, TicketOpened):
        about = operation.ticket
    if about is not None and about != envelope.id:
        raise Unfit("it is about another record than it says")
    return operation


def _check_fields(operation: RecordAdded | RecordChanged | RecordArchived | RecordsMerged) -> None:
    """Field names become columns: nothing but the entity's own may reach the file."""
    if operation.entity not in FIELDS:
        raise Unfit("it is about no entity of ours")
    told: Iterable[str] = ()
    if isinstance(operation, RecordAdded):
        told = operation.fields
    elif isinstance(operation, RecordChanged):
        told = operation.changes
    strange = sorted(set(told) - FIELDS[operation.entity])
    if strange or not all(isinstance(name, str) for name in told):
        raise Unfit("it names fields that the entity does not have")


def _named_in(operation: Operation) -> Iterable[Named]:
    if isinstance(operation, OF_RECORDS):
        yield operation.entity, operation.record
    elif isinstance(operation, DocumentChanged):
        yield "document_version", operation.version


def _set_aside(connection: sqlite3.Connection, envelope: Envelope, reason: str) -> None:
    connection.execute(
        "INSERT INTO quarantine (console, n, about, reason) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (console, n) DO UPDATE SET reason = excluded.reason",
        (envelope.console, envelope.n, envelope.id, reason[:500].encode("utf-8", "replace").decode()),
    )
