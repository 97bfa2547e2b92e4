"""A file was taken off a ticket, or put back; its bytes stay until somebody erases them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import NotFound
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id


@dataclass(frozen=True, slots=True)
class AttachmentRemoved:
    """`entry` is the line of the timeline with which the file came; `removed` is the state afterwards."""

    KIND: ClassVar[str] = "attachment.removed"
    ENTITY: ClassVar[str] = "ticket"

    entry: EntityId
    name: str
    removed: bool = True

    def to_document(self) -> dict[str, Any]:
        return {"entry": self.entry.hex(), "name": self.name, "removed": self.removed}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> AttachmentRemoved:
        return cls(the_id(document["entry"]), document["name"], document["removed"])

    def validate(self, state: State) -> None:
        if self.entry not in state.known_entries:
            raise NotFound("entry.unknown")

    def apply(self, state: State, stamp: Stamp) -> State:
        return state.with_ticket(stamp).told(stamp, self.KIND, **self.to_document())

    def inverse(self, stamp: Stamp) -> AttachmentRemoved:
        return AttachmentRemoved(self.entry, self.name, not self.removed)
