"""A ticket that was opened while no number was to be had got one from the hub; it is found under both for ever."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.errors import ChangedMeanwhile
from core.operations.envelope import Stamp
from core.operations.operation import FORMER_NUMBER, Alias, State


@dataclass(frozen=True, slots=True)
class TicketNumbered:
    """From the provisional number `was` to `number`."""

    KIND: ClassVar[str] = "ticket.numbered"
    ENTITY: ClassVar[str] = "ticket"

    number: str
    was: str

    def to_document(self) -> dict[str, Any]:
        return {"number": self.number, "was": self.was}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketNumbered:
        return cls(document["number"], document["was"])

    def validate(self, state: State) -> None:
        ticket = state.the_ticket()
        if ticket.number != self.was:
            raise ChangedMeanwhile("ticket.numbered_already", number=ticket.number)

    def apply(self, state: State, stamp: Stamp) -> State:
        numbered = state.with_ticket(stamp, number=self.number).told(stamp, self.KIND, was=self.was)
        return replace(numbered, aliases=(*numbered.aliases, Alias(FORMER_NUMBER, self.was)))

    def inverse(self, stamp: Stamp) -> None:
        return None
