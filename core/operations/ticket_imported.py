"""A ticket came from another desk with its whole past; stages and times are the source's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.clock import Instant
from core.errors import Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import Alias, State, alias_in, from_hex, the_id, with_alias
from core.ticket import Ticket, Waiting
from core.timeline import Entry


@dataclass(frozen=True, slots=True)
class TicketImported:
    """`ticket` and `entries` are documents with the fields of `Ticket` and `Entry`, ids as hex.

    The past is history, not a request: moves that our workflow forbids are taken as they happened.
    """

    KIND: ClassVar[str] = "ticket.imported"
    ENTITY: ClassVar[str] = "ticket"

    ticket: dict[str, Any]
    entries: tuple[dict[str, Any], ...] = ()
    alias: Alias | None = None
    """Its key at the source."""

    def to_document(self) -> dict[str, Any]:
        return with_alias({"ticket": self.ticket, "entries": list(self.entries)}, self.alias)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketImported:
        return cls(document["ticket"], tuple(document["entries"]), alias_in(document))

    def validate(self, state: State) -> None:
        if state.ticket is not None:
            raise Refused("ticket.exists_already", number=self.ticket["number"])

    def apply(self, state: State, stamp: Stamp) -> State:
        ticket = ticket_from(self.ticket)
        entries = tuple(entry_from(document, ticket.id) for document in self.entries)
        # At once, not entry by entry: a ticket may bring a hundred thousand of them.
        aliases = () if self.alias is None else (self.alias,)
        return State(ticket, entries, known_entries={entry.id: entry for entry in entries}, aliases=aliases)

    def inverse(self, stamp: Stamp) -> None:
        return None


def ticket_from(document: dict[str, Any]) -> Ticket:
    """The ticket of a document whose ids are hex; fields left out have their defaults."""
    values = dict(document)
    for name in ("company", "owner", "team", "site", "equipment", "contract_version"):
        values[name] = from_hex(values.get(name))
    values["id"] = the_id(values["id"])
    values["reporters"] = tuple(the_id(reporter) for reporter in values.get("reporters", ()))
    values["waiting"] = Waiting(**values["waiting"]) if values.get("waiting") else None
    return Ticket(**values)


def entry_from(document: dict[str, Any], ticket: EntityId) -> Entry:
    """The entry of a document whose ids are hex."""
    values = dict(document)
    for name in ("person", "contact"):
        values[name] = from_hex(values.get(name))
    values["id"] = the_id(values["id"])
    values["at"] = Instant(values["at"])
    return Entry(ticket=ticket, **values)
