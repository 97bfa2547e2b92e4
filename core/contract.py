"""What was promised: contracts with versions, the grade, what is covered, included and paid."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Instant
from core.ids import EntityId


@dataclass(frozen=True, slots=True)
class Contract:
    """An agreement with a company; what it says stands in its versions."""

    id: EntityId
    company: EntityId
    number: str
    derived_by: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class ContractVersion:
    """What a contract says from `valid_from` on; `coverage`, `exclusions`, `rates` are documents as text (JSON)."""

    id: EntityId
    contract: EntityId
    valid_from: Instant
    valid_until: Instant | None = None
    grade: str = ""
    policy: EntityId | None = None
    calendar: EntityId | None = None
    coverage: str = ""
    exclusions: str = ""
    included_units: int | None = None
    unit: str = ""
    rates: str = ""
    annual_value: int | None = None
    currency: str = ""
    paid_until: Instant | None = None
    derived_by: str = ""
