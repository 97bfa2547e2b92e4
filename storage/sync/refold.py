"""One record's rows from all its operations: those of the hub in their order, then what this console has not sent.

Pending work is thereby undone to the hub's state and done again on top of what came in, and what the hub refused is
gone. An operation that cannot be folded is set aside with its reason; everything else of the record goes on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from core.conflicts import Conflict
from core.errors import DomainError
from core.ids import EntityId
from core.merging import merge
from core.operations.conflict_settled import ConflictSettled
from core.operations.delivery_recorded import DeliveryRecorded
from core.operations.document_changed import DocumentChanged
from core.operations.entry_hidden import EntryHidden
from core.operations.envelope import SCHEMA_VERSION, Envelope, Stamp
from core.operations.kinds import KINDS
from core.operations.operation import FORMER_NUMBER, Operation, State, the_id
from core.operations.record_added import FIELDS, RecordAdded
from core.operations.record_archived import RecordArchived
from core.operations.record_changed import RecordChanged
from core.operations.records_merged import RecordsMerged
from core.operations.ticket_imported import TicketImported
from core.operations.ticket_opened import TicketOpened
from storage.sync.across_records import across_records
from storage.sync.base_documents import NOTHING, base_of
from storage.sync.conflict_rows import write_conflicts
from storage.sync.file_holds import FileHolds
from storage.sync.record_rows import Named, write_records
from storage.sync.stamps import stamp_of
from storage.sync.ticket_rows import write_ticket
from storage.sync.wire import canonical_document, envelope_of

OPERATIONS = (
    "SELECT o.console, o.n, o.txn, o.stream, o.entity, o.id, o.kind, o.payload, o.base, o.hlc, o.schema_v, o.prev,"
    " o.author, s.author, s.eff, s.seq, s.seen, o.state FROM operation o"
    " LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " WHERE o.id IN ({}) ORDER BY s.seq IS NULL, s.seq, o.n"
)
WITH_LOST = (
    "SELECT o.console, o.n, o.txn, o.stream, o.entity, o.id, o.kind, o.payload, o.base, o.hlc, o.schema_v, o.prev,"
    " o.author, COALESCE(s.author, l.author), COALESCE(s.eff, l.eff), COALESCE(s.seq, l.seq), COALESCE(s.seen, l.seen),"
    " o.state FROM operation o LEFT JOIN stamp s ON s.console = o.console AND s.n = o.n"
    " LEFT JOIN lost_stamp l ON l.console = o.console AND l.n = o.n"
    " WHERE o.id IN ({}) ORDER BY s.seq IS NULL, s.seq, l.seq IS NULL, l.seq, o.n"
)
"""The same after the hub was restored: what it lost stands as it did, behind everything that it has."""

ASKED_AT_ONCE = 200
"""Records whose operations are read together: a statement for each would cost more than what it finds."""

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

_Row = tuple[Any, ...]

OF_RECORDS = (RecordAdded, RecordChanged, RecordArchived, RecordsMerged)


class _Folded(NamedTuple):
    state: State
    named: frozenset[Named]
    """Records of master data that any operation, also a refused one, is about."""
    taken: list[tuple[Envelope, Operation, Stamp]]
    before: tuple[tuple[Any, Stamp], ...] = ()
    """Operations of which the record came folded, as far as they are looked at again."""
    is_of_ticket: bool = False
    """True also where the ticket itself is not there yet, or is refused."""

    def all_taken(self) -> list[tuple[Any, Stamp]]:
        """What led to the state, in the order of the log."""
        return [*self.before, *((operation, stamp) for _one, operation, stamp in self.taken)]


class Unfit(Exception):
    """An operation that may not be folded; the text says why."""


def refold(connection: sqlite3.Connection, entity: EntityId) -> None:
    """Write the rows of a ticket, record or document anew, inside the caller's transaction."""
    _refold_alone(connection, entity, FileHolds(connection))


