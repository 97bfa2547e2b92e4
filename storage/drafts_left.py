"""Reading what was left unfinished; apart from keeping it (storage/drafts.py), which needs far more to be imported."""

from __future__ import annotations

import sqlite3

from core.drafts_left import DraftLeft, DraftOf, DraftsLeft


def drafts_left(connection: sqlite3.Connection, request: DraftsLeft) -> tuple[DraftLeft, ...]:
    """Texts and forms a person left unfinished, the newest first; calls have a list of their own."""
    query = (
        "SELECT d.kind, d.about, COALESCE(t.number, ''), substr(d.body, 1, 200) FROM draft d"
        " LEFT JOIN ticket t ON t.id = d.about WHERE d.person = ? AND d.kind <> 'call'"
        " ORDER BY d.changed_at DESC, d.kind, d.about LIMIT 50"
    )
    return tuple(DraftLeft(*row) for row in connection.execute(query, (request.person,)))


def draft_of(connection: sqlite3.Connection, request: DraftOf) -> str:
    """The unfinished text, or an empty one."""
    row = connection.execute(
        "SELECT body FROM draft WHERE person = ? AND kind = ? AND about = ?",
        (request.person, request.kind, request.about),
    ).fetchone()
    return row[0] if row else ""
