"""What a desk's file knows of itself: who sat there last, whether it is made up, and what time it is there."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from core.clock import stamp_ms
from core.ids import EntityId
from storage.engine import explain, open_file


@dataclass(frozen=True, slots=True)
class Identity:
    """`person` is None before anybody sat down; `last_ms` is the moment of the newest act, or of the desk's making."""

    person: EntityId | None
    is_demo: bool
    last_ms: int


def read_identity(connection: sqlite3.Connection) -> Identity:
    """The identity of an open desk."""
    person, is_demo, created_at, last_hlc = connection.execute(
        "SELECT person, is_demo, created_at, last_hlc FROM store"
    ).fetchone()
    return Identity(person, bool(is_demo), max(created_at * 1000, stamp_ms(last_hlc)))


def identity_of(path: Path) -> Identity:
    """The identity of the desk at `path`."""
    connection = open_file(path, read_only=True)
    try:
        return read_identity(connection)
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    finally:
        connection.close()
