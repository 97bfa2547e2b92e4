"""How a desk stands beside the hub it has joined, for row 1 and the marks of the queue."""

from __future__ import annotations

from typing import Any, NamedTuple

from core.clock import Instant
from core.ids import EntityId
from core.notices import Notice


class SyncStands(NamedTuple):
    """Asks how the desk stands beside its hub: SyncShown, or None for a desk that has joined none."""


class SyncTrouble(NamedTuple):
    """Why nothing is exchanged since `since`: code and facts of an error; `is_offline` while nobody answers."""

    code: str
    facts: dict[str, Any]
    since: Instant
    is_offline: bool


class SyncShown(NamedTuple):
    """`synced_at` is when everything was last sent and read; `unsent` and `refused` count operations of this desk.

    `refused` counts those that were neither sent again nor dropped, `conflicts` those that wait for a person.
    """

    synced_at: Instant | None
    unsent: int
    refused: int
    conflicts: int
    trouble: SyncTrouble | None
    is_paused: bool
    """Nothing is sent before the person says so."""
    unsent_tickets: frozenset[EntityId]
    crossed_tickets: frozenset[EntityId] = frozenset()
    """Those about which a conflict waits for a person."""
    notice: tuple[int, Notice] | None = None
    """What was found out and made good last, with a number that rises from one to the next."""
    history_percent: int | None = None
    """How much of the history has come in; None where nothing is left to come."""
