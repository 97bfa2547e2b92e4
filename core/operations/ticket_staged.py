"""A ticket moved to another stage; waiting, closing and reopening are moves too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.clock import Instant
from core.errors import ChangedMeanwhile
from core.operations.envelope import Stamp
from core.operations.operation import State
from core.stages import CLOSED
from core.ticket import Ticket, Waiting


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket is in its workflow: stage, its class, why it waits and when it was closed."""

    stage: str
    stage_class: int
    waiting: Waiting | None = None
    closed_at: Instant | None = None
    resolution_code: str = ""

    @staticmethod
    def of(ticket: Ticket) -> Place:
        """Where a ticket is now."""
        return Place(ticket.stage, ticket.stage_class, ticket.waiting, ticket.closed_at, ticket.resolution_code)

    def to_document(self) -> dict[str, Any]:
        """As plain values."""
        waiting = self.waiting and {
            "cause": self.waiting.cause,
            "party": self.waiting.party,
            "until": self.waiting.until,
        }
        return {
            "stage": self.stage,
            "stage_class": self.stage_class,
            "waiting": waiting,
            "closed_at": self.closed_at,
            "resolution_code": self.resolution_code,
        }

    @staticmethod
    def from_document(document: dict[str, Any]) -> Place:
        """The place that `to_document` described."""
        waiting = document["waiting"] and Waiting(**document["waiting"])
        return Place(
            document["stage"],
            document["stage_class"],
            waiting,
            document["closed_at"],
            document["resolution_code"],
        )


@dataclass(frozen=True, slots=True)
class TicketStaged:
    """From `was` to `to`. A closed place without a time gets the time of the operation."""

    KIND: ClassVar[str] = "ticket.staged"
    ENTITY: ClassVar[str] = "ticket"

    to: Place
    was: Place

    def to_document(self) -> dict[str, Any]:
        return {"to": self.to.to_document(), "was": self.was.to_document()}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketStaged:
        return cls(Place.from_document(document["to"]), Place.from_document(document["was"]))

    def validate(self, state: State) -> None:
        ticket = state.the_ticket()
        if ticket.stage != self.was.stage:
            raise ChangedMeanwhile("ticket.stage_changed", number=ticket.number, stage=ticket.stage)

    def apply(self, state: State, stamp: Stamp) -> State:
        closed_at = (self.to.closed_at or stamp.at) if self.to.stage_class == CLOSED else None
        state = state.with_ticket(
            stamp,
            stage=self.to.stage,
            stage_class=self.to.stage_class,
            waiting=self.to.waiting,
            closed_at=closed_at,
            resolution_code=self.to.resolution_code,
        )
        waiting = self.to.waiting
        return state.told(
            stamp,
            self.KIND,
            to=self.to.stage,
            stage_class=self.to.stage_class,
            was=self.was.stage,
            cause=waiting.cause if waiting else "",
            party=waiting.party if waiting else "",
            until=waiting.until if waiting else None,
        )

    def inverse(self, stamp: Stamp) -> TicketStaged:
        return TicketStaged(self.was, self.to)
