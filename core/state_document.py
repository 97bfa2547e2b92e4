"""A record's folded state as bytes and back: what a keeper writes down, so that nobody has to fold the whole log.

Bytes are canonical JSON (`docs/sync.md`), packed where that makes them shorter. What is read may come from anybody: a
document that no program of ours wrote is refused whole, by a DomainError `state_document.unfit` that says why.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from core.clock import Instant
from core.conflicts import Conflict, Side, Writer
from core.errors import DomainError
from core.ids import EntityId
from core.operations.conflict_settled import ConflictSettled
from core.operations.envelope import Stamp, canonical_json
from core.operations.kinds import KINDS
from core.operations.operation import Alias, CallBack, Operation, Record, State
from core.operations.record_added import FIELDS, RecordAdded
from core.operations.record_archived import RecordArchived
from core.operations.records_merged import RecordsMerged
from core.operations.ticket_imported import TicketImported
from core.operations.ticket_opened import TicketOpened
from core.state_fields import (
    CALL_BACK_KINDS,
    CONFLICT_KINDS,
    ENTRY_KINDS,
    SIDE_KINDS,
    STAMP_KINDS,
    TICKET_KINDS,
    WAITING_KINDS,
    check_names,
    read,
    the_id,
    the_list,
    the_text,
    the_whole,
    told,
)
from core.ticket import Ticket, Waiting
from core.timeline import Entry

VERSION = 1
"""Of the documents. A keeper writes all of them anew where the hub's are of another."""

LONGEST_BYTES = 1 << 28
"""Of a document when unpacked; what claims to be longer is not unpacked."""

TICKET, RECORD = "ticket", "record"
VERSION_FIELDS = frozenset(("document", "kind", "number", "valid_from", "body", "note"))
RECORD_FIELDS = {entity: names | {"archived", "merged_into"} for entity, names in FIELDS.items()} | {
    "document_version": VERSION_FIELDS | {"id", "archived"}
}
"""Field names become columns: nothing but an entity's own may be in a document."""

MAKING = frozenset((RecordAdded.KIND, TicketImported.KIND, TicketOpened.KIND))
LOOKED_AT_AGAIN = frozenset((ConflictSettled.KIND, RecordArchived.KIND, RecordsMerged.KIND))
"""Kinds of operations by which numbers given twice, and conflicts between two records, are decided anew each time."""


class Deed(NamedTuple):
    """An operation that is looked at again after it was folded: what made a record, archived it or settled a conflict.

    `payload` is its document; None for one of `MAKING`, of which only the stamp matters any more.
    """

    kind: str
    stamp: Stamp
    payload: dict[str, Any] | None = None


class StateDocument(NamedTuple):
    """What became of a record: `entity` is "ticket", or "record" for master data with the versions of a document.

    `deeds` are in the order of the log.
    """

    entity: str
    id: EntityId
    state: State
    deeds: tuple[Deed, ...] = ()


def deeds_of(taken: Iterable[tuple[Operation, Stamp]]) -> tuple[Deed, ...]:
    """Those of a record's operations that a document keeps."""
    deeds: list[Deed] = []
    for operation, stamp in taken:
        if operation.KIND in MAKING:
            deeds.append(Deed(operation.KIND, stamp))
        elif operation.KIND in LOOKED_AT_AGAIN:
            deeds.append(Deed(operation.KIND, stamp, operation.to_document()))
    return tuple(deeds)


def settled(state: State) -> State:
    """The state without the steps that led to it: one row for each entry, promised call and record, in one order."""
    call_backs = {one.id: one for one in state.call_backs}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for record in state.records:
        key = (record.entity, record.fields["id"])
        rows[key] = {**rows.get(key, {}), **record.fields} if record.is_partial else dict(record.fields)
    return State(
        ticket=state.ticket,
        call_backs=tuple(call_backs[one] for one in sorted(call_backs)),
        records=tuple(Record(entity, rows[entity, one]) for entity, one in sorted(rows)),
        known_entries=dict(sorted(state.known_entries.items(), key=lambda item: (item[1].at, item[0]))),
        known_call_backs={one: call_backs[one] for one in sorted(call_backs)},
        known_records={EntityId(bytes.fromhex(one)): rows[entity, one] for entity, one in sorted(rows)},
        aliases=tuple(sorted(set(state.aliases))),
        writers=state.writers,
        conflicts=state.conflicts,
    )


