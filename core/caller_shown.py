"""A caller as their card shows them; kept apart from the other pages because no first frame needs it."""

from __future__ import annotations

from typing import NamedTuple

from core.clock import Instant
from core.contract_shown import ContractShown, NoContract
from core.finding import NameLine
from core.ids import EntityId
from core.intake import OpenHere
from core.sla import Clock
from core.ticket_shown import ContactLine


class CallerPage(NamedTuple):
    """Asks for what one wants to see while somebody of a company calls (core/caller_shown.py), None for no company.

    Promises are told as if a ticket were opened `now` at `site`.
    """

    contact: EntityId | None
    company: EntityId
    now: Instant
    site: EntityId | None = None


class PastFaults(NamedTuple):
    """Asks for past tickets that a new fault may be like: of the equipment, then of its model, else of the company."""

    company: EntityId
    equipment: EntityId | None
    limit: int = 120


class LastCallers(NamedTuple):
    """Asks for those whose calls were saved last on this desk, newest first."""

    limit: int = 5


class CallerCard(NamedTuple):
    """Whom one is about to speak with. `is_gone` when they were archived, `has_left` when they are elsewhere now."""

    line: ContactLine
    other_phones: tuple[str, ...]
    language: str
    best_hours: str
    notes: str
    is_gone: bool
    has_left: bool


class PastProblem(NamedTuple):
    """A ticket of the past: what it was, on what, and what became of it.

    `came_back_after` is how many seconds later the same fault was reported again, None when it was not.
    """

    ticket: EntityId
    number: str
    opened_at: Instant
    subject: str
    equipment: EntityId | None
    equipment_name: str
    done: str
    is_open: bool
    came_back_after: int | None = None


class Piece(NamedTuple):
    """Equipment to choose: where it stands, whether the contract covers it, what is open or comes back on it.

    `newest_ticket` is the last one about it; `repeats` counts the same fault within thirty days.
    """

    id: EntityId
    name: str
    model: str
    place: str
    site: EntityId | None
    site_name: str
    is_covered: bool | None
    open_number: str
    newest_ticket: EntityId | None
    fault_code: str
    repeats: int


class PromiseAt(NamedTuple):
    """What a ticket opened now would be promised at a priority: first response, update, resolution."""

    priority: int
    clocks: tuple[Clock, ...]


class CallerShown(NamedTuple):
    """What one wants to see while somebody calls; open tickets by risk, pieces the likeliest first.

    `promised` has every priority for which the contract promises something. `more_pieces` when there are others.
    """

    contact: CallerCard | None
    approver: ContactLine | None
    company: EntityId
    company_name: str
    tier: str
    is_gone: bool
    contract: ContractShown | NoContract
    promised: tuple[PromiseAt, ...]
    open_here: tuple[OpenHere, ...]
    open_count: int
    previous: tuple[PastProblem, ...]
    pieces: tuple[Piece, ...]
    more_pieces: bool
    sites: tuple[NameLine, ...]
    site: NameLine | None
