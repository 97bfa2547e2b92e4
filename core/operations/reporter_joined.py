"""Another person reported the same thing: a call came in on a ticket that was open already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import ChangedMeanwhile
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id


@dataclass(frozen=True, slots=True)
class ReporterJoined:
    """`has_joined` is whether the contact is one of the reporters afterwards; the first one stays first."""

    KIND: ClassVar[str] = "reporter.joined"
    ENTITY: ClassVar[str] = "ticket"

    contact: EntityId
    has_joined: bool = True

    def to_document(self) -> dict[str, Any]:
        return {"contact": self.contact.hex(), "has_joined": self.has_joined}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> ReporterJoined:
        return cls(the_id(document["contact"]), document["has_joined"])

    def validate(self, state: State) -> None:
        ticket = state.the_ticket()
        if (self.contact in ticket.reporters) == self.has_joined:
            raise ChangedMeanwhile("ticket.reporter_already", number=ticket.number)

    def apply(self, state: State, stamp: Stamp) -> State:
        others = tuple(one for one in state.the_ticket().reporters if one != self.contact)
        reporters = (*others, self.contact) if self.has_joined else others
        state = state.with_ticket(stamp, reporters=reporters)
        return state.told(stamp, self.KIND, contact=self.contact.hex(), has_joined=self.has_joined)

    def inverse(self, stamp: Stamp) -> ReporterJoined:
        return ReporterJoined(self.contact, not self.has_joined)
