"""A record's folded state as bytes and back: what a keeper writes down, so that nobody has to fold the whole log.

Bytes are canonical JSON (`docs/sync.md`), packed where that makes them shorter. What is read may come from anybody: a
document that no program of ours wrote is refused whole, by a DomainError `state_document.unfit` that says why.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from core.clock import Instant
from core.conflicts import Conflict, Side, Writer
from core.errors import DomainError
from core.ids import EntityId
from core.operations.envelope import Stamp, canonical_json
from core.operations.operation import CallBack, Record, State
from core.operations.record_added import FIELDS
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

ID, MAYBE_ID, IDS, TEXT, WHOLE, MAYBE_WHOLE, FLAG, FACTS, ANY = (
    "id",
    "maybe_id",
    "ids",
    "text",
    "whole",
    "maybe_whole",
    "flag",
    "facts",
    "any",
)
Kinds = Mapping[str, str]

TICKET_KINDS: Kinds = {
    "id": ID,
    "number": TEXT,
    "subject": TEXT,
    "company": MAYBE_ID,
    "opened_at": WHOLE,
    "changed_at": WHOLE,
    "stage": TEXT,
    "stage_class": WHOLE,
    "priority": WHOLE,
    "owner": MAYBE_ID,
    "team": MAYBE_ID,
    "site": MAYBE_ID,
    "equipment": MAYBE_ID,
    "contract_version": MAYBE_ID,
    "reporters": IDS,
    "request_type": TEXT,
    "channel": TEXT,
    "category": TEXT,
    "fault_code": TEXT,
    "cause_code": TEXT,
    "resolution_code": TEXT,
    "closed_at": MAYBE_WHOLE,
    "derived_by": TEXT,
    "archived": FLAG,
    "extra": TEXT,
}
WAITING_KINDS: Kinds = {"cause": TEXT, "party": TEXT, "until": MAYBE_WHOLE}
ENTRY_KINDS: Kinds = {
    "id": ID,
    "at": WHOLE,
    "kind": TEXT,
    "direction": TEXT,
    "person": MAYBE_ID,
    "contact": MAYBE_ID,
    "text": TEXT,
    "code": TEXT,
    "data": FACTS,
    "delivery": TEXT,
    "hidden": FLAG,
    "derived_by": TEXT,
}
CALL_BACK_KINDS: Kinds = {
    "id": ID,
    "contact": MAYBE_ID,
    "number": TEXT,
    "due_at": WHOLE,
    "person": ID,
    "note": TEXT,
    "is_dropped": FLAG,
}
STAMP_KINDS: Kinds = {"console": ID, "n": WHOLE, "hlc": WHOLE, "author": ID, "eff": WHOLE, "seq": WHOLE, "seen": WHOLE}
SIDE_KINDS: Kinds = {"console": ID, "n": WHOLE, "seq": WHOLE, "author": ID, "at": WHOLE, "value": ANY}
CONFLICT_KINDS: Kinds = {
    "id": ID,
    "kind": TEXT,
    "entity": TEXT,
    "record": ID,
    "field": TEXT,
    "before": ANY,
    "rule": TEXT,
}
WHOLE_MOST = 2**63 - 1


class Opened(NamedTuple):
    """Which operation opened a ticket: its number in the hub's log. It decides who keeps a number given twice."""

    seq: int
    n: int


class StateDocument(NamedTuple):
    """What became of a record: `entity` is "ticket", or "record" for master data with the versions of a document."""

    entity: str
    id: EntityId
    state: State
    opened: Opened | None = None


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
        writers=state.writers,
        conflicts=state.conflicts,
    )


def is_gone(state: State) -> bool:
    """True where nothing of a record is left: all of it was refused."""
    return state.ticket is None and not state.records


def packed(document: StateDocument) -> bytes:
    """The bytes of a document."""
    text = canonical_json(as_values(document))
    shorter = zlib.compress(text, 6)
    return shorter if len(shorter) < len(text) else text


def unpacked(body: bytes) -> StateDocument:
    """The document in bytes from anywhere; DomainError `state_document.newer` for one of a newer program."""
    try:
        return _of_values(_values_in(body))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, zlib.error) as error:
        raise DomainError("state_document.unfit", reason=f"{type(error).__name__}: {error}"[:200]) from error


def as_values(document: StateDocument) -> dict[str, Any]:
    """The document as plain values, ids as hex."""
    state = settled(document.state)
    return {
        "v": VERSION,
        "entity": document.entity,
        "id": document.id.hex(),
        "opened": document.opened and list(document.opened),
        "ticket": state.ticket and {**_told(state.ticket, TICKET_KINDS), "waiting": _waiting_told(state.ticket)},
        "entries": [_told(entry, ENTRY_KINDS) for entry in state.known_entries.values()],
        "call_backs": [_told(one, CALL_BACK_KINDS) for one in state.call_backs],
        "records": [{"entity": one.entity, "fields": one.fields} for one in state.records],
        "writers": {field: _writer_told(writer) for field, writer in state.writers.items()},
        "conflicts": [_conflict_told(state.conflicts[one]) for one in sorted(state.conflicts)],
    }


def _values_in(body: bytes) -> dict[str, Any]:
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
    version = _whole(values["v"])
    if version > VERSION:
        raise DomainError("state_document.newer", version=version)
    _check_names(
        values, {"v", "entity", "id", "opened", "ticket", "entries", "call_backs", "records", "writers", "conflicts"}
    )
    entity, one = values["entity"], _id(values["id"])
    if entity not in (TICKET, RECORD):
        raise ValueError("it is about no kind of record of ours")
    opened = None if values["opened"] is None else Opened(*(_whole(part) for part in _list(values["opened"])))
    return StateDocument(entity, one, _state_of(values, entity, one), opened)


