"""The mail command was given a reply, took it, or refused it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.errors import NotFound
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id


@dataclass(frozen=True, slots=True)
class DeliveryRecorded:
    """`delivery` is one of the states in `core.timeline`; `reason` is what the command said when it refused."""

    KIND: ClassVar[str] = "delivery.recorded"
    ENTITY: ClassVar[str] = "ticket"

    entry: EntityId
    delivery: str
    reason: str = ""

    def to_document(self) -> dict[str, Any]:
        return {"entry": self.entry.hex(), "delivery": self.delivery, "reason": self.reason}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> DeliveryRecorded:
        return cls(the_id(document["entry"]), document["delivery"], document["reason"])

    def validate(self, state: State) -> None:
        if self.entry not in state.known_entries:
            raise NotFound("entry.unknown")

    def apply(self, state: State, stamp: Stamp) -> State:
        entry = state.known_entries.get(self.entry)
        if entry is None:
            return state
        data = {**entry.data, "reason": self.reason} if self.reason else entry.data
        return state.with_entry(replace(entry, delivery=self.delivery, data=data))

    def inverse(self, stamp: Stamp) -> None:
        return None
