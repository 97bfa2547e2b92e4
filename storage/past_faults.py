"""Tickets of the past that a new fault may be like, with what was done and whether it came back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from core.caller_shown import PastFaults, PastProblem
from core.clock import Instant
from core.equipment import REPEAT_WITHIN_SECONDS
from core.ids import EntityId

LONGEST_TEXT = 200
PIECES_OF_MODEL = 60
TICKETS_OF_PIECE = 3

PAST = (
    "t.id, t.number, t.opened_at, substr(t.subject, 1, 200), t.equipment, COALESCE(NULLIF(e.inventory_number, ''),"
    f" e.serial, ''), COALESCE((SELECT substr(n.text, 1, {LONGEST_TEXT}) FROM entry n WHERE n.ticket = t.id"
    " AND n.kind IN ('part', 'work') AND n.hidden = 0 ORDER BY n.at DESC, n.id DESC LIMIT 1), ''), t.queue_rank < 4,"
    " CASE WHEN t.fault_code = '' OR t.equipment IS NULL THEN NULL ELSE (SELECT min(o.opened_at) FROM ticket o"
    " WHERE o.equipment = t.equipment AND o.opened_at > t.opened_at AND o.fault_code = t.fault_code"
    f" AND o.opened_at <= t.opened_at + {REPEAT_WITHIN_SECONDS} AND o.archived = 0) END"
    " FROM ticket t LEFT JOIN equipment e ON e.id = t.equipment"
)
OF_MODEL_HERE = (
    "SELECT o.id FROM equipment o WHERE o.model = (SELECT model FROM equipment WHERE id = ?1) AND o.company = ?2"
    " AND o.id <> ?1 AND o.archived = 0 LIMIT ?3"
)
OF_MODEL_ANYWHERE = (
    "SELECT o.id FROM equipment o WHERE o.model = (SELECT model FROM equipment WHERE id = ?1) AND o.id <> ?1"
    " AND o.archived = 0 LIMIT ?2"
)


def past_faults(connection: sqlite3.Connection, request: PastFaults) -> tuple[PastProblem, ...]:
    """Of the equipment newest first, then of others of its model, those of this company first; else of the company."""
    equipment, limit = request.equipment, request.limit
    if equipment is None:
        return problems(connection, "t.company = ? AND t.queue_rank < 5", (request.company,), limit)
    found = list(problems(connection, "t.equipment = ? AND t.archived = 0", (equipment,), limit))
    here = connection.execute(OF_MODEL_HERE, (equipment, request.company, PIECES_OF_MODEL)).fetchall()
    anywhere = connection.execute(OF_MODEL_ANYWHERE, (equipment, PIECES_OF_MODEL)).fetchall()
    for (piece,) in dict.fromkeys([*here, *anywhere]):
        if len(found) >= limit:
            break
        found += problems(connection, "t.equipment = ? AND t.archived = 0", (piece,), TICKETS_OF_PIECE)
    return tuple(found[:limit])


def problems(
    connection: sqlite3.Connection, condition: str, bound: Iterable[Any], limit: int
) -> tuple[PastProblem, ...]:
    """Tickets under a condition, newest first."""
    query = f"SELECT {PAST} WHERE {condition} ORDER BY t.opened_at DESC, t.id DESC LIMIT ?"
    return tuple(_problem(row) for row in connection.execute(query, (*bound, limit)))


def _problem(row: tuple[Any, ...]) -> PastProblem:
    ticket, number, opened_at, subject, equipment, name, done, is_open, again_at = row
    after = None if again_at is None else again_at - opened_at
    piece = None if equipment is None else EntityId(equipment)
    return PastProblem(EntityId(ticket), number, Instant(opened_at), subject, piece, name, done, bool(is_open), after)
