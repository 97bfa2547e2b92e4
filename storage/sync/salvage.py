"""What can be read of a desk's file, also of a broken one: who it was, its hub, and what only this file has."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from core.operations.envelope import Envelope
from storage.sync.joined import Joined
from storage.sync.raw_pages import raw_rows
from storage.sync.wire import COLUMNS, envelope_of

STORE = "console, last_n, last_hlc, last_number, person, desk, created_at"
HUB = "url, epoch, login, person, sent_n, hub_time, synced_at, is_paused"
KEPT_TABLES = (
    *("draft", "desk_state", "import_batch", "import_raw", "import_made"),
    *("external_id", "refused_before", "action"),
)
"""Local tables that nothing can be made from again."""

OWN = f"SELECT {COLUMNS}, hash FROM operation WHERE console = ? ORDER BY rowid"
ONE = f"SELECT {COLUMNS}, hash FROM operation WHERE rowid = ?"
REFUSED_BEFORE = f"SELECT {COLUMNS}, hash FROM operation WHERE (console, n) IN (SELECT console, n FROM refused_before)"
REFUSED_COLUMNS = ("console", "n", "reason", "at", "settled")
OPERATION_SHAPE = (bytes, int, bytes, str, str, bytes, str, bytes, bytes, int, int, bytes, bytes, bytes, str)
HUB_SHAPE = (type(None), str, bytes, str, bytes)
STORE_SHAPE = (type(None), bytes, int, bytes, int, int)
STORE_COLUMNS = 10
"""Rows of these tables as their pages have them; a number that is the row's own is not repeated in it."""

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
    """`own` are whole operations of this console in order, `tables` rows by table, `unreadable` what was not read.

    `refused` are operations that the hub refused, also of consoles that this file was before; why stands in the table
    `refused_before` for all of them.
    """

    identity: Identity | None
    hub: Joined | None
    own: list[Envelope]
    tables: dict[str, tuple[list[str], list[tuple[Any, ...]]]]
    unreadable: list[str]
    refused: tuple[Envelope, ...] = ()


def salvage(connection: sqlite3.Connection, path: Path) -> Salvaged:
    """Read what can be read of the desk at `path`; nothing here raises for a broken page."""
    unreadable: list[str] = []
    identity = _one_row(connection, f"SELECT {STORE} FROM store", unreadable, "store")
    hub = _one_row(connection, f"SELECT {HUB} FROM hub", unreadable, "hub")
    own = [] if identity is None else _own(connection, identity[0], unreadable)
    tables = {table: _rows(connection, table, unreadable) for table in KEPT_TABLES}
    known = Salvaged(
        None if identity is None else Identity(*identity),
        None if hub is None else Joined(*hub),
        own,
        tables,
        unreadable,
    )
    if {"store", "hub", "operation"} & set(unreadable):
        known = _with_raw_rows(known, path)
    return _with_refused(known, connection)


def _with_refused(known: Salvaged, connection: sqlite3.Connection) -> Salvaged:
    """What the hub refused of this file's console joins what it refused of those before."""
    before: list[Envelope] = []
    with suppress(sqlite3.DatabaseError):
        for row in connection.execute(REFUSED_BEFORE):
            with suppress(TypeError, ValueError, AttributeError, OverflowError):
                if (envelope := envelope_of(row)).hash == row[13]:
                    before.append(envelope)
    names, rows = _rows(connection, "refused", known.unreadable)
    why = {told["n"]: told for told in (dict(zip(names, row, strict=True)) for row in rows)}
    own = [envelope for envelope in known.own if envelope.n in why]
    (named, kept), table = known.tables["refused_before"], []
    for row in kept:
        told = {"settled": "", **dict(zip(named, row, strict=True))}
        table.append(tuple(told[name] for name in REFUSED_COLUMNS))
    for envelope in own:
        told = {"settled": "", **why[envelope.n], "console": envelope.console}
        table.append(tuple(told[name] for name in REFUSED_COLUMNS))
    tables = {**known.tables, "refused_before": ([*REFUSED_COLUMNS], table)}
    return known._replace(tables=tables, refused=(*before, *own))


def _with_raw_rows(known: Salvaged, path: Path) -> Salvaged:
    """The same with what its pages hold where the library finds no way to them."""
    identity, hub = known.identity, known.hub
    found: dict[tuple[bytes, int], Envelope] = {(one.console, one.n): one for one in known.own}
    unsent: Counter[bytes] = Counter()
    for row in raw_rows(path):
        shape = tuple(map(type, row))
        if shape == OPERATION_SHAPE:
            with suppress(ValueError, AttributeError, OverflowError):
                envelope, hash_, state = _envelope_in(row), row[12], row[14]
                if envelope.hash == hash_:
                    found[envelope.console, envelope.n] = envelope
                    unsent[envelope.console] += state == "local"
        elif known.hub is None and shape[:5] == HUB_SHAPE and str(row[1]).startswith("postgres"):
            hub = _hub_in(row)
        elif known.identity is None and len(row) == STORE_COLUMNS and shape[:6] == STORE_SHAPE:
            told = _identity_in(row)
            # Of several states of the row the newest.
            identity = max((one for one in (identity, told) if one), key=lambda one: (one.last_n, one.last_hlc))
    if identity is not None:
        console_here: bytes | None = identity.console
    else:
        console_here = unsent.most_common(1)[0][0] if unsent else None
    own = sorted((one for (console, _n), one in found.items() if console == console_here), key=lambda one: one.n)
    return known._replace(identity=identity, hub=hub, own=own)


def _envelope_in(row: Sequence[Any]) -> Envelope:
    """The operation in a row of its table, whose columns stand in another order than those of a query."""
    return envelope_of((*row[:12], row[13]))


def _hub_in(row: Sequence[Any]) -> Joined:
    _only, url, epoch, login, person, sent_n, hub_time, *_rest = row
    return Joined(url, epoch, login, person, sent_n, hub_time, None, 0)


def _identity_in(row: Sequence[Any]) -> Identity:
    _only, console, last_n, _hash, last_hlc, last_number, person, desk, _is_demo, created_at = row
    return Identity(console, last_n, last_hlc, last_number, person, desk, created_at)


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
