"""Where an import waits until all of it is known: a private file that SQLite removes, whatever ends the process."""

from __future__ import annotations

import marshal
import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any

from core.clock import Instant
from storage.importers.chain import VARYING
from storage.importers.check_row import Row
from storage.importers.failed import ImportFailed
from storage.importers.story import ENTRY_VARYING

ROWS_AT_ONCE = 1_000
CACHE_KIB = 65_536
_MARSHAL_VERSION = 2
"""Without the search for equal objects, which costs more than it saves; only this very process reads it again."""
READY: dict[str, tuple[str, ...]] = {
    "operation": VARYING,
    "entry": ENTRY_VARYING,
    "ticket": (),
    "ticket_reporter": (),
    "external_id": (),
}
"""The tables whose rows are made ready in staging, each in `staging.ready_...`, in the order they are copied.

Beside each the columns that differ from row to row, in the order of `put`; none named means all of the table.
"""

_TABLES = (
    "CREATE TABLE staging.run (ticket INTEGER, n INTEGER, rows BLOB, PRIMARY KEY (ticket, n)) WITHOUT ROWID",
    "CREATE TABLE staging.raw (line INTEGER PRIMARY KEY, ticket INTEGER, raw BLOB)",
    "CREATE TABLE staging.new_ticket (ticket INTEGER PRIMARY KEY)",
)


class Staging:
    """The tables `staging.*` beside a connection; nothing in them is ever part of the desk's file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        # An empty name is SQLite's private temporary file: unlinked at once, so a killed import leaves nothing behind.
        connection.execute("ATTACH '' AS staging")
        # Rows are only added and read through, payloads are long: large pages mean fewer of them to look after.
        connection.execute("PRAGMA staging.page_size = 32768")
        connection.execute("PRAGMA staging.journal_mode = OFF")
        connection.execute("PRAGMA staging.synchronous = OFF")
        # With the usual 2 MB both sides would write and read the same pages again and again.
        connection.execute(f"PRAGMA staging.cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA main.cache_size = -{CACHE_KIB}")
        for statement in _TABLES:
            connection.execute(statement)
        self._inserts: dict[str, str] = {}
        for name, varying in READY.items():
            columns = varying or self.columns(name)
            connection.execute(f"CREATE TABLE staging.ready_{name} ({', '.join(columns)})")
            self._inserts[name] = f"INSERT INTO staging.ready_{name} VALUES ({', '.join('?' * len(columns))})"
        self._ready: dict[str, list[tuple[Any, ...]]] = {name: [] for name in READY}
        self._new_tickets: list[tuple[int]] = []
        self._run: list[tuple[Any, ...]] = []
        self._run_ticket = 0
        self._runs: list[tuple[int, int, bytes]] = []
        self._raw: list[tuple[int, int, bytes]] = []

    def columns(self, table: str) -> list[str]:
        """The columns of a table of the desk, in their order."""
        return [row[1] for row in self.connection.execute(f"PRAGMA main.table_info({table})")]

    def begin(self) -> None:
        """One transaction over the temporary file alone: the desk's file is neither locked nor touched by it."""
        self.connection.execute("BEGIN DEFERRED")

    def end(self) -> None:
        """End the transaction that `begin` began."""
        self.connection.execute("COMMIT")

    # Rows of the source.

    def add_row(self, ticket: int, row: Row, raw: bytes) -> None:
        """A row of the ticket with that number in the file."""
        if ticket != self._run_ticket:
            self._end_run()
            self._run_ticket = ticket
        self._run.append((row.line, row.at, row.opened_at, row.closed_at, len(row.flags), row.cells))
        self._raw.append((row.line, ticket, raw))
        if len(self._raw) >= ROWS_AT_ONCE:
            self.end_rows()

    def end_rows(self) -> None:
        """Put down what was added."""
        self._end_run()
        self.connection.executemany("INSERT INTO staging.run VALUES (?, ?, ?)", self._runs)
        self.connection.executemany("INSERT INTO staging.raw VALUES (?, ?, ?)", self._raw)
        self._runs.clear()
        self._raw.clear()

    def _end_run(self) -> None:
        # Rows of one ticket that follow each other, as they nearly always do, are kept in one piece.
        if self._run:
            self._runs.append((self._run_ticket, self._run[0][0], marshal.dumps(self._run, _MARSHAL_VERSION)))
            self._run = []

    def tickets(self) -> Iterator[tuple[int, list[Row]]]:
        """The rows of each ticket in the order of the file, tickets in the order they first came."""
        cursor = self.connection.execute("SELECT ticket, rows FROM staging.run ORDER BY ticket, n")
        rows: list[Row] = []
        present: int | None = None
        for ticket, run in cursor:
            if ticket != present:
                if present is not None:
                    yield present, rows
                present, rows = ticket, []
            # What is read was written by this very process into a file that has no name.
            for line, at, opened_at, closed_at, flags, cells in marshal.loads(run):  # noqa: S302
                rows.append(Row(line, "", Instant(at), opened_at, closed_at, cells, ("",) * flags))
        if present is not None:
            yield present, rows

    # Rows of the desk.

    def put(self, table: str, row: tuple[Any, ...]) -> None:
        """A row made ready for a table of the desk."""
        waiting = self._ready[table]
        waiting.append(row)
        if len(waiting) >= ROWS_AT_ONCE:
            self._flush(table)

    def put_all(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Several rows of one table made ready."""
        waiting = self._ready[table]
        waiting += rows
        if len(waiting) >= ROWS_AT_ONCE:
            self._flush(table)

    def put_new_ticket(self, ticket: int) -> None:
        """The raw rows of that ticket are to be kept."""
        self._new_tickets.append((ticket,))

    def end_ready(self) -> None:
        """Put down every row made ready."""
        for name in READY:
            self._flush(name)
        self.connection.executemany("INSERT INTO staging.new_ticket VALUES (?)", self._new_tickets)
        self._new_tickets.clear()

    def copy(self, table: str, constant: dict[str, Any]) -> None:
        """Every row made ready for the table onto the desk; `constant` has the columns that are not in them."""
        varying = READY[table] or self.columns(table)
        columns = ", ".join((*varying, *constant))
        values = ", ".join((*varying, *"?" * len(constant)))
        statement = f"INSERT INTO main.{table} ({columns}) SELECT {values} FROM staging.ready_{table}"
        self.connection.execute(statement, tuple(constant.values()))

    def forget_ready(self) -> None:
        """Make every row anew."""
        for name in READY:
            self._ready[name].clear()
            self.connection.execute(f"DELETE FROM staging.ready_{name}")
        self._new_tickets.clear()
        self.connection.execute("DELETE FROM staging.new_ticket")

    def _flush(self, table: str) -> None:
        self.connection.executemany(self._inserts[table], self._ready[table])
        self._ready[table].clear()


def temporary_failed(error: sqlite3.DatabaseError) -> ImportFailed:
    """The folder for temporary files is full or closed; nothing of the desk was touched."""
    return ImportFailed("import.temporary_failed", folder=tempfile.gettempdir(), reason=str(error))
