"""A file came to a ticket; the bytes lie beside the desk under their hash (docs/attachments.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.attachments import is_digest
from core.errors import Refused
from core.operations.attachment_removed import AttachmentRemoved
from core.operations.envelope import Stamp
from core.operations.operation import State, created_id


@dataclass(frozen=True, slots=True)
class AttachmentAdded:
    """`digest` is the SHA-256 of the file in hex, `size` its bytes, `media_type` what its content says it is."""

    KIND: ClassVar[str] = "attachment.added"
    ENTITY: ClassVar[str] = "ticket"

    name: str
    size: int
    media_type: str
    digest: str

    def to_document(self) -> dict[str, Any]:
        return {"name": self.name, "size": self.size, "type": self.media_type, "hash": self.digest}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> AttachmentAdded:
        return cls(document["name"], document["size"], document["type"], document["hash"])

    def validate(self, state: State) -> None:
        if not self.name or self.size < 0 or not is_digest(self.digest):
            raise Refused("attachment.unfit", number=state.the_ticket().number)

    def apply(self, state: State, stamp: Stamp) -> State:
        return state.with_ticket(stamp).told(stamp, self.KIND, **self.to_document())

    def inverse(self, stamp: Stamp) -> AttachmentRemoved:
        return AttachmentRemoved(created_id(stamp, b"entry"), self.name)
