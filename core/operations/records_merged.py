"""Two records of the same thing became one: the second is found under the first from here on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import ChangedMeanwhile, NotFound, Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id
from core.operations.record_added import MERGEABLE


@dataclass(frozen=True, slots=True)
class RecordsMerged:
    """`record` says where it went; what names it is read as naming `into`, also what comes later (docs/master-data.md).

    With `is_apart` true it is taken back: the record stands for itself again.
    """

    KIND: ClassVar[str] = "records.merged"
    ENTITY: ClassVar[str] = "record"

    entity: str
    record: EntityId
    into: EntityId
    is_apart: bool = False

    def to_document(self) -> dict[str, Any]:
        return {
            "entity": self.entity,
            "record": self.record.hex(),
            "into": self.into.hex(),
            "is_apart": self.is_apart,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> RecordsMerged:
        return cls(document["entity"], the_id(document["record"]), the_id(document["into"]), document["is_apart"])

    def validate(self, state: State) -> None:
        if self.entity not in MERGEABLE:
            raise Refused("record.not_mergeable", entity=self.entity)
        if self.record == self.into:
            raise Refused("record.merge_with_itself", entity=self.entity)
        known = state.known_records.get(self.record)
        if known is None:
            raise NotFound("record.unknown", entity=self.entity)
        if self.is_apart and known.get("merged_into") != self.into.hex():
            raise ChangedMeanwhile("record.not_merged", entity=self.entity)
        if not self.is_apart and known.get("merged_into"):
            raise ChangedMeanwhile("record.is_merged", entity=self.entity)

    def apply(self, state: State, stamp: Stamp) -> State:
        merged_into = None if self.is_apart else self.into.hex()
        return state.with_record(self.entity, self.record, {"merged_into": merged_into, "archived": not self.is_apart})

    def inverse(self, stamp: Stamp) -> RecordsMerged:
        return RecordsMerged(self.entity, self.record, self.into, not self.is_apart)