def is_gone(state: State) -> bool:
    """True where nothing of a record is left: all of it was refused."""
    return state.ticket is None and not state.records


def packed(document: StateDocument) -> bytes:
    """The bytes of a document."""
    return packed_values(as_values(document))


def packed_values(values: dict[str, Any]) -> bytes:
    """The same from its plain values."""
    text = canonical_json(values)
    shorter = zlib.compress(text, 6)
    return shorter if len(shorter) < len(text) else text


def unpacked(body: bytes) -> StateDocument:
    """The document in bytes from anywhere; DomainError `state_document.newer` for one of a newer program."""
    try:
        return _of_values(values_in(body))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, zlib.error) as error:
        raise DomainError("state_document.unfit", reason=f"{type(error).__name__}: {error}"[:200]) from error


def as_values(document: StateDocument) -> dict[str, Any]:
    """The document as plain values, ids as hex."""
    state = settled(document.state)
    return {
        "v": VERSION,
        "entity": document.entity,
        "id": document.id.hex(),
        "deeds": [_deed_told(deed) for deed in document.deeds],
        "ticket": state.ticket and {**told(state.ticket, TICKET_KINDS), "waiting": _waiting_told(state.ticket)},
        "entries": [told(entry, ENTRY_KINDS) for entry in state.known_entries.values()],
        "call_backs": [told(one, CALL_BACK_KINDS) for one in state.call_backs],
        "records": [{"entity": one.entity, "fields": one.fields} for one in state.records],
        "aliases": [list(alias) for alias in state.aliases],
        "writers": {field: _writer_told(writer) for field, writer in state.writers.items()},
        "conflicts": [_conflict_told(state.conflicts[one]) for one in sorted(state.conflicts)],
    }


def values_in(body: bytes) -> dict[str, Any]:
    """The plain values in the bytes of a document, which are not looked at any further."""
    text = body
    if not body.startswith(b"{"):
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(body, LONGEST_BYTES)
        if not unpacking.eof or unpacking.unused_data:
            raise ValueError("it is not whole")
    values = json.loads(text)
    if type(values) is not dict or canonical_json(values) != text:
        raise ValueError("it is not canonical JSON")
    return values


def _of_values(values: dict[str, Any]) -> StateDocument:
    version = the_whole(values["v"])
    if version > VERSION:
        raise DomainError("state_document.newer", version=version)
    check_names(
        values,
        {
            "v",
            "entity",
            "id",
            "deeds",
            "ticket",
            "entries",
            "call_backs",
            "records",
            "aliases",
            "writers",
            "conflicts",
        },
    )
    entity, one = values["entity"], the_id(values["id"])
    if entity not in (TICKET, RECORD):
        raise ValueError("it is about no kind of record of ours")
    deeds = tuple(_deed_of(plain, one) for plain in the_list(values["deeds"]))
    return StateDocument(entity, one, _state_of(values, entity, one), deeds)


def _deed_told(deed: Deed) -> dict[str, Any]:
    return {"kind": deed.kind, "stamp": told(deed.stamp, STAMP_KINDS), "payload": deed.payload}


def _deed_of(plain: Any, one: EntityId) -> Deed:
    check_names(plain, {"kind", "stamp", "payload"})
    kind, payload, stamp = plain["kind"], plain["payload"], Stamp(**read(plain["stamp"], STAMP_KINDS))
    if kind in MAKING and payload is None:
        return Deed(kind, stamp)
    if kind not in LOOKED_AT_AGAIN:
        raise ValueError("it keeps an operation that is of no use any more")
    operation = KINDS[kind].from_document(payload)
    if operation.to_document() != payload or getattr(operation, "record", one) != one:
        raise ValueError("it keeps an operation about another record")
    return Deed(kind, stamp, payload)


