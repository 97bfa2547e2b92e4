"""What can be read of a desk's file, also of a broken one: who it was, its hub, and what only this file has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from core.operations.envelope import Envelope
from storage.sync.joined import Joined
from storage.sync.wire import COLUMNS, envelope_of

STORE = "console, last_n, last_hlc, last_number, person, desk, created_at"
HUB = "url, epoch, login, person, sent_n, hub_time, synced_at"
KEPT_TABLES = ("draft", "desk_state", "import_batch", "import_raw", "external_id", "refused_before", "action")
"""Local tables that nothing can be made from again."""

OWN = f"SELECT {COLUMNS}, hash FROM operation WHERE console = ? ORDER BY rowid"
ONE = f"SELECT {COLUMNS}, hash FROM operation WHERE rowid = ?"
FARTHEST = 2_000_000
"""So many rows are tried where not even their number can be read."""


class Identity(NamedTuple):
    """The row of the table `store`."""

    console: bytes
    last_n: int
    last_hlc: int
    last_number: int
    person: bytes | None
    desk: str
    created_at: int


class Salvaged(NamedTuple):
    """`own` are whole operations of this console in order, `tables` rows by table, `unreadable` what was not read."""

    identity: Identity | None
    hub: Joined | None
    own: list[Envelope]
    tables: dict[str, tuple[list[str], list[tuple[Any, ...]]]]
    unreadable: list[str]


def salvage(connection: sqlite3.Connection) -> Salvaged:
    """Read what can be read; nothing here raises for a broken page."""
    unreadable: list[str] = []
    identity = _one_row(connection, f"SELECT {STORE} FROM store", unreadable, "store")
    hub = _one_row(connection, f"SELECT {HUB} FROM hub", unreadable, "hub")
    console = identity[0] if identity is not None else _console_of_unsent(connection)
    own = [] if console is None else _own(connection, console, unreadable)
    tables = {table: _rows(connection, table, unreadable) for table in KEPT_TABLES}
    return Salvaged(
        None if identity is None else Identity(*identity),
        None if hub is None else Joined(*hub),
        own,
        tables,
        unreadable,
    )


def _one_row(connection: sqlite3.Connection, query: str, unreadable: list[str], named: str) -> tuple[Any, ...] | None:
    try:
        row: tuple[Any, ...] | None = connection.execute(query).fetchone()
    except sqlite3.DatabaseError:
        unreadable.append(named)
        return None
    return row


def _rows(connection: sqlite3.Connection, table: str, unreadable: list[str]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The rows before the first that cannot be read, and those after the last, each once."""
    found: dict[tuple[Any, ...], None] = {}
    names: list[str] = []
    try:
        cursor = connection.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        for row in cursor:
            found[row] = None
    except sqlite3.DatabaseError:
        unreadable.append(table)
        with suppress(sqlite3.DatabaseError, IndexError):
            order = ", ".join(f'"{name}" DESC' for name in names[:3])
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order}"):
                found[row] = None
    return names, list(found)


def _console_of_unsent(connection: sqlite3.Connection) -> bytes | None:
    """Whose file it is where it no longer says so: only own operations are unsent."""
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.DatabaseError):
            query = f"SELECT console FROM operation WHERE state = 'local' ORDER BY rowid {order} LIMIT 1"
            row = connection.execute(query).fetchone()
            if row is not None:
                return bytes(row[0])
    return None


def _own(connection: sqlite3.Connection, console: bytes, unreadable: list[str]) -> list[Envelope]:
    found: dict[int, Envelope] = {}
    try:
        rows: Iterator[tuple[Any, ...]] = iter(connection.execute(OWN, (console,)).fetchall())
    except sqlite3.DatabaseError:
        unreadable.append("operation")
        rows = _row_by_row(connection)
    for row in rows:
        with suppress(TypeError, ValueError, AttributeError, OverflowError):
            envelope = envelope_of(row)
            # What was written over may still look like a row.
            if envelope.console == console and envelope.hash == row[13]:
                found[envelope.n] = envelope
    return [found[n] for n in sorted(found)]


def _row_by_row(connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    try:
        (last,) = connection.execute("SELECT max(rowid) FROM operation").fetchone()
    except sqlite3.DatabaseError:
        last = FARTHEST
    for rowid in range(1, (last or 0) + 1):
        with suppress(sqlite3.DatabaseError):
            row = connection.execute(ONE, (rowid,)).fetchone()
            if row is not None:
                yield row
