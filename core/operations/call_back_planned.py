"""Somebody promised to telephone at a time, or dropped that promise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.clock import Instant
from core.errors import ChangedMeanwhile, NotFound
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import CallBack, State, as_hex, from_hex, the_id


@dataclass(frozen=True, slots=True)
class CallBackPlanned:
    """Call `contact` at `number` on `due_at`; with `is_dropped` the promise no longer stands."""

    KIND: ClassVar[str] = "call_back.planned"
    ENTITY: ClassVar[str] = "ticket"

    call_back: EntityId
    due_at: Instant
    number: str
    contact: EntityId | None = None
    note: str = ""
    is_dropped: bool = False

    def to_document(self) -> dict[str, Any]:
        return {
            "call_back": self.call_back.hex(),
            "due_at": self.due_at,
            "number": self.number,
            "contact": as_hex(self.contact),
            "note": self.note,
            "is_dropped": self.is_dropped,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> CallBackPlanned:
        return cls(
            the_id(document["call_back"]),
            Instant(document["due_at"]),
            document["number"],
            from_hex(document["contact"]),
            document["note"],
            document["is_dropped"],
        )

    def validate(self, state: State) -> None:
        known = state.known_call_backs.get(self.call_back)
        if self.is_dropped and known is None:
            raise NotFound("call_back.unknown")
        if known is not None and known.is_dropped == self.is_dropped:
            raise ChangedMeanwhile("call_back.changed", number=state.the_ticket().number)

    def apply(self, state: State, stamp: Stamp) -> State:
        call_back = CallBack(
            self.call_back,
            state.the_ticket().id,
            self.contact,
            self.number,
            self.due_at,
            stamp.author,
            self.note,
            self.is_dropped,
        )
        changed = replace(state.with_ticket(stamp), call_backs=(*state.call_backs, call_back))
        return changed.told(
            stamp, self.KIND, due_at=self.due_at, contact=as_hex(self.contact), is_dropped=self.is_dropped
        )

    def inverse(self, stamp: Stamp) -> CallBackPlanned:
        return replace(self, is_dropped=not self.is_dropped)
