"""What a desk's file knows of itself. A list in a pipe reads it too, so nothing heavier than sqlite3 is imported."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from storage.engine import explain, open_file

Identity = tuple["bytes | None", bool, int]
"""Who sat there last (None before anybody did), whether all of it is made up, and the millisecond of the newest act."""


def read_identity(connection: sqlite3.Connection) -> Identity:
    """The identity of an open desk; before any act its newest moment is that of its making."""
    person, is_demo, created_at, last_hlc = connection.execute(
        "SELECT person, is_demo, created_at, last_hlc FROM store"
    ).fetchone()
    return person, bool(is_demo), max(created_at * 1000, last_hlc >> 16)


def identity_of(path: Path) -> Identity:
    """The identity of the desk at `path`."""
    connection = open_file(path, read_only=True)
    try:
        return read_identity(connection)
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    finally:
        connection.close()
