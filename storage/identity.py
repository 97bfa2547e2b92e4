"""What a desk's file knows of itself. A list in a pipe reads it too, so nothing heavier than sqlite3 is imported."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from storage.engine import explain, open_file

Identity = tuple["bytes | None", bool, int]
"""Who sat there last (None before anybody did), whether all of it is made up, and the millisecond of the newest act,
or the one at which a demo desk was left."""


def read_identity(connection: sqlite3.Connection) -> Identity:
    """The identity of an open desk; before any act its newest moment is that of its making."""
    person, is_demo, created_at, last_hlc, left_at = connection.execute(
        "SELECT person, is_demo, created_at, last_hlc, (SELECT body FROM desk_state WHERE name = 'clock') FROM store"
    ).fetchone()
    left_ms = int(left_at) * 1000 if left_at and left_at.isdigit() else 0
    return person, bool(is_demo), max(created_at * 1000, last_hlc >> 16, left_ms)


def known_by_hub(connection: sqlite3.Connection) -> tuple[bytes, str] | None:
    """Whom the hub knows the person here as, for a desk that does not have the colleague who sat there last.

    Under the login's name where the hub refused the colleague: only who has a seat can send that again.
    """
    row: tuple[bytes, str] | None = connection.execute(
        "SELECT h.person, COALESCE(p.name, h.login) FROM hub h LEFT JOIN person p ON p.id = h.person"
    ).fetchone()
    return row


def identity_of(path: Path) -> Identity:
    """The identity of the desk at `path`."""
    connection = open_file(path, read_only=True)
    try:
        return read_identity(connection)
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    finally:
        connection.close()
