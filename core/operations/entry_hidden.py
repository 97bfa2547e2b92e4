"""An entry was taken back by its author, or shown again; the text stays in the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.delivery import HANDED, HANDING, may_have_left
from core.errors import ChangedMeanwhile, NotFound, Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id


@dataclass(frozen=True, slots=True)
class EntryHidden:
    """`hidden` is the state afterwards."""

    KIND: ClassVar[str] = "entry.hidden"
    ENTITY: ClassVar[str] = "ticket"

    entry: EntityId
    hidden: bool

    def to_document(self) -> dict[str, Any]:
        return {"entry": self.entry.hex(), "hidden": self.hidden}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> EntryHidden:
        return cls(the_id(document["entry"]), document["hidden"])

    def validate(self, state: State) -> None:
        entry = state.known_entries.get(self.entry)
        if entry is None:
            raise NotFound("entry.unknown")
        # What the mail command was given is out of our hands; hiding it here would be a lie to the next reader.
        if self.hidden and (entry.delivery in (HANDING, HANDED) or may_have_left(str(entry.data.get("reason", "")))):
            raise Refused("entry.handed_over", number=state.the_ticket().number)
        if entry.hidden == self.hidden:
            raise ChangedMeanwhile("entry.hidden_already", number=state.the_ticket().number)

    def apply(self, state: State, stamp: Stamp) -> State:
        entry = state.known_entries.get(self.entry)
        if entry is None:
            return state
        return state.with_ticket(stamp).with_entry(replace(entry, hidden=self.hidden))

    def inverse(self, stamp: Stamp) -> EntryHidden:
        return EntryHidden(self.entry, not self.hidden)
