"""A calendar or a policy got another version, in force from an instant on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.clock import Instant
from core.documents import DOCUMENT_KINDS, FIRST_NUMBER, body_of
from core.errors import Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import Record, State, the_id


@dataclass(frozen=True, slots=True)
class DocumentChanged:
    """`version` is the new version's id, `number` counts a document's versions from 1, its body as first created.

    `body` is JSON text; `archived` takes the version off the desk, so that what it replaced is in force again.
    """

    KIND: ClassVar[str] = "document.changed"
    ENTITY: ClassVar[str] = "document"

    kind: str
    document: EntityId
    version: EntityId
    number: int
    valid_from: Instant
    body: str
    note: str = ""
    archived: bool = False

    def to_document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "document": self.document.hex(),
            "version": self.version.hex(),
            "number": self.number,
            "valid_from": self.valid_from,
            "body": self.body,
            "note": self.note,
            "archived": self.archived,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> DocumentChanged:
        return cls(
            document["kind"],
            the_id(document["document"]),
            the_id(document["version"]),
            document["number"],
            Instant(document["valid_from"]),
            document["body"],
            document["note"],
            document["archived"],
        )

    def validate(self, state: State) -> None:
        if self.kind not in DOCUMENT_KINDS:
            raise Refused("document.unknown_kind", kind=self.kind)
        if self.number <= FIRST_NUMBER:
            raise Refused("document.number_taken", number=self.number)
        body_of(self.body)

    def apply(self, state: State, stamp: Stamp) -> State:
        fields = {
            "id": self.version.hex(),
            "document": self.document.hex(),
            "kind": self.kind,
            "number": self.number,
            "valid_from": self.valid_from,
            "body": self.body,
            "note": self.note,
            "archived": self.archived,
        }
        record = Record("document_version", fields)
        return replace(state, records=(*state.records, record))

    def inverse(self, stamp: Stamp) -> DocumentChanged:
        return DocumentChanged(
            self.kind,
            self.document,
            self.version,
            self.number,
            self.valid_from,
            self.body,
            self.note,
            not self.archived,
        )
