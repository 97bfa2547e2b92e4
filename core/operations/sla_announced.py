"""What the desk said of a ticket's promises when it was closed; later facts may change the verdict, not this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from core.clock import Instant
from core.operations.entry_hidden import EntryHidden
from core.operations.envelope import Stamp
from core.operations.operation import State, created_id


class ClockSaid(NamedTuple):
    """One clock as it stood: when it was due, and how many open seconds it had used of its target."""

    clock: str
    is_breached: bool
    due_at: Instant | None
    used: int
    target: int

    def to_document(self) -> dict[str, Any]:
        """As plain values."""
        return self._asdict()


@dataclass(frozen=True, slots=True)
class SlaAnnounced:
    """A line of the timeline that no clock reads."""

    KIND: ClassVar[str] = "sla.announced"
    ENTITY: ClassVar[str] = "ticket"

    clocks: tuple[ClockSaid, ...]

    def to_document(self) -> dict[str, Any]:
        return {"clocks": [said.to_document() for said in self.clocks]}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> SlaAnnounced:
        return cls(tuple(ClockSaid(**said) for said in document["clocks"]))

    def validate(self, state: State) -> None:
        assert self.clocks
        assert state.ticket is not None

    def apply(self, state: State, stamp: Stamp) -> State:
        return state.with_ticket(stamp).told(stamp, self.KIND, clocks=[said.to_document() for said in self.clocks])

    def inverse(self, stamp: Stamp) -> EntryHidden:
        return EntryHidden(created_id(stamp, b"entry"), hidden=True)
