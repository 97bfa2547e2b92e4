"""What an import has on the desk before it is visible: entries of tickets that are not there yet, and raw rows.

Everything on a desk is read by its ticket, so nothing of this shows. Each slice is one short transaction; the last
one of an import (storage/importers/write.py) adds tickets, records and log and makes all of it stand at once. What an
import that broke off has left is swept in slices as short, by the next import or the next console.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from core.clock import Instant
from storage.engine import explain, open_file
from storage.importers.failed import ImportFailed
from storage.sync.leading import IMPORT, Leading

COMING, STANDING, UNDONE = "coming", "", "undone"
"""The states of an import: not visible yet, on the desk, taken back as a whole."""

TICKETS_SWEPT_AT_ONCE = 50
LINES_SWEPT_AT_ONCE = 1_000
WAIT_MILLISECONDS = 60_000
"""How long an import waits for the file: others have it for moments, and nobody sits waiting for this."""


class Batch(NamedTuple):
    """An import that has begun: its number, and the ticket number before its first one."""

    n: int
    number_before: int


class Turn:
    """The right to import onto a desk, held by one process at a time; it goes with its process."""

    def __init__(self, desk: Path) -> None:
        self._desk = desk
        self._leading = Leading(desk, IMPORT)

    def take(self) -> None:
        """ImportFailed while another process imports."""
        try:
            is_mine = self._leading.take()
        except OSError as error:
            raise ImportFailed("import.not_beside_the_desk", path=str(self._desk), reason=error.strerror) from error
        if not is_mine:
            raise ImportFailed("import.runs_already")

    def leave(self) -> None:
        """Let another process import."""
        self._leading.leave()


def begin(
    connection: sqlite3.Connection, mapping: str, source: str, digest: str, at: Instant, new_tickets: int
) -> Batch:
    """Note, in a transaction of its own, that an import has begun; so many ticket numbers are nobody else's."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (n,) = connection.execute("SELECT coalesce(max(n), 0) + 1 FROM main.import_batch").fetchone()
        (number,) = connection.execute("SELECT last_number FROM main.store").fetchone()
        connection.execute(
            "INSERT INTO main.import_batch (n, mapping, source, digest, at, state, numbers, last_number)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (n, mapping, source, digest, at, COMING, new_tickets, number + new_tickets),
        )
        connection.execute("UPDATE main.store SET last_number = last_number + ?", (new_tickets,))
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise
    return Batch(n, number)


def note_made(connection: sqlite3.Connection, batch: int, entity: str, ids: Sequence[bytes]) -> None:
    """What the import made or is about to make, in the caller's transaction."""
    rows = [(batch, id_, entity) for id_ in ids]
    connection.executemany("INSERT INTO main.import_made (batch, id, entity) VALUES (?, ?, ?)", rows)


def is_any_left(connection: sqlite3.Connection) -> bool:
    """True while an import is coming, or has broken off."""
    return connection.execute("SELECT 1 FROM import_batch WHERE state = ?", (COMING,)).fetchone() is not None


def sweep_file(path: Path) -> bool:
    """Sweep what broken off imports left on the desk at `path`; False while one runs."""
    turn = Leading(path, IMPORT)
    try:
        if not turn.take():
            return False
    except OSError:
        # Where no lock can be made no import can run either, and what it left hurts nobody.
        return False
    try:
        connection = open_file(path)
        try:
            sweep(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    finally:
        turn.leave()
    return True


def sweep_slice(connection: sqlite3.Connection, path: Path) -> bool:
    """Sweep a slice of it inside the caller's transaction; False where nothing is left, or an import runs."""
    if not is_any_left(connection):
        return False
    turn = Leading(path, IMPORT)
    try:
        return turn.take() and _sweep_some(connection)
    except OSError:
        return False
    finally:
        turn.leave()


def sweep(connection: sqlite3.Connection) -> None:
    """Remove everything that belongs to no visible import, a slice a transaction; whoever calls has the turn."""
    is_left = is_any_left(connection)
    while is_left:
        connection.execute("BEGIN IMMEDIATE")
        try:
            is_left = _sweep_some(connection)
            connection.execute("COMMIT")
        except BaseException:
            roll_back(connection)
            raise


def roll_back(connection: sqlite3.Connection) -> None:
    """End a transaction that failed; a full disk makes SQLite do it by itself, a second time would hide why."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _sweep_some(connection: sqlite3.Connection) -> bool:
    found = connection.execute(
        "SELECT n, numbers, last_number FROM import_batch WHERE state = ? ORDER BY n DESC LIMIT 1", (COMING,)
    ).fetchone()
    if found is None:
        return False
    batch, numbers, last_number = found
    if not (_sweep_tickets(connection, batch) or _sweep_raw(connection, batch)):
        connection.execute("DELETE FROM import_batch WHERE n = ?", (batch,))
        # Where nobody counted on meanwhile the numbers are free again.
        connection.execute(
            "UPDATE store SET last_number = last_number - ? WHERE last_number = ?", (numbers, last_number)
        )
    return True


def _sweep_tickets(connection: sqlite3.Connection, batch: int) -> bool:
    made: list[tuple[Any, ...]] = connection.execute(
        "SELECT id FROM import_made WHERE batch = ? LIMIT ?", (batch, TICKETS_SWEPT_AT_ONCE)
    ).fetchall()
    if not made:
        return False
    # The same ticket may have come from a hub meanwhile, with the very same entries.
    query = "DELETE FROM entry WHERE ticket = ? AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.id = entry.ticket)"
    connection.executemany(query, made)
    connection.executemany(f"DELETE FROM import_made WHERE batch = {batch:d} AND id = ?", made)
    # The index of full text goes by row numbers, which are given again once the highest ones are gone.
    connection.execute(
        "UPDATE find_progress SET entries = min(entries, last), last_entry = min(last_entry, last)"
        " FROM (SELECT coalesce(max(rowid), 0) AS last FROM entry)"
    )
    return True


def _sweep_raw(connection: sqlite3.Connection, batch: int) -> bool:
    (line,) = connection.execute(
        "SELECT max(line) FROM (SELECT line FROM import_raw WHERE batch = ? ORDER BY line LIMIT ?)",
        (batch, LINES_SWEPT_AT_ONCE),
    ).fetchone()
    if line is None:
        return False
    connection.execute("DELETE FROM import_raw WHERE batch = ? AND line <= ?", (batch, line))
    return True
