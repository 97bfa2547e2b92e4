"""A ticket was opened on this desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import Refused
from core.ids import EntityId
from core.operations.envelope import Stamp
from core.operations.operation import State, as_hex, from_hex, the_id
from core.operations.ticket_archived import TicketArchived
from core.ticket import Ticket


@dataclass(frozen=True, slots=True)
class TicketOpened:
    """What is known when a ticket is opened; the reporters are contacts, first the one who called."""

    KIND: ClassVar[str] = "ticket.opened"
    ENTITY: ClassVar[str] = "ticket"

    ticket: EntityId
    number: str
    subject: str
    company: EntityId | None
    priority: int = 3
    site: EntityId | None = None
    equipment: EntityId | None = None
    contract_version: EntityId | None = None
    reporters: tuple[EntityId, ...] = ()
    request_type: str = "fault"
    channel: str = "phone"
    owner: EntityId | None = None
    team: EntityId | None = None
    category: str = ""
    fault_code: str = ""

    def to_document(self) -> dict[str, Any]:
        return {
            "ticket": as_hex(self.ticket),
            "number": self.number,
            "subject": self.subject,
            "company": as_hex(self.company),
            "priority": self.priority,
            "site": as_hex(self.site),
            "equipment": as_hex(self.equipment),
            "contract_version": as_hex(self.contract_version),
            "reporters": [reporter.hex() for reporter in self.reporters],
            "request_type": self.request_type,
            "channel": self.channel,
            "owner": as_hex(self.owner),
            "team": as_hex(self.team),
            "category": self.category,
            "fault_code": self.fault_code,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> TicketOpened:
        return cls(
            the_id(document["ticket"]),
            document["number"],
            document["subject"],
            from_hex(document["company"]),
            document["priority"],
            from_hex(document["site"]),
            from_hex(document["equipment"]),
            from_hex(document["contract_version"]),
            tuple(the_id(reporter) for reporter in document["reporters"]),
            document["request_type"],
            document["channel"],
            from_hex(document["owner"]),
            from_hex(document["team"]),
            document["category"],
            document["fault_code"],
        )

    def validate(self, state: State) -> None:
        if state.ticket is not None:
            raise Refused("ticket.exists_already", number=self.number)
        if not self.subject.strip():
            raise Refused("ticket.subject_missing")

    def apply(self, state: State, stamp: Stamp) -> State:
        ticket = Ticket(
            id=self.ticket,
            number=self.number,
            subject=self.subject,
            company=self.company,
            opened_at=stamp.at,
            changed_at=stamp.at,
            priority=self.priority,
            owner=self.owner,
            team=self.team,
            site=self.site,
            equipment=self.equipment,
            contract_version=self.contract_version,
            reporters=self.reporters,
            request_type=self.request_type,
            channel=self.channel,
            category=self.category,
            fault_code=self.fault_code,
        )
        opened = State(ticket, state.entries, state.call_backs, state.records, state.known_entries)
        return opened.told(stamp, self.KIND, channel=self.channel)

    def inverse(self, stamp: Stamp) -> TicketArchived:
        return TicketArchived(archived=True)
