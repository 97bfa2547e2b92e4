"""Somebody said or wrote something on a ticket: a reply, an internal note, a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.clock import Instant
from core.errors import Refused
from core.ids import EntityId
from core.operations.entry_hidden import EntryHidden
from core.operations.envelope import Stamp
from core.operations.operation import State, as_hex, created_id, from_hex
from core.timeline import KINDS, TO_CUSTOMER, Entry


@dataclass(frozen=True, slots=True)
class EntryPosted:
    """An entry of `kind` in `direction`; what goes to the customer starts in the state `delivery`.

    `said_at` is when it was said, where that was written down later; else it was said at the time of the operation.
    """

    KIND: ClassVar[str] = "entry.posted"
    ENTITY: ClassVar[str] = "ticket"

    kind: str
    direction: str
    text: str
    contact: EntityId | None = None
    delivery: str = ""
    said_at: Instant | None = None

    def to_document(self) -> dict[str, Any]:
        document = {
            "kind": self.kind,
            "direction": self.direction,
            "text": self.text,
            "contact": as_hex(self.contact),
            "delivery": self.delivery,
        }
        # Left out where there is none: payloads of consoles that do not know it stay the same bytes.
        return document if self.said_at is None else {**document, "said_at": self.said_at}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> EntryPosted:
        return cls(
            document["kind"],
            document["direction"],
            document["text"],
            from_hex(document["contact"]),
            document["delivery"],
            document.get("said_at"),
        )

    def validate(self, state: State) -> None:
        assert self.kind in KINDS
        if not self.text.strip():
            raise Refused("entry.text_missing", number=state.the_ticket().number)
        if self.kind == "message" and self.direction == TO_CUSTOMER and not self.delivery:
            raise Refused("entry.delivery_missing", number=state.the_ticket().number)
        if self.said_at is not None and self.said_at < state.the_ticket().opened_at:
            ticket = state.the_ticket()
            raise Refused("entry.said_before_opening", number=ticket.number, opened_at=ticket.opened_at)

    def apply(self, state: State, stamp: Stamp) -> State:
        entry = Entry(
            created_id(stamp, b"entry"),
            state.the_ticket().id,
            stamp.at if self.said_at is None else self.said_at,
            self.kind,
            self.direction,
            person=stamp.author,
            contact=self.contact,
            text=self.text,
            delivery=self.delivery,
        )
        return state.with_ticket(stamp).with_entry(entry)

    def inverse(self, stamp: Stamp) -> EntryHidden:
        return EntryHidden(created_id(stamp, b"entry"), hidden=True)
