"""A ticket as it stands, and whether it may move."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Instant
from core.errors import Refused
from core.ids import EntityId
from core.stages import OPEN, Stage, legal_moves

REQUEST_TYPES = ("fault", "request", "question", "advice")
CHANNELS = ("phone", "mail", "portal", "visit", "self_service", "ivr", "direct", "import")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why nothing moves: the cause in words, the party that has to act, and when to look again (or None)."""

    cause: str
    party: str
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A small project for a company, folded from its operations up to now."""

    id: EntityId
    number: str
    subject: str
    company: EntityId | None
    opened_at: Instant
    changed_at: Instant
    stage: str = "new"
    stage_class: int = OPEN
    priority: int = 3
    owner: EntityId | None = None
    team: EntityId | None = None
    site: EntityId | None = None
    equipment: EntityId | None = None
    contract_version: EntityId | None = None
    reporters: tuple[EntityId, ...] = ()
    request_type: str = "fault"
    channel: str = "phone"
    category: str = ""
    fault_code: str = ""
    cause_code: str = ""
    resolution_code: str = ""
    waiting: Waiting | None = None
    closed_at: Instant | None = None
    derived_by: str = ""
    archived: bool = False
    extra: str = ""
    """What another desk's log knows of it and we have no field for: a JSON object as text, or empty."""


def check_move(ticket: Ticket, to: str) -> Stage:
    """The stage `to`, or Refused with the moves that are legal instead."""
    for stage in legal_moves(ticket.stage):
        if stage.name == to:
            return stage
    allowed = [stage.name for stage in legal_moves(ticket.stage)]
    raise Refused("ticket.move_not_legal", number=ticket.number, stage=ticket.stage, to=to, allowed=allowed)
