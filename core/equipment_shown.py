"""A piece of equipment as its pane shows it; kept apart from the other pages because no first frame needs it."""

from __future__ import annotations

from typing import NamedTuple

from core.clock import Instant
from core.ids import EntityId


class Repair(NamedTuple):
    """A ticket of the equipment's history; `done` is what was replaced or worked on last, empty while nothing was."""

    ticket: EntityId
    number: str
    opened_at: Instant
    request_type: str
    fault_code: str
    subject: str
    done: str
    is_open: bool
    is_same: bool
    """The same fault as the ticket shown, within thirty days before it."""


class Relative(NamedTuple):
    """Another piece of the same machine."""

    name: str
    model: str
    place: str


class EquipmentShown(NamedTuple):
    """One piece of equipment with its history, newest first, and its family."""

    ticket: EntityId
    fault_code: str
    name: str
    serial: str
    maker: str
    model: str
    category: str
    site: str
    place: str
    zone: str
    commissioned_at: Instant | None
    warranty_until: Instant | None
    grade: str
    is_covered: bool | None
    """None where the contract says nothing of this category, or where there is none."""
    history: tuple[Repair, ...]
    history_in_all: int
    faults: int
    mean_seconds_between: int | None
    parent: Relative | None
    parts: tuple[Relative, ...]
    parts_in_all: int
    derived_by: str


class NoEquipment(NamedTuple):
    """A ticket that names no equipment, and how many pieces its company has."""

    ticket: EntityId
    company_name: str
    equipment_count: int