def _state_of(values: dict[str, Any], entity: str, one: EntityId) -> State:
    is_ticket = entity == TICKET
    ticket = None if values["ticket"] is None else _ticket_of(values["ticket"])
    entries = [Entry(ticket=one, **read(plain, ENTRY_KINDS)) for plain in the_list(values["entries"])]
    call_backs = [CallBack(ticket=one, **read(plain, CALL_BACK_KINDS)) for plain in the_list(values["call_backs"])]
    records = [_record_of(plain) for plain in the_list(values["records"])]
    if (ticket is None and (entries or call_backs)) or (ticket is not None and not is_ticket):
        raise ValueError("it is about another kind of record than it says")
    if ticket is not None and ticket.id != one:
        raise ValueError("it is about another ticket than it says")
    if (is_ticket and records) or not all(_is_about(record, one) for record in records):
        raise ValueError("it is about another record than it says")
    conflicts = [_conflict_of(plain) for plain in the_list(values["conflicts"])]
    if not all(conflict.record == one for conflict in conflicts):
        raise ValueError("it has a conflict of another record")
    writers = {field: _writer_of(plain) for field, plain in values["writers"].items()}
    state = State(
        ticket,
        call_backs=tuple(call_backs),
        records=tuple(records),
        known_entries={entry.id: entry for entry in entries},
        aliases=tuple(Alias(*(the_text(part) for part in the_list(plain))) for plain in the_list(values["aliases"])),
        writers=writers,
        conflicts={conflict.id: conflict for conflict in conflicts},
    )
    if len(state.known_entries) != len(entries) or len(state.conflicts) != len(conflicts):
        raise ValueError("it has something twice")
    return settled(state)


def _is_about(record: Record, one: EntityId) -> bool:
    # Versions of a calendar or policy come under the id of what they are versions of.
    return bool(record.fields["document" if record.entity == "document_version" else "id"] == one.hex())


def _record_of(plain: Any) -> Record:
    check_names(plain, {"entity", "fields"})
    entity, fields = plain["entity"], plain["fields"]
    if type(fields) is not dict or entity not in RECORD_FIELDS:
        raise ValueError("it has a record that is none of ours")
    if strange := sorted(fields.keys() - RECORD_FIELDS[entity]):
        raise ValueError(f"it names fields that the entity does not have: {strange}")
    the_id(fields["id"])
    if fields.get("merged_into") is not None:
        the_id(fields["merged_into"])
    return Record(entity, fields)


def _ticket_of(plain: Any) -> Ticket:
    values = dict(plain)
    waiting = values.pop("waiting")
    known = read(values, TICKET_KINDS)
    return Ticket(**known, waiting=None if waiting is None else Waiting(**read(waiting, WAITING_KINDS)))


def _waiting_told(ticket: Ticket) -> dict[str, Any] | None:
    return None if ticket.waiting is None else told(ticket.waiting, WAITING_KINDS)


def _writer_told(writer: Writer) -> dict[str, Any]:
    return {**told(writer.stamp, STAMP_KINDS), "value": writer.value, "at": writer.at}


def _writer_of(plain: Any) -> Writer:
    values = dict(plain)
    value, at = values.pop("value"), Instant(the_whole(values.pop("at")))
    return Writer(Stamp(**read(values, STAMP_KINDS)), value, at)


def _conflict_told(conflict: Conflict) -> dict[str, Any]:
    by = conflict.settled_by
    return {
        **told(conflict, CONFLICT_KINDS),
        "applied": told(conflict.applied, SIDE_KINDS),
        "other": told(conflict.other, SIDE_KINDS),
        "settled_by": None if by is None else told(by, SIDE_KINDS),
    }


def _conflict_of(plain: Any) -> Conflict:
    values = dict(plain)
    applied, other, by = values.pop("applied"), values.pop("other"), values.pop("settled_by")
    return Conflict(
        **read(values, CONFLICT_KINDS),
        applied=Side(**read(applied, SIDE_KINDS)),
        other=Side(**read(other, SIDE_KINDS)),
        settled_by=None if by is None else Side(**read(by, SIDE_KINDS)),
    )
