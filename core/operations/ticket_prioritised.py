"""A ticket got another priority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import ChangedMeanwhile
from core.operations.envelope import Stamp
from core.operations.operation import State


@dataclass(frozen=True, slots=True)
class TicketPrioritised:
    """From `was` to `priority`, 1 (most urgent) to 4."""

    KIND: ClassVar[str] = "ticket.prioritised"
    ENTITY: ClassVar[str] = "ticket"

    priority: int
    was: int

    def to_document(self) -> dict[str, Any]:
        return {"priority": self.priority, "was": self.was}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketPrioritised:
        return cls(document["priority"], document["was"])

    def validate(self, state: State) -> None:
        ticket = state.the_ticket()
        if ticket.priority != self.was:
            raise ChangedMeanwhile("ticket.priority_changed", number=ticket.number, priority=ticket.priority)

    def apply(self, state: State, stamp: Stamp) -> State:
        state = state.with_ticket(stamp, priority=self.priority)
        return state.told(stamp, self.KIND, priority=self.priority, was=self.was)

    def inverse(self, stamp: Stamp) -> TicketPrioritised:
        return TicketPrioritised(self.was, self.priority)
