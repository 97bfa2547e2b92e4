"""Where an import waits until all of it is known: a private file that SQLite removes, whatever ends the process.

Rows of the source wait here between reading and building, and what may be on the desk only at once (its log, tickets,
reporters, keys) between building and the last transaction.
"""

from __future__ import annotations

import marshal
import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any

from core.clock import Instant
from storage.importers.chain import LINKED, STAGED, LogChain
from storage.importers.check_row import Row
from storage.importers.failed import ImportFailed

ROWS_AT_ONCE = 1_000
TICKETS_AT_ONCE = 200
CACHE_KIB = 65_536
_MARSHAL_VERSION = 2
"""Without the search for equal objects, which costs more than it saves; only this very process reads it again."""
OPERATIONS = ("record_operation", "ticket_operation")
"""Operations made ready, in the order in which they are chained: nothing stands before what it belongs to."""
COPIED = ("ticket", "ticket_reporter", "external_id")
"""The tables whose rows are made ready whole in staging, each in `staging.ready_...`, in the order they are copied."""
READY = (*OPERATIONS, *COPIED)

_TABLES = (
    "CREATE TABLE staging.run (ticket INTEGER, n INTEGER, rows BLOB, PRIMARY KEY (ticket, n)) WITHOUT ROWID",
    "CREATE TABLE staging.raw (ticket INTEGER, line INTEGER, raw BLOB, PRIMARY KEY (ticket, line)) WITHOUT ROWID",
    f"CREATE TABLE staging.link (place INTEGER PRIMARY KEY, {', '.join(LINKED)})",
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
        for name in READY:
            columns = STAGED if name in OPERATIONS else self.columns(name)
            connection.execute(f"CREATE TABLE staging.ready_{name} ({', '.join(columns)})")
            self._inserts[name] = f"INSERT INTO staging.ready_{name} VALUES ({', '.join('?' * len(columns))})"
        self._ready: dict[str, list[tuple[Any, ...]]] = {name: [] for name in READY}
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
        self._raw.append((ticket, row.line, raw))
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
        """The rows of each ticket in the order of the file, tickets in the order they first came.

        No statement is left open between two of them: it would keep the desk's file as it was when it began.
        """
        last, first = self._last_ticket(), 1
        while first <= last:
            until = first + TICKETS_AT_ONCE
            yield from self._tickets_between(first, until)
            first = until

    def _last_ticket(self) -> int:
        (last,) = self.connection.execute("SELECT coalesce(max(ticket), 0) FROM staging.run").fetchone()
        return int(last)

    def _tickets_between(self, first: int, until: int) -> Iterator[tuple[int, list[Row]]]:
        found = self.connection.execute(
            "SELECT ticket, rows FROM staging.run WHERE ticket >= ? AND ticket < ? ORDER BY ticket, n", (first, until)
        ).fetchall()
        rows: list[Row] = []
        present: int | None = None
        for ticket, run in found:
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
        """A row made ready for the last transaction; it is put down with the others of its slice."""
        self._ready[table].append(row)

    def put_down(self) -> None:
        """Put down every row made ready, in the caller's transaction."""
        for name, rows in self._ready.items():
            self.connection.executemany(self._inserts[name], rows)
            rows.clear()

    def copy(self, table: str) -> None:
        """Every row made ready for the table onto the desk."""
        columns = ", ".join(self.columns(table))
        self.connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM staging.ready_{table}")

    def chain(self, chain: LogChain) -> None:
        """Give every operation its place in the log, in one transaction over the temporary file or the caller's."""
        self.connection.execute("DELETE FROM staging.link")
        insert = f"INSERT INTO staging.link ({', '.join(LINKED)}) VALUES ({', '.join('?' * len(LINKED))})"
        for name in OPERATIONS:
            found = self.connection.execute(f"SELECT {', '.join(STAGED)} FROM staging.ready_{name} ORDER BY rowid")
            self.connection.executemany(insert, (chain.add(*told) for told in found))

    def copy_operations(self, constant: dict[str, Any]) -> None:
        """Every operation with its place in the log onto the desk; `constant` has the columns alike for all."""
        columns = ", ".join((*STAGED, *LINKED, *constant))
        values = ", ".join((*STAGED, *LINKED, *"?" * len(constant)))
        before = 0
        for name in OPERATIONS:
            statement = (
                f"INSERT INTO main.operation ({columns}) SELECT {values} FROM staging.ready_{name} r"
                " JOIN staging.link l ON l.place = r.rowid + ? ORDER BY r.rowid"
            )
            self.connection.execute(statement, (*constant.values(), before))
            before += self.connection.execute(f"SELECT count(*) FROM staging.ready_{name}").fetchone()[0]

    def copy_raw(self, batch: int, tickets: list[int]) -> None:
        """The raw rows of tickets onto the desk."""
        query = "INSERT INTO main.import_raw (batch, line, raw) SELECT ?, line, raw FROM staging.raw WHERE ticket = ?"
        self.connection.executemany(query, [(batch, ticket) for ticket in tickets])


def temporary_failed(error: sqlite3.DatabaseError) -> ImportFailed:
    """The folder for temporary files is full or closed; nothing of the desk was touched."""
    return ImportFailed("import.temporary_failed", folder=tempfile.gettempdir(), reason=str(error))
