"""A ticket as it stands, the stages it moves through, and which moves are legal."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Instant
from core.errors import Refused
from core.ids import EntityId

OPEN, WAITING, CLOSED = 0, 1, 2
"""Classes of stages; clocks read the class, never the name."""

PRIORITIES = (1, 2, 3, 4)
REQUEST_TYPES = ("fault", "request", "question", "advice")
CHANNELS = ("phone", "mail", "portal", "visit", "self_service", "ivr", "direct", "import")
WAITING_PARTIES = ("customer", "vendor", "contractor", "part", "us")


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the work: its name, the class clocks read, the letter that chooses it and the stages it may go to."""

    name: str
    stage_class: int
    letter: str
    next_names: tuple[str, ...]


STAGES = {
    stage.name: stage
    for stage in (
        Stage("new", OPEN, "n", ("active", "on_site", "waiting", "resolved", "closed")),
        Stage("active", OPEN, "a", ("on_site", "waiting", "resolved", "closed")),
        Stage("on_site", OPEN, "o", ("active", "waiting", "resolved", "closed")),
        Stage("waiting", WAITING, "w", ("active", "on_site", "resolved", "closed")),
        Stage("resolved", CLOSED, "r", ("active", "closed")),
        Stage("closed", CLOSED, "c", ("active",)),
    )
}


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


def legal_moves(stage: str) -> tuple[Stage, ...]:
    """Where a ticket may go from `stage`. An imported stage outside our workflow may go to every stage of ours."""
    known = STAGES.get(stage)
    names = known.next_names if known else tuple(STAGES)
    return tuple(STAGES[name] for name in names)


def check_move(ticket: Ticket, to: str) -> Stage:
    """The stage `to`, or Refused with the moves that are legal instead."""
    for stage in legal_moves(ticket.stage):
        if stage.name == to:
            return stage
    allowed = [stage.name for stage in legal_moves(ticket.stage)]
    raise Refused("ticket.move_not_legal", number=ticket.number, stage=ticket.stage, to=to, allowed=allowed)
