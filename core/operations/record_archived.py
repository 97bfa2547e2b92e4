"""A record of master data left the desk, or came back to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import ChangedMeanwhile, NotFound, Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id
from core.operations.record_added import FIELDS


@dataclass(frozen=True, slots=True)
class RecordArchived:
    """Nothing of the record changes but that it is offered nowhere; what refers to it goes on doing so."""

    KIND: ClassVar[str] = "record.archived"
    ENTITY: ClassVar[str] = "record"

    entity: str
    record: EntityId
    archived: bool = True

    def to_document(self) -> dict[str, Any]:
        return {"entity": self.entity, "record": self.record.hex(), "archived": self.archived}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> RecordArchived:
        return cls(document["entity"], the_id(document["record"]), document["archived"])

    def validate(self, state: State) -> None:
        if self.entity not in FIELDS:
            raise Refused("record.unknown_entity", entity=self.entity)
        known = state.known_records.get(self.record)
        if known is None:
            raise NotFound("record.unknown", entity=self.entity)
        if known.get("merged_into"):
            raise ChangedMeanwhile("record.is_merged", entity=self.entity)
        if bool(known.get("archived")) == self.archived:
            code = "record.archived_already" if self.archived else "record.on_the_desk_already"
            raise ChangedMeanwhile(code, entity=self.entity)

    def apply(self, state: State, stamp: Stamp) -> State:
        return state.with_record(self.entity, self.record, {"archived": self.archived})

    def inverse(self, stamp: Stamp) -> RecordArchived:
        return RecordArchived(self.entity, self.record, not self.archived)
