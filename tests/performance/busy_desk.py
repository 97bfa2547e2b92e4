"""A desk on which a hundred thousand tickets are really open: a demo world whose newest closed tickets were reopened.

All contracts share one calendar, so that an edit of it is about every open ticket with a contract.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.ids import EntityId
from storage.engine import open_file
from storage.rebuild import BEFORE_ALL, take_slice
from tests.support.worlds import copy_of, world

OPEN_TICKETS = 100_000
WORLD_TICKETS = 120_000
WHOLE_SLICE_SECONDS = 3_600.0


def lay_out_busy_desk(path: Path) -> EntityId:
    """Make the desk at `path`; answers the calendar of all its contracts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    copy_of(world(WORLD_TICKETS), path.parent)
    connection = open_file(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN IMMEDIATE")
    calendar = _under_one_calendar(connection)
    _reopen(connection)
    connection.execute(
        "INSERT INTO rebuild (about, kind, since, after_opened_at, after_ticket) VALUES (?, 'calendar', ?, ?, x'')",
        (calendar, BEFORE_ALL, BEFORE_ALL),
    )
    while take_slice(connection, WHOLE_SLICE_SECONDS) is not None:
        pass
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    return calendar


def _under_one_calendar(connection: sqlite3.Connection) -> EntityId:
    (calendar,) = connection.execute("SELECT id FROM calendar WHERE name LIKE 'Silver%' ORDER BY name").fetchone()
    connection.execute("UPDATE contract_version SET calendar = ? WHERE calendar IS NOT NULL", (calendar,))
    return EntityId(calendar)


def _reopen(connection: sqlite3.Connection) -> None:
    """Take back the closing of as many tickets as are missing, newest first, with what their timelines say of it."""
    (is_open,) = connection.execute("SELECT count(*) FROM ticket WHERE queue_rank < 4").fetchone()
    connection.execute(
        "CREATE TEMP TABLE reopened AS SELECT id FROM ticket WHERE queue_rank = 4 ORDER BY opened_at DESC LIMIT ?",
        (OPEN_TICKETS - is_open,),
    )
    connection.execute(
        "DELETE FROM entry WHERE ticket IN (SELECT id FROM reopened) AND code = 'ticket.staged'"
        " AND json_extract(data, '$.stage_class') = 2"
    )
    connection.execute(
        "UPDATE ticket SET stage = 'active', stage_class = 0, closed_at = NULL, resolution_code = '', queue_rank = 3,"
        " queue_key = opened_at, sla_clock = '', sla_state = 3, sla_missed = 0 WHERE id IN (SELECT id FROM reopened)"
    )
