"""A ticket as its pane shows it; kept apart from the lists because no first frame needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from core.clock import Instant
from core.ids import EntityId
from core.pages import QueueRow

if TYPE_CHECKING:
    from core.caller_shown import PastProblem
    from core.context import AlsoAsked
    from core.timeline import Entry


class ContactLine(NamedTuple):
    """A person at the company: name, role, number and what they may do."""

    id: EntityId
    name: str
    role: str
    phone: str
    email: str
    may_order: bool
    may_approve: bool
    order_limit: int | None
    currency: str
    language: str = ""
    best_hours: str = ""
    notes: str = ""


class TicketShown(NamedTuple):
    """One ticket as its pane shows it; entries newest first, `hidden` ones left out.

    `tried` are the steps already taken (core/context.py), `earlier` the latest problems of its equipment, or of its
    company where no equipment is named.
    `restated` when today's facts contradict what the entries announce of its promises.
    """

    row: QueueRow
    request_type: str
    channel: str
    category: str
    fault_code: str
    resolution_code: str
    waiting_cause: str
    waiting_party: str
    waiting_until: Instant | None
    changed_at: Instant
    closed_at: Instant | None
    derived_by: str
    caller: ContactLine | None
    site: str
    zone: str
    equipment: str
    contract: str
    grade: str
    clocks: tuple[Any, ...]
    aliases: tuple[str, ...]
    entries: tuple[Entry, ...]
    entries_in_all: int
    names: dict[EntityId, str]
    call_backs: tuple[tuple[Instant, str, str], ...] = ()
    restated: bool = False
    contract_version: EntityId | None = None
    tried: tuple[Entry, ...] = ()
    also_asked: tuple[AlsoAsked, ...] = ()
    earlier: tuple[PastProblem, ...] = ()
    site_id: EntityId | None = None
    equipment_id: EntityId | None = None
    contract_id: EntityId | None = None
    open_conflicts: int = 0
    """How many things two people did to it without knowing of each other wait to be settled."""
