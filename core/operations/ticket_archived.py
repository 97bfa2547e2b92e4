"""A ticket was taken off the desk, or put back: nothing is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import ChangedMeanwhile
from core.operations.envelope import Stamp
from core.operations.operation import State


@dataclass(frozen=True, slots=True)
class TicketArchived:
    """`archived` is the state afterwards."""

    KIND: ClassVar[str] = "ticket.archived"
    ENTITY: ClassVar[str] = "ticket"

    archived: bool

    def to_document(self) -> dict[str, Any]:
        return {"archived": self.archived}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketArchived:
        return cls(document["archived"])

    def validate(self, state: State) -> None:
        if state.the_ticket().archived == self.archived:
            raise ChangedMeanwhile("ticket.archived_already", number=state.the_ticket().number)

    def apply(self, state: State, stamp: Stamp) -> State:
        return state.with_ticket(stamp, archived=self.archived).told(stamp, self.KIND, archived=self.archived)

    def inverse(self, stamp: Stamp) -> TicketArchived:
        return TicketArchived(not self.archived)
