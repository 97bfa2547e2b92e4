"""Reads how the desk stands beside its hub, for the screen: a few probes of small tables and indexes."""

from __future__ import annotations

import sqlite3

from core.clock import Instant
from core.errors import DomainError
from core.ids import EntityId
from core.sync_shown import SyncShown, SyncStands, SyncTrouble
from storage.sync.sync_log import newest_notice, trouble

MOST_MARKED = 2000
"""Operations, newest first, whose tickets are marked as unsent: more than any list in memory shows."""

HUB = (
    "SELECT h.synced_at, h.sent_n, h.is_paused, s.last_n, s.console,"
    " (SELECT count(*) FROM refused WHERE settled = '')"
    " + (SELECT count(*) FROM refused_before WHERE settled = '') FROM hub h, store s"
)
UNSENT_TICKETS = (
    "SELECT DISTINCT id FROM operation WHERE console = ? AND n > ? AND entity = 'ticket' AND state = 'local'"
)
CROSSED_TICKETS = "SELECT DISTINCT record FROM conflict WHERE is_open = 1 AND entity = 'ticket'"
HISTORY_PERCENT = "SELECT 100 * sum(done) / max(sum(total), 1) FROM base_stream WHERE is_whole = 0"
OFFLINE = frozenset(("hub.no_server", "hub.line_lost", "hub.met_another", "hub.too_many"))
RETRIED_SOON = OFFLINE | {"hub.no_room", "hub.restored_untold"}


def sync_stands(connection: sqlite3.Connection, request: SyncStands) -> SyncShown | None:
    """How the desk stands beside its hub; None where it has joined none."""
    row = connection.execute(HUB).fetchone()
    if row is None:
        return None
    synced_at, sent_n, is_paused, last_n, console, refused = row
    tickets: frozenset[EntityId] = frozenset()
    if last_n > sent_n:
        found = connection.execute(UNSENT_TICKETS, (console, max(sent_n, last_n - MOST_MARKED)))
        tickets = frozenset(EntityId(one) for (one,) in found)
    return SyncShown(
        None if synced_at is None else Instant(synced_at),
        last_n - sent_n,
        refused,
        open_conflicts(connection),
        _trouble(connection),
        bool(is_paused),
        tickets,
        frozenset(EntityId(one) for (one,) in connection.execute(CROSSED_TICKETS)),
        newest_notice(connection),
        _history_percent(connection),
    )


def _history_percent(connection: sqlite3.Connection) -> int | None:
    (percent,) = connection.execute(HISTORY_PERCENT).fetchone()
    return None if percent is None else min(percent, 99)


def open_conflicts(connection: sqlite3.Connection) -> int:
    """How many conflicts wait for a person."""
    (count,) = connection.execute("SELECT count(*) FROM conflict WHERE is_open = 1").fetchone()
    return int(count)


def is_retried_soon(error: DomainError) -> bool:
    """True where trying again by itself may help: a line that is down, two that met, a disk that was full."""
    return error.code in RETRIED_SOON or error.code.startswith("store.")


def _trouble(connection: sqlite3.Connection) -> SyncTrouble | None:
    found = trouble(connection)
    if found is None:
        return None
    return SyncTrouble(found.error, found.facts, Instant(found.at), found.error in OFFLINE)
