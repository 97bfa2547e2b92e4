"""What is looked after: models, single pieces of equipment, and when two faults are the same fault again."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Instant
from core.ids import EntityId

REPEAT_WITHIN_SECONDS = 30 * 86_400
"""The same fault on the same equipment within this time is a repeat."""


@dataclass(frozen=True, slots=True)
class Model:
    """A make and type of equipment."""

    id: EntityId
    name: str
    maker: str = ""
    category: str = ""
    derived_by: str = ""


@dataclass(frozen=True, slots=True)
class Equipment:
    """One piece of equipment at a site; `parent` is the larger piece it is part of."""

    id: EntityId
    company: EntityId
    model: EntityId | None = None
    site: EntityId | None = None
    parent: EntityId | None = None
    serial: str = ""
    inventory_number: str = ""
    place: str = ""
    commissioned_at: Instant | None = None
    warranty_until: Instant | None = None
    derived_by: str = ""
    archived: bool = False
