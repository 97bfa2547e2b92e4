"""Where an import waits until all of it is known: a private file that SQLite removes, whatever ends the process."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from core.clock import Instant
from storage.importers.check_row import Row
from storage.importers.failed import ImportFailed

_TABLES = """
CREATE TABLE staging.row (ticket INTEGER, n INTEGER, line INTEGER, at INTEGER, opened_at INTEGER, closed_at INTEGER,
  flags INTEGER, cells TEXT, PRIMARY KEY (ticket, n)) WITHOUT ROWID;
CREATE TABLE staging.raw (line INTEGER PRIMARY KEY, ticket INTEGER, raw BLOB);
CREATE TABLE staging.built (ticket INTEGER PRIMARY KEY, key TEXT, id BLOB, document TEXT);
"""


class Staging:
    """The tables `staging.*` beside a connection; nothing in them is ever part of the desk's file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        # An empty name is SQLite's private temporary file: unlinked at once, so a killed import leaves nothing behind.
        connection.execute("ATTACH '' AS staging")
        connection.execute("PRAGMA staging.journal_mode = OFF")
        connection.execute("PRAGMA staging.synchronous = OFF")
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                connection.execute(statement)

    def begin(self) -> None:
        """One transaction over the temporary file alone: the desk's file is neither locked nor touched by it."""
        self.connection.execute("BEGIN DEFERRED")

    def end(self) -> None:
        """End the transaction that `begin` began."""
        self.connection.execute("COMMIT")

    def add_rows(self, rows: list[tuple[int, int, Row, bytes]]) -> None:
        """Each with the number of its ticket and its own number in the file."""
        self.connection.executemany(
            "INSERT INTO staging.row VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (ticket, n, row.line, row.at, row.opened_at, row.closed_at, len(row.flags), json.dumps(row.cells))
                for ticket, n, row, _ in rows
            ],
        )
        self.connection.executemany(
            "INSERT INTO staging.raw VALUES (?, ?, ?)", [(row.line, ticket, raw) for ticket, _, row, raw in rows]
        )

    def tickets(self) -> Iterator[tuple[int, list[Row]]]:
        """The rows of each ticket in the order of the file, tickets in the order they first came."""
        cursor = self.connection.execute(
            "SELECT ticket, line, at, opened_at, closed_at, flags, cells FROM staging.row ORDER BY ticket, n"
        )
        rows: list[Row] = []
        present: int | None = None
        for ticket, line, at, opened_at, closed_at, flags, cells in cursor:
            if ticket != present:
                if present is not None:
                    yield present, rows
                present, rows = ticket, []
            rows.append(Row(line, "", Instant(at), opened_at, closed_at, json.loads(cells), ("",) * flags))
        if present is not None:
            yield present, rows

    def add_built(self, built: Iterable[tuple[int, str, bytes, str]]) -> None:
        """Tickets ready to be written but for their number: number in the file, key, id, document."""
        self.connection.executemany("INSERT INTO staging.built VALUES (?, ?, ?, ?)", built)

    def built(self) -> Iterator[tuple[int, str, bytes, str]]:
        """What `add_built` put down, in the order of the file."""
        found: Any = self.connection.execute("SELECT ticket, key, id, document FROM staging.built ORDER BY ticket")
        yield from found


def temporary_failed(error: sqlite3.DatabaseError) -> ImportFailed:
    """The folder for temporary files is full or closed; nothing of the desk was touched."""
    return ImportFailed("import.temporary_failed", folder=tempfile.gettempdir(), reason=str(error))