def refold_all(connection: sqlite3.Connection, entities: Iterable[EntityId]) -> None:
    """The same for many; only where one of them cannot be written each has a savepoint of its own."""
    entities, holds = list(entities), FileHolds(connection)
    connection.execute("SAVEPOINT of_all_records")
    try:
        for begin in range(0, len(entities), ASKED_AT_ONCE):
            some = entities[begin : begin + ASKED_AT_ONCE]
            for entity, rows in _operations_of(connection, some, holds).items():
                _refold(connection, entity, rows, holds)
    except UNWRITABLE:
        connection.execute("ROLLBACK TO of_all_records")
        holds = FileHolds(connection)
        for entity in entities:
            _refold_alone(connection, entity, holds)
    connection.execute("RELEASE of_all_records")


def _refold_alone(connection: sqlite3.Connection, entity: EntityId, holds: FileHolds) -> None:
    connection.execute("SAVEPOINT of_one_record")
    rows = _operations_of(connection, [entity], holds)[entity]
    try:
        _refold(connection, entity, rows, holds)
    except UNWRITABLE as error:
        connection.execute("ROLLBACK TO of_one_record")
        folded = _fold(connection, entity, rows, holds)
        for envelope, _operation, _stamp in folded.taken[-1:]:
            _set_aside(connection, envelope, f"its row cannot be written: {error}")
        holds.any_set_aside = True
    connection.execute("RELEASE of_one_record")


def _operations_of(
    connection: sqlite3.Connection, entities: Sequence[EntityId], holds: FileHolds, *, is_of_the_hub: bool = False
) -> dict[EntityId, list[_Row]]:
    """The log of each, in the order in which it counts."""
    query = WITH_LOST if holds.any_lost and not is_of_the_hub else OPERATIONS
    found: dict[EntityId, list[_Row]] = {entity: [] for entity in entities}
    for row in connection.execute(query.format(", ".join("?" * len(entities))), entities):
        found[row[5]].append(row)
    return found


def _refold(connection: sqlite3.Connection, entity: EntityId, rows: list[_Row], holds: FileHolds) -> None:
    if holds.any_set_aside:
        connection.execute("DELETE FROM quarantine WHERE about = ?", (entity,))
    folded = _fold(connection, entity, rows, holds)
    if any(isinstance(operation, RecordsMerged) for _envelope, operation, _stamp in folded.taken):
        holds.any_merged = True
    write_records(connection, folded.state.records, folded.named, is_any_merged=holds.any_merged)
    if folded.is_of_ticket:
        write_ticket(connection, entity, folded.state, is_any_merged=holds.any_merged)
    _write_aliases(connection, entity, folded, holds)
    conflicts = _conflicts(connection, entity, folded)
    if holds.any_conflict or conflicts:
        write_conflicts(connection, entity, conflicts)
        holds.any_conflict = True


def stamped_state(connection: sqlite3.Connection, entity: EntityId) -> State:
    """A record as the hub's log alone has it, without what this console has not sent; nothing is written."""
    return stamped(connection, entity)[0]


def stamped(connection: sqlite3.Connection, entity: EntityId) -> tuple[State, list[tuple[Operation, Stamp]]]:
    """The same with the operations that led to it, in the order of the log."""
    holds = FileHolds(connection)
    rows = _operations_of(connection, [entity], holds, is_of_the_hub=True)[entity]
    folded = _fold(connection, entity, rows, holds, is_of_the_hub=True)
    return folded.state, folded.all_taken()


def _fold(
    connection: sqlite3.Connection, entity: EntityId, rows: list[_Row], holds: FileHolds, *, is_of_the_hub: bool = False
) -> _Folded:
    base = base_of(connection, entity) if holds.any_base else NOTHING
    folding = _Folding(entity, base.state)
    # A record that no operation is left of may have been a ticket.
    is_of_ticket = base.state.ticket is not None or not rows
    for row in rows:
        envelope, stands = envelope_of(row), row[17]
        is_of_ticket = is_of_ticket or envelope.entity == TicketOpened.ENTITY
        if (is_of_the_hub and row[15] is None) or (row[15] is not None and row[15] <= base.seq):
            continue
        stamp = stamp_of((*row[:2], envelope.hlc, envelope.author, envelope.base, *row[13:17]))
        try:
            operation = vetted(envelope)
        except (*UNFIT, Unfit) as error:
            if stands != "refused":
                folding.unfit.append((envelope, error))
            continue
        folding.named.update(_named_in(operation))
        if stands != "refused":
            folding.add(envelope, operation, stamp)
    folding.end()
    for envelope, why in () if is_of_the_hub else folding.unfit:
        _set_aside(connection, envelope, str(why) or type(why).__name__)
        holds.any_set_aside = True
    return _Folded(folding.state, frozenset(folding.named), folding.taken, base.deeds, is_of_ticket)


