"""A ticket turned out to be about another piece of equipment, or about none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import ChangedMeanwhile
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, as_hex, from_hex


@dataclass(frozen=True, slots=True)
class TicketEquipped:
    """From `was` to `equipment` (None: about none), and with it from the site `was_site` to `site`."""

    KIND: ClassVar[str] = "ticket.equipped"
    ENTITY: ClassVar[str] = "ticket"

    equipment: EntityId | None
    was: EntityId | None
    site: EntityId | None
    was_site: EntityId | None

    def to_document(self) -> dict[str, Any]:
        return {
            "equipment": as_hex(self.equipment),
            "was": as_hex(self.was),
            "site": as_hex(self.site),
            "was_site": as_hex(self.was_site),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketEquipped:
        return cls(
            from_hex(document["equipment"]),
            from_hex(document["was"]),
            from_hex(document["site"]),
            from_hex(document["was_site"]),
        )

    def validate(self, state: State) -> None:
        ticket = state.the_ticket()
        if (ticket.equipment, ticket.site) != (self.was, self.was_site):
            raise ChangedMeanwhile("ticket.equipment_changed", number=ticket.number)

    def apply(self, state: State, stamp: Stamp) -> State:
        state = state.with_ticket(stamp, equipment=self.equipment, site=self.site)
        return state.told(stamp, self.KIND, equipment=as_hex(self.equipment), was=as_hex(self.was))

    def inverse(self, stamp: Stamp) -> TicketEquipped:
        return TicketEquipped(self.was, self.equipment, self.was_site, self.site)
