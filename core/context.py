"""What one wants to know before speaking: what was tried already, apart from what was written to and fro."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.clock import Instant
from core.ids import EntityId
from core.timeline import Entry, told_before

STEP_KINDS = frozenset(("work", "part", "visit"))
"""Entries that say what somebody did, not what somebody said."""

ASKED_WITHIN_SECONDS = 30 * 86_400
"""How long ago a closed ticket may have been opened to count as the same matter."""


class CallBacksDue(NamedTuple):
    """Asks for the calls a person promised, and overdue ones of colleagues: CallBackDue (core/context.py)."""

    person: EntityId
    now: Instant
    limit: int = 100


class AlsoAsked(NamedTuple):
    """Another contact of the company who asked about the same equipment or fault: on this ticket or on another."""

    name: str
    phone: str
    number: str
    at: Instant
    is_open: bool


class CallBackDue(NamedTuple):
    """A promise to telephone that stands, with the ticket it is about."""

    id: EntityId
    ticket: EntityId
    number: str
    company_name: str
    contact: EntityId | None
    contact_name: str
    phone: str
    due_at: Instant
    note: str
    person: EntityId
    person_name: str


def steps_tried(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Steps already taken, oldest first; hidden ones left out."""
    return tuple(sorted((e for e in entries if e.kind in STEP_KINDS and not e.hidden), key=told_before))
