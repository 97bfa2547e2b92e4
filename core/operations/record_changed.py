"""Fields of a record of master data got other values; the fields that were left alone are not in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from core.errors import ChangedMeanwhile, NotFound, Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id
from core.operations.record_added import FIELDS


class Change(NamedTuple):
    """What a field said and what it says now, as in payloads: ids as hex, lists as lists."""

    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """`changes` by field name. Two changes of different fields both hold; of the same field the later one does."""

    KIND: ClassVar[str] = "record.changed"
    ENTITY: ClassVar[str] = "record"

    entity: str
    record: EntityId
    changes: dict[str, Change]

    def to_document(self) -> dict[str, Any]:
        changes = {name: {"was": change.was, "now": change.now} for name, change in self.changes.items()}
        return {"entity": self.entity, "record": self.record.hex(), "changes": changes}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> RecordChanged:
        changes = {name: Change(change["was"], change["now"]) for name, change in document["changes"].items()}
        return cls(document["entity"], the_id(document["record"]), changes)

    def validate(self, state: State) -> None:
        if self.entity not in FIELDS:
            raise Refused("record.unknown_entity", entity=self.entity)
        for name in sorted(self.changes.keys() - FIELDS[self.entity]):
            raise Refused("record.unknown_field", entity=self.entity, field=name)
        known = state.known_records.get(self.record)
        if known is None:
            raise NotFound("record.unknown", entity=self.entity)
        other = sorted(name for name, change in self.changes.items() if known.get(name) != change.was)
        if other:
            raise ChangedMeanwhile("record.changed_since", entity=self.entity, fields=other)

    def apply(self, state: State, stamp: Stamp) -> State:
        changed = {name: change.now for name, change in self.changes.items()}
        return state.with_record(self.entity, self.record, changed)

    def inverse(self, stamp: Stamp) -> RecordChanged:
        changes = {name: Change(change.now, change.was) for name, change in self.changes.items()}
        return RecordChanged(self.entity, self.record, changes)
