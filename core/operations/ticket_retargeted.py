"""A ticket was put under another contract version, or under its own as the policy stands today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.clock import Instant
from core.errors import ChangedMeanwhile
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, as_hex, from_hex


@dataclass(frozen=True, slots=True)
class TicketRetargeted:
    """From `was` to `contract_version` (None: nothing is promised); the clocks count from the opening as before.

    The policy's version in force at `pinned_at` holds from now on; `was_pinned_at` is the instant that held so far.
    """

    KIND: ClassVar[str] = "ticket.retargeted"
    ENTITY: ClassVar[str] = "ticket"

    contract_version: EntityId | None
    was: EntityId | None
    pinned_at: Instant
    was_pinned_at: Instant

    def to_document(self) -> dict[str, Any]:
        return {
            "contract_version": as_hex(self.contract_version),
            "was": as_hex(self.was),
            "pinned_at": self.pinned_at,
            "was_pinned_at": self.was_pinned_at,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketRetargeted:
        return cls(
            from_hex(document["contract_version"]),
            from_hex(document["was"]),
            Instant(document["pinned_at"]),
            Instant(document["was_pinned_at"]),
        )

    def validate(self, state: State) -> None:
        ticket = state.the_ticket()
        if ticket.contract_version != self.was:
            raise ChangedMeanwhile("ticket.contract_changed", number=ticket.number)

    def apply(self, state: State, stamp: Stamp) -> State:
        state = state.with_ticket(stamp, contract_version=self.contract_version)
        return state.told(
            stamp,
            self.KIND,
            contract_version=as_hex(self.contract_version),
            was=as_hex(self.was),
            pinned_at=self.pinned_at,
        )

    def inverse(self, stamp: Stamp) -> TicketRetargeted:
        return TicketRetargeted(self.was, self.contract_version, self.was_pinned_at, self.pinned_at)
