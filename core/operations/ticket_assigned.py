"""A ticket got an owner, another one, or none: taking, assigning and giving back are this one fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import ChangedMeanwhile
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, as_hex, from_hex


@dataclass(frozen=True, slots=True)
class TicketAssigned:
    """`owner` and `team` are who holds it now, `was_*` who held it before; None where nobody does."""

    KIND: ClassVar[str] = "ticket.assigned"
    ENTITY: ClassVar[str] = "ticket"

    owner: EntityId | None
    was_owner: EntityId | None
    team: EntityId | None = None
    was_team: EntityId | None = None

    def to_document(self) -> dict[str, Any]:
        return {
            "owner": as_hex(self.owner),
            "was_owner": as_hex(self.was_owner),
            "team": as_hex(self.team),
            "was_team": as_hex(self.was_team),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketAssigned:
        return cls(
            from_hex(document["owner"]),
            from_hex(document["was_owner"]),
            from_hex(document["team"]),
            from_hex(document["was_team"]),
        )

    def validate(self, state: State) -> None:
        ticket = state.the_ticket()
        if ticket.owner != self.was_owner:
            raise ChangedMeanwhile("ticket.owner_changed", number=ticket.number, owner=ticket.owner)

    def apply(self, state: State, stamp: Stamp) -> State:
        state = state.with_ticket(stamp, owner=self.owner, team=self.team)
        return state.told(stamp, self.KIND, owner=as_hex(self.owner), was_owner=as_hex(self.was_owner))

    def inverse(self, stamp: Stamp) -> TicketAssigned:
        return TicketAssigned(self.was_owner, self.owner, self.was_team, self.team)
