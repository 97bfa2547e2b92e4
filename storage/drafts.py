"""Unfinished texts and the screen's own state, kept as they change so that a crash or a dropped line costs nothing."""

from __future__ import annotations

import sqlite3

from core.ids import EntityId

FORGET = "DELETE FROM draft WHERE person = ? AND kind = ? AND about = ?"
KEEP = (
    "INSERT INTO draft (person, kind, about, body, changed_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (person, kind, about) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at"
)
REMEMBER = "INSERT INTO desk_state (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body"


def keep_draft(
    connection: sqlite3.Connection, person: EntityId, kind: str, about: EntityId, body: str, now: int
) -> None:
    """Keep `body` as the person's unfinished text of `kind` about an entity; an empty one is forgotten."""
    if body:
        connection.execute(KEEP, (person, kind, about, body, now))
    else:
        connection.execute(FORGET, (person, kind, about))


def remember(connection: sqlite3.Connection, name: str, body: str) -> None:
    """Keep a piece of the screen's state under `name`; an empty one is forgotten."""
    if body:
        connection.execute(REMEMBER, (name, body))
    else:
        connection.execute("DELETE FROM desk_state WHERE name = ?", (name,))
