"""The mail command was given a reply, took it, or refused it; or a person wants it to go out again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.delivery import FAILED, HANDED, HANDING, NOT_SENT, QUEUED
from core.errors import ChangedMeanwhile, NotFound, Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id
from core.timeline import Entry

NEXT = {
    NOT_SENT: (QUEUED,),
    QUEUED: (HANDING,),
    HANDING: (HANDED, FAILED),
    FAILED: (QUEUED,),
}
"""Which delivery may follow which; what was handed over stays so."""


@dataclass(frozen=True, slots=True)
class DeliveryRecorded:
    """`delivery` is one of the states in `core.timeline`; `reason` is what the command said, or one of our codes.

    `was` and `was_reason` say what stood there when a person asks to send again; without them nothing takes it back.
    """

    KIND: ClassVar[str] = "delivery.recorded"
    ENTITY: ClassVar[str] = "ticket"

    entry: EntityId
    delivery: str
    reason: str = ""
    was: str = ""
    was_reason: str = ""

    def to_document(self) -> dict[str, Any]:
        return {
            "entry": self.entry.hex(),
            "delivery": self.delivery,
            "reason": self.reason,
            "was": self.was,
            "was_reason": self.was_reason,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> DeliveryRecorded:
        return cls(
            the_id(document["entry"]),
            document["delivery"],
            document["reason"],
            document["was"],
            document["was_reason"],
        )

    def validate(self, state: State) -> None:
        entry = state.known_entries.get(self.entry)
        if entry is None:
            raise NotFound("entry.unknown")
        number = state.the_ticket().number
        if self.was == QUEUED and entry.delivery in (HANDING, HANDED):
            raise Refused("entry.handed_over", number=number)
        if not self._follows(entry):
            raise ChangedMeanwhile("delivery.changed", number=number)
        # Taken back by its author: from here on nobody may hand it over, whatever they read before.
        if entry.hidden and self.delivery in (QUEUED, HANDING):
            raise ChangedMeanwhile("entry.hidden_already", number=number)

    def _follows(self, entry: Entry) -> bool:
        if self.was and self.was != entry.delivery:
            return False
        takes_back = self.was == QUEUED and self.delivery in (FAILED, NOT_SENT)
        return takes_back or self.delivery in NEXT.get(entry.delivery, ())

    def apply(self, state: State, stamp: Stamp) -> State:
        entry = state.known_entries.get(self.entry)
        if entry is None:
            return state
        data = {name: value for name, value in entry.data.items() if name != "reason"}
        if self.reason:
            data["reason"] = self.reason
        return state.with_entry(replace(entry, delivery=self.delivery, data=data))

    def inverse(self, stamp: Stamp) -> DeliveryRecorded | None:
        if not self.was:
            return None
        return DeliveryRecorded(self.entry, self.was, self.was_reason, self.delivery, self.reason)
