"""Rows of conflicts: what the fold of a record found, and a conflict read back for the person who settles it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from core.clock import Instant
from core.conflicts import Conflict, Side
from core.ids import EntityId
from core.operations.envelope import canonical_json

COLUMNS = "id, kind, entity, record, field, body"


def write_conflicts(connection: sqlite3.Connection, record: EntityId, conflicts: Iterable[Conflict]) -> None:
    """Bring the rows about a record to what its fold says."""
    connection.execute("DELETE FROM conflict WHERE record = ?", (record,))
    rows = [
        (one.id, one.record, one.entity, one.kind, one.field, body_of(one), one.other.at, int(one.is_open))
        for one in conflicts
        if one.record == record
    ]
    connection.executemany(
        "INSERT INTO conflict (id, record, entity, kind, field, body, at, is_open) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def conflicts_of(connection: sqlite3.Connection, record: EntityId) -> dict[EntityId, Conflict]:
    """The conflicts about a record by their ids, settled ones among them."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM conflict WHERE record = ?", (record,))
    return {one.id: one for one in map(conflict_of, rows.fetchall())}


def known_conflict(connection: sqlite3.Connection, conflict: EntityId) -> Conflict | None:
    """A conflict by its id."""
    row = connection.execute(f"SELECT {COLUMNS} FROM conflict WHERE id = ?", (conflict,)).fetchone()
    return None if row is None else conflict_of(row)


def has_open(connection: sqlite3.Connection, record: EntityId) -> bool:
    """Whether something about a record waits to be settled."""
    query = "SELECT 1 FROM conflict WHERE record = ? AND is_open = 1"
    return connection.execute(query, (record,)).fetchone() is not None


def conflict_of(row: tuple[Any, ...]) -> Conflict:
    """The conflict in a row of `COLUMNS`."""
    id_, kind, entity, record, field, body = row
    told = json.loads(body)
    sides = [None if told[name] is None else _side_from(told[name]) for name in ("applied", "other", "settled_by")]
    applied, other, settled_by = sides
    assert applied is not None
    assert other is not None
    return Conflict(
        EntityId(id_), kind, entity, EntityId(record), field, told["before"], applied, other, told["rule"], settled_by
    )


def body_of(conflict: Conflict) -> str:
    """What a row keeps of a conflict beside its columns, as canonical JSON."""
    told = {
        "before": conflict.before,
        "applied": _told(conflict.applied),
        "other": _told(conflict.other),
        "rule": conflict.rule,
        "settled_by": None if conflict.settled_by is None else _told(conflict.settled_by),
    }
    return canonical_json(told).decode()


def _told(side: Side) -> dict[str, Any]:
    return {**side._asdict(), "console": side.console.hex(), "author": side.author.hex()}


def _side_from(told: dict[str, Any]) -> Side:
    console, author = bytes.fromhex(told["console"]), EntityId(bytes.fromhex(told["author"]))
    return Side(console, told["n"], told["seq"], author, Instant(told["at"]), told["value"])
