"""A number that an exchange hands over: which console was used last, and the call that is kept for it.

Plain SQL on a connection of its own: an exchange does not wait for what a console imports.
"""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from core.ids import EntityId
from storage.engine import explain, open_file

SEATS = "SELECT name, body FROM desk_state WHERE name >= 'console ' AND name < 'console!'"
KEPT = "SELECT body FROM draft WHERE person = ? AND kind = 'call' AND about = ?"
KEEP = "INSERT INTO draft (person, kind, about, body, changed_at) VALUES (?, 'call', ?, ?, ?)"


class Seat(NamedTuple):
    """A console that is open on this desk: its own name, who sits there, and when it was used last."""

    name: str
    person: EntityId
    person_name: str
    used_ms: int


def seat_used_last(path: Path) -> Seat | None:
    """The console of this OS user that was last in focus, None when none is open."""
    connection = open_file(path, read_only=True)
    try:
        found = [_seat(connection, name, body) for name, body in connection.execute(SEATS)]
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    finally:
        connection.close()
    return max((seat for seat in found if seat is not None), key=lambda seat: seat.used_ms, default=None)


def _seat(connection: sqlite3.Connection, name: str, body: str) -> Seat | None:
    try:
        told = json.loads(body)
        person = EntityId(bytes.fromhex(told["person"]))
        pid, used_ms = int(told["pid"]), int(told["used_ms"])
    except (ValueError, KeyError, TypeError):
        return None
    row = connection.execute("SELECT name FROM person WHERE id = ?", (person,)).fetchone()
    return Seat(name.removeprefix("console "), person, row[0], used_ms) if row and _is_running(pid) else None


def _is_running(pid: int) -> bool:
    """True for a process of this OS user; a console that was killed has left its place behind."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def keep_ringing(path: Path, person: EntityId, call: EntityId, body: str, now: int) -> None:
    """Put a call where every console of the person sees it."""
    connection = open_file(path)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(KEEP, (person, call, body, now))
        connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    finally:
        connection.close()


def kept_text(path: Path, person: EntityId, call: EntityId) -> str | None:
    """The call as it is kept now, None when it was saved or dropped."""
    connection = open_file(path, read_only=True)
    try:
        row = connection.execute(KEPT, (person, call)).fetchone()
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    finally:
        connection.close()
    return row[0] if row else None
