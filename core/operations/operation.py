"""The shape that every operation has, and the state it is folded into."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple, Protocol, Self, runtime_checkable

from core.clock import stamp_ms
from core.conflicts import Conflict, Writer
from core.ids import EntityId, derived
from core.operations.envelope import Stamp
from core.ticket import Ticket
from core.timeline import BY_SYSTEM, Entry


@dataclass(frozen=True, slots=True)
class CallBack:
    """A promise to telephone: whom, at which number, when; `done_at` once it was made or dropped."""

    id: EntityId
    ticket: EntityId
    contact: EntityId | None
    number: str
    due_at: int
    person: EntityId
    note: str = ""
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A row of master data to be written: the entity's name, its id as hex and its fields as in its dataclass.

    One that `is_partial` gives some fields of a row that is there already.
    """

    entity: str
    fields: dict[str, Any]
    is_partial: bool = False


class Alias(NamedTuple):
    """A name of a record beside its own, unique within its name space."""

    namespace: str
    key: str


FORMER_NUMBER = "number"
"""The name space of numbers that a ticket had."""


@dataclass(frozen=True, slots=True)
class State:
    """What operations on one entity read and change: the ticket if it is one, and what has to be written beside it."""

    ticket: Ticket | None = None
    entries: tuple[Entry, ...] = ()
    call_backs: tuple[CallBack, ...] = ()
    records: tuple[Record, ...] = ()
    known_entries: dict[EntityId, Entry] = field(default_factory=dict)
    known_call_backs: dict[EntityId, CallBack] = field(default_factory=dict)
    known_records: dict[EntityId, dict[str, Any]] = field(default_factory=dict)
    """Records of master data by id: their fields as in payloads."""
    aliases: tuple[Alias, ...] = ()
    """Under what else it is found: numbers it had, keys of another desk's log."""
    writers: dict[str, Writer] = field(default_factory=dict)
    """Who set what last, by field; `core.merging` names the fields."""
    conflicts: dict[EntityId, Conflict] = field(default_factory=dict)

    def the_ticket(self) -> Ticket:
        """The ticket, which operations on tickets may rely on."""
        assert self.ticket is not None
        return self.ticket

    def with_ticket(self, stamp: Stamp, **changes: Any) -> State:
        """The state after the ticket's fields changed at the time of `stamp`."""
        changed = max(self.the_ticket().changed_at, stamp.at)
        return replace(self, ticket=replace(self.the_ticket(), changed_at=changed, **changes))

    def with_entry(self, entry: Entry) -> State:
        """The state after `entry` was added or changed."""
        return replace(self, entries=(*self.entries, entry), known_entries={**self.known_entries, entry.id: entry})

    def with_record(self, entity: str, record: EntityId, changed: dict[str, Any], *, is_new: bool = False) -> State:
        """The state after fields of a record got other values; a new one has no others."""
        before = {} if is_new else self.known_records.get(record, {})
        written = Record(entity, {**changed, "id": record.hex()}, is_partial=not is_new)
        known = {**self.known_records, record: {**before, **written.fields}}
        return replace(self, records=(*self.records, written), known_records=known)

    def told(self, stamp: Stamp, code: str, **data: Any) -> State:
        """The state with a line of the system in the timeline: `code` is the operation's kind, `data` its facts."""
        entry = Entry(
            created_id(stamp, b"entry"),
            self.the_ticket().id,
            stamp.at,
            "system",
            BY_SYSTEM,
            person=stamp.author,
            code=code,
            data=data,
        )
        return self.with_entry(entry)


def created_id(stamp: Stamp, what: bytes) -> EntityId:
    """The id of a thing that an operation creates: every console computes the same one."""
    return derived(stamp_ms(stamp.hlc), stamp.hlc & 0xFFF, stamp.operation_id, what)


@runtime_checkable
class Operation(Protocol):
    """A fact that changes one entity."""

    KIND: ClassVar[str]
    ENTITY: ClassVar[str]

    def to_document(self) -> dict[str, Any]:
        """The payload as plain values; ids as hex."""

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """The operation that `to_document` described."""

    def validate(self, state: State) -> None:
        """Raise DomainError when the operation does not fit the present state."""

    def apply(self, state: State, stamp: Stamp) -> State:
        """The state afterwards. Pure and total: an operation that was accepted once applies everywhere."""

    def inverse(self, stamp: Stamp) -> Operation | None:
        """What takes it back, or None when nothing can."""


def alias_in(document: dict[str, Any]) -> Alias | None:
    """The alias in a payload; None in one that has none, as those of older versions."""
    return Alias(*document["alias"]) if "alias" in document else None


def with_alias(document: dict[str, Any], alias: Alias | None) -> dict[str, Any]:
    """A payload with its alias; left out where there is none, so that payloads without it stay the same bytes."""
    return document if alias is None else {**document, "alias": list(alias)}


def as_hex(value: bytes | None) -> str | None:
    """An id in a payload."""
    return None if value is None else value.hex()


def from_hex(value: str | None) -> EntityId | None:
    """An id out of a payload."""
    return None if value is None else EntityId(bytes.fromhex(value))


def the_id(value: str) -> EntityId:
    """An id out of a payload where there must be one."""
    return EntityId(bytes.fromhex(value))
