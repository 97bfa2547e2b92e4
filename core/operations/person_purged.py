"""A person outside asked to be forgotten: of the contact nothing is left but that there was one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, the_id
from core.personal_marks import emptied

PERSONAL = ("name", "phone", "phone_digits", "email", "language", "notes", "other_phones", "best_hours")
"""What a contact says of itself."""


@dataclass(frozen=True, slots=True)
class PersonPurged:
    """`record` is a contact; None where a number or an address belonged to nobody on the desk.

    Nothing that was erased stands in it. `operations` is how many of the log were rewritten before it (docs/purge.md).
    """

    KIND: ClassVar[str] = "person.purged"
    ENTITY: ClassVar[str] = "record"

    record: EntityId | None
    operations: int

    def to_document(self) -> dict[str, Any]:
        return {"record": None if self.record is None else self.record.hex(), "operations": self.operations}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> PersonPurged:
        record = document["record"]
        return cls(None if record is None else the_id(record), document["operations"])

    def validate(self, state: State) -> None:
        """What is gone from the log can only be said, not refused."""

    def apply(self, state: State, stamp: Stamp) -> State:
        if self.record is None:
            return state
        nothing = emptied(dict.fromkeys(PERSONAL, ""))
        return state.with_record("contact", self.record, {**nothing, "archived": True})

    def inverse(self, stamp: Stamp) -> None:
        return None