class _Folding:
    """One record's operations on their way into its state.

    One that stands in the log before what it speaks of, as happens when consoles send again what a restored hub has
    lost, waits for it.
    """

    def __init__(self, entity: EntityId, state: State) -> None:
        self._entity = entity
        self._early: list[tuple[Envelope, Operation, Stamp]] = []
        self.state = state
        self.named: set[Named] = {(one.entity, the_id(one.fields["id"])) for one in state.records}
        self.taken: list[tuple[Envelope, Operation, Stamp]] = []
        self.unfit: list[tuple[Envelope, Exception]] = []

    def add(self, envelope: Envelope, operation: Operation, stamp: Stamp) -> None:
        """Fold one more, and what waited for it."""
        if _is_early(self.state, operation):
            self._early.append((envelope, operation, stamp))
            return
        self._merge(envelope, operation, stamp)
        while ready := [one for one in self._early if not _is_early(self.state, one[1])]:
            self._early.remove(ready[0])
            self._merge(*ready[0])

    def end(self) -> None:
        """What nothing came for: a change of a record that nobody added makes none."""
        for envelope, operation, stamp in self._early:
            if isinstance(operation, OF_RECORDS):
                self.unfit.append((envelope, Unfit("what it is about was never added")))
            else:
                self._merge(envelope, operation, stamp)

    def _merge(self, envelope: Envelope, operation: Operation, stamp: Stamp) -> None:
        try:
            after = merge(self.state, operation, stamp)
            if after.ticket is not None and after.ticket.id != self._entity:
                raise Unfit("it is about another ticket than it says")
        except (*UNFIT, Unfit) as error:
            self.unfit.append((envelope, error))
            return
        self.state = after
        self.taken.append((envelope, operation, stamp))


def _is_early(state: State, operation: Operation) -> bool:
    """Whether what an operation speaks of is not there yet."""
    if isinstance(operation, RecordChanged | RecordArchived | RecordsMerged):
        return operation.record not in state.known_records
    if isinstance(operation, ConflictSettled):
        return operation.conflict not in state.conflicts
    if operation.ENTITY != "ticket" or isinstance(operation, TicketOpened | TicketImported):
        return False
    if isinstance(operation, EntryHidden | DeliveryRecorded):
        return operation.entry not in state.known_entries
    return state.ticket is None


def _write_aliases(connection: sqlite3.Connection, entity: EntityId, folded: _Folded, holds: FileHolds) -> None:
    """Under what else the record is found. A name that another record of the kind has already stays with that."""
    state = folded.state
    if holds.any_alias and (state.aliases or folded.is_of_ticket):
        # An import of an older program left its keys in the file alone.
        which = "" if state.aliases else f" AND namespace = '{FORMER_NUMBER}'"
        connection.execute(f"DELETE FROM external_id WHERE id = ?{which}", (entity,))
    if not state.aliases:
        return
    kind = "ticket" if state.ticket is not None else next((record.entity for record in state.records), "")
    rows = [(*alias, kind, entity) for alias in state.aliases]
    connection.executemany("INSERT OR IGNORE INTO external_id (namespace, key, entity, id) VALUES (?, ?, ?, ?)", rows)
    holds.any_alias = True


def _conflicts(connection: sqlite3.Connection, entity: EntityId, folded: _Folded) -> list[Conflict]:
    """What the fold found, and what this record has with others."""
    found = list(folded.state.conflicts.values())
    if folded.named:
        found += across_records(connection, entity, folded.all_taken())
    return found


def vetted(envelope: Envelope) -> Operation:
    """The operation in an envelope that may come from anybody; Unfit or one of `UNFIT` where it is not one of ours."""
    if envelope.schema_v > SCHEMA_VERSION or envelope.kind not in KINDS:
        raise Unfit("it needs a newer Lampboard")
    document = canonical_document(envelope.payload)
    if document is None:
        raise Unfit("its payload is not canonical JSON")
    operation = KINDS[envelope.kind].from_document(document)
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