def _state_of(values: dict[str, Any], entity: str, one: EntityId) -> State:
    is_ticket = entity == TICKET
    ticket = None if values["ticket"] is None else _ticket_of(values["ticket"])
    entries = [Entry(ticket=one, **_read(told, ENTRY_KINDS)) for told in _list(values["entries"])]
    call_backs = [CallBack(ticket=one, **_read(told, CALL_BACK_KINDS)) for told in _list(values["call_backs"])]
    records = [_record_of(told) for told in _list(values["records"])]
    if (ticket is None and (entries or call_backs)) or (ticket is not None and not is_ticket):
        raise ValueError("it is about another kind of record than it says")
    if ticket is not None and ticket.id != one:
        raise ValueError("it is about another ticket than it says")
    if (is_ticket and records) or not all(_is_about(record, one) for record in records):
        raise ValueError("it is about another record than it says")
    conflicts = [_conflict_of(told) for told in _list(values["conflicts"])]
    if not all(conflict.record == one for conflict in conflicts):
        raise ValueError("it has a conflict of another record")
    writers = {field: _writer_of(told) for field, told in values["writers"].items()}
    state = State(
        ticket,
        call_backs=tuple(call_backs),
        records=tuple(records),
        known_entries={entry.id: entry for entry in entries},
        writers=writers,
        conflicts={conflict.id: conflict for conflict in conflicts},
    )
    if len(state.known_entries) != len(entries) or len(state.conflicts) != len(conflicts):
        raise ValueError("it has something twice")
    return settled(state)


def _is_about(record: Record, one: EntityId) -> bool:
    # Versions of a calendar or policy come under the id of what they are versions of.
    return bool(record.fields["document" if record.entity == "document_version" else "id"] == one.hex())


def _record_of(told: Any) -> Record:
    _check_names(told, {"entity", "fields"})
    entity, fields = told["entity"], told["fields"]
    if type(fields) is not dict or entity not in RECORD_FIELDS:
        raise ValueError("it has a record that is none of ours")
    if strange := sorted(fields.keys() - RECORD_FIELDS[entity]):
        raise ValueError(f"it names fields that the entity does not have: {strange}")
    _id(fields["id"])
    if fields.get("merged_into") is not None:
        _id(fields["merged_into"])
    return Record(entity, fields)


def _ticket_of(told: Any) -> Ticket:
    values = dict(told)
    waiting = values.pop("waiting")
    known = _read(values, TICKET_KINDS)
    return Ticket(**known, waiting=None if waiting is None else Waiting(**_read(waiting, WAITING_KINDS)))


def _waiting_told(ticket: Ticket) -> dict[str, Any] | None:
    return None if ticket.waiting is None else _told(ticket.waiting, WAITING_KINDS)


def _writer_told(writer: Writer) -> dict[str, Any]:
    return {**_told(writer.stamp, STAMP_KINDS), "value": writer.value, "at": writer.at}


def _writer_of(told: Any) -> Writer:
    values = dict(told)
    value, at = values.pop("value"), Instant(_whole(values.pop("at")))
    return Writer(Stamp(**_read(values, STAMP_KINDS)), value, at)


def _conflict_told(conflict: Conflict) -> dict[str, Any]:
    by = conflict.settled_by
    return {
        **_told(conflict, CONFLICT_KINDS),
        "applied": _told(conflict.applied, SIDE_KINDS),
        "other": _told(conflict.other, SIDE_KINDS),
        "settled_by": None if by is None else _told(by, SIDE_KINDS),
    }


def _conflict_of(told: Any) -> Conflict:
    values = dict(told)
    applied, other, by = values.pop("applied"), values.pop("other"), values.pop("settled_by")
    return Conflict(
        **_read(values, CONFLICT_KINDS),
        applied=Side(**_read(applied, SIDE_KINDS)),
        other=Side(**_read(other, SIDE_KINDS)),
        settled_by=None if by is None else Side(**_read(by, SIDE_KINDS)),
    )


def _told(thing: Any, kinds: Kinds) -> dict[str, Any]:
    return {name: _plain(getattr(thing, name)) for name in kinds}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _read(told: Any, kinds: Kinds) -> dict[str, Any]:
    _check_names(told, set(kinds))
    return {name: READERS[kind](told[name]) for name, kind in kinds.items()}


def _check_names(told: Any, names: set[str]) -> None:
    if type(told) is not dict or told.keys() != names:
        raise ValueError("it has other fields than a document has")


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise ValueError("it has no list where one belongs")
    return value


def _id(value: Any) -> EntityId:
    one = bytes.fromhex(value)
    if len(one) != 16 or one.hex() != value:
        raise ValueError("it has an id that is none")
    return EntityId(one)


def _whole(value: Any) -> int:
    if type(value) is not int or not -WHOLE_MOST <= value <= WHOLE_MOST:
        raise ValueError("it has no whole number where one belongs")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("it has no text where one belongs")
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("it has no yes or no where one belongs")
    return value


def _facts(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise ValueError("it has no facts where they belong")
    return value


READERS: dict[str, Callable[[Any], Any]] = {
    ID: _id,
    MAYBE_ID: lambda value: None if value is None else _id(value),
    IDS: lambda value: tuple(_id(one) for one in _list(value)),
    TEXT: _text,
    WHOLE: _whole,
    MAYBE_WHOLE: lambda value: None if value is None else _whole(value),
    FLAG: _flag,
    FACTS: _facts,
    ANY: lambda value: value,
}
