"""A company as its pane shows it; kept apart from the lists because no first frame needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.clock import Instant
from core.ids import EntityId

if TYPE_CHECKING:
    from core.ticket_shown import ContactLine


class ContractsOf(NamedTuple):
    """Asks for the contracts of a company in force at a time, each in its newest version; and for one version more."""

    company: EntityId
    at: Instant
    also: EntityId | None = None


class ContractLine(NamedTuple):
    """A contract to choose: the id of its version, and when that ends (None: never)."""

    version: EntityId
    number: str
    grade: str
    until: Instant | None


class RepeatGroup(NamedTuple):
    """The same fault on the same equipment within thirty days: its ticket numbers newest first."""

    fault_code: str
    equipment: str
    place: str
    numbers: tuple[str, ...]
    is_open: bool
    last_at: Instant


class YearLine(NamedTuple):
    """Tickets opened in each month of a year, January first, and what became of them."""

    year: int
    months: tuple[int, ...]
    missed: int
    repeats: int

    @property
    def total(self) -> int:
        """All tickets of the year."""
        return sum(self.months)


class CompanyShown(NamedTuple):
    """A company as its pane shows it."""

    id: EntityId
    name: str
    kind: str
    tier: str
    grade: str
    contract: str
    site_count: int
    equipment_count: int
    annual_value: int | None
    currency: str
    contract_until: Instant | None
    open_count: int
    ticket_count: int
    years: tuple[YearLine, ...]
    repeats: tuple[RepeatGroup, ...]
    contacts: tuple[ContactLine, ...]
    derived_by: str
