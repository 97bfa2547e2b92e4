"""Somebody looked at what two people did without knowing of each other, and said that it is well as it stands now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.conflicts import side_of
from core.errors import ChangedMeanwhile, NotFound
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id


@dataclass(frozen=True, slots=True)
class ConflictSettled:
    """`is_settled` is the state afterwards. What of the two holds is said by an operation of its own, if it changes."""

    KIND: ClassVar[str] = "conflict.settled"
    ENTITY: ClassVar[str] = "conflict"

    conflict: EntityId
    is_settled: bool = True

    def to_document(self) -> dict[str, Any]:
        return {"conflict": self.conflict.hex(), "is_settled": self.is_settled}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> ConflictSettled:
        return cls(the_id(document["conflict"]), document["is_settled"])

    def validate(self, state: State) -> None:
        known = state.conflicts.get(self.conflict)
        if known is None:
            raise NotFound("conflict.unknown")
        if known.is_open != self.is_settled:
            raise ChangedMeanwhile("conflict.settled_already" if self.is_settled else "conflict.open_already")

    def apply(self, state: State, stamp: Stamp) -> State:
        known = state.conflicts.get(self.conflict)
        if known is None:
            return state
        settled = replace(known, settled_by=side_of(stamp, None) if self.is_settled else None)
        return replace(state, conflicts={**state.conflicts, self.conflict: settled})

    def inverse(self, stamp: Stamp) -> ConflictSettled:
        return ConflictSettled(self.conflict, not self.is_settled)
