"""A contract as its pane shows it; kept apart from the other pages because no first frame needs it."""

from __future__ import annotations

from typing import NamedTuple

from core.clock import Instant
from core.coverage import UnitsUsed
from core.ids import EntityId
from core.sla import Clock


class UnitsShown(NamedTuple):
    """Included units of a period and what is used of them; nothing is carried over from an earlier period."""

    included: int
    unit: str
    period: str
    since: Instant
    until: Instant | None
    used: UnitsUsed


class ContractShown(NamedTuple):
    """What was promised for a ticket: the contract version it is pinned to."""

    ticket: EntityId
    number: str
    grade: str
    company_name: str
    valid_from: Instant
    valid_until: Instant | None
    coverage: tuple[str, ...]
    exclusions: tuple[str, ...]
    clocks: tuple[Clock, ...]
    used: tuple[int, ...]
    """Open seconds that each of the clocks has used by now."""
    units: UnitsShown | None
    annual_value: int | None
    currency: str
    paid_until: Instant | None
    zone: str
    """Of the site: days and months of the contract are counted there."""
    derived_by: str


class NoContract(NamedTuple):
    """A ticket without a contract: the company's newest one, if it ever had any, and who looks after the company."""

    ticket: EntityId
    company_name: str
    last_number: str
    last_until: Instant | None
    manager: str
